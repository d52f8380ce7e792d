"""Plans under demand that may come: their values over joint samples of the forecast, and how they rank."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from fillplan_data.arrays import Floats, Singles
from fillplan_data.tables import Tables
from fillplan_models.bytes import title_of_asset
from fillplan_models.demand import title_hours
from fillplan_models.forecast import Forecast
from fillplan_models.scenarios import scenarios
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.result import Placement
from fillplan_optimizer.service import net_value

DECILE = 0.1


@dataclass(eq=False)
class Samples:
    """Joint samples of demand. Plans of one forecast meet the same samples, so that their differences are their own.

    Memory: 4 bytes x count x regions x titles per forecast.
    """

    count: int
    seed: int
    _factors: dict[int, tuple[Forecast, Singles]] = field(default_factory=dict)

    def values(self, problem: PlacementProblem, placement: Placement, tables: Tables, forecast: Forecast) -> Floats:
        """[count] value of a placement where every title's demand is as much more or less than expected as sampled.

        problem: of the forecast's regions and the tables' files. Routing follows each sample's demand, holdings stay.
        """
        title = title_of_asset(tables)
        return np.array(
            [
                net_value(replace(problem, demand_bytes=problem.demand_bytes * factor[:, title]), placement)
                for factor in self.factors(forecast)
            ]
        )

    def demand_digest(self, problem: PlacementProblem, forecast: Forecast) -> str:
        """Fingerprint of what is asked for in every sample: equal for problems of the same demand."""
        found = hashlib.blake2b("\0".join(problem.file_ids).encode(), digest_size=20)
        for array in (problem.demand_bytes, self.factors(forecast)):
            found.update(f"{array.dtype}{array.shape}".encode())
            found.update(np.ascontiguousarray(array).data)
        return found.hexdigest()

    def factors(self, forecast: Forecast) -> Singles:
        """[count, R, T] sampled hours over the horizon as a part of those expected; 1 where none are."""
        if id(forecast) not in self._factors:
            expected = title_hours(forecast)
            made = np.ones((self.count, *expected.shape), dtype=np.float32)
            for number, hours in enumerate(scenarios(forecast, self.count, self.seed)):
                sampled = title_hours(replace(forecast, view_hours=hours))
                np.divide(sampled, expected, out=made[number], where=expected > 0, casting="same_kind")
            self._factors[id(forecast)] = forecast, made  # the forecast is kept so that its id stays its own
        return self._factors[id(forecast)][1]


@dataclass(frozen=True, eq=False)
class Judged:
    """A plan's value in every sample."""

    name: str
    swept_value: float | None
    demand: str
    """Digest of what is asked for in the samples."""
    values: Floats

    @property
    def label(self) -> str:
        """'base', 'rush@1.5'."""
        return self.name if self.swept_value is None else f"{self.name}@{self.swept_value:.12g}"


def ranked(plans: Sequence[Judged]) -> list[dict[str, Any]]:
    """Plans by falling expected value among those of the same demand: more demand is worth more whatever the plan.

    Per plan: name and swept value, `demand_of` (the first plan of its demand), expected value, mean of the worst tenth
    of samples, range, regret (what the best plan of each sample is worth more), mean and worst, and ranks. Regret and
    ranks are None where no other plan meets the same demand.
    """
    groups: dict[str, list[Judged]] = {}
    for plan in plans:
        groups.setdefault(plan.demand, []).append(plan)
    return [row for group in groups.values() for row in _ranked(group)]


def _ranked(plans: Sequence[Judged]) -> list[dict[str, Any]]:
    matrix = np.stack([plan.values for plan in plans])
    regret = matrix.max(axis=0) - matrix
    worst = np.sort(matrix, axis=1)[:, : math.ceil(DECILE * matrix.shape[1])].mean(axis=1)
    alone = len(plans) == 1
    rows: list[dict[str, Any]] = [
        {
            "name": plan.name,
            "swept_value": plan.swept_value,
            "demand_of": plans[0].label,
            "expected_value": float(plan.values.mean()),
            "worst_decile_value": float(worst[i]),
            "low_value": float(np.quantile(plan.values, DECILE)),
            "high_value": float(np.quantile(plan.values, 1 - DECILE)),
            "mean_regret": None if alone else float(regret[i].mean()),
            "worst_regret": None if alone else float(regret[i].max()),
        }
        for i, plan in enumerate(plans)
    ]
    by = (("expected_value", -1), ("worst_decile_value", -1), ("mean_regret", 1))
    if alone:
        return [{**rows[0], **{f"rank_by_{key}": None for key, _ in by}}]
    for key, sign in by:
        order = sorted(range(len(rows)), key=lambda i: sign * rows[i][key])
        for rank, i in enumerate(order, start=1):
            rows[i][f"rank_by_{key}"] = rank
    return sorted(rows, key=lambda row: row["rank_by_expected_value"])
