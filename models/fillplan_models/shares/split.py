"""Split a title's hours over the values that its files offer: rungs, audio or subtitle languages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fillplan_models.shares.bayes import best_strength, table
from fillplan_models.shares.evidence import Evidence

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

ANY = -1
"""The value of a file that matches any rung or language."""


@dataclass(frozen=True, eq=False)
class Offers:
    """The distinct (title, value) pairs of some files, sorted; sizes: n pairs."""

    title: Ints
    """[n]."""
    value: Ints
    """[n], ANY for a file that matches whatever no other file of the title does."""
    of_file: Ints
    """For each file its pair."""
    start: Ints
    """First pair of each title that has any."""
    twins: Ints
    """[n] files that share the pair."""

    def per_title(self, cells: Floats) -> Floats:
        """[R, n] sums over the title's pairs, repeated for each of them."""
        if not len(self.start):
            return cells
        sums = np.add.reduceat(cells, self.start, axis=1)
        return np.repeat(sums, np.diff(np.append(self.start, len(self.title))), axis=1)


def make_offers(title: Ints, value: Ints) -> Offers:
    """The offers of files given by title and value."""
    pairs, of_file, twins = np.unique(np.stack([title, value]), axis=1, return_inverse=True, return_counts=True)
    start = np.flatnonzero(np.diff(pairs[0], prepend=-1))
    return Offers(pairs[0], pairs[1], of_file.reshape(-1), start, twins)


@dataclass(frozen=True)
class Habit:
    """What people choose: the evidence's column and the priors made from evidence."""

    column: Callable[[Evidence], Ints]
    prior: Callable[[Evidence], Callable[[Ints], Floats]]
    """Evidence -> (titles [n] -> prior [R, n, values])."""
    missing_is_off: bool
    """Whether demand for a value that no file offers drops out (subtitles) or goes to the others."""


def split(offers: Offers, habit: Habit, evidence: Evidence, strength: float | None = None) -> Floats:
    """[R, n] share of each pair in its title's hours.

    The strength of the prior, unless given, is the one under which the evidence before the latest period foretells
    that best.
    """
    if strength is None:
        strength = _best_strength(offers, habit, evidence)
    return _shares(offers, habit, *_cells(offers, habit, evidence), strength)


def _best_strength(offers: Offers, habit: Habit, evidence: Evidence) -> float:
    newest = evidence.period.max(initial=0)
    strength = best_strength(lambda _: 0.0)
    if newest > 0:
        seen = _cells(offers, habit, evidence.only(evidence.period < newest))
        held_out = _cells(offers, habit, evidence.only(evidence.period == newest))[1]
        strength = best_strength(lambda s: _log_likelihood(_shares(offers, habit, *seen, s), held_out))
    return strength


def _log_likelihood(shares: Floats, hours: Floats) -> float:
    return float((hours * np.log(np.maximum(shares, 1e-9))).sum())


def _cells(offers: Offers, habit: Habit, evidence: Evidence) -> tuple[Floats, Floats, Floats]:
    """Prior share, hours and all hours of the title, each [R, n]."""
    prior_of = habit.prior(evidence)
    regions, titles = len(evidence.codes.regions), len(evidence.codes.titles)
    prior = _gather(prior_of, offers)
    hours, known = np.zeros_like(prior), habit.column(evidence) >= 0
    value = habit.column(evidence)[known]
    region, title = evidence.region[known], evidence.title[known]
    width = int(max(value.max(initial=0), offers.value.max(initial=0))) + 1
    keys = offers.title * width + offers.value
    real = np.flatnonzero(offers.value != ANY)
    place = np.searchsorted(keys[real], title * width + value)
    found = place < len(real)
    found[found] = keys[real][place[found]] == (title * width + value)[found]
    np.add.at(hours, (region[found], real[place[found]]), evidence.hours[known][found])
    total = table((regions, titles), (region, title), evidence.hours[known])
    return prior, hours, total[:, offers.title]


def _gather(prior_of: Callable[[Ints], Floats], offers: Offers) -> Floats:
    """[R, n] the prior of each pair; for ANY what the title's other pairs leave."""
    exact = offers.value != ANY
    prior = prior_of(offers.title)
    cells = np.take_along_axis(prior, np.maximum(offers.value, 0)[None, :, None], axis=2)[:, :, 0] * exact
    rest = np.maximum(0.0, 1.0 - offers.per_title(cells))
    return np.where(exact, cells, rest)


def _shares(offers: Offers, habit: Habit, prior: Floats, hours: Floats, total: Floats, strength: float) -> Floats:
    if habit.missing_is_off:
        return (hours + strength * prior) / (total + strength)
    any_value = offers.value == ANY
    hours = np.where(any_value, np.maximum(0.0, total - offers.per_title(hours)), hours)
    prior = np.maximum(prior, 1e-9)  # so that a title whose only values nobody prefers still adds up
    cells = hours + strength * prior / offers.per_title(prior)
    return cells / offers.per_title(cells)
