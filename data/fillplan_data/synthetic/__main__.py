"""Renews the sample in the repository: `python -m fillplan_data.synthetic --renew-sample`."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from fillplan_data.errors import NotFound
from fillplan_data.synthetic import make_workspace

SAMPLE = Path(__file__).parents[2] / "sample"
SAMPLE_SEED = 1


def renew_sample() -> None:
    """Write data/sample anew: size tiny, seed 1. Raises NotFound outside a checkout of the repository."""
    if not (SAMPLE.parents[1] / "pyproject.toml").exists():
        raise NotFound(f"expected a checkout of fillplan around {SAMPLE}; found none. Run this inside the repository.")
    for path in (SAMPLE / "input", SAMPLE / "README.md", SAMPLE / "fillplan.toml"):
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
    make_workspace(SAMPLE, "tiny", SAMPLE_SEED)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m fillplan_data.synthetic", description=__doc__)
    parser.add_argument("--renew-sample", action="store_true", required=True)
    parser.parse_args()
    renew_sample()
