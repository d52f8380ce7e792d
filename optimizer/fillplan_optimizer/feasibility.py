"""Whether the pins can be met at all, asked before any solver starts.

A pin brings its companion along where the companion may be held. Everything else is free to be left out,
so a problem is feasible exactly if these forced files fit each cache's storage and, as far as they are not
there yet, tonight's fill.
"""

from __future__ import annotations

import numpy as np

from fillplan_data.arrays import Bools, Ints
from fillplan_data.errors import Infeasible
from fillplan_optimizer.problem import PlacementProblem


def forced_files(problem: PlacementProblem, cache: int) -> Bools:
    """[F] files that `cache` must hold: its pins and their companions, as far as they are allowed."""
    allowed = problem.allowed(cache)
    forced = np.zeros(problem.file_count, dtype=np.bool_)
    forced[problem.pinned[cache]] = True
    forced &= allowed
    companion = local_companion(problem, allowed)[forced]
    forced[companion[companion >= 0]] = True
    return forced


def local_companion(problem: PlacementProblem, allowed: Bools) -> Ints:
    """[F] companion of each file at a cache with these `allowed` files, -1 where it is exempt there."""
    companion = problem.companion
    has = companion >= 0
    keeps = has & allowed[np.where(has, companion, 0)]
    return np.where(keeps, companion, -1)


def check_pins(problem: PlacementProblem) -> None:
    """Raise Infeasible naming every cache whose pins cannot fit, with needed and available bytes."""
    faults = []
    for cache, pinned in enumerate(problem.pinned):
        if not pinned.size:
            continue
        forced = forced_files(problem, cache)
        needed = int(problem.size_bytes[forced].sum())
        new = int(problem.size_bytes[forced & ~problem.held_mask(cache)].sum())
        for what, bytes_, limit in (
            ("storage", needed, int(problem.storage_bytes[cache])),
            ("tonight's fill", new, int(problem.fill_budget_bytes[cache])),
        ):
            if bytes_ > limit:
                count = int(forced.sum())
                need = "its pinned file needs" if count == 1 else f"its {count} pinned files and main audios need"
                faults.append(
                    f"{problem.cache_ids[cache]}: {what} has {limit:,} bytes, {need} {bytes_:,} "
                    f"({bytes_ - limit:,} too many)"
                )
    if faults:
        raise Infeasible(
            f"The pins cannot be met at {len(faults)} place{'s' if len(faults) > 1 else ''}; "
            "unpin files or raise the limits there.\n" + "\n".join(faults)
        )
