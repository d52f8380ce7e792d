"""`python -m tests.faults --nights N [--seed S]`: run N bad nights and count them by fault."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

from tests.faults.laboratory import Night, bad_nights


def main() -> int:
    """Exit code 1 if any promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--nights", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    nights: list[Night] = []
    with tempfile.TemporaryDirectory() as folder:
        for night in bad_nights(options.nights, options.seed, Path(folder)):
            nights.append(night)
            if night.broken:
                print(f"BROKEN {night.kind} (seed {night.seed}): {night.broken}", flush=True)
    print(table(nights))
    return int(any(night.broken for night in nights))


def table(nights: list[Night]) -> str:
    """Counts by fault: nights, exit codes, broken promises."""
    codes: dict[str, Counter[str]] = defaultdict(Counter)
    for night in nights:
        codes[night.kind]["broken" if night.broken else "dead" if night.code is None else str(night.code)] += 1
    lines = [
        f"{kind:<28} {sum(found.values()):>6}   " + "  ".join(f"{code}: {n}" for code, n in sorted(found.items()))
        for kind, found in sorted(codes.items())
    ]
    total = sum(night.broken is not None for night in nights)
    return "\n".join(
        [f"{'fault':<28} {'nights':>6}   nights by exit code", *lines, f"{len(nights)} nights, {total} broken"]
    )


if __name__ == "__main__":
    sys.exit(main())
