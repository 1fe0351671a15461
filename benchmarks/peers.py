"""A node with published cases, and peers that ask it as the server is asked, under a clock of their own."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from federation import admission, receipts, strict_json
from federation.admission import OverBudget
from federation.schemas import IMPORT_LIMITS, read_case
from matchmaker import cases
from matchmaker.actors import SYSTEM
from matchmaker.disclosure import peer_id
from matchmaker.model import Case, CaseId, Consent, Disclosure, Node, NodeName, Sharing
from matchmaker.service import Matchmaker
from matchmaker.settings import Settings
from matchmaker.store import nodes, tokens
from ontology.releases import shipped

Patient = dict[str, Any]
TOO_MANY = 429


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a peer gets: results as they are on the wire, or a refusal."""

    status: int
    results: tuple[dict[str, Any], ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(result["patient"]["id"] for result in self.results)


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A registered node with a token."""

    mm: Matchmaker
    node: Node
    token: str

    def ask(self, patient: Patient, *, at: dt.datetime) -> Reply:
        """Send a match request at a moment; the code is the server's, from the token to the answer's bytes."""
        body = strict_json.dumps({"patient": patient})
        with self.mm.reading() as db:
            admitted = admission.admit(db, self.token, at=at)
        try:
            admission.refuse_over_budget(admitted, self.mm.settings)
            answer = receipts.answer(self.mm, body, admitted, seconds=lambda: 0.0)
        except OverBudget as error:
            receipts.refuse(self.mm, admitted, "match", error=error, status=TOO_MANY, seconds=0.0)
            return Reply(status=TOO_MANY)
        return Reply(status=200, results=tuple(json.loads(answer)["results"]))

    def names(self, stored: Sequence[Case]) -> dict[str, CaseId]:
        """Our cases by the id that this peer sees."""
        return {peer_id(self.mm, case, self.node): case.id for case in stored}


@contextmanager
def a_node(settings: Settings | None = None) -> Iterator[Matchmaker]:
    """A new node in a folder that is removed afterwards."""
    with TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        mm = Matchmaker.create(replace(settings or Settings(), home=home, database_url=""))
        try:
            yield mm
        finally:
            mm.close()


def a_peer(mm: Matchmaker, name: str, *, at: dt.datetime, declared_cases: int | None = None) -> Peer:
    """Register a node under EEA jurisdiction with a token of its own."""
    node = Node(name=NodeName(name), country="ES", jurisdiction="EEA", declared_cases=declared_cases)
    with mm.transaction() as db:
        nodes.upsert(db, node)
        token = tokens.issue(db, node.name, at=at)
    return Peer(mm=mm, node=node, token=token)


def load(mm: Matchmaker, patients: Sequence[Patient], *, disclosure: Disclosure | None = None) -> list[Case]:
    """Store patients as federated cases with a basis; the default disclosure unless another is given."""
    stored = []
    for start in range(0, len(patients), cases.BATCH):
        batch = [_case(mm, patient, disclosure) for patient in patients[start : start + cases.BATCH]]
        submitted = cases.submit_many(mm, batch, by=SYSTEM)
        stored += [replace(case, id=done.case_id) for case, done in zip(batch, submitted, strict=True)]
    return stored


def published(path: Path, *, seed: int = 1) -> list[Patient]:
    """Read the patients of a file of JSON Lines, shuffled alike every time."""
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    records = [json.loads(line) for line in content.splitlines()]
    found: list[Patient] = [record.get("patient", record) for record in records]
    random.Random(seed).shuffle(found)
    return found


def made_up(n_patients: int, *, seed: int = 1) -> list[Patient]:
    """Invent patients: each has some findings of one disease, two of another, and often the gene of the first."""
    annotations, chance = shipped().annotations, random.Random(seed)
    known = [id_ for gene in annotations.genes for id_ in annotations.diseases_of_gene(gene)]
    patients: list[Patient] = []
    while len(patients) < n_patients:
        disease, other = chance.sample(known, k=2)
        own, foreign = ([a.term for a in annotations.disease(id_).annotations] for id_ in (disease, other))
        if len(own) < 8 or len(foreign) < 2:
            continue
        terms = [*chance.sample(own, k=chance.randint(5, min(15, len(own)))), *chance.sample(foreign, k=2)]
        genes = annotations.genes_of_disease(disease)[:1] if chance.random() < 0.8 else ()
        question = a_question(len(patients), terms=list(dict.fromkeys(terms)), genes=genes)
        patients.append({**question, "id": f"made up {len(patients)}"})
    return patients


def asking(patient: Patient) -> Patient:
    """What a peer of the default disclosure sends of its case: terms and genes, no variants."""
    sent = {"id": patient["id"], "contact": patient["contact"]}
    genes = [{"gene": feature["gene"]} for feature in patient.get("genomicFeatures") or () if "gene" in feature]
    terms = patient.get("features") or []
    return sent | ({"features": terms[:100]} if terms else {}) | ({"genomicFeatures": genes[:30]} if genes else {})


def a_question(number: int, *, terms: Sequence[str] = (), genes: Sequence[str] = ()) -> Patient:
    """A request made up by a prober."""
    sent: Patient = {"id": f"probe {number}", "contact": {"name": "Prober", "href": "mailto:prober@example.org"}}
    if terms:
        sent["features"] = [{"id": term} for term in terms]
    if genes:
        sent["genomicFeatures"] = [{"gene": {"id": gene}} for gene in genes]
    return sent


def _case(mm: Matchmaker, patient: Patient, disclosure: Disclosure | None) -> Case:
    read = read_case(patient, release=mm.release, limits=IMPORT_LIMITS).case
    case = replace(read, sharing=Sharing.FEDERATED, consent=Consent(basis="consent"))
    return case if disclosure is None else replace(case, disclosure=disclosure)
