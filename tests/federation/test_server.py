from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest

from federation import nodes, server
from matchmaker import audit, cases, disclosure
from matchmaker.actors import SYSTEM
from matchmaker.model import CaseId, Disclosure, NodeName, Variant
from matchmaker.service import Matchmaker
from matchmaker.store import exchanges, ledger, tokens
from matchmaker.store.audit import entries as audit_entries
from tests.builders import a_case, a_feature, a_genomic_feature
from tests.federation.asking import SPAIN, V1_0, V1_1, Asker, a_patient, an_asker, answer_of

BRAIN = ("HP:0000252", "HP:0002521", "HP:0001263")
PHGDH = "ENSG00000092621"


def store(mm: Matchmaker, **stated: Any) -> CaseId:
    stated.setdefault("features", [a_feature(term) for term in BRAIN])
    return cases.submit(mm, a_case(**stated), by=SYSTEM).case_id


@pytest.fixture
def asker(sqlite_mm: Matchmaker) -> Asker:
    return an_asker(sqlite_mm)


# The answer


def test_answer_holds_a_score_a_patient_and_the_reasons(mm: Matchmaker) -> None:
    case_id = store(mm, genomic_features=[a_genomic_feature()])
    asker = an_asker(mm)

    answer = answer_of(asker.match(a_patient(genomicFeatures=[{"gene": {"id": "PHGDH"}}])))

    (result,) = answer["results"]
    assert set(answer) == {"results", "_totalResults", "disclaimer", "terms"}
    assert result["score"] == {"patient": 1.0}
    assert result["patient"]["id"] == disclosure.peer_id(mm, replace(a_case(), id=case_id), nodes.list_(mm)[0])
    assert set(result["_explanation"]) == {"scoring", "genes", "terms", "contradictions"}
    assert result["_explanation"]["genes"] == [{"id": PHGDH, "match": "same_gene"}]
    assert {term["id"] for term in result["_explanation"]["terms"]} == set(BRAIN)


def test_answer_is_what_case_show_for_that_node_previews(sqlite_mm: Matchmaker, asker: Asker) -> None:
    case_id = store(sqlite_mm)
    (node,) = nodes.list_(sqlite_mm)
    preview = disclosure.preview(sqlite_mm, cases.get(sqlite_mm, case_id, by=SYSTEM).case, node)

    (result,) = answer_of(asker.match(a_patient()))["results"]

    assert preview.answering is not None
    assert result["patient"]["id"] == preview.answering.case.id
    assert result["score"]["patient"] == preview.answering.score


def test_results_are_ordered_by_score_and_come_in_steps(sqlite_mm: Matchmaker, asker: Asker) -> None:
    for n_terms in (1, 2, 3, 3):
        store(sqlite_mm, features=[a_feature(term) for term in BRAIN[:n_terms]])

    scores = [result["score"]["patient"] for result in answer_of(asker.match(a_patient()))["results"]]

    assert scores == sorted(scores, reverse=True)
    assert all(round(score / 0.05, 6).is_integer() for score in scores)


def test_repeated_request_gets_the_same_answer(sqlite_mm: Matchmaker, asker: Asker) -> None:
    for _ in range(12):
        store(sqlite_mm)

    assert asker.match(a_patient()).data == asker.match(a_patient()).data


@pytest.mark.parametrize(("stored", "told"), [(3, 0), (9, 0), (10, 10), (23, 20)])
def test_total_is_rounded_as_counts_are(sqlite_mm: Matchmaker, asker: Asker, stored: int, told: int) -> None:
    for _ in range(stored):
        store(sqlite_mm)

    assert answer_of(asker.match(a_patient()))["_totalResults"] == told


def test_ambiguous_alias_is_said_in_the_answer(sqlite_mm: Matchmaker, asker: Asker) -> None:
    (warning,) = answer_of(asker.match(a_patient(genomicFeatures=[{"gene": {"id": "no such gene"}}])))["_warnings"]

    assert warning["path"] == "patient.genomicFeatures[0].gene.id"
    assert set(warning) == {"path", "message", "remedy"}


def test_private_fields_and_the_owner_are_in_no_answer(sqlite_mm: Matchmaker, asker: Asker) -> None:
    store(sqlite_mm, label="canary", notes="canary", local_id="canary", owner="canary@example.org")

    assert b"canary" not in asker.match(a_patient()).data


def test_starts_of_a_node_that_counts_from_one_are_shifted(sqlite_mm: Matchmaker, asker: Asker) -> None:
    variant = Variant(assembly="GRCh38", chromosome="1", start=99, end=100, reference_bases="G", alternate_bases="A")
    store(sqlite_mm, genomic_features=[a_genomic_feature(variants=[variant])])
    sent = {"assembly": "GRCh38", "referenceName": "1", "start": 100, "referenceBases": "G", "alternateBases": "A"}
    patient = a_patient(genomicFeatures=[{"gene": {"id": PHGDH}, "variant": sent}])

    unknown = answer_of(asker.match(patient))["results"][0]["_explanation"]["genes"]
    (node,) = nodes.list_(sqlite_mm)
    nodes.change(sqlite_mm, replace(node, base_url="https://spain.example.org/mme", start_offset=-1), by=SYSTEM)
    known = answer_of(asker.match(patient))["results"][0]["_explanation"]["genes"]

    assert unknown == [{"id": PHGDH, "match": "neighbouring_position"}]
    assert known == [{"id": PHGDH, "match": "same_variant"}]


# Who may ask


def test_node_that_was_disabled_is_refused_at_once(sqlite_mm: Matchmaker, asker: Asker) -> None:
    assert asker.match(a_patient()).status_code == 200

    nodes.disable(sqlite_mm, SPAIN, by=SYSTEM)

    assert asker.match(a_patient()).status_code == 401


def test_expired_token_and_token_of_another_scope_are_refused(sqlite_mm: Matchmaker, asker: Asker) -> None:
    now = dt.datetime.now(dt.UTC)
    with sqlite_mm.transaction() as db:
        expired = tokens.issue(db, SPAIN, at=now - dt.timedelta(days=2), lifetime=dt.timedelta(days=1))
        other = tokens.issue(db, SPAIN, at=now, scope="relay")

    assert [asker.match(a_patient(), token=token).status_code for token in (expired, other)] == [401, 401]


def test_two_tokens_are_live_while_a_peer_changes_over(sqlite_mm: Matchmaker, asker: Asker) -> None:
    successor = nodes.issue_token(sqlite_mm, SPAIN, by=SYSTEM)

    assert [asker.match(a_patient(), token=token).status_code for token in (asker.token, successor)] == [200, 200]


def test_token_is_neither_stored_nor_told(sqlite_mm: Matchmaker, asker: Asker) -> None:
    asker.match(a_patient())

    stored = b"".join(path.read_bytes() for path in sqlite_mm.settings.home.parent.glob("*.sqlite*"))
    assert stored
    assert asker.token.encode() not in stored


# Budgets


def test_budget_of_a_minute_is_refused_with_the_time_to_wait(sqlite_mm: Matchmaker) -> None:
    sqlite_mm.settings = replace(sqlite_mm.settings, requests_per_minute=2)
    asker = an_asker(sqlite_mm)

    answers = [asker.match(a_patient()) for _ in range(4)]

    # The minute may turn between two of them, but not more than once.
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert all(1 <= int(answer.headers["Retry-After"]) <= 60 for answer in refused)
    assert "message" in answer_of(refused[0])


def test_each_gene_is_charged_to_the_day(sqlite_mm: Matchmaker) -> None:
    sqlite_mm.settings = replace(sqlite_mm.settings, requests_per_day=25)
    asker = an_asker(sqlite_mm)
    genes = [{"gene": {"id": f"HGNC:{number}"}} for number in range(5, 30)]

    assert asker.match(a_patient(genomicFeatures=genes)).status_code == 200
    assert asker.match(a_patient()).status_code == 429


def test_peer_that_declares_its_cases_may_ask_with_each_once_a_day(sqlite_mm: Matchmaker) -> None:
    sqlite_mm.settings = replace(sqlite_mm.settings, requests_per_day=1)
    asker = an_asker(sqlite_mm)
    (node,) = nodes.list_(sqlite_mm)
    nodes.change(sqlite_mm, replace(node, base_url="https://spain.example.org/mme", declared_cases=3), by=SYSTEM)
    five_genes = [{"gene": {"id": f"HGNC:{number}"}} for number in range(5, 10)]

    answers = [asker.match(a_patient(genomicFeatures=five_genes)) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]


def test_budget_of_one_node_is_not_spent_by_another(sqlite_mm: Matchmaker) -> None:
    sqlite_mm.settings = replace(sqlite_mm.settings, requests_per_day=1)
    spain, finland = an_asker(sqlite_mm), an_asker(sqlite_mm, NodeName("finland"))

    assert [asker.match(a_patient()).status_code for asker in (spain, spain, finland)] == [200, 429, 200]


def test_heartbeat_does_not_use_up_the_day(sqlite_mm: Matchmaker) -> None:
    sqlite_mm.settings = replace(sqlite_mm.settings, requests_per_day=1)
    asker = an_asker(sqlite_mm)

    assert [asker.get("/mme/heartbeat").status_code for _ in range(3)] == [200, 200, 200]
    assert asker.match(a_patient()).status_code == 200


# What stays of a request


def test_every_request_of_a_node_is_in_the_audit_log(mm: Matchmaker) -> None:
    store(mm)
    asker = an_asker(mm)

    asker.match(a_patient())
    asker.match(a_patient(contact=None))
    asker.post(b"{", headers={"Content-Type": V1_0})
    asker.get("/mme/heartbeat")
    asker.get("/mme/metrics")

    with mm.reading() as db:
        kept = [entry.event for entry in audit_entries(db) if entry.event.action.endswith("asked")]
        assert audit.first_broken(db) is None
    assert [(event.action, event.node, event.details["status"]) for event in kept] == [
        ("match asked", SPAIN, 200),
        ("match asked", SPAIN, 422),
        ("match asked", SPAIN, 400),
        ("heartbeat asked", SPAIN, 200),
        ("metrics asked", SPAIN, 200),
    ]


def test_case_that_was_told_has_an_audit_entry_and_a_line_in_the_ledger(mm: Matchmaker) -> None:
    case_id = store(mm)
    asker = an_asker(mm)

    for _ in range(2):
        asker.match(a_patient())

    with mm.reading() as db:
        (line,) = ledger.of_case(db, case_id)
        told = [entry.event.node for entry in audit.about(db, case_id) if entry.event.action == "case told"]
    assert (line.node, line.times) == (SPAIN, 2)
    assert told == [SPAIN, SPAIN]


def test_other_answer_about_a_case_is_another_line(sqlite_mm: Matchmaker, asker: Asker) -> None:
    case_id = store(sqlite_mm)

    asker.match(a_patient())
    asker.match(a_patient(features=[{"id": term} for term in BRAIN[:2]]))

    with sqlite_mm.reading() as db:
        assert len(ledger.of_case(db, case_id)) == 2


def test_request_without_a_match_leaves_a_count_and_a_fingerprint(sqlite_mm: Matchmaker, asker: Asker) -> None:
    asker.match(a_patient(id="canary"))

    with sqlite_mm.reading() as db:
        assert exchanges.totals(db).requests == 1
    stored = b"".join(path.read_bytes() for path in sqlite_mm.settings.home.parent.glob("*.sqlite*"))
    assert b"canary" not in stored


@pytest.mark.slow
def test_answer_that_cannot_be_recorded_is_not_given(sqlite_mm: Matchmaker, asker: Asker) -> None:
    store(sqlite_mm)
    sqlite_mm.index()
    # As on a full disk: reading goes on, nothing can be written.
    with sqlite_mm.engine.connect() as db:
        db.exec_driver_sql("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END")
        db.commit()

    answer = asker.match(a_patient())

    assert answer.status_code in {500, 507}
    assert "results" not in answer_of(answer)
    with sqlite_mm.reading() as db:
        assert exchanges.totals(db).requests == 0


# Heartbeat and metrics


def test_heartbeat_lists_types_that_match_answers(asker: Asker) -> None:
    heartbeat = answer_of(asker.get("/mme/heartbeat"))["heartbeat"]

    assert (heartbeat["production"], type(heartbeat["version"])) == (False, str)
    for type_ in heartbeat["accept"]:
        answer = asker.match(a_patient(), headers={"Content-Type": type_, "Accept": type_})
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, type_)


def test_metrics_count_shared_cases_rounded_down_to_tens(sqlite_mm: Matchmaker, asker: Asker) -> None:
    for _ in range(12):
        store(sqlite_mm, genomic_features=[a_genomic_feature()])
    store(sqlite_mm, test=True)
    store(sqlite_mm, consent=None)

    metrics = answer_of(asker.get("/mme/metrics"))["metrics"]

    assert metrics.pop("dateGenerated") == dt.datetime.now(dt.UTC).date().isoformat()
    assert len(metrics) == 13
    assert metrics["numberOfCases"] == 10
    assert metrics["numberOfFeatures"] == 30  # 36
    assert metrics["numberOfGenes"] == 10
    assert metrics["numberOfUniqueGenes"] == 0  # 1
    assert metrics["numberOfSubmitters"] == 0


def test_metrics_stay_the_same_for_the_day(sqlite_mm: Matchmaker, asker: Asker) -> None:
    before = asker.get("/mme/metrics").data
    for _ in range(12):
        store(sqlite_mm)

    assert asker.get("/mme/metrics").data == before


def test_withdrawn_between_search_and_answer_is_not_told(sqlite_mm: Matchmaker) -> None:
    from federation import admission, answering, receipts

    case_id = store(sqlite_mm)
    asker = an_asker(sqlite_mm)
    with sqlite_mm.reading() as db:
        admitted = admission.admit(db, asker.token, at=dt.datetime.now(dt.UTC))
    prepared = answering.prepare(sqlite_mm, json.dumps({"patient": a_patient()}).encode(), admitted)
    assert [revealed.case_id for revealed in prepared.results] == [case_id]

    cases.withdraw(sqlite_mm, case_id, by=SYSTEM)

    with sqlite_mm.reading() as db:
        assert receipts.standing(db, prepared.results) == []


def test_levels_decide_what_the_same_question_brings(sqlite_mm: Matchmaker, asker: Asker) -> None:
    genes = [a_genomic_feature(), a_genomic_feature("HGNC:19048")]
    for level in Disclosure:
        store(sqlite_mm, genomic_features=genes, disclosure=level)

    results = answer_of(asker.match(a_patient(genomicFeatures=[{"gene": {"id": PHGDH}}])))["results"]

    shapes = sorted((len(r["patient"].get("features", [])), len(r["patient"]["genomicFeatures"])) for r in results)
    assert shapes[0] == (0, 1)
    assert shapes[1][1] == 1 or shapes[2][1] == 1
    assert (3, 2) in shapes


def test_application_answers_in_the_version_asked(sqlite_mm: Matchmaker) -> None:
    asker = Asker(app=server.create_app(sqlite_mm), token=nodes.issue_token(sqlite_mm, SPAIN, by=SYSTEM))

    for type_ in (V1_0, V1_1):
        assert asker.match(a_patient(), headers={"Content-Type": type_}).headers["Content-Type"] == type_
