"""Facts of countries."""

from __future__ import annotations

import re
from zoneinfo import available_timezones

import holidays
import pytest

from fillplan_data.declarations import PATTERNS
from fillplan_data.synthetic.countries import countries
from fillplan_data.synthetic.sizes import SIZES


def test_country_facts_are_valid() -> None:
    codes = [c.code for c in countries()]
    assert len(set(codes)) == len(codes) >= SIZES["large"].regions
    assert set(codes) <= set(holidays.list_supported_countries())
    assert {c.timezone for c in countries()} <= available_timezones()
    for country in countries():
        assert sum(country.languages.values()) == pytest.approx(1)
        assert all(re.match(PATTERNS["language"], tag) for tag in country.languages)
