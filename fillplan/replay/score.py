"""A plan's score on real demand: one dictionary of plain values, from one source for terminal, JSON and Parquet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from fillplan.replay.accuracy import accuracy
from fillplan.replay.actual import Actual
from fillplan.replay.misses import CLASSES, Misses, classify
from fillplan.replay.regret import regret
from fillplan.runs import Run
from fillplan.summary import reachable_bytes
from fillplan_data.tables import Tables
from fillplan_models.bytes import title_of_asset
from fillplan_models.forecast import AssetDemand, Forecast
from fillplan_optimizer.greedy import KeepInventory, TopK
from fillplan_optimizer.placer import Placer
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.result import Placement
from fillplan_optimizer.service import Service, net_value, serve

TITLES_SHOWN = 50


@dataclass(frozen=True, eq=False)
class Replayed:
    """Everything that judging one plan needs."""

    run: Run
    tables: Tables
    actual: Actual
    expected: AssetDemand
    forecast: Forecast | None
    problem: PlacementProblem
    """The limits and inventory of the plan's night with the real demand."""
    hoped: PlacementProblem
    """The same with the demand that the plan was made for."""
    placement: Placement


@dataclass(frozen=True, eq=False)
class Score:
    """A score and its tables."""

    content: dict[str, Any]
    caches: pd.DataFrame
    misses: pd.DataFrame
    """Rows (region, asset_id, one column of bytes per class) of what was missed."""


def score(replayed: Replayed, placer: Placer, notes: tuple[str, ...]) -> Score:
    """Judge a plan. Solves the real problem twice (see `regret`)."""
    problem, placement, summary = replayed.problem, replayed.placement, replayed.run.summary
    service = serve(problem, placement)
    misses = classify(problem, placement, service, replayed.actual, replayed.expected, replayed.forecast)
    split = regret(problem, placement, placer)
    requested = problem.requested_bytes
    caches = _caches(replayed, service)
    content = {
        "plan_date": summary["plan_date"],
        "horizon_days": summary["horizon_days"],
        "days": [day.isoformat() for day in replayed.actual.days],
        "complete": len(replayed.actual.days) == summary["horizon_days"],
        "shares": _shares(replayed),
        "requested_bytes": requested,
        "expected_requested_bytes": summary["requested_bytes"],
        "served_bytes": service.total_bytes,
        "expected_offload": summary["expected_offload"],
        "realised_offload": service.total_bytes / requested if requested else 0.0,
        "foresight_offload": split.foresight_offload,
        "expected_value": summary["value"],
        "realised_value": net_value(problem, placement),
        "foresight_value": split.foresight_value,
        "regret_offload": split.offload,
        "regret_value": split.value,
        "misses": _miss_shares(misses, requested),
        "alternatives": _alternatives(replayed),
        "forecast": None if replayed.forecast is None else accuracy(replayed.forecast, replayed.actual),
        "unknown_title_view_hours": replayed.actual.unknown_title_hours,
        "missing_region_days": replayed.actual.missing_region_days,
        "regions": _regions(replayed, misses),
        "titles": _titles(replayed, misses),
        "caches": caches.astype(object).where(caches.notna(), None).to_dict("records"),
        "notes": list(notes),
    }
    return Score(content, caches, _miss_rows(problem, replayed.expected.regions, misses))


def _shares(replayed: Replayed) -> dict[str, Any]:
    """Where the split over rungs and languages comes from, by requested bytes."""
    title = title_of_asset(replayed.tables)
    total = replayed.problem.requested_bytes
    measured = float((replayed.problem.demand_bytes * replayed.actual.measured[:, title]).sum())
    part = measured / total if total else 0.0
    source = "variant_views of the horizon" if part > 0 else "known at the plan date"
    return {"source": source, "measured_part": part}


def _miss_shares(misses: Misses, requested: float) -> dict[str, Any]:
    rows = {name: misses.total(name) for name in CLASSES}
    return {
        name: {"bytes": count, "share": count / requested if requested else 0.0, "meaning": CLASSES[name]}
        for name, count in rows.items()
    }


def _alternatives(replayed: Replayed) -> dict[str, dict[str, float]]:
    """Simple methods under the same limits, with what was known when the plan was made."""
    placements = {
        "keep_inventory": KeepInventory().place(replayed.hoped).placement,
        "popularity": TopK().place(replayed.hoped).placement,
    }
    requested = replayed.problem.requested_bytes
    return {
        name: {
            "offload": serve(replayed.problem, held).total_bytes / requested if requested else 0.0,
            "value": net_value(replayed.problem, held),
        }
        for name, held in placements.items()
    }


def _caches(replayed: Replayed, service: Service) -> pd.DataFrame:
    problem, hoped = replayed.problem, serve(replayed.hoped, replayed.placement)
    asked, served, told = reachable_bytes(problem), service.cache_bytes, hoped.cache_bytes
    expected, limit = reachable_bytes(replayed.hoped), problem.serve_limit_bytes
    used = [load / most if 0 < most < np.inf else None for load, most in zip(served, limit, strict=True)]
    return pd.DataFrame(
        {
            "cache_id": problem.cache_ids,
            "requested_bytes": asked,
            "expected_bytes": told,
            "realised_bytes": served,
            "expected_offload": np.divide(told, expected, out=np.zeros_like(told), where=expected > 0),
            "realised_offload": np.divide(served, asked, out=np.zeros_like(served), where=asked > 0),
            "worth": service.cache_worth,
            "serve_limit_used": used,
        }
    )


def _regions(replayed: Replayed, misses: Misses) -> list[dict[str, Any]]:
    told = replayed.expected.expected_bytes.sum(axis=1)
    real = replayed.problem.demand_bytes.sum(axis=1)
    missed = {name: pairs.sum(axis=1) for name, pairs in misses.by_pair.items()}
    return [
        {
            "region": region,
            "expected_requested_bytes": float(told[r]),
            "requested_bytes": float(real[r]),
            **{f"{name}_bytes": float(missed[name][r]) for name in missed},
        }
        for r, region in enumerate(replayed.expected.regions)
    ]


def _titles(replayed: Replayed, misses: Misses) -> list[dict[str, Any]]:
    """The titles with the most missed bytes that a cache was asked for."""
    titles, title = replayed.tables.titles, replayed.problem.title
    per_class = {
        name: np.bincount(title, count, minlength=len(titles))
        for name, count in misses.file_bytes.items()
        if name != "no_cache"
    }
    missed = np.sum(list(per_class.values()), axis=0)
    worst = np.argsort(-missed, kind="stable")[:TITLES_SHOWN]
    return [
        {
            "title_id": str(titles["title_id"].iloc[t]),
            "name": str(titles["name"].iloc[t]),
            "missed_bytes": float(missed[t]),
            **{f"{name}_bytes": float(count[t]) for name, count in per_class.items()},
        }
        for t in worst[missed[worst] > 0]
    ]


def _miss_rows(problem: PlacementProblem, regions: tuple[str, ...], misses: Misses) -> pd.DataFrame:
    """One row per region and file with any missed byte; what serve limits turned away has a blank region."""
    any_miss = np.sum(list(misses.by_pair.values()), axis=0) > 0
    region, file = np.nonzero(any_miss)
    limited = np.flatnonzero(misses.by_file > 0)
    nothing = np.zeros(len(limited))
    columns = {f"{n}_bytes": np.concatenate([p[region, file], nothing]) for n, p in misses.by_pair.items()}
    columns["serve_limit_bytes"] = np.concatenate([np.zeros(len(region)), misses.by_file[limited]])
    return pd.DataFrame(
        {
            "region": pd.Categorical.from_codes(
                np.append(region, np.full(len(limited), len(regions))), categories=[*regions, ""]
            ),
            "asset_id": pd.Categorical.from_codes(np.append(file, limited), categories=list(problem.file_ids)),
            **columns,
        }
    )
