"""The whole content of a report: without a forecast, with nothing to show, and the same of the same run."""

from __future__ import annotations

from dataclasses import replace

from fillplan.report.content import Content
from fillplan.report.gather import gather_content
from fillplan.runs import Run
from fillplan_data.tables import Tables
from tests.fillplan.report.conftest import MakeRun


def test_without_a_forecast(make_run: MakeRun, tables: Tables) -> None:
    content = gather_content(make_run(with_forecast=False), tables)
    assert (content.total, content.region_series) == (None, ())
    assert {region.hours for region in content.regions} == {None}
    assert {r.words for r in content.reasons_in} == {
        "launch within the horizon",
        "expected demand",
        "main audio of a video held here",
    }
    assert content.launches[0].hours is None
    assert content.launches[0].held_share == 0.5


def test_caches_that_hold_and_serve_nothing(make_run: MakeRun, tables: Tables) -> None:
    content = gather_content(make_run(plan=[], demand_gb=[], requested_bytes=0.0, expected_offload=0.0), tables)
    assert [(c.added, c.kept, c.evicted) for c in content.caches] == [(0, 0, 0)] * 3
    assert (content.reasons_in, content.titles_in, content.files_out) == ((), (), ())
    assert [t.share for t in content.headline.tiers] == [0, 0, 0]


def test_same_run_same_content(content: Content, run: Run, tables: Tables) -> None:
    assert gather_content(run, tables) == content
    assert gather_content(run, tables, label="SYNTHETIC") == replace(content, label="SYNTHETIC")
