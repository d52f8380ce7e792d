"""Holidays of a region: a few public ones per tradition (the days that move are listed for 2025 and 2026)."""

from __future__ import annotations

from datetime import date, timedelta

from fillplan_data.synthetic.countries import Country

_EVERYWHERE = {"New Year's Day": ("01-01",), "Labour Day": ("05-01",)}
_YEARLY = {"christian": {"Christmas Day": ("12-25",), "Second Day of Christmas": ("12-26",)}}
_MOVING = {
    "christian": {
        "Good Friday": ("2025-04-18", "2026-04-03", "2027-03-26"),
        "Easter Monday": ("2025-04-21", "2026-04-06", "2027-03-29"),
        "Whit Monday": ("2025-06-09", "2026-05-25", "2027-05-17"),
    },
    "muslim": {
        "Eid al-Fitr": ("2025-03-30", "2026-03-20", "2027-03-09"),
        "Eid al-Adha": ("2025-06-06", "2026-05-27", "2027-05-16"),
    },
    "hindu": {
        "Holi": ("2025-03-14", "2026-03-04", "2027-03-22"),
        "Diwali": ("2025-10-20", "2026-11-08", "2027-10-29"),
    },
    "lunar": {
        "Lunar New Year": ("2025-01-29", "2026-02-17", "2027-02-06"),
        "Mid-Autumn Festival": ("2025-10-06", "2026-09-25", "2027-09-15"),
    },
}


def holidays_between(country: Country, first: date, last: date) -> dict[date, str]:
    """Holidays of a country from `first` to `last`, one name per day, in the order of the days."""
    yearly = {**_EVERYWHERE, **_YEARLY.get(country.observance, {}), "National Day": (country.national_day,)}
    years = range(first.year, last.year + 1)
    days = {date.fromisoformat(f"{y}-{day}"): name for name, (day,) in yearly.items() for y in years}
    for name, dates in _MOVING.get(country.observance, {}).items():
        days |= {date.fromisoformat(day): name for day in dates}
    return {day: days[day] for day in sorted(days) if first <= day <= last}


def lift_days(holidays: dict[date, str], first: date, count: int, lift: float) -> list[float]:
    """Factor on demand per day: `lift` on a holiday, a third of its gain on the eve, 1 otherwise."""
    day_after = timedelta(days=1)
    days = [first + timedelta(days=k) for k in range(count)]
    return [lift if d in holidays else 1 + (lift - 1) / 3 * (d + day_after in holidays) for d in days]
