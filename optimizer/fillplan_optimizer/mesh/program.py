"""HiGHS on the program of a region; deterministic for its node limit, and never slower than its time limit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np

from fillplan_data.arrays import Bools, Floats, Ints
from fillplan_optimizer.exact.pulp_highs import Silent
from fillplan_optimizer.mesh.network import FORCED, FRESH, Mesh
from fillplan_optimizer.mesh.region import Region

_SCALE = 1e6
"""What the worth of the whole standing becomes in the objective, and the largest store in its row."""


@dataclass(frozen=True)
class Effort:
    """When HiGHS may stop."""

    gap: float
    """As a part of the worth of the whole standing."""
    nodes: int | None = None
    seconds: float = np.inf
    stopped: Callable[[], bool] | None = None
    """Asked now and then; HiGHS ends with what it has once it says so."""


@dataclass(frozen=True, eq=False)
class Improved:
    """What came of a region."""

    hold: Bools | None
    """[X] copies to hold, None where nothing better was found."""
    gain: float
    """By how much that is better; 0 where nothing is."""
    bound_gain: float
    """No choice of these copies is better by more; inf if nothing was proven."""
    solved: bool
    """Whether the gap was closed within the effort."""


def improve(mesh: Mesh, region: Region, worth: float, effort: Effort) -> Improved:
    """Look for better holdings of a region; `worth` is that of the whole standing."""
    scale = _SCALE / abs(worth) if worth else 1.0
    now = region.held.astype(np.float64)
    model = Silent()  # type: ignore[no-untyped-call]
    _options(model, effort, worth * scale)
    model.passModel(_program(mesh, region, scale))
    model.setSolution(_start(region, now))
    if effort.stopped is not None:
        _listen(model, effort.stopped)
    model.run()
    before = region.value(now)
    bound = -float(model.getInfo().mip_dual_bound) / scale
    proven = bound - before if np.isfinite(bound) else np.inf
    solved = model.getModelStatus() in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kModelEmpty)
    values = np.array(model.getSolution().col_value[: len(now)])
    hold = values > 0.5
    if len(values) != len(now) or not _keeps_limits(mesh, region, hold):
        return Improved(None, 0.0, proven, False)
    gain = region.value(hold.astype(np.float64)) - before
    better = gain > 1e-9 * abs(worth)
    return Improved(hold if better else None, gain if better else 0.0, max(proven, 0.0), solved)


def _options(model: Any, effort: Effort, scaled_worth: float) -> None:
    gap = effort.gap * abs(scaled_worth)
    options = {"output_flag": False, "threads": 1, "mip_rel_gap": 0.0, "mip_abs_gap": max(gap, 1e-7)}
    if effort.nodes is not None:
        options["mip_max_nodes"] = effort.nodes
    if np.isfinite(effort.seconds):
        options["time_limit"] = max(0.01, effort.seconds)
    for name, value in options.items():
        model.setOptionValue(name, value)


def _listen(model: Any, stopped: Callable[[], bool]) -> None:
    def heed(event: Any) -> None:
        if stopped():
            event.data_in.user_interrupt = True

    model.cbMipInterrupt.subscribe(heed)


def _start(region: Region, hold: Floats) -> Any:
    met = np.zeros(len(region.cover_worth))
    np.maximum.at(met, region.cover, hold[region.copy])
    solution = highspy.HighsSolution()
    solution.col_value = np.concatenate([hold, met]).tolist()
    return solution


def _program(mesh: Mesh, region: Region, scale: float) -> Any:
    """Rows in the order of FORMULATION.md: storage, fill window, companion, then the covers."""
    copies, covers = len(region.file), len(region.cover_worth)
    rows, columns, values, limits = _rows(mesh, region)
    order = np.lexsort((columns, rows))
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = copies + covers, len(limits)
    program.col_cost_ = -scale * np.concatenate([region.worth, region.cover_worth])
    forced = mesh.flag[region.caches[region.cache], region.file] & FORCED != 0
    program.col_lower_ = np.concatenate([forced | region.stays, np.zeros(covers)])
    program.col_upper_ = np.ones(copies + covers)
    program.row_lower_ = np.full(len(limits), -highspy.kHighsInf)
    program.row_upper_ = limits
    program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    program.a_matrix_.start_ = np.searchsorted(rows[order], np.arange(len(limits) + 1)).astype(np.int32)
    program.a_matrix_.index_ = columns[order].astype(np.int32)
    program.a_matrix_.value_ = values[order]
    kinds = [highspy.HighsVarType.kInteger] * copies + [highspy.HighsVarType.kContinuous] * covers
    program.integrality_ = kinds
    return program


def _rows(mesh: Mesh, region: Region) -> tuple[Ints, Ints, Floats, Floats]:
    """Row, column and value of every entry, and the rows' upper limits."""
    many, copies = len(region.caches), len(region.file)
    where = region.caches[region.cache]
    unit = 1.0 if mesh.storage.max(initial=0) <= _SCALE else mesh.storage.max() / _SCALE
    size = mesh.size[region.file] / unit
    fresh = np.flatnonzero(mesh.flag[where, region.file] & FRESH)
    tight = np.flatnonzero(mesh.budget[region.caches] < mesh.storage[region.caches])
    fill_row = np.full(many, -1, dtype=np.int64)
    fill_row[tight] = many + np.arange(len(tight))
    fresh = fresh[fill_row[region.cache[fresh]] >= 0]
    video, audio = _companions(mesh, region)
    first_tie = many + len(tight)
    tie = first_tie + np.arange(len(video))
    first_cover = first_tie + len(video)
    covers = np.arange(len(region.cover_worth))
    rows = [region.cache, fill_row[region.cache[fresh]], tie, tie, first_cover + covers, first_cover + region.cover]
    columns = [np.arange(copies), fresh, video, audio, copies + covers, region.copy]
    ones = np.ones(len(covers))
    values = [size, size[fresh], np.ones(len(tie)), -np.ones(len(tie)), ones, -np.ones(len(region.copy))]
    limits = [mesh.storage[region.caches] / unit, mesh.budget[region.caches[tight]] / unit]
    limits += [np.zeros(len(tie) + len(covers))]
    return np.concatenate(rows), np.concatenate(columns), np.concatenate(values), np.concatenate(limits)


def _companions(mesh: Mesh, region: Region) -> tuple[Ints, Ints]:
    """Copies that ask for a companion at their cache, and the companion's copy."""
    number = {pair: place for place, pair in enumerate(zip(region.cache.tolist(), region.file.tolist(), strict=True))}
    companion = mesh.companion[region.file]
    asking = np.flatnonzero(companion >= 0)
    pairs = [(place, number.get((int(region.cache[place]), int(companion[place])), -1)) for place in asking.tolist()]
    found = np.array([pair for pair in pairs if pair[1] >= 0], dtype=np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def _keeps_limits(mesh: Mesh, region: Region, hold: Bools) -> bool:
    """In whole units, which HiGHS's tolerances may pass over."""
    size = mesh.size[region.file] * hold
    fresh = mesh.flag[region.caches[region.cache], region.file] & FRESH != 0
    for place, cache in enumerate(region.caches):
        here = region.cache == place
        if size[here].sum() > mesh.storage[cache] or size[here & fresh].sum() > mesh.budget[cache]:
            return False
    video, audio = _companions(mesh, region)
    return not (hold[video] & ~hold[audio]).any()
