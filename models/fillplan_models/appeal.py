"""What a title is worth in a region before (or beside) its own history there.

hours = region's size x title's appeal x taste of the region for its language, kind and genres x affinity (what
regions of like mind make of the title, `affinity`) x what opening later than elsewhere leaves x what is usual on the
day. The factors are fitted on the last weeks by quasi-likelihood scaling with variance phi x mean + spread x mean^2,
each drawn towards 1 (titles: towards what their catalogue row foretells, as far as that has been right), so a region
that has a title tells what another one will do with it, and a new title is judged by its likes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from fillplan_data.arrays import Bools, Floats, Ints
from fillplan_models.affinity import affinity
from fillplan_models.catalogue import Catalogue
from fillplan_models.codes import weighted_sums
from fillplan_models.decay import at_age
from fillplan_models.history import SMALLEST, Recent, dispersion
from fillplan_models.likeness import foretold_appeal
from fillplan_models.panel import NEVER

HALF_LIFE_DAYS = 14.0
SPREAD, LARGEST_SPREAD = 0.5, 4.0
"""Variance of a series around the product of its factors, relative to the square of the mean: as estimated, in these
bounds. Less is not believed, for regions that err together would then speak for themselves."""
TASTE_PRIOR, GENRE_PRIOR, LATE_PRIOR = 4.0, 8.0, 32.0
"""Strength of the draw, in series of the least spread: SPREAD / variance of the factor. Late series of a title err
together and make one factor only, so that it takes many of them."""
USUAL_SURPRISE, SURPRISE_PRIOR, LARGEST_SURPRISE = 0.7, 10.0, 6.0
"""Variance of log appeals around those foretold before any evidence, the titles that it counts for, and the most that
is believed: titles that are open and never watched would have it without end."""
STEPS, LONGEST_STEP = 6, 2.0
"""Newton's, for log appeals: far from the answer a step would overshoot by many times, so it is clipped."""
ROUNDS = 4
AFFINITY_ROUND = 2
"""After this round, when the other factors have settled and one more is to come."""
ERA_EDGES_DAYS = np.array([35, 120])
"""Titles launched in the last weeks, in the last months, and before."""
LAUNCHED_KNOWN = 0.5
"""Weight of own hours in the appeal of titles that tell what launches bring."""
HIGHEST_LIFT = 6.0
OWN_VARIANCES = (0.1, 30.0)
"""Bounds of what is estimated."""


@dataclass(frozen=True, eq=False)
class Appeal:
    """Factors at a cut-off; levels multiply `Recent.usual_on`."""

    prior_level: Floats
    """[N] expected level of every series from everything but its own deviation."""
    watched: Floats
    """[N] weighted hours of the window."""
    expected: Floats
    """[N] weighted usual days of the window."""
    title: Floats
    """[T] appeal."""
    foretold: Floats
    """[T] appeal as foretold by the catalogue."""
    known: Floats
    """[T] how much of `title` rests on the title's own hours, 0 to 1."""
    region: Floats
    """[R] size."""
    taste: Floats
    """[N] product of the region's tastes, its affinity to the title, and what opening later leaves."""
    phi: float
    """Hours of variance per hour of mean."""
    own_variance: float
    """Squared relative deviation of a series' level from `prior_level`."""
    launch_lift: float
    """Mean of what launches of the last weeks brought over what the catalogue foretold: typical launches, no hits."""


def fit_appeal(recent: Recent) -> Appeal:
    """Fit all factors on the window of `recent`."""
    panel = recent.panel
    watched, expected = weighted_window(recent, HALF_LIFE_DAYS)
    phi = dispersion(recent.hours, recent.usual, recent.counted)
    cells = _Cells(panel.region, panel.title, len(panel.regions), len(panel.titles), watched, expected, phi, SPREAD)
    tastes = [*_tastes(panel.catalogue, panel.region, panel.title, recent.kind), _late(recent)]
    region, foretold = _starting_sizes(cells), np.ones(len(panel.titles))
    title, taste = foretold.copy(), np.ones(panel.series_count)
    known, era, surprise = np.zeros(len(panel.titles)), _eras(recent), USUAL_SURPRISE
    unwatched = np.bincount(panel.title, watched, len(panel.titles)) == 0
    for step in range(ROUNDS):
        if step:
            variance = _own_variance(watched, cells.mean(region, title, taste), phi)
            cells = replace(cells, spread=float(np.clip(variance, SPREAD, LARGEST_SPREAD)))
        region = region * cells.scale(panel.region, cells.regions, region, title, taste, prior=0.05)
        title, known = cells.appeal(region, taste, title, foretold, surprise)
        surprise = _surprise(title, known, foretold, surprise)
        taste = _refit_tastes(cells, tastes, region, title, taste)
        if step >= 1:
            foretold = foretold_appeal(panel.catalogue, title, known, era, unwatched)
        if step == AFFINITY_ROUND:
            taste = taste * cells.affinity(region, title, taste)
    level = region[panel.region] * title[panel.title] * taste
    variance = _own_variance(watched, level * expected, phi)
    lift = _launch_lift(title, foretold, (known > LAUNCHED_KNOWN) & (era == 0))
    return Appeal(level, watched, expected, title, foretold, known, region, taste, phi, variance, lift)


def _eras(recent: Recent) -> Ints:
    """[T] era of the first launch; titles yet to come are of the last weeks."""
    age = recent.panel.history_days - _first_launch(recent)
    return np.searchsorted(ERA_EDGES_DAYS, age, side="right").astype(np.int64)


def _first_launch(recent: Recent) -> Ints:
    """[T] day on which a title opened first."""
    first = np.full(len(recent.panel.titles), NEVER, dtype=np.int64)
    np.minimum.at(first, recent.panel.title, recent.launch)
    return first


def _launch_lift(title: Floats, foretold: Floats, launched: Bools) -> float:
    """Sum of the appeals of titles that have been launched over that foretold."""
    if not launched.any():
        return 1.0
    return float(np.clip(title[launched].sum() / max(foretold[launched].sum(), SMALLEST), 1.0, HIGHEST_LIFT))


def _surprise(title: Floats, known: Floats, foretold: Floats, before: float) -> float:
    """Variance of log appeals around those foretold: one step of expectation and maximisation."""
    square = np.log(title / foretold) ** 2 + before * (1 - known)
    # no product of vectors: its last digits depend on the number of threads
    variance = (np.sum(known * square) + SURPRISE_PRIOR * USUAL_SURPRISE) / (np.sum(known) + SURPRISE_PRIOR)
    return float(min(variance, LARGEST_SURPRISE))


def _own_variance(watched: Floats, mean: Floats, phi: float) -> float:
    """Squared relative deviation of series from the product of their factors, beyond noise."""
    weight = 1.0 / (phi + SPREAD * mean) ** 2
    beyond = (weight * ((watched - mean) ** 2 - phi * mean)).sum()
    return float(np.clip(beyond / max((weight * mean**2).sum(), SMALLEST), *OWN_VARIANCES))


def weighted_window(recent: Recent, half_life_days: float, own_days: Floats | None = None) -> tuple[Floats, Floats]:
    """[N] hours and usual days of the window, the region's last observed day with weight 1.

    `own_days` [A] are half-lives of the active series in place of the common one. Silent series are taken as they
    were on the last day.
    """
    panel = recent.panel
    observed = panel.observed[:, recent.days]
    last = np.where(observed, recent.days, recent.days[0]).max(axis=1, keepdims=True)
    back = np.maximum(last - recent.days, 0)
    weight = 0.5 ** (back / half_life_days)
    of_series = weight[panel.region[recent.active]]
    for days in [] if own_days is None else np.unique(own_days):
        of_series[own_days == days] = (0.5 ** (back / days))[panel.region[recent.active[own_days == days]]]
    watched, expected = np.zeros(panel.series_count), np.zeros(panel.series_count)
    watched[recent.active] = weighted_sums(recent.hours, of_series)
    expected[recent.active] = weighted_sums(recent.usual, of_series)
    silent = np.flatnonzero((recent.place < 0) & panel.open[:, panel.history_days - 1])
    age = panel.history_days - 1 - recent.launch[silent]
    seen = weighted_sums(observed, weight)
    expected[silent] = seen[panel.region[silent]] * at_age(recent.log_decay, panel.title[silent], age)
    return watched, expected


@dataclass(frozen=True, eq=False)
class _Cells:
    """Evidence per series and the scaling step over any grouping of them."""

    region: Ints
    title: Ints
    regions: int
    titles: int
    watched: Floats
    expected: Floats
    phi: float
    spread: float

    def mean(self, region: Floats, title: Floats, taste: Floats) -> Floats:
        """[N] hours of the product of the factors."""
        product: Floats = region[self.region] * title[self.title] * taste * self.expected
        return product

    def scale(self, group: Ints, groups: int, region: Floats, title: Floats, taste: Floats, prior: float) -> Floats:
        """[groups] factor that brings the mean of each group to what was watched, drawn towards 1."""
        mean = self.mean(region, title, taste)
        weight = self.spread / (self.phi + self.spread * mean)
        up = np.bincount(group, weight * self.watched, groups)
        down = np.bincount(group, weight * mean, groups)
        return (up + prior) / (down + prior)

    def appeal(
        self, region: Floats, taste: Floats, title: Floats, foretold: Floats, surprise: float
    ) -> tuple[Floats, Floats]:
        """[T] new appeals drawn towards those foretold, and the weight of the titles' own hours in them.

        Log appeals are normal around those foretold with variance `surprise`: a hit is a hundred times the median.
        """
        unit, log_title, log_foretold = region[self.region] * taste * self.expected, np.log(title), np.log(foretold)
        for _ in range(STEPS):
            mean = unit * np.exp(log_title)[self.title]
            noise = self.phi + self.spread * mean
            score = np.bincount(self.title, (self.watched - mean) / noise, self.titles)
            bend = np.bincount(self.title, mean * (self.phi + self.spread * self.watched) / noise**2, self.titles)
            step = (score - (log_title - log_foretold) / surprise) / (bend + 1 / surprise)
            log_title = log_title + np.clip(step, -LONGEST_STEP, LONGEST_STEP)
        mean = unit * np.exp(log_title)[self.title]
        told = np.bincount(self.title, mean / (self.phi + self.spread * mean), self.titles)
        return np.exp(log_title), told / (told + 1 / surprise)

    def affinity(self, region: Floats, title: Floats, taste: Floats) -> Floats:
        """[N] what each region makes of each title beyond all factors, as regions of like mind tell."""
        mean = self.mean(region, title, taste)
        shape = self.regions, self.titles
        deviation, noise = np.zeros(shape), np.full(shape, np.inf)
        told = mean > 0
        place = self.region[told], self.title[told]
        deviation[place] = np.log((self.watched[told] + self.phi) / (mean[told] + self.phi))
        noise[place] = self.phi / (mean[told] + self.phi)
        factor: Floats = affinity(deviation, noise)[self.region, self.title]
        return factor


def _starting_sizes(cells: _Cells) -> Floats:
    up = np.bincount(cells.region, cells.watched, cells.regions)
    down = np.bincount(cells.region, cells.expected, cells.regions)
    return np.divide(up, down, out=np.zeros(cells.regions), where=down > 0)


@dataclass(frozen=True, eq=False)
class _Taste:
    """One grouping of series; those outside have group -1."""

    group: Ints
    groups: int
    prior: float
    power: Floats
    """[N] share of the group's factor that a series takes (a title with three genres: a third each)."""


def _tastes(catalogue: Catalogue, region: Ints, title: Ints, kind: Ints) -> list[_Taste]:
    """Groupings by region and language, kind, each genre."""
    language = catalogue.groups["original_language"][title] + 1
    languages, kinds = int(language.max(initial=0)) + 1, int(kind.max(initial=0)) + 1
    regions = int(region.max(initial=0)) + 1
    ones = np.ones(len(region))
    tastes = [
        _Taste(region * languages + language, regions * languages, TASTE_PRIOR, ones),
        _Taste(region * kinds + kind, regions * kinds, TASTE_PRIOR, ones),
    ]
    genres = catalogue.genres[title]
    several = np.maximum(genres.sum(axis=1), 1)
    for genre in range(genres.shape[1]):
        group = np.where(genres[:, genre], region, regions)
        tastes.append(_Taste(group, regions + 1, GENRE_PRIOR, genres[:, genre] / several))
    return tastes


def _late(recent: Recent) -> _Taste:
    """Series in which a title is declared to open later than somewhere else: word is out, part of it has been seen.

    Without a declared window nobody knows whether a title is late where it is not watched, or not wanted.
    """
    panel = recent.panel
    late = (recent.launch > _first_launch(recent)[panel.title]) & (panel.window_start != NEVER)
    return _Taste(late.astype(np.int64), 2, LATE_PRIOR, late.astype(np.float64))


def _refit_tastes(cells: _Cells, tastes: list[_Taste], region: Floats, title: Floats, taste: Floats) -> Floats:
    """One sweep over all groupings."""
    for one in tastes:
        factor = cells.scale(one.group, one.groups, region, title, taste, one.prior * cells.spread / SPREAD)
        taste = taste * factor[one.group] ** one.power
    return taste
