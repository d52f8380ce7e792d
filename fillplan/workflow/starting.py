"""`init`: a synthetic workspace to start with."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

from fillplan.stages import Stages
from fillplan.workspace import storage_errors

Size = Literal["tiny", "small", "medium", "large"]
SIZES: tuple[Size, ...] = get_args(Size)


def start_workspace(folder: Path, size: Size, seed: int, truth: bool) -> dict[str, object]:
    """Make a workspace of simulated tables. Raises AlreadyExists where input/ is there already."""
    from fillplan_data.synthetic import make_workspace

    with Stages("init") as stages, stages.stage("make") as stage, storage_errors("making the workspace"):
        make_workspace(folder, size, seed, truth=truth, progress=stage.note)
    return {"ok": True, "workspace": str(folder), "synthetic": True, "size": size, "seed": seed}
