"""Why real requests went to the origin: every missed byte in one class, and the classes add up to all misses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fillplan.replay.actual import Actual
from fillplan_data.arrays import Floats
from fillplan_models.forecast import AssetDemand, Forecast
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.result import Placement
from fillplan_optimizer.service import Service

ROUNDING = 1e-12
"""Part of a file's bytes by which two sums in different orders may differ."""
CLASSES = {
    "not_held": "foreseen, but no cache asked for it held the file",
    "serve_limit": "held, but over the serve limit of the caches that hold it",
    "rights_or_launch": "not held: watched outside the rights known then, or a launch above its forecast interval",
    "variant": "not held: a rung or language chosen more than its forecast share",
    "no_cache": "asked of no cache: regions, or parts of them, without one",
}


@dataclass(frozen=True, eq=False)
class Misses:
    """Missed bytes by class."""

    by_pair: dict[str, Floats]
    """Per class but `serve_limit`: [R, F]."""
    by_file: Floats
    """[F] of `serve_limit`: caches serve for several regions, so a region's part is not told."""

    def total(self, name: str) -> float:
        """Bytes of one class."""
        return float((self.by_file if name == "serve_limit" else self.by_pair[name]).sum())

    @property
    def file_bytes(self) -> dict[str, Floats]:
        """[F] per class."""
        return {n: self.by_file if n == "serve_limit" else self.by_pair[n].sum(axis=0) for n in CLASSES}


def classify(
    problem: PlacementProblem,
    placement: Placement,
    service: Service,
    actual: Actual,
    expected: AssetDemand,
    forecast: Forecast | None,
) -> Misses:
    """Classes of all missed bytes. `problem` is that of the real demand, `service` what the placement served of it.

    Of a file that is not held, the part of its title's hours that nobody could foresee is a surprise of rights or
    launch; of the rest, the part of its share above the share it was expected to have is a surprise of the variant.
    """
    asked, absent = _asked_and_absent(problem, placement)
    held = np.maximum(asked - absent, 0.0).sum(axis=0)
    served = np.zeros(problem.file_count)
    for files, load in zip(placement.files, service.served_bytes, strict=True):
        served[files] += load
    surprise = _unforeseen(actual, expected, forecast, problem)[:, problem.title]
    variant = (1.0 - surprise) * _above_share(problem, expected)
    return Misses(
        by_pair={
            "not_held": absent * (1.0 - surprise - variant),
            "rights_or_launch": absent * surprise,
            "variant": absent * variant,
            "no_cache": np.maximum(problem.demand_bytes - asked, 0.0),
        },
        by_file=np.where(held - served > ROUNDING * held, held - served, 0.0),
    )


def _asked_and_absent(problem: PlacementProblem, placement: Placement) -> tuple[Floats, Floats]:
    """[R, F] bytes that some cache is asked for, and those of them for files that none of the asked holds."""
    holds = np.zeros((problem.cache_count, problem.file_count), dtype=np.bool_)
    for cache, files in enumerate(placement.files):
        holds[cache, files] = True
    asked, absent = np.zeros_like(problem.demand_bytes), np.zeros_like(problem.demand_bytes)
    for point, region in enumerate(problem.points.region):
        caches, _ = problem.options(point)
        if len(caches):
            demand = problem.point_demand(point)
            asked[region] += demand
            absent[region] += np.where(holds[caches].any(axis=0), 0.0, demand)
    return asked, absent


def _unforeseen(actual: Actual, expected: AssetDemand, forecast: Forecast | None, problem: PlacementProblem) -> Floats:
    """[R, T] part of a title's hours outside the rights known then, or of a title without history above the upper
    end of its interval. Of given demand: all hours of titles for which nothing was expected.
    """
    hours = actual.hours.sum(axis=2)
    if forecast is None:
        return (_per_title(problem, expected.expected_bytes) <= 0).astype(np.float64)
    outside = hours.copy()
    series = (forecast.region, forecast.title)
    of_series = actual.hours[series]
    known = np.zeros_like(of_series, dtype=np.bool_)
    days = min(known.shape[1], forecast.open.shape[1])
    known[:, :days] = forecast.open[:, :days]
    outside[series] = np.where(known, 0.0, of_series).sum(axis=1)
    high = np.where(actual.is_scored[:days], forecast.high[:, :days], 0.0).sum(axis=1)
    above = np.maximum(np.where(known, of_series, 0.0).sum(axis=1) - high, 0.0)
    outside[series] += np.where(forecast.cold, above, 0.0)
    part = np.divide(outside, hours, out=np.zeros_like(hours), where=hours > 0)
    return np.clip(part, 0.0, 1.0)


def _above_share(problem: PlacementProblem, expected: AssetDemand) -> Floats:
    """[R, F] part of a file's real share in its title's bytes above its expected share; 0 where none was expected."""
    real, told = _share_of_title(problem, problem.demand_bytes), _share_of_title(problem, expected.expected_bytes)
    part = 1.0 - np.divide(told, real, out=np.ones_like(real), where=real > 0)
    return np.where(np.isnan(told), 0.0, np.clip(part, 0.0, 1.0))


def _share_of_title(problem: PlacementProblem, demand: Floats) -> Floats:
    """[R, F] of the bytes of its title in the region; NaN where the title has none."""
    total = _per_title(problem, demand)[:, problem.title]
    return np.divide(demand, total, out=np.full_like(demand, np.nan), where=total > 0)


def _per_title(problem: PlacementProblem, demand: Floats) -> Floats:
    """[R, T] sums over the files of each title."""
    titles = problem.rights.shape[1]
    return np.array([np.bincount(problem.title, row, minlength=titles) for row in demand])
