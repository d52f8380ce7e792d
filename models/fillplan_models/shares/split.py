"""Split a title's hours over the values that its files offer: rungs, audio or subtitle languages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fillplan_data.arrays import Bools, Floats, Ints
from fillplan_models.shares.bayes import best_strength, table
from fillplan_models.shares.boosting import fit_correction
from fillplan_models.shares.evidence import Evidence
from fillplan_models.shares.files import Files
from fillplan_models.shares.offers import Offers

Prior = Callable[[Ints, Ints], Floats]
"""Titles [n] and values [n] -> prior shares [R, n]."""
LEAST_PRIOR = 1e-9
"""So that a title whose only values nobody prefers still adds up."""


@dataclass(frozen=True)
class Habit:
    """What people choose: the evidence's column and the priors made from evidence."""

    column: Callable[[Evidence], Ints]
    prior: Callable[[Evidence], Prior]
    boosted: Files | None = None
    """The files whose languages a booster corrects the prior by; None for a prior that stands as it is."""
    off: int | None = None
    """The value of choosing none; None where everybody chooses."""


def split(offers: Offers, habit: Habit, evidence: Evidence, strength: float | None = None) -> Floats:
    """[R, n] share of each pair in its title's hours; the shares of a title add up to 1.

    The strength of the prior, unless given, is the one under which the evidence before the latest period foretells
    that best. With a strength that is given nothing is fitted: the prior is not boosted.
    """
    prior, hours = prior_shares(offers, habit, evidence), watched_hours(offers, habit, evidence)
    if strength is None:
        strength = _best_strength(offers, habit, evidence)
        prior = _corrected(offers, habit, evidence, prior)
    return _shares(prior, hours, offers, strength)


def _best_strength(offers: Offers, habit: Habit, evidence: Evidence) -> float:
    newest = evidence.period.max(initial=0)
    if newest == 0:
        return best_strength(lambda _: 0.0)
    seen = evidence.only(evidence.period < newest)
    held_out = watched_hours(offers, habit, evidence.only(evidence.period == newest))
    judged = held_out > 0
    prior = _corrected(offers, habit, seen, prior_shares(offers, habit, seen), offers.per_title(held_out) > 0)
    hours = watched_hours(offers, habit, seen)
    return best_strength(lambda s: float((held_out[judged] * np.log(_shares(prior, hours, offers, s)[judged])).sum()))


def _corrected(offers: Offers, habit: Habit, evidence: Evidence, prior: Floats, wanted: Bools | None = None) -> Floats:
    """The prior [R, n] with its boosted correction, where wanted [R, n] (whole titles; default: everywhere)."""
    if habit.boosted is None:
        return prior
    correction = fit_correction(
        offers, habit.boosted, evidence, watched_hours(offers, habit, evidence),
        lambda part: prior_shares(offers, habit, part),
    )  # fmt: skip
    return prior if correction is None else correction.apply(prior, wanted)


def prior_shares(offers: Offers, habit: Habit, evidence: Evidence) -> Floats:
    """[R, n] the prior of each pair, summing to 1 over the title's pairs."""
    cells = habit.prior(evidence)(offers.title, offers.value) * ~offers.rest
    cells = np.where(offers.rest, np.maximum(0.0, 1.0 - offers.per_title(cells)), cells)
    cells = np.maximum(cells, LEAST_PRIOR)
    return cells / offers.per_title(cells)


def watched_hours(offers: Offers, habit: Habit, evidence: Evidence) -> Floats:
    """[R, n] hours that came to each pair; those that no pair matches go to the title's rest, if it has one."""
    regions, titles, pairs = len(evidence.codes.regions), len(evidence.codes.titles), len(offers.title)
    known = habit.column(evidence) >= 0
    value, region, title = habit.column(evidence)[known], evidence.region[known], evidence.title[known]
    width = int(max(value.max(initial=0), offers.value.max(initial=0))) + 1
    exact = np.flatnonzero(~offers.rest)
    keys, wanted = (offers.title * width + offers.value)[exact], title * width + value
    place = np.searchsorted(keys, wanted)
    found = place < len(exact)
    found[found] = keys[place[found]] == wanted[found]
    hours = table((regions, pairs), (region[found], exact[place[found]]), evidence.hours[known][found])
    total = table((regions, titles), (region, title), evidence.hours[known])[:, offers.title]
    return np.where(offers.rest, np.maximum(0.0, total - offers.per_title(hours)), hours)


def _shares(prior: Floats, hours: Floats, offers: Offers, strength: float) -> Floats:
    cells = hours + strength * prior
    return cells / offers.per_title(cells)
