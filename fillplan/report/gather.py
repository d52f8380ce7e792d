"""From a run and its tables to the report's content: a pure function, the page's table of contents."""

from __future__ import annotations

from collections.abc import Sequence

from fillplan.report import changes, history, launches, money, network, notes
from fillplan.report.content import Content
from fillplan.report.earlier import earlier
from fillplan.report.facts import gather_facts
from fillplan.report.past import foretold, runs_before
from fillplan.runs import Run
from fillplan_data.faults import Fault
from fillplan_data.tables import Tables


def gather_content(run: Run, tables: Tables, label: str | None = None, warnings: Sequence[Fault] = ()) -> Content:
    """Everything that the report shows.

    tables: as the plan saw them, views truncated at the plan date. label: words of the banner, such as
    'SYNTHETIC'. warnings: what reading the tables found odd.
    """
    facts = gather_facts(run, tables)
    caches = network.cache_rows(facts)
    added, evicted = changes.additions(facts), changes.evictions(facts)
    coming, launch_count = launches.launches(facts)
    runs = runs_before(run)
    past = foretold(facts, runs)
    total = history.all_regions(facts, past)
    return Content(
        plan_date=run.plan_date,
        horizon_days=facts.horizon_days,
        label=label,
        headline=network.headline(facts, caches),
        caches=caches,
        regions=network.region_rows(facts, caches),
        reasons_in=changes.reasons(facts, added, changes.REASONS_IN),
        reasons_out=changes.reasons(facts, evicted, changes.REASONS_OUT),
        titles_in=changes.titles_in(facts, added),
        files_in=changes.files_in(facts, added),
        files_out=changes.files_out(facts, evicted),
        total=total,
        region_series=history.largest_regions(facts, past),
        record=history.record(total, run.plan_date),
        launches=coming,
        launch_count=launch_count,
        tables=notes.input_tables(facts),
        gates=notes.gates(facts),
        notes=notes.notes(facts, evicted, warnings),
        provenance=notes.provenance(facts),
        storage=money.storage_curve(facts),
        needs=money.needs(caches),
        earlier=earlier(facts, runs),
    )
