"""`python -m benchmarks NAME ...`: run one measurement."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

# Parts of several measurements.
PARTS = {"as_client", "exchanges", "from_description", "http_garbage", "odd_requests", "peers", "served"}
NAMES = sorted({path.stem for path in Path(__file__).parent.glob("[a-z]*.py")} - PARTS)


def main() -> None:
    if len(sys.argv) < 2 or sys.argv[1] not in NAMES:
        sys.exit(f"usage: python -m benchmarks {{{','.join(NAMES)}}} ...")
    name = sys.argv.pop(1)
    sys.argv[0] = f"python -m benchmarks {name}"
    importlib.import_module(f"benchmarks.{name}").main()


if __name__ == "__main__":
    main()
