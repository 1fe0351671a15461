"""How well findings are recognised in letters; prints one JSON object.

Each line of a file has a `text` and the terms in it by what is said of them: `observed`, `excluded`, `uncertain`,
`relative`. A suggestion is right when it is one of these terms with the same status. `known.jsonl` are the sentences
that the cues were written with, `tune.jsonl` and `further.jsonl` were looked at since; those of `unseen.jsonl` were
written by somebody who did not know the program, those of `held.jsonl` by somebody who did. Never print what is wrong
in these two while you work on the reader: `never_looked_at`, both together, says how well unknown letters are read.

python benchmarks/letters.py [FILE ...] [--wrong]
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ontology.letters import LetterReader, Mention
from ontology.releases import shipped

SENTENCES = Path(__file__).parents[1] / "tests" / "data" / "letters"
NEVER_LOOKED_AT = (SENTENCES / "unseen.jsonl", SENTENCES / "held.jsonl")
STATUSES = ("observed", "excluded", "uncertain", "relative")

Said = tuple[str, str]  # term, status


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, default=sorted(SENTENCES.glob("*.jsonl")))
    parser.add_argument("--wrong", action="store_true", help="print what is missed and made up, on standard error")
    given = parser.parse_args()
    reader = LetterReader(shipped().hpo)
    reader.read("Epilepsie, warming up at 3.")
    figures = {path.stem: measure(reader, path, wrong=given.wrong) for path in given.files}
    if set(NEVER_LOOKED_AT) <= set(given.files):
        figures["never_looked_at"] = measure(reader, *NEVER_LOOKED_AT)
    print(json.dumps({"release": shipped().id, **figures}))


def measure(reader: LetterReader, *paths: Path, wrong: bool = False) -> dict[str, float | int]:
    """Precision and recall over all sentences of files; both 1.0 when there is nothing to find and nothing found."""
    n_right = n_suggested = n_said = n_sentences = 0
    seconds = 0.0
    for text, said in (one for path in paths for one in _sentences(path)):
        began = time.process_time()
        suggested = {(mention.term, status(mention)) for mention in reader.read(text)}
        seconds += time.process_time() - began
        n_sentences += 1
        n_right += len(suggested & said)
        n_suggested += len(suggested)
        n_said += len(said)
        if wrong and suggested != said:
            print(text, "missed", sorted(said - suggested), "made up", sorted(suggested - said), file=sys.stderr)
    return {
        "sentences": n_sentences,
        "findings": n_said,
        "precision": round(n_right / n_suggested, 3) if n_suggested else 1.0,
        "recall": round(n_right / n_said, 3) if n_said else 1.0,
        "cpu_ms_per_sentence": round(1000 * seconds / max(1, n_sentences), 2),
    }


def status(mention: Mention) -> str:
    """What is said of a finding, in one word."""
    if mention.relative:
        return "relative"
    return "excluded" if mention.excluded else "uncertain" if mention.uncertain else "observed"


def _sentences(path: Path) -> Iterator[tuple[str, set[Said]]]:
    for line in path.read_text("utf-8").splitlines():
        record: dict[str, Any] = json.loads(line)
        yield record["text"], {(term, name) for name in STATUSES for term in record.get(name, ())}


if __name__ == "__main__":
    main()
