"""What a planner should know about the data and the plan, and what the report was made from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np
import pandas as pd

import fillplan
from fillplan.report.changes import REASONS_OUT, Changes
from fillplan.report.content import Provenance
from fillplan.report.facts import Facts
from fillplan.report.formats import bytes_text, counted, day_text, percent_text
from fillplan.report.history import missing_region_days
from fillplan.report.network import idle_caches, unreachable_bytes
from fillplan.report.rows import Gate, InputTable, Note
from fillplan.summary import solver_words
from fillplan_data.declarations import TABLES
from fillplan_data.faults import Fault

WARNINGS_SHOWN = 40
LATE_SHOWN = 10


def notes(facts: Facts, evicted: Changes, warnings: Sequence[Fault]) -> tuple[Note, ...]:
    """Warnings about the input first, then what the figures themselves show."""
    told = [Note("warning", str(fault)) for fault in warnings[:WARNINGS_SHOWN]]
    if len(warnings) > WARNINGS_SHOWN:
        told.append(Note("warning", f"{len(warnings) - WARNINGS_SHOWN:,} more warnings: see `fillplan check`."))
    found = (*_about_plan(facts, evicted), *_about_demand(facts), *_about_network(facts))
    return (*told, *found)


def _about_plan(facts: Facts, evicted: Changes) -> Iterator[Note]:
    counts = np.bincount(evicted.reason, minlength=len(REASONS_OUT))
    for reason in np.flatnonzero(counts[:3]):
        copies = counted(counts[reason], "copy that is", "copies that are")
        yield Note("note", f"The inventory held {copies} evicted as {REASONS_OUT[reason]}.")
    if facts.run.summary["status"] == "fallback":
        refused = "Tonight's own plan was refused, by a gate or because the solver failed"
        yield Note("warning", f"{refused}: this is that for {_plan_of(facts)}, repaired for tonight's tables.")


def _plan_of(facts: Facts) -> str:
    """The day of the plan that stands in for a refused one."""
    return day_text(date.fromisoformat(facts.run.summary["model"]["plan_of"]))


def _about_demand(facts: Facts) -> Iterator[Note]:
    hours = facts.hours
    if hours is None:
        is_given = facts.run.summary["status"] != "fallback"
        demand = "was given with --demand" if is_given else f"is that of the plan for {_plan_of(facts)}"
        yield Note("note", f"Demand {demand}: there is no forecast to show.")
        return
    total = float(hours.expected.sum())
    if total and hours.cold_hours:
        share = percent_text(hours.cold_hours / total)
        yield Note("note", f"{share} of the expected hours are of titles without history in their region.")
    if missing := missing_region_days(hours):
        days = counted(missing, "region-day is", "region-days are")
        yield Note("warning", f"{days} missing from the views of the last four weeks.")
    for region, ago in hours.late[:LATE_SHOWN]:
        day = day_text((pd.Timestamp(facts.plan_day) - pd.Timedelta(days=ago)).date())
        yield Note("warning", f"The views of {facts.regions[region]} on {day} look incomplete: they are not believed.")
    if facts.tables.views.empty:
        return
    last = facts.tables.views["date"].max()
    lag = (pd.Timestamp(facts.plan_day) - last).days - 1
    if lag > 0:
        late = f"{counted(lag, 'day', 'days')} before the eve of the plan date"
        yield Note("warning", f"The views end on {day_text(last.date())}, {late}.")
    yield from _titles_without_files(facts, total)


def _titles_without_files(facts: Facts, total: float) -> Iterator[Note]:
    if facts.hours is None or not total:
        return
    per_title = facts.hours.expected.sum(axis=0)
    has_files = np.bincount(facts.problem.title, minlength=len(per_title)) > 0
    lost = ~has_files & (per_title > 0)
    if lost.any():
        share = percent_text(float(per_title[lost].sum()) / total)
        titles = counted(int(lost.sum()), "title has", "titles have")
        yield Note("warning", f"{titles} no files in the assets table; {share} of the expected hours are lost there.")


def _about_network(facts: Facts) -> Iterator[Note]:
    requested = facts.problem.requested_bytes
    unreachable = unreachable_bytes(facts)
    if requested and unreachable > 1e-6 * requested:
        share = percent_text(unreachable / requested)
        what = f"{bytes_text(unreachable)} ({share} of all requested bytes)"
        yield Note("note", f"{what} come from regions or shares without a cache: no plan can offload them.")
    if idle := idle_caches(facts):
        names = ", ".join(idle[:5]) + (f" and {len(idle) - 5} more" if len(idle) > 5 else "")
        yield Note("note", f"Nobody is expected to ask anything of {names}.")


def input_tables(facts: Facts) -> tuple[InputTable, ...]:
    """The tables that were there, views up to the eve of the plan date."""
    return tuple(_input_table(name, getattr(facts.tables, name)) for name in sorted(facts.tables.present))


def _input_table(name: str, frame: pd.DataFrame) -> InputTable:
    dated = "date" in TABLES[name].names and len(frame)  # a further column of titles may be called so too
    days = frame["date"] if dated else None
    first, last = (None, None) if days is None else (days.min().date(), days.max().date())
    return InputTable(name, len(frame), first, last)


def gates(facts: Facts) -> tuple[Gate, ...]:
    """Verdicts of tonight's gates, those that did not pass first."""
    told = [
        Gate(str(v["gate"]), str(v["verdict"]), str(v["found"]), bool(v.get("allowed")))
        for v in facts.run.summary.get("gates", {}).get("verdicts", ())
    ]
    return tuple(sorted(told, key=lambda gate: gate.verdict == "pass"))


def provenance(facts: Facts) -> Provenance:
    """Digests, model, solver, settings, times, version."""
    summary = facts.run.summary
    return Provenance(
        version=fillplan.__version__,
        inputs=summary.get("inputs", {}),
        model=summary.get("model", {}),
        solver=solver_words(summary),
        settings=summary.get("settings", {}),
        seconds=summary.get("seconds", {}),
    )
