"""Recent history cleared of what is common: weekdays, holidays, crowds, promotions, age.

One `Recent` per cut-off is what baselines and features are made of. Only series with views in the window or
launched in it take part ("active", A of them); all others are known to be silent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from fillplan_data.arrays import Bools, Floats, Ints, Singles
from fillplan_models.crowding import Crowding, learn_crowding, load_of
from fillplan_models.decay import OLDEST, at_age, log_decay, market_rate, neighbours, without_spikes
from fillplan_models.holiday_effects import holiday_effects
from fillplan_models.panel import NEVER, WINDOW_DAYS, Panel
from fillplan_models.promotions import promotion_lift, strength_class
from fillplan_models.rhythm import at_age_in_week, in_rhythm, weekly_rhythm
from fillplan_models.weekdays import kind_weekday_profile

SMALLEST = 1e-12
TREND_PRIOR_DAYS = 28
"""Days of window that a market standing still counts for."""
STEEPEST_TREND = 0.01
"""No market moves faster for long (a factor of 2 in ten weeks)."""


@dataclass(frozen=True, eq=False)
class Recent:
    """The last W days before a cut-off."""

    panel: Panel
    days: Ints
    """[W] panel days, the last is the eve of the plan date."""
    active: Ints
    """[A] series."""
    place: Ints
    """[N] row of each series in `active`, -1 for silent ones."""
    kind: Ints
    """[N] kind of title, 0 for blank."""
    kinds: int
    launch: Ints
    """[N] day of the launch; series whose launch is unknown or before the history began by so much that it does
    not matter stand at -OLDEST."""
    counted: Bools
    """[A, W] open and observed."""
    hours: Singles
    """[A, W] as watched, 0 where not counted."""
    usual: Singles
    """[A, W] product of weekday, holiday, crowd, promotion, age and trend factors, 0 where not counted."""
    weekday: Floats
    """[R, kinds, 7]."""
    holiday_effect: Floats
    """[R, D + H] what holidays do, and the days beside them."""
    promotion_lift: Floats
    """[classes of strength]."""
    log_decay: Floats
    """[titles, OLDEST + 1] with the rhythm of weekly episodes."""
    trend: float
    """Daily log rate of the market: what old titles lose to new ones, or a service that grows."""
    crowding: Crowding
    crowd: Floats
    """[R, H] what the titles of a day leave each other of their hours: 1 until `with_crowds`."""
    season: Floats
    """[R, H] what a year ago tells of the days ahead: 1 until set."""

    def usual_on(self, series: Ints, days: Ints) -> Floats:
        """The same product for any series on any days (arrays that broadcast), rights left aside."""
        return self.calendar(series, days) * self.age_factor(series, days)

    def calendar(self, series: Ints, days: Ints) -> Floats:
        """Weekday x holiday x crowd x season x promotion x trend of series on days ahead (arrays that broadcast)."""
        panel, region = self.panel, self.panel.region[series]
        factor = self.weekday[region, self.kind[series], panel.weekday(days)]
        factor = factor * self.holiday_effect[region, days]
        ahead = days - panel.history_days
        return factor * self.crowd[region, ahead] * self.season[region, ahead] * self._own_calendar(series, days)

    def _own_calendar(self, series: Ints, days: Ints) -> Floats:
        """Promotion x trend of series on days (arrays that broadcast)."""
        panel = self.panel
        factor = np.exp(self.trend * (days - panel.history_days))
        return factor * self.promotion_lift[strength_class(promotion_on(panel, series, days))]

    def age_factor(self, series: Ints, days: Ints) -> Floats:
        """Decay since the launch of series on days (arrays that broadcast)."""
        return at_age(self.log_decay, self.panel.title[series], days - self.launch[series])

    def with_crowds(self, level: Floats, launch_lift: float) -> Recent:
        """The same, with the crowds ahead that levels [N], of cold series times `launch_lift`, lead to."""
        panel, regions = self.panel, len(self.panel.regions)
        if self.crowding.slope == 0:
            return self
        level = level * np.where(panel.cold, launch_lift, 1.0)
        settled = np.zeros(panel.series_count, dtype=np.bool_)
        settled[self.active[self.crowding.settled]] = True
        everything, rest = np.zeros((2, regions, panel.horizon_days))
        for ahead in range(panel.horizon_days):
            day = np.array(panel.history_days + ahead)
            series = np.flatnonzero(panel.open[:, day])
            hours = level[series] * self._own_calendar(series, day) * self.age_factor(series, day)
            everything[:, ahead] = np.bincount(panel.region[series], hours, regions)
            rest[:, ahead] = np.bincount(panel.region[series], hours * settled[series], regions)
        load = load_of(everything, rest)
        load = np.where(np.isfinite(load), load, self.crowding.usual_load[:, None])
        return replace(self, crowd=self.crowding.factor(load))


def promotion_on(panel: Panel, series: Ints, days: Ints) -> Singles:
    """Promotion strength of series on days (arrays that broadcast)."""
    return panel.promotion[panel.promotion_row[series], days]


def make_recent(panel: Panel) -> Recent:
    """Clear the last weeks of a panel; see `Recent`."""
    days = np.arange(max(0, panel.history_days - WINDOW_DAYS), panel.history_days)
    kind = panel.catalogue.groups["kind"][panel.title] + 1
    kinds = int(panel.catalogue.groups["kind"].max(initial=-1)) + 2
    launch = _launch(panel)
    window = slice(int(days[0]), panel.history_days)
    active = np.flatnonzero(
        (panel.hours[:, window] > 0).any(axis=1) | ((launch >= days[0]) & (launch < panel.history_days))
    )
    place = np.full(panel.series_count, -1, dtype=np.int64)
    place[active] = np.arange(len(active))
    counted = panel.open[active, window] & panel.observed[panel.region[active], window]
    hours = np.where(counted, panel.hours[active, window], np.float32(0))
    weekday = kind_weekday_profile(panel, kind, kinds, launch)
    region = panel.region[active]
    usual = weekday[region, kind[active]][:, panel.weekday(days)].astype(np.float32) * counted
    holiday_effect = holiday_effects(panel)
    usual *= holiday_effect[:, window].astype(np.float32)[region]
    title = panel.title[active]
    crowding = learn_crowding(hours, usual, counted, days[0] - launch[active], region, title, len(panel.regions))
    if crowding.slope > 0:
        usual *= crowding.factor(crowding.load).astype(np.float32)[region]
    classes: npt.NDArray[Any] = strength_class(panel.promotion[:, window]).astype(np.int8)
    strength = classes[panel.promotion_row[active]]
    flat = without_spikes(np.divide(hours, usual, out=np.zeros_like(hours), where=usual > 0))
    pair, age = neighbours(counted, strength), days[0] - launch[active]
    market = market_rate(flat, pair, age)
    of_title = panel.catalogue.groups["kind"] + 1
    rhythm = weekly_rhythm(flat, counted, age, title, of_title, kinds)
    young = in_rhythm(age, len(days))
    on_day = at_age_in_week(rhythm, kind[active[young], None], age[young, None] + np.arange(len(days)))
    flat[young] /= on_day.astype(np.float32)
    decay = log_decay(flat, pair, age, title, of_title, market, dispersion(hours, usual, counted))
    decay += np.log(at_age_in_week(rhythm, np.arange(kinds)[:, None], np.arange(OLDEST + 1)))[of_title]
    usual *= _decay_since_launch(decay, title, days, launch[active])
    trend = _believed(market, len(days))
    usual *= np.exp(trend * (days - panel.history_days)).astype(np.float32)
    lifts = promotion_lift(hours, usual, strength, title)
    usual *= lifts[strength].astype(np.float32)
    ahead = np.ones((len(panel.regions), panel.horizon_days))
    factors = weekday, holiday_effect, lifts, decay, trend, crowding, ahead, ahead
    return Recent(panel, days, active, place, kind, kinds, launch, counted, hours, usual, *factors)


def dispersion(hours: Singles, usual: Singles, counted: Bools) -> float:
    """Variance per mean of daily hours [n, W] around a series' own level, over the series below the median level.

    `usual` [n, W] is what days differ by, `counted` [n, W] where both are known.
    """
    sums, days = hours.sum(axis=1), usual.sum(axis=1)
    level = np.divide(sums, days, out=np.zeros_like(sums), where=days > 0)
    if not (level > 0).any():
        return 1.0
    low = (level > 0) & (level <= np.median(level[level > 0]))
    expected = usual[low] * level[low, None]
    surprise = (hours[low] - expected).astype(np.float64)
    # differences of neighbouring days: a change of level is no noise
    both = counted[low, 1:] & counted[low, :-1]
    steps = np.where(both, np.diff(surprise, axis=1) ** 2 / 2, 0).sum()
    return max(float(steps / max((expected[:, 1:] * both).sum(dtype=np.float64), SMALLEST)), SMALLEST)


def _believed(market: float, days: int) -> float:
    """Daily log rate to go on with: a rate is told by the first and the last day of the window, so length counts."""
    return float(np.clip(market * days / (days + TREND_PRIOR_DAYS), -STEEPEST_TREND, STEEPEST_TREND))


def _decay_since_launch(log_profile: Floats, title: Ints, days: Ints, launch: Ints) -> Singles:
    """[A, W] decay factors: all titles and ages once, then gathered by small integers (the panel's largest arrays)."""
    factor = np.exp(log_profile).astype(np.float32).ravel()
    place = np.clip(days.astype(np.int32) - launch.astype(np.int32)[:, None], 0, OLDEST)
    place += (title.astype(np.int32) * (OLDEST + 1))[:, None]
    return np.take(factor, place)


def _launch(panel: Panel) -> Ints:
    """[N] launch days for ages; a first view in the first days of the history is no launch."""
    launch = panel.launch.astype(np.int64)
    undeclared = panel.window_start == NEVER
    began = undeclared & (launch < 14)
    return np.where(began, -OLDEST, np.maximum(launch, -OLDEST))
