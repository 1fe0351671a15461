# make demo: the demonstration. make test: everything that CI runs. make check: its fast part, while working.

VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime
DEVELOPMENT := $(VENV)/.development

export NUMBA_CACHE_DIR := $(CURDIR)/.cache/numba
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Compiled modules are kept whatever the machine says: each process that a test starts would compile them anew.
unexport PYTHONDONTWRITEBYTECODE

.DELETE_ON_ERROR:
.PHONY: demo test check lint browser bench pictures translations lock audit clean

demo: $(RUNTIME)
	$(BIN)/matchmaker demo $(ARGS)

# Tests write much, and wait for the disk: they write to memory where there is room for it.
IN_MEMORY := $(shell df -k --output=avail /dev/shm 2>/dev/null | awk 'NR == 2 && $$1 > 4000000 { print "/dev/shm" }')
test check: export TMPDIR := $(or $(IN_MEMORY),$(TMPDIR),/tmp)

test: lint browser
	$(BIN)/pytest -n 2 $(ARGS)

check: lint
	$(BIN)/pytest -n 2 -m "not slow" $(ARGS)

lint: $(DEVELOPMENT)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

browser:
	.ci/browser

# Each prints one JSON object. With published cases (JSON Lines, maybe gzipped): make bench CASES=cases.jsonl.gz
bench: $(DEVELOPMENT) browser
	$(BIN)/python benchmarks/term_search.py
	$(BIN)/python benchmarks/letters.py
	$(BIN)/python -m benchmarks picker
ifdef CASES
	$(BIN)/matchmaker benchmark quality --cases $(CASES)
	$(BIN)/python benchmarks/mme_match.py --cases $(CASES)
endif

# The pictures of the documentation, taken from the running demonstration.
pictures: $(DEVELOPMENT) browser
	$(BIN)/python -m tests.browser.pictures

# Bring the translations up to date with the texts of the sources: what is new has no translation yet, what is gone is
# dropped. A test holds that none is missing. A new language: touch $(TEXTS)/LANGUAGE/LC_MESSAGES/messages.po
TEXTS := matchmaker/translations
translations: $(DEVELOPMENT)
	mkdir -p .cache
	.ci/texts .cache/messages.pot
	$(BIN)/pybabel --quiet update --no-fuzzy-matching --ignore-obsolete --omit-header --no-wrap \
		--ignore-pot-creation-date -i .cache/messages.pot -d $(TEXTS)

clean:
	rm -rf $(VENV) .cache .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache build dist *.egg-info

# The exact versions of a fresh environment that has what setup.cfg asks for; write them again after changing it.
lock:
	.ci/lock

# Whether a component of the lock files has a known weakness: asks api.osv.dev, so it needs the internet.
audit:
	.ci/audit $(ARGS)

$(BIN)/python:
	"$$(.ci/python)" -m venv $(VENV)

$(RUNTIME): setup.cfg requirements.lock | $(BIN)/python
	$(BIN)/python -m pip install --quiet --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	touch $@

$(DEVELOPMENT): $(RUNTIME) requirements-test.lock
	$(BIN)/python -m pip install --quiet --requirement requirements-test.lock
	touch $@
