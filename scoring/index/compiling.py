"""How loops become machine code: with their types spelled out, once, and kept for the next process.

A signature is compiled when its module is imported and comes from the cache afterwards (`NUMBA_CACHE_DIR`, or the
package's own folder where it can be written). numba knows kept code by the module that it was written in; what that
calls in other modules is part of it as well, so that it is kept under a name that tells all of them.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numba as nb

# The modules that kernels are in, and take constants from.
SOURCES = ("compiling", "filling", "formula", "kernels", "meeting", "pairs", "pruning", "references", "rows", "vectors")
log = logging.getLogger(__name__)

# Types that recur in the signatures: int32, uint16, float64 and int8 arrays, a table, and the tuple `scan` calls graph.
TYPES = {"i4": "int32[::1]", "u2": "uint16[::1]", "f8": "float64[::1]", "i1": "int8[::1]", "table": "float64[:,::1]"}
GRAPH = "Tuple(({i4}, {i4}, {f8}, {f8}, {i4}))".format(**TYPES)
LISTS = "Tuple(({i4}, {u2}, {i4}, {u2}))".format(**TYPES)


def compiled(function: Callable[..., Any], signature: str, *, inline: str = "never") -> Callable[..., Any]:
    """Compile a function of numbers and arrays; it holds no lock while it runs, and divides by zero as numpy does.

    `signature` may name the TYPES, `graph` and `lists` in braces.
    """
    function.__qualname__ = f"{function.__qualname__}-{_code()}"
    typed = signature.format(graph=GRAPH, lists=LISTS, **TYPES)
    # Python's division checks for zero, and a loop with a check in it does not become vector code.
    options: dict[str, Any] = {"nogil": True, "inline": inline, "error_model": "numpy"}
    try:
        kernel: Callable[..., Any] = nb.njit(typed, cache=True, **options)(function)
    except RuntimeError as error:  # no folder to keep compiled code in: a few seconds at every start
        log.info("compiled kernels are not kept: %s", error)
        kernel = nb.njit(typed, **options)(function)
    return kernel


@cache
def _code() -> str:
    """A digest of all modules with kernels."""
    digest = hashlib.blake2b(digest_size=6)
    for name in SOURCES:
        digest.update(Path(__file__).with_name(f"{name}.py").read_bytes())
    return digest.hexdigest()
