"""One decision of a stored plan, traced back: reason, prices, demand by region, forecast, and what would change it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import numpy as np
import pandas as pd

from fillplan.runs import Run
from fillplan_data.errors import NotFound
from fillplan_data.rights import ALWAYS, windows
from fillplan_data.tables import Tables
from fillplan_data.units import BYTES_PER_TB
from fillplan_models.forecast import AssetDemand
from fillplan_optimizer.orders import askers
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.result import Prices
from fillplan_optimizer.why import Why, why

NAMED = 5
"""Near names offered for an unknown one."""
MANY = 12
"""Names shown where none is near."""
BY_PRICES = (
    "by prices as they stand; where few files fit, or other caches answer to it, that may be far off: try it by whatif"
)
"""What is to be said of a turn that no solver was asked about: files are whole, and plans are made for all caches."""


@dataclass(frozen=True, eq=False)
class Decision:
    """What an explanation is made from: a run, and its problem built from the tables."""

    run: Run
    tables: Tables
    demand: AssetDemand
    problem: PlacementProblem
    cache: int
    file: int


def known_id(name: str, ids: pd.Series, what: str) -> int:
    """Place of an id. Raises NotFound with the nearest known ones."""
    known = ids.astype(str).tolist()
    if name in known:
        return known.index(name)
    same = [other for other in known if other.casefold() == name.casefold()]
    near = same or get_close_matches(name, known, n=NAMED, cutoff=0.5)
    hint = f"the nearest known: {', '.join(near)}" if near else f"known: {', '.join(known[:MANY])}"
    hint += f" and {len(known) - MANY:,} more" if len(known) > MANY and not near else ""
    raise NotFound(f"expected the id of {what}, found {name!r}; {hint}")


def explain(decision: Decision) -> dict[str, Any]:
    """The whole explanation as data; worth in the units of `value_per_gb`, prices per TB, unknown is null."""
    run, problem = decision.run, decision.problem
    rows = run.plan().rows
    found = why(problem, run.plan().placement(problem), stored_prices(run, problem), decision.cache, decision.file)
    here = (rows["cache_id"] == problem.cache_ids[decision.cache]) & (
        rows["asset_id"] == problem.file_ids[decision.file]
    )
    return {
        "ok": True,
        "plan_date": run.plan_date.isoformat(),
        "horizon_days": run.summary["horizon_days"],
        **_subject(decision),
        "held": found.held,
        "action": str(rows.loc[here, "action"].iloc[0]) if here.any() else "none",
        "reason": found.reason,
        "meaning": found.meaning,
        "binding": list(found.binding),
        "alone": found.alone,
        **_figures(found),
        "needs": found.needs,
        "needed_by": list(found.needed_by),
        "holders_nearer": list(found.nearer),
        "holders_farther": list(found.farther),
        "cache": _cache_of_run(run, problem.cache_ids[decision.cache]),
        "demand": _demand(decision),
        "would_change": list(_changes(decision, found)),
        "demand_tried": None,  # until plans are made anew: `turning.with_turn`
        "changed_tables": _changed_tables(decision),
    }


def _cache_of_run(run: Run, cache_id: str) -> dict[str, Any]:
    """A cache's figures in plan.json. Raises NotFound for one that came into the tables after the plan."""
    for figures in run.summary["caches"]:
        if figures["cache_id"] == cache_id:
            return dict(figures)
    raise NotFound(f"{run.folder}: expected a plan with cache {cache_id}, found one made without it; plan again")


def stored_prices(run: Run, problem: PlacementProblem) -> Prices:
    """Prices per byte as plan.json keeps them; NaN where it has none."""
    by_id = {cache["cache_id"]: cache for cache in run.summary["caches"]}
    storage, fill, serve = (
        np.array([by_id.get(name, {}).get(key) for name in problem.cache_ids], dtype=np.float64)
        for key in ("storage_price", "fill_price", "serve_price")
    )
    return Prices(storage, fill, serve)


def inventory_then(run: Run) -> pd.DataFrame:
    """The inventory that the plan was made from: what it keeps and evicts."""
    rows = run.plan().rows
    return rows.loc[rows["action"] != "add", ["cache_id", "asset_id"]].reset_index(drop=True).astype("category")


def _subject(decision: Decision) -> dict[str, Any]:
    """What is asked about."""
    asset = decision.tables.assets.iloc[decision.file]
    titles = decision.tables.titles
    title = titles.iloc[int(decision.problem.title[decision.file])]
    return {
        "cache_id": decision.problem.cache_ids[decision.cache],
        "asset_id": decision.problem.file_ids[decision.file],
        "title_id": str(title["title_id"]),
        "title": str(title["name"] or title["title_id"]),
        "kind": str(asset["kind"]),
        "bitrate_kbps": None if pd.isna(asset["bitrate_kbps"]) else int(asset["bitrate_kbps"]),
        "language": str(asset["language"]) or None,
        "size_bytes": int(asset["size_bytes"]),
    }


def _figures(found: Why) -> dict[str, Any]:
    """Worth against price, in all and per TB of the file's bytes."""
    per_tb = BYTES_PER_TB / found.size_bytes
    return {
        "requested_bytes": found.requested_bytes,
        "reaching_bytes": found.reaching_bytes,
        "worth": found.worth,
        "price": found.price,
        "worth_per_tb": found.worth * per_tb,
        "price_per_tb": found.price * per_tb,
        "prices": {
            "storage_per_tb": found.storage_price * BYTES_PER_TB,
            "fill_per_tb": found.fill_price * BYTES_PER_TB,
            "fill_cost_per_tb": found.fill_cost * BYTES_PER_TB,
            "serve_per_tb_served": found.serve_price * BYTES_PER_TB,
        },
    }


def _demand(decision: Decision) -> list[dict[str, Any]]:
    """Per region whose clients ask this cache: the file's bytes, the cache's part of them, the title's hours."""
    problem, demand = decision.problem, decision.demand
    share = dict.fromkeys(sorted({int(problem.points.region[p]) for p, _ in askers(problem)[decision.cache]}), 0.0)
    for point, _ in askers(problem)[decision.cache]:
        share[int(problem.points.region[point])] += float(problem.points.share[point])
    hours = _hours(decision)
    return [
        {
            "region": demand.regions[region],
            "requested_bytes": float(problem.demand_bytes[region, decision.file]),
            "share_asking_here": part,
            **(hours.get(demand.regions[region]) or {"view_hours": None, "cold": None}),
        }
        for region, part in share.items()
    ]


def _hours(decision: Decision) -> dict[str, dict[str, Any]]:
    """The title's forecast by region, over the horizon; empty where the demand was given."""
    forecast = decision.run.forecast()
    if forecast is None:
        return {}
    title = decision.tables.titles["title_id"].iloc[int(decision.problem.title[decision.file])]
    rows = forecast[forecast["title_id"] == title]
    return {
        str(region): {"view_hours": float(part["view_hours"].sum()), "cold": bool(part["cold"].any())}
        for region, part in rows.groupby("region", observed=True)
    }


def _changes(decision: Decision, found: Why) -> Iterator[dict[str, Any]]:
    """What would turn the decision, each `alone`, or together with others."""
    if found.turning_factor is not None and np.isfinite(found.turning_factor) and found.turning_factor > 0:
        word = "below" if found.held else "above"
        times = f"about {found.turning_factor:.2f} times what is expected"
        says = f"demand for it {word} {times}, {BY_PRICES}"
        yield {"what": "demand", "factor": found.turning_factor, "says": says, "alone": True}
    remedies = {
        "blocked": ("pins", "delete the block"),
        "rights": ("availability", f"a rights window in the horizon{_opening(decision)}"),
        "pinned": ("pins", "delete the pin"),
        "floor": ("policy", "another policy (floor.lowest_rung)"),
        "launch": ("policy", "another policy (launches.min_share)"),
        "fill_window": ("fill", "a longer or faster fill window"),
        "serve_limit": ("serving", "a higher serve limit"),
        "storage": ("storage", "more storage"),
        "too_large": ("storage", "more storage or a longer fill window"),
        "served_farther": ("placement", f"no copy at {', '.join(found.farther)}"),
        "served_nearer": ("placement", f"no copy at {', '.join(found.nearer[:NAMED])}"),
        "fill_cost": ("fill_cost", "a lower fill cost"),
        "needs_main_audio": ("placement", f"its main audio {found.needs} held here for other videos"),
    }
    for reason in found.binding:
        if reason in remedies:
            what, says = remedies[reason]
            yield {"what": what, "says": says, "alone": found.alone}


def _opening(decision: Decision) -> str:
    """The title's next opening where the cache serves, as text to add."""
    regions = [demand["region"] for demand in _demand(decision)]
    title = str(decision.tables.titles["title_id"].iloc[int(decision.problem.title[decision.file])])
    today = int(np.datetime64(decision.run.plan_date, "D").astype(np.int64))
    starts = windows(decision.tables, regions, [title]).start_day
    ahead = starts[(starts > max(today, ALWAYS))]
    return f"; the next one opens on {np.datetime64(int(ahead.min()), 'D')}" if ahead.size else ""


def _changed_tables(decision: Decision) -> list[str]:
    """Tables whose content is no longer what the plan was made from; the answer may differ from the plan's reasons."""
    then, now = decision.run.summary["inputs"], decision.tables.sha256
    matter = ("assets", "availability", "caches", "pins", "routes", "titles")
    return [name for name in matter if then.get(name) != now.get(name)]
