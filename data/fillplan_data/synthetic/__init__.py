"""A realistic synthetic workspace: regions, catalogue, demand, files, caches, inventory; all of it simulated.

Everything is drawn from numpy generators that are spawned per part from one seed (`parts.generator`), so that
the same size and seed give the same bytes, and a change in one part does not shift the others. The world is
described in `world.py`; `workspace.py` reads as the recipe.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fillplan_data.synthetic.sizes import SIZES, Size, plan_date

__all__ = ["SIZES", "Size", "make_workspace", "plan_date"]


def make_workspace(
    folder: Path,
    size: Size,
    seed: int,
    truth: bool = False,
    progress: Callable[[str], None] | None = None,
) -> None:
    """Write a synthetic workspace: `folder`/input/*, fillplan.toml and README.md.

    With `truth`, for tests and replay only: truth.parquet (expected hours of the last four weeks before the
    plan date and of the 14 days from it), truth_shares.parquet (part of its title's hours that every file serves in
    a region over the first 7 days) and future/views.parquet, future/variant_views.parquet (what those 14 days then
    brought). `progress` gets one short line per step. Raises AlreadyExists if the input is there.
    """
    from fillplan_data.synthetic.workspace import write_workspace  # keeps numpy and pandas off `--help`

    write_workspace(folder, size, seed, truth, progress or (lambda line: None))
