"""Days watched beside days expected, of the small network."""

from __future__ import annotations

from fillplan.report.content import Content
from fillplan.report.gather import gather_content
from fillplan.runs import Run
from tests.fillplan.report.conftest import MakeTables


def test_forecast_beside_the_last_weeks(content: Content) -> None:
    assert content.total is not None
    days = {f"{day.date:%m-%d}": day for day in content.total.days}
    assert list(days) == ["06-29", "06-30", "07-01", "07-02"]
    assert [day.hours for day in days.values()] == [10, 20, 19, 46]
    assert (days["07-02"].low, days["07-02"].high) == (38, 63)
    # 1 July: low distances 4 (t1 in DE), 1 (t1 in FR), 1 (t4 in FR), high distances 8, 1, 1; see test_bands
    assert 19 - 6 < days["07-01"].inner_low < 19 - 18**0.5 < 19 + 66**0.5 < days["07-01"].inner_high < 19 + 10
    assert [series.name for series in content.region_series] == ["DE", "FR"]
    assert [day.hours for day in content.region_series[1].days] == [10, 5, 4]


def test_a_missing_day_of_a_region_is_not_zero(make_tables: MakeTables, run: Run) -> None:
    views = "date,region,title_id,view_hours\n2026-06-28,FR,t1,3\n2026-06-30,FR,t1,5\n2026-06-29,DE,t1,1\n"
    content = gather_content(run, make_tables(views=views))
    fr = next(series for series in content.region_series if series.name == "FR")
    assert [day.hours for day in fr.days[:3]] == [3, None, 5]
    assert any(note.text.startswith("3 region-days are missing") for note in content.notes)
