"""Ask patientMatcher, and be asked by it: the software of a Matchmaker Exchange node that others wrote.

    python -m benchmarks patient_matcher [--patients 20]

Prints one JSON object. Sets up patientMatcher from PyPI in an environment of its own (once, in the user's cache
folder), serves it over a database in memory, and pairs it with `matchmaker serve`. Both nodes have copies of the same
invented patients; each patient is asked in both directions, and should find its copy first. Beside that, what clients
of patientMatcher say is said to both nodes, and their answers are compared.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks import as_client
from benchmarks._environment import RegistryUnreachableError, environment
from benchmarks.as_client import Alike
from benchmarks.peers import Patient, made_up
from benchmarks.served import environment_of, run, serving
from ontology.releases import shipped

VERSION = "4.7.0"
REQUIREMENTS = (f"patientMatcher=={VERSION}", "mongomock==4.3.0")
V1_0 = "application/vnd.ga4gh.matchmaker.v1.0+json"
THEIR_TOKEN = "issued-by-patientMatcher"
NAME = "Stockholm"
SUBMITTER = "scout@example.org"


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """What came of asking with each patient."""

    asked: int
    answered: int
    copies_found: int
    copies_first: int
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    patient_matcher: str  # version
    heartbeat: str  # as `matchmaker node show` would tell: the state of a call
    they_ask_us: Direction
    we_ask_them: Direction
    as_client: Alike  # what its clients say, said to both


def measure(home: Path, *, n_patients: int) -> Figures:
    """Pair the two and ask in both directions.

    Raises
    ------
    RegistryUnreachableError
        When the package index cannot be reached and patientMatcher is not installed yet.
    """
    # Its own name must not be in the path: it looks for its settings by splitting the path there.
    python = environment(f"stockholm-{VERSION}", *REQUIREMENTS)
    patients = [_as_stored(patient) for patient in made_up(3 * n_patients) if "genomicFeatures" in patient]
    patients = patients[:n_patients]
    # On a busy machine either side may take long; how long is not the question here.
    settings = environment_of(home, MATCHMAKER_CASES_REVEALED_PER_DAY="100000", MATCHMAKER_DEADLINE="60")
    run(settings, "init")
    ours = home / "patients.jsonl"
    ours.write_text("".join(json.dumps(patient) + "\n" for patient in patients), "utf-8")
    run(settings, "case", "import", str(ours), "--sharing", "federated", "--basis", "consent", "--json")
    our_token = run(settings, "node", "token", NAME).strip()
    run(settings, "user", "add", SUBMITTER, "--role", "clinician", "--centre", NAME, "--service")
    submitter = run(settings, "user", "token", SUBMITTER, "--name", "Scout", "--scope", "submit").split()[-1]
    with (
        serving(settings, log=home / "log") as node,
        _patient_matcher(python, f"{node.address}/mme/match", our_token) as there,
    ):
        options = ("--url", there, "--country", "SE", "--token", "-")
        run(settings, "node", "add", NAME, *options, given=f"{THEIR_TOKEN}\n")
        beat = _call(there, "/heartbeat")
        they_ask = _they_ask(there, patients)
        return Figures(
            patient_matcher=str(beat["heartbeat"]["version"]),
            heartbeat="answered" if V1_0 in beat["heartbeat"]["accept"] else "other",
            they_ask_us=they_ask,
            we_ask_them=_we_ask(settings, patients),
            as_client=as_client.compare(there, THEIR_TOKEN, node.address, submitter),
        )


@contextlib.contextmanager
def _patient_matcher(python: Path, matching_url: str, our_token: str) -> Iterator[str]:
    """Serve it until the block ends; yields its address."""
    command = [str(python), str(Path(__file__).with_name("_patient_matcher.py")), matching_url, our_token, THEIR_TOKEN]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=folder) as process,
    ):
        assert process.stdout is not None
        try:
            said = next((line for line in process.stdout if line.startswith("serving ")), "")
            found = re.search(r"http://\S+", said)
            if found is None:
                sys.exit("patientMatcher did not start")
            yield found.group()
        finally:
            process.kill()


def _as_stored(patient: Patient) -> Patient:
    """An invented patient with Ensembl ids: patientMatcher would ask Ensembl for any other."""
    genes = shipped().genes
    ids = [genes.gene(feature["gene"]["id"]).ensembl for feature in patient["genomicFeatures"]]
    return {**patient, "id": patient["id"].replace(" ", "-"), "genomicFeatures": [{"gene": {"id": id_}} for id_ in ids]}


def _they_ask(there: str, patients: Sequence[Patient]) -> Direction:
    """Add each patient to patientMatcher, which thereupon asks all nodes that it knows."""
    faults: list[str] = []
    ranks: list[int | None] = []
    n_answered = 0
    for patient in patients:
        added = _call(there, "/patient/add", {"patient": {**patient, "id": f"theirs-{patient['id']}"}})
        report = _call(there, f"/match/external/theirs-{patient['id']}?node=matchmaker", {})
        answers = report.get("results", [])
        n_answered += len(answers)
        faults += [] if answers else [json.dumps([added, report])[:300]]
        ranks.append(_rank(patient, [one["patient"] for answer in answers for one in answer["patients"]]))
    return _direction(len(patients), n_answered, ranks, faults)


def _we_ask(settings: dict[str, str], patients: Sequence[Patient]) -> Direction:
    """Ask as a clinician does, with `matchmaker match --nodes`."""
    faults: list[str] = []
    ranks: list[int | None] = []
    n_answered = 0
    stored = {one["local_id"]: one["id"] for one in json.loads(run(settings, "case", "list", "--json"))["cases"]}
    for patient in patients:
        report = json.loads(run(settings, "match", stored[patient["id"]], "--nodes", NAME, "--top", "100", "--json"))
        (state,) = report["nodes"]
        n_answered += state["state"] == "answered"
        faults += [] if state["state"] == "answered" else [json.dumps(state)[:300]]
        theirs = [one["id"] for one in report["matches"] if one["node"] in {NAME, "SE", "Sweden"}]
        wanted = f"theirs-{patient['id']}"
        ranks.append(theirs.index(wanted) if wanted in theirs else None)
    return _direction(len(patients), n_answered, ranks, faults)


def _rank(patient: Patient, told: Sequence[dict[str, Any]]) -> int | None:
    """Which of the told patients is the copy: at our default level one names the shared gene, and terms in common."""
    gene = patient["genomicFeatures"][0]["gene"]["id"]
    for rank, one in enumerate(told):
        if gene in {feature["gene"]["id"] for feature in one.get("genomicFeatures", ())}:
            return rank
    return None


def _direction(asked: int, answered: int, ranks: Sequence[int | None], faults: Sequence[str]) -> Direction:
    return Direction(
        asked=asked,
        answered=answered,
        copies_found=sum(rank is not None for rank in ranks),
        copies_first=sum(rank == 0 for rank in ranks),
        faults=tuple(faults[:3]),
    )


def _call(there: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Call patientMatcher as its client; a refusal is returned as what it says."""
    sent = None if body is None else json.dumps(body).encode()
    headers = {"X-Auth-Token": THEIR_TOKEN, "Content-Type": V1_0, "Accept": "application/json"}
    request = urllib.request.Request(there + path, sent, headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            said = json.load(answer)
    except urllib.error.HTTPError as error:
        said = {"status": error.code, "message": error.read().decode()}
    return said if isinstance(said, dict) else {"message": said}


def main(arguments: Sequence[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--patients", type=int, default=20)
    given = options.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = measure(Path(folder) / "home", n_patients=given.patients)
        except RegistryUnreachableError as error:
            sys.exit(str(error))
    print(json.dumps(asdict(found), indent=2))


if __name__ == "__main__":
    main()
