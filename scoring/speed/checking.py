"""A scan of all cases in full precision, whatever bounds say: what the search has to equal."""

from __future__ import annotations

from dataclasses import replace

from scoring.index.candidates import Engine, Everything
from scoring.index.cases import Lists


def in_full_precision(engine: Engine) -> Engine:
    """An engine that scores every case in float64; closures are gathered by compiled code, since there are a million.

    The tests compare that code with the plain one.
    """

    class EveryCase(Everything):
        def closures(self, terms: Lists) -> Lists:
            return engine.measure(self._corpus, terms)[0]

    return replace(engine, candidates=EveryCase)
