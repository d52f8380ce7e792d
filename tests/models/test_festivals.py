from datetime import date

import pandas as pd

from fillplan_models.festivals import holiday_days
from tests.models.worlds import frame

NONE = frame("calendar", [])


def test_a_calendar_table_is_the_whole_truth():
    calendar = frame(
        "calendar",
        [
            {"region": "US", "date": date(2026, 7, 1), "name": "A"},
            {"region": "XX", "date": date(2026, 7, 2), "name": "B"},
            {"region": "US", "date": date(2027, 1, 1), "name": "outside"},
        ],
    )
    days = holiday_days(calendar, True, ("DE", "US", "XX"), date(2026, 6, 30), 7)
    assert [(int(r), int(d)) for r, d in zip(*days.nonzero(), strict=True)] == [(1, 1), (2, 2)]


def test_without_a_calendar_iso_codes_have_their_public_holidays():
    days = holiday_days(NONE, False, ("DE-BY", "US", "atlantis"), date(2025, 12, 30), 10)
    assert days[0].nonzero()[0].tolist() == [2, 7]  # New Year, Epiphany (Bavaria only)
    assert days[1].nonzero()[0].tolist() == [2]
    assert not days[2].any()


def test_regions_called_as_something_else_in_the_library_have_no_holidays():
    regions = ("BANK", "CountryHoliday", "HolidaySum", "JAN", "MAR", "NYSE", "ROMA", "-", "US-", "date")
    days = holiday_days(NONE, False, regions, date(2025, 12, 30), 10)
    assert set(days.nonzero()[0].tolist()) == {regions.index("US-")}


def test_an_empty_calendar_table_means_no_holidays():
    assert not holiday_days(NONE, True, ("US",), date(2025, 12, 30), 10).any()
    assert isinstance(NONE, pd.DataFrame)
