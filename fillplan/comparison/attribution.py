"""What a difference between two plans is due to: its causes, their parts adding up to the whole.

Four causes: demand (what is asked for per region and file; what other sizes make of its bytes is content), capacity
(caches, routes, what they held before, outages), content (catalogue, files, rights, pins, plan date) and policy (plan
settings). For every mixture of the two sides in the causes that differ, the plan is made anew; a cause's part is its
Shapley value: the mean, over all orders in which the causes could have changed one after another, of what its change
makes (Shapley, A value for n-person games, 1953). The two pure mixtures are the stored plans themselves. `other` is
what the stored figures differ by beyond that: tables that have changed since a run, or two plans of the same inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from math import factorial, fsum

import numpy as np
import pandas as pd

from fillplan.comparison.figures import DUST
from fillplan.comparison.sides import Side
from fillplan.problem import build_problem
from fillplan.scenarios.outages import without
from fillplan.warm import start_of_run
from fillplan_data.arrays import Floats
from fillplan_data.lookup import positions
from fillplan_data.tables import Tables
from fillplan_models.forecast import AssetDemand
from fillplan_optimizer.auto import placer
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.result import Placement
from fillplan_optimizer.verifier import verify

CAUSES = ("demand", "capacity", "content", "policy")
OTHER = "other"
IN_BYTES = ("requested_bytes", "served_bytes", "origin_bytes", "fill_bytes")
ROUNDING = 1e-9
"""Part of the largest part below which a remainder is that of long sums and counts as none."""
METRICS = ("offload", "value", *IN_BYTES)
Mixture = frozenset[str]
"""The causes that are taken from side B; the rest from side A."""
Measured = Mapping[str, float]


def shapley(causes: tuple[str, ...], measure: Callable[[Mixture], Measured]) -> dict[str, dict[str, float]]:
    """Per metric the part of each cause; `measure` is asked once for each of the 2^n mixtures."""
    mixtures = [frozenset(chosen) for size in range(len(causes) + 1) for chosen in combinations(causes, size)]
    known = {mixture: measure(mixture) for mixture in mixtures}
    return {
        metric: {cause: _part(cause, causes, {m: values[metric] for m, values in known.items()}) for cause in causes}
        for metric in METRICS
    }


def _part(cause: str, causes: tuple[str, ...], value: Mapping[Mixture, float]) -> float:
    count, part, whole = len(causes), 0.0, max(map(abs, value.values()))
    for mixture in value:
        if cause not in mixture:
            weight = factorial(len(mixture)) * factorial(count - len(mixture) - 1) / factorial(count)
            part += weight * (value[mixture | {cause}] - value[mixture])
    return 0.0 if abs(part) <= DUST * whole else part


def attribute(
    a: Side, b: Side, stored: Mapping[str, float], note: Callable[[str], None]
) -> dict[str, dict[str, float]]:
    """Per metric the parts of the causes, `other`, and `total`, which is `stored`: the difference of stored figures.

    Bytes are whole, so that their parts add up exactly. Raises Infeasible where a mixture cannot meet its pins,
    SolverFailure as planning does.
    """
    causes = differing(a, b)
    parts = shapley(causes, Mixer(a, b).measured(causes, note))
    return {
        metric: _closed(metric, {**dict.fromkeys(CAUSES, 0.0), **parts[metric]}, stored[metric]) for metric in parts
    }


def _closed(metric: str, parts: dict[str, float], total: float) -> dict[str, float]:
    """Parts with the remainder as `other`; what is only rounding, of long sums or to whole bytes, goes to the largest
    part, since the parts must add up to the last byte.
    """
    rounding = 0.0
    if metric in IN_BYTES:
        parts, total = {cause: float(round(part)) for cause, part in parts.items()}, float(round(total))
        rounding = len(parts) / 2
    remainder = total - fsum(parts.values())
    largest = max(parts, key=lambda cause: abs(parts[cause]))
    if abs(remainder) <= max(rounding, ROUNDING * max(abs(total), abs(parts[largest]))):
        return {**parts, largest: parts[largest] + remainder, OTHER: 0.0, "total": total}
    return {**parts, OTHER: remainder, "total": total}


@dataclass(frozen=True, eq=False)
class Mixer:
    """Makes and judges the plans of mixtures. Both sides have tables."""

    a: Side
    b: Side

    def measured(self, causes: tuple[str, ...], note: Callable[[str], None]) -> Callable[[Mixture], Measured]:
        """The figures of a mixture: of the stored plans for the pure ones, else of a plan made for it."""

        def measure(mixture: Mixture) -> Measured:
            problem = self.problem(mixture)
            if mixture in (frozenset(), frozenset(causes)):
                side = self.a if not mixture else self.b
                return _figures(problem, start_of_run(side.run).on(problem).placement)
            note(f"with {' and '.join(sorted(mixture))} of the second")
            plan = self._side("policy", mixture).plan_settings
            # from the same side whichever comes first, so that the parts of B less A are minus those of A less B
            near = self._side(causes[0], mixture)
            solver = placer(plan.solver, near.threads, _seed(near), plan.policy.outages.probability)
            return _figures(problem, solver.place(problem, start_of_run(near.run)).placement)

        return measure

    def problem(self, mixture: Mixture) -> PlacementProblem:
        """The placement problem of a mixture."""
        content, capacity = self._side("content", mixture), self._side("capacity", mixture)
        tables = _mixed_tables(content, capacity)
        demand = self._demand(self._side("demand", mixture), tables)
        settings = self._side("policy", mixture).plan_settings
        problem = without(build_problem(tables, demand, content.run.plan_date, settings), capacity.outages)
        budget = {c["cache_id"]: c["fill_budget_bytes"] for c in capacity.run.summary["caches"]}
        own = zip(problem.cache_ids, problem.fill_budget_bytes, strict=True)
        return replace(problem, fill_budget_bytes=np.array([budget.get(c, int(n)) for c, n in own], dtype=np.int64))

    def _side(self, cause: str, mixture: Mixture) -> Side:
        return self.b if cause in mixture else self.a

    def _demand(self, side: Side, tables: Tables) -> AssetDemand:
        """A side's demand for the mixture's files, in their sizes; demand for files that it lacks is left out."""
        regions = tuple(sorted(_regions(self.a) | _regions(self.b)))
        frame, asset_ids = side.run.demand(), tuple(tables.assets["asset_id"])
        region, asset = positions(frame["region"], regions), positions(frame["asset_id"], asset_ids)
        known = np.flatnonzero(asset >= 0)
        region, asset = region[known], asset[known]
        size, own = tables.assets["size_bytes"].to_numpy(np.float64)[asset], _sizes(side, frame)[known]
        dense = np.zeros((len(regions), len(asset_ids)))
        # a codec changes what an hour weighs, not what is asked for
        dense[region, asset] = frame["expected_bytes"].to_numpy()[known] * np.where(own > 0, size / own, 1.0)
        return AssetDemand(regions, asset_ids, dense, side.name)


def _tables(side: Side) -> Tables:
    if side.tables is None:
        raise ValueError("expected a side with tables")
    return side.tables


def _seed(side: Side) -> int:
    return int(side.run.summary["settings"].get("run", {}).get("seed", 0))


def _regions(side: Side) -> set[str]:
    tables = _tables(side)
    named = {*side.run.demand()["region"].astype(str), *tables.caches["region"], *tables.routes["region"]}
    return named - {""}


def _sizes(side: Side, frame: pd.DataFrame) -> Floats:
    """Sizes in bytes of the files of a side's demand rows; NaN where its catalogue does not know them (any more)."""
    assets = _tables(side).assets
    place = positions(frame["asset_id"], assets["asset_id"])
    return np.where(place >= 0, assets["size_bytes"].to_numpy(np.float64)[place], np.nan)


def _asked(side: Side) -> pd.DataFrame:
    """Demand as bytes asked for per byte of file, which files of other sizes leave as it is."""
    frame = side.run.demand()
    rate = frame["expected_bytes"].to_numpy() / np.nan_to_num(_sizes(side, frame), nan=1.0)
    keys = frame[["region", "asset_id"]].astype(str)
    return keys.assign(rate=rate).sort_values(["region", "asset_id"], ignore_index=True)


def _caches(side: Side) -> pd.DataFrame:
    """The caches table with the storage that the run was planned with."""
    caches = _tables(side).caches
    stored = {c["cache_id"]: c["storage_bytes"] for c in side.run.summary["caches"]}
    return caches.assign(storage_bytes=caches["cache_id"].map(stored).fillna(caches["storage_bytes"]).astype(np.int64))


def _inventory(side: Side) -> pd.DataFrame:
    """What caches held before the run's plan, as the plan tells."""
    rows = side.run.plan().rows
    held = rows[rows["action"] != "add"][["cache_id", "asset_id"]].astype(str)
    return held.sort_values(["cache_id", "asset_id"], ignore_index=True)


def _mixed_tables(content: Side, capacity: Side) -> Tables:
    caches, tables = _caches(capacity), _tables(content)
    # files that only the content's catalogue has are held where they are held there
    other = _inventory(content)
    fresh = other[~other["asset_id"].isin(_tables(capacity).assets["asset_id"])]
    held = pd.concat([_inventory(capacity), fresh]).drop_duplicates()
    known = tables.pins["cache_id"].isin({*caches["cache_id"], ""})
    return replace(
        tables,
        caches=caches,
        routes=_tables(capacity).routes,
        inventory=held[held["cache_id"].isin(caches["cache_id"])].astype("category"),
        pins=tables.pins[known],
    )


def differing(a: Side, b: Side) -> tuple[str, ...]:
    """The causes in which two sides differ."""
    first, second = (_parts(side) for side in (a, b))
    same = {cause: _same(first[cause], second[cause]) for cause in first}
    same["demand"] = _asks_the_same(_asked(a), _asked(b))
    same["capacity"] &= _held_the_same(a, b)
    return tuple(cause for cause in CAUSES if not same[cause])


def _parts(side: Side) -> dict[str, list[object]]:
    tables = _tables(side)
    budgets = {c["cache_id"]: c["fill_budget_bytes"] for c in side.run.summary["caches"]}
    return {
        "capacity": [_caches(side), tables.routes, budgets, side.outages],
        "content": [tables.titles, tables.assets, tables.availability, tables.pins, side.run.plan_date],
        "policy": [side.plan_settings],
    }


def _same(first: list[object], second: list[object]) -> bool:
    return all(
        one.equals(other) if isinstance(one, pd.DataFrame) else one == other
        for one, other in zip(first, second, strict=True)
    )


def _asks_the_same(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Equal but for the last bits, in which a size divided by and multiplied with again may differ."""
    keys = ["region", "asset_id"]
    return one[keys].equals(other[keys]) and np.allclose(one["rate"], other["rate"], rtol=1e-12, atol=0.0)


def _held_the_same(a: Side, b: Side) -> bool:
    """Whether caches held the same before, of the files that both catalogues have."""
    known = set(_tables(a).assets["asset_id"]) & set(_tables(b).assets["asset_id"])
    one, other = (rows[rows["asset_id"].isin(known)].reset_index(drop=True) for rows in map(_inventory, (a, b)))
    return one.equals(other)


def _figures(problem: PlacementProblem, placement: Placement) -> Measured:
    verdict, requested = verify(problem, placement), problem.requested_bytes
    served = verdict.service.total_bytes
    figures = {
        "offload": verdict.offload,
        "value": verdict.value,
        "requested_bytes": requested,
        "served_bytes": served,
        "origin_bytes": requested - served,
        "fill_bytes": float(verdict.fill_bytes.sum()),
    }
    return {metric: figures[metric] for metric in METRICS}
