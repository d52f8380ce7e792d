"""The regions of a world: which countries, how much they watch and how that moves with the calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from fillplan_data.arrays import Floats
from fillplan_data.synthetic.countries import Country, countries
from fillplan_data.synthetic.observances import holidays_between, lift_days
from fillplan_data.synthetic.parts import Part, generator
from fillplan_data.synthetic.sizes import FUTURE_DAYS, SizeSpec

_DUB_HABIT = {"dub": 0.85, "mix": 0.5, "sub": 0.12}
_TARGET_KBPS = {1: 750.0, 2: 1500.0, 3: 2900.0, 4: 4600.0}
_CALENDAR_DAYS_AHEAD = 60


@dataclass(frozen=True, eq=False)
class Region:
    """One demand market; `level` and `weekday` say how its hours move, the rest how it watches."""

    country: Country
    hours_per_day: float
    """Mean view hours per day over the history, all titles together, before growth and shifts."""
    level: Floats
    """[days] growth, season, level shift and holidays; about 1."""
    weekday: Floats
    """[7] factor per day of the week, Monday first, mean 1."""
    holidays: dict[date, str]
    target_kbps: float
    """Bitrate that the lines of this region carry best on the plan date."""
    kbps_drift_per_week: float
    dub_share: float
    """Part of the viewers who take the dub where a foreign title has one."""
    own_language_taste: float
    english_taste: float
    foreign_taste: float

    @property
    def code(self) -> str:
        """ISO 3166 code, the region's id."""
        return self.country.code


def make_regions(spec: SizeSpec, seed: int) -> tuple[Region, ...]:
    """Draw `spec.regions` countries out of `spec.groups` groups, the bigger markets the likelier."""
    rng = generator(seed, Part.REGIONS)
    chosen = _choose_countries(spec, rng)
    return tuple(_region(country, spec, generator(seed, Part.REGIONS, 1 + k)) for k, country in enumerate(chosen))


def _choose_countries(spec: SizeSpec, rng: np.random.Generator) -> list[Country]:
    weight: dict[str, float] = {}
    for country in countries():
        weight[country.group] = weight.get(country.group, 0) + country.weight**0.6
    groups: set[str] = set()
    pool: list[Country] = []
    while len(pool) < spec.regions:  # the smallest groups together may have fewer countries
        groups = {list(weight)[k] for k in _draw(list(weight.values()), spec.groups, rng)}
        pool = [c for c in countries() if c.group in groups]
    # the biggest market of each group is always in, so that no group stays empty
    sure = {max((c for c in pool if c.group == g), key=lambda c: c.weight).code for g in groups}
    rest = [c for c in pool if c.code not in sure]
    more = {rest[k].code for k in _draw([c.weight**0.6 for c in rest], spec.regions - len(sure), rng)}
    return [c for c in pool if c.code in sure | more]


def _draw(weights: list[float], count: int, rng: np.random.Generator) -> list[int]:
    return list(rng.choice(len(weights), count, replace=False, p=np.array(weights) / np.sum(weights)))


def _region(country: Country, spec: SizeSpec, rng: np.random.Generator) -> Region:
    first = spec.plan_date - timedelta(days=spec.history_days)
    holidays = holidays_between(country, first, spec.plan_date + timedelta(days=_CALENDAR_DAYS_AHEAD))
    days = spec.history_days + FUTURE_DAYS
    lift = np.array(lift_days(holidays, first, days, rng.uniform(1.12, 1.4)))
    size = (country.weight / 20) ** 0.65 * rng.lognormal(0, 0.2)
    return Region(
        country=country,
        hours_per_day=spec.titles * spec.hours_per_title * size,
        level=lift * _slow_level(spec, country, rng),
        weekday=_weekday(country.weekend, rng),
        holidays=holidays,
        target_kbps=_TARGET_KBPS[country.broadband] * rng.lognormal(0, 0.15),
        kbps_drift_per_week=rng.uniform(0.001, 0.012),
        dub_share=float(np.clip(_DUB_HABIT[country.habit] + rng.normal(0, 0.06), 0.03, 0.95)),
        own_language_taste=rng.uniform(1.8, 4.0),
        english_taste=rng.uniform(0.9, 1.3),
        foreign_taste=rng.uniform(0.3, 0.6),
    )


def _slow_level(spec: SizeSpec, country: Country, rng: np.random.Generator) -> Floats:
    day = np.arange(-spec.history_days, FUTURE_DAYS)
    growth = rng.uniform(0.25, 0.6) if country.broadband == 1 else rng.uniform(-0.05, 0.3)
    south = country.group == "oceania" or country.code in ("AR", "CL", "UY", "ZA", "NA")
    day_of_year = day + (spec.plan_date - date(spec.plan_date.year, 1, 1)).days
    season = 1 + 0.07 * np.cos(2 * np.pi * (day_of_year - 15) / 365.25 - np.pi * south)
    shifted_by = rng.choice([0.82, 0.9, 1.12, 1.22])
    shifts_on = rng.integers(-spec.history_days + 20, 0)
    shift = np.where((day >= shifts_on) & (rng.random() < 0.25), shifted_by, 1.0)
    return np.exp(np.log1p(growth) * day / 365) * season * shift


def _weekday(weekend: int, rng: np.random.Generator) -> Floats:
    factor = np.array([0.9, 0.88, 0.9, 0.94, 1.06, 1.0, 1.0])
    factor[weekend : weekend + 2] = [rng.uniform(1.22, 1.42), rng.uniform(1.15, 1.38)]
    if weekend == 4:
        factor[6] = 0.92
    return factor * rng.lognormal(0, 0.02, 7) / factor.mean()
