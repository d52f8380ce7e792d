"""Holidays of countries, and what they lift."""

from __future__ import annotations

from datetime import date, timedelta

import holidays
import pytest

from fillplan_data.synthetic.countries import countries
from fillplan_data.synthetic.observances import holidays_between, lift_days


def test_holidays_agree_with_the_holidays_library() -> None:
    """Oracle: fixed and Easter-bound days of Germany, 2026."""
    germany = next(c for c in countries() if c.code == "DE")
    ours = holidays_between(germany, date(2026, 1, 1), date(2026, 12, 31))
    assert set(ours) < set(holidays.country_holidays("DE", years=2026))
    assert ours[date(2026, 4, 3)] == "Good Friday" and ours[date(2026, 10, 3)] == "National Day"


def test_holidays_lift_the_day_and_its_eve() -> None:
    first = date(2026, 4, 30)
    lift = lift_days({first + timedelta(days=1): "Labour Day"}, first, 3, 1.3)
    assert lift == pytest.approx([1.1, 1.3, 1.0])
