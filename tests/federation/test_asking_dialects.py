"""Peers of the field as we ask them: each refuses what its program refuses, and answers as that does (MME.md)."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import unquote_plus

import pytest

from federation import nodes
from federation.deadline import Deadline
from federation.outcomes import NodeAnswer, State
from federation.search import ask_all
from matchmaker.actors import SYSTEM
from matchmaker.model import Case, Contact, Disclosure
from matchmaker.service import Matchmaker
from tests.federation.peers import V10, Asked, Behaviour, Peer, peer, response
from tests.federation.worlds import PHGDH, TERMS, a_case, our_node, register

ENSEMBL = "ENSG00000092621"
NAME = "Dr A + B, 100 %"  # what a body that is URL-decoded would lose
Said = dict[str, Any]


def speaking(answer: Callable[[Asked], Said | int], *, media_type: str = V10) -> Behaviour:
    """Answer what a program answers to a request: an object, or a refusal's status with a page."""

    def behave(_here: Peer, connection: socket.socket, asked: Asked) -> None:
        said = answer(asked) if asked.headers.get("x-auth-token") == "secret" else 401
        page = response(b"<h1>no</h1>", status=said, media_type="text/html") if isinstance(said, int) else b""
        connection.sendall(page or response(json.dumps(said).encode(), media_type=media_type))

    return behave


def seqr(asked: Asked) -> Said | int:
    """Compare Accept letter by letter; name the genotype's and the phenotype's score; count starts from 1."""
    if asked.headers["accept"] != V10:
        return 406
    patient = json.loads(asked.body)["patient"]
    if not patient["contact"]["href"] or not (patient.get("genomicFeatures") or patient.get("features")):
        return 400
    variant = {"assembly": "GRCh38", "referenceName": "1", "start": 119742890, "end": 119742891}
    variant |= {"referenceBases": "G", "alternateBases": "A"}
    found = {
        "id": "NA19675_1_01",
        "label": "NA19675_1",
        "contact": {"href": "mailto:one@peer.example,two@peer.example", "name": "PI Name", "institution": "Center"},
        "features": None,
        "genomicFeatures": [{"gene": {"id": ENSEMBL}, "variant": variant, "zygosity": 1}],
    }
    score = {"_genotypeScore": 1, "_phenotypeScore": 0, "patient": 1}
    return {"results": [{"score": score, "patient": found}], "_disclaimer": "for research"}


def matchbox(asked: Asked) -> Said | int:
    """Compare both types letter by letter, and URL-decode the body before it is read."""
    if asked.headers["accept"] != V10 or asked.headers["content-type"] != V10:
        return 415
    patient = json.loads(unquote_plus(asked.body.decode()))["patient"]
    if patient["contact"]["name"] != NAME:
        return 400
    found = {
        "id": "id_ttn-2",
        "contact": {"name": "Full Name", "institution": "Institution", "href": "mailto:one@peer.example"},
        "species": "NCBITaxon:9606",
        "sex": "FEMALE",
        "disorders": [],
        "features": [{"id": TERMS[0], "observed": "yes", "ageOfOnset": ""}],
        "genomicFeatures": [{"gene": {"id": "PHGDH"}, "variant": None, "zygosity": None, "type": {}}],
    }
    score = {"_genotypeScore": 0.9, "_phenotypeScore": 0.2, "patient": 0.5499999}
    return {"results": [{"score": score, "patient": found}], "disclaimer": "for research"}


def gene_matcher(asked: Asked) -> Said | int:
    """Look at genes alone; answer without features, with a score that is the same for all."""
    patient = json.loads(asked.body)["patient"]
    if ENSEMBL not in {one["gene"]["id"] for one in patient.get("genomicFeatures", ())}:
        return {"results": [], "disclaimer": "for research"}
    found = {
        "id": "29154",
        "contact": {"name": "Submitter", "institution": "University", "email": "one@peer.example"},
        "genomicFeatures": [{"gene": {"id": ENSEMBL}}],
    }
    return {"results": [{"score": {"patient": "1.0"}, "patient": found}], "disclaimer": "for research"}


@pytest.fixture(scope="module")
def mm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matchmaker]:
    with our_node(tmp_path_factory.mktemp("dialects") / "home") as mm:
        assert mm.scorer.version
        yield mm


def ask(mm: Matchmaker, behave: Behaviour, case: Case, *, version: str | None = None) -> NodeAnswer:
    with peer(behave) as there:
        node = replace(register(mm, "Peer", there.url), version=version)
        nodes.change(mm, node, by=SYSTEM)
        (answer,) = ask_all(mm, case, [node], deadline=Deadline.after(10))
    return answer


@pytest.mark.slow
@pytest.mark.parametrize("version", [None, "1.1"], ids=["unknown", "taken for newer"])
@pytest.mark.parametrize("level", list(Disclosure))
@pytest.mark.parametrize("program", [seqr, matchbox, gene_matcher])
def test_program_of_the_field_is_asked_in_its_own_dialect_and_its_answer_read(
    mm: Matchmaker, program: Callable[[Asked], Said | int], level: Disclosure, version: str | None
) -> None:
    case = replace(a_case(), disclosure=level, contact=Contact(name=NAME, email="a@ours.example", opened=True))
    media_type = "application/json" if program is gene_matcher else f"{V10};charset=UTF-8"

    answer = ask(mm, speaking(program, media_type=media_type), case, version=version)

    assert (answer.state, answer.error, answer.n_dropped) == (State.ANSWERED, None, 0)
    (result,) = answer.results
    assert [feature.gene for feature in result.case.genomic_features] == [PHGDH]
    assert "one@peer.example" in f"{result.case.contact.href} {result.case.contact.email}"
    assert result.told.score is not None
    assert 0.5 < result.told.score <= 1.0
    assert result.score.genotype > 0.0
    assert answer.disclaimer == "for research"
