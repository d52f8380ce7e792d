"""What earlier runs foretold, beside what was watched."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from fillplan.report.facts import gather_facts
from fillplan.report.gather import gather_content
from fillplan.report.page import render
from fillplan.report.past import foretold, runs_before, tiles
from fillplan.report.watched import LOOK_BACK_DAYS
from tests.fillplan.report.conftest import write_run_folder


def shifted(folder, days):
    """Let a run's forecast begin earlier."""
    frame = pd.read_parquet(folder / "forecast.parquet")
    frame["date"] = frame["date"] - pd.Timedelta(days=days)
    frame.to_parquet(folder / "forecast.parquet", index=False)


@pytest.fixture
def before(run):
    """A run of two days earlier with the same forecast; its horizon is two days."""
    earlier = write_run_folder(run.folder.parent / "2026-06-29", plan_date="2026-06-29")
    shifted(earlier.folder, 2)
    return earlier


def test_every_day_from_the_earliest_run_that_foretold_it(run, before):
    next_day = write_run_folder(run.folder.parent / "2026-06-30", plan_date="2026-06-30")
    runs = runs_before(run)
    assert [r.folder.name for r in runs] == ["2026-06-29", "2026-06-30"]
    eve, one_earlier = date(2026, 6, 30), date(2026, 6, 29)
    assert [(r.folder.name, days) for r, days in tiles(run.plan_date, runs)] == [("2026-06-29", [one_earlier, eve])]
    # without the earlier run the eve alone was foretold
    assert [(r.folder, days) for r, days in tiles(run.plan_date, runs[1:])] == [(next_day.folder, [eve])]


def test_hours_of_past_days_stand_beside_what_was_foretold(run, tables, before):
    content = gather_content(run, tables)
    days = {f"{day.date:%m-%d}": day for day in content.total.days}
    assert days["06-29"].foretold == pytest.approx(12 + 4 + 1 + 2)
    assert (days["06-29"].hours, days["06-30"].hours) == (10.0, 20.0)
    assert days["06-29"].inner_low < days["06-29"].foretold < days["06-29"].inner_high
    assert days["06-29"].low is None, "the widest case is for days to come"
    told = content.record
    assert (told.days, told.bias) == (2, pytest.approx((19 + 46) / 30 - 1))
    assert told.inside == sum(d.inner_low <= d.hours <= d.inner_high for d in days.values() if d.foretold)
    text = render(content)
    assert 'class="foretold"' in text
    assert "Of the 2 days that earlier runs foretold" in text


def test_without_earlier_runs_the_past_has_no_interval(run, tables):
    content = gather_content(run, tables)
    assert content.record is None
    assert "No earlier run foretold" in render(content)


def test_a_forecast_that_cannot_be_read_is_passed_over(run, tables, before):
    (before.folder / "forecast.parquet").write_text("{")
    found = foretold(gather_facts(run, tables), runs_before(run))
    assert np.isnan(found.mean).all()
    assert found.mean.shape[1] == LOOK_BACK_DAYS


def test_regions_and_titles_that_are_gone(run, tables, before):
    frame = before.forecast()
    frame["region"] = frame["region"].astype(str).replace("FR", "XX")
    frame["title_id"] = frame["title_id"].astype(str).replace("t1", "gone")
    frame.to_parquet(before.folder / "forecast.parquet", index=False)
    facts = gather_facts(run, tables)
    found = foretold(facts, runs_before(run))
    assert found.mean[facts.regions.index("DE"), -2] == pytest.approx(12 + 2), "gone titles count in their region"
    assert found.mean[facts.regions.index("FR"), -2] == 0.0
