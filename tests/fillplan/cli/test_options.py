"""The plan date of `--date`: a day, within the years of the tables."""

from datetime import date, datetime

import pytest
import typer

from fillplan.cli.options import day_of


def test_no_date_stays_none() -> None:
    assert day_of(None) is None


@pytest.mark.parametrize("day", [date(1970, 1, 1), date(2026, 3, 8), date(2199, 12, 31)])
def test_the_day_of_a_moment(day: date) -> None:
    found = day_of(datetime(day.year, day.month, day.day, 23, 59))
    assert found == day and type(found) is date


@pytest.mark.parametrize("year", [1969, 2200, 9999])
def test_years_that_no_table_may_have_are_refused(year: int) -> None:
    with pytest.raises(typer.BadParameter, match=f"expected a year from 1970 to 2199, found {year}") as caught:
        day_of(datetime(year, 6, 1))
    assert caught.value.param_hint == "--date"
