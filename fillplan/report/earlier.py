"""What changed since the plan before: figures side by side, and why offload and titles moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fillplan.report.content import Earlier
from fillplan.report.facts import Facts
from fillplan.report.formats import change_text
from fillplan.report.rows import TitleMove
from fillplan.runs import Run
from fillplan.warm import start_of_run
from fillplan_data.arrays import Floats, Ints
from fillplan_data.errors import FillplanError
from fillplan_data.lookup import positions
from fillplan_optimizer.service import serve

TITLES_SHOWN = 25
STEPS_WORDS = (
    "The first two are what the earlier plan's files would serve now. fillplan compare plans anew for every cause, so "
    "that what it says of demand is not the same step."
)
"""Beside the steps of the offload's move."""


def earlier(facts: Facts, runs: Sequence[Run]) -> Earlier | None:
    """The latest planned run before this one, None if there is none that can be read: whatever became of an earlier
    run's folder, tonight's report is written. runs: those before this one, the latest last.

    The offload moves in three steps that add up, each on the files that the earlier plan held: its demand by today's
    network and catalogue; today's demand; and last what tonight's changes add.
    """
    try:
        return _compared(facts, runs[-1]) if runs else None
    except (FillplanError, OSError, ValueError, KeyError):
        return None


def _compared(facts: Facts, before: Run) -> Earlier:
    summary, caches, problem = before.summary, before.summary["caches"], facts.problem
    demand, requested = _demand(facts, before), float(summary["requested_bytes"])
    placement = start_of_run(before).on(problem).placement
    rebuilt = serve(replace(problem, demand_bytes=demand), placement).total_bytes
    kept = serve(problem, placement).total_bytes
    fill, used = (sum(c[key] for c in caches) for key in ("fill_bytes", "used_bytes"))
    return Earlier(
        plan_date=before.plan_date,
        horizon_days=int(summary["horizon_days"]),
        expected_offload=float(summary["expected_offload"]),
        requested_bytes=requested,
        value=float(summary["value"]),
        gap=float(summary["gap"]),
        fill_bytes=fill,
        used_bytes=used,
        storage_bytes=sum(c["storage_bytes"] for c in caches),
        churn=fill / used if used else 0.0,
        rebuilt_offload=rebuilt / requested if requested else 0.0,
        kept_offload=kept / problem.requested_bytes if problem.requested_bytes else 0.0,
        moves=_moves(facts, before, demand),
    )


def _demand(facts: Facts, before: Run) -> Floats:
    """[R, F] the earlier run's demand for today's regions and files; for others it has no place."""
    frame = before.demand()
    region, file = positions(frame["region"], facts.regions), positions(frame["asset_id"], facts.problem.file_ids)
    known = np.flatnonzero((region >= 0) & (file >= 0))
    demand = np.zeros(facts.problem.demand_bytes.shape)
    demand[region[known], file[known]] = frame["expected_bytes"].to_numpy(np.float64)[known]
    return demand


def _moves(facts: Facts, before: Run, demand: Floats) -> tuple[TitleMove, ...]:
    """Titles that caches will serve most more or less of than the earlier plan expected."""
    rows = before.plan().rows
    file, served = positions(rows["asset_id"], facts.problem.file_ids), rows["expected_bytes"].to_numpy(np.float64)
    asked_then, asked_now = (_per_title(facts, d.sum(axis=0)) for d in (demand, facts.problem.demand_bytes))
    then = _per_title(facts, _per_file(facts, file, served))
    now = _per_title(facts, _per_file(facts, facts.rows.file, facts.rows.expected_bytes))
    order = np.argsort(-np.abs(now - then), kind="stable")[:TITLES_SHOWN]
    return tuple(_move(facts, int(t), then[t], now[t], asked_then[t], asked_now[t]) for t in order if now[t] != then[t])


def _per_file(facts: Facts, file: Ints, served: Floats) -> Floats:
    """[F] sums over rows; -1 for a file that the catalogue does not know."""
    return np.bincount(file[file >= 0], served[file >= 0], minlength=facts.problem.file_count).astype(np.float64)


def _per_title(facts: Facts, per_file: Floats) -> Floats:
    return np.bincount(facts.problem.title, per_file, minlength=len(facts.tables.titles)).astype(np.float64)


def _move(facts: Facts, title: int, then: float, now: float, asked_then: float, asked_now: float) -> TitleMove:
    """A title's change in two parts that add up: demand at the share served then, and the share served now; a title
    that nobody asked for then has no such share, and changes by demand alone.
    """
    by_demand = then / asked_then * (asked_now - asked_then) if asked_then else now - then
    by_holding = now - then - by_demand
    if not asked_then:
        reason = "not asked for then"
    elif not asked_now:
        reason = "no longer asked for"
    elif abs(by_demand) >= abs(by_holding):
        reason = f"demand {change_text(asked_now / asked_then - 1)}"
    else:
        reason = "more of it held" if by_holding > 0 else "less of it held"
    title_id = str(facts.tables.titles["title_id"].iloc[title])
    moved = (float(then), float(now), float(by_demand), float(by_holding))
    return TitleMove(title_id, facts.title_names[title], *moved, reason)
