"""Compare sets of terms with pyhpo or hpo3, whichever this Python has; run by their environments, and free of ours.

Reads {"cases": [[term id, ...], ...], "queries": [...]} and prints what each query's comparison with all cases cost on
the processor, its scores, and the numbers of the terms that they rest on.
"""

from __future__ import annotations

import json
import sys
import time
from importlib.metadata import distributions

from pyhpo import HPOSet, Ontology

METHOD = {"kind": "omim", "method": "resnik", "combine": "BMA"}


def main() -> None:
    Ontology()
    asked = json.load(sys.stdin)
    known = {id_: _term(id_) for id_ in sorted({id_ for one in asked["cases"] + asked["queries"] for id_ in one})}
    cases = [_set(one, known) for one in asked["cases"]]
    seconds, scores = [], []
    for one in asked["queries"]:
        query = _set(one, known)
        began = time.process_time()
        if hasattr(query, "similarity_scores"):  # hpo3: all at once, on all cores
            found = query.similarity_scores(cases, **METHOD)
        else:
            found = [query.similarity(case, **METHOD) for case in cases]
        seconds.append(time.process_time() - began)
        scores.append(found)
    above = {term.id: term for one in known.values() if one for term in (one, *one.all_parents)}
    terms = {id_: [_content(term), [parent.id for parent in term.parents]] for id_, term in above.items()}
    version = next(f"{d.name} {d.version}" for d in distributions() if d.name in {"hpo3", "pyhpo"})
    report = {"version": version, "seconds": seconds, "scores": scores}
    report |= {"known": [id_ for id_, term in known.items() if term], "terms": terms}
    json.dump(report, sys.stdout)


def _term(id_: str):
    """A term; None where it does not know it, or not any more."""
    try:
        term = Ontology.get_hpo_object(id_)
    except (KeyError, RuntimeError, ValueError):
        return None
    return None if term is None or term.is_obsolete else term


def _set(ids: list[str], known: dict):
    return HPOSet.from_queries([id_ for id_ in ids if known[id_]])


def _content(term) -> float:
    contents = term.information_content
    return float(contents["omim"] if isinstance(contents, dict) else contents.omim)


if __name__ == "__main__":
    main()
