"""Train the demand model: judge it on the last weeks, calibrate its intervals there, then fit it on everything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from fillplan_data.arrays import Floats, Ints
from fillplan_data.errors import ModelError
from fillplan_models.abreast import each
from fillplan_models.accuracy import Accuracy, Outcome, by_class, joined
from fillplan_models.backtest import holdout_cuts, outcome
from fillplan_models.boosting import check_learnable, fit_booster
from fillplan_models.calibration import calibration
from fillplan_models.card import describe
from fillplan_models.forecasters.choice import SIMPLE_METHODS, simple_outcomes
from fillplan_models.intervals import fit_bands
from fillplan_models.model import TrainedModel
from fillplan_models.panel import Panel
from fillplan_models.reach import Reach, fit_reach, pays, residuals, with_past_launches
from fillplan_models.sampling import TrainingRows, training_rows
from fillplan_models.scoring import CLASSES, COLD, NAMES, Correction, predict, series_class
from fillplan_models.spec import ModelSpec
from fillplan_models.trial import Holdout
from fillplan_models.trust import choose_trust, mixed

LEAST_DAYS_BEFORE_HORIZON = 14
"""History that must be left when a horizon is kept aside for judging."""
LARGEST_MISS = 10.0
"""A region that came to so many times what was foretold for it went live, after tests or nothing but zeros."""


class Judged(NamedTuple):
    """What was made of the horizons that are kept for judging, one by one, and what they showed."""

    outcomes: list[Outcome]
    """Of the model."""
    plain: list[Outcome]
    """Of its baseline alone."""
    foreseen: list[Outcome]
    """Of the model, without regions that went live: what intervals are made of."""
    kinds: list[Ints]
    """Class of every series."""
    reaches: list[Floats]
    """[2, n, H] what scales the intervals, 1 without a reach."""
    trust: tuple[float, ...]
    """[CLASSES] power of the booster's correction."""
    reach: Reach | None
    """None where it does not pay."""


def train(
    panel: Panel,
    spec: ModelSpec,
    seed: int = 0,
    threads: int = 1,
    progress: Callable[[str], None] | None = None,
) -> TrainedModel:
    """Fit the model of `spec` on the history of a panel; `panel.plan_date` is its first unseen day.

    The same panel, spec and seed give the same model on any number of threads. Raises ModelError if the history is
    shorter than two weeks and a horizon, or nothing was watched in it, or no past plan date of the spec lies, but in
    the days that are kept for judging: the simple methods are what is left then.
    """
    tell = progress or (lambda _: None)
    _check(panel, spec)
    tell("features of past weeks")
    rows = training_rows(panel, spec.sampling, seed, threads)
    cuts = holdout_cuts(panel, _holdout_days(panel, spec))
    unseen = rows.until(cuts[0])
    tell("fits to be judged, and on everything")
    twin, reach, booster = _fitted(unseen, rows, spec, seed, threads)
    tell("judging on the last weeks")
    judged = _judge(panel, cuts, twin, reach, spec, threads)
    known = residuals(judged.foreseen, judged.kinds, judged.reaches)
    bands = fit_bands(*(known if judged.reach else with_past_launches(known, unseen, COLD)), kinds=CLASSES)
    simple = [simple_outcomes(panel, cut) for cut in cuts]
    accuracies = _against_simple(judged.outcomes, judged.plain, simple)
    bins = calibration(judged.foreseen, judged.kinds, judged.reaches, CLASSES)
    powers, by_series = dict(zip(NAMES, judged.trust, strict=True)), judged.reach is not None
    info = describe(panel, spec, seed, rows, booster, cuts, accuracies, bins, powers, by_series)
    holdout = Holdout(tuple(cuts), tuple(judged.outcomes), tuple(simple))
    return TrainedModel(spec, booster, judged.trust, bands, info, threads, judged.reach, twin, holdout)


def _fitted(
    unseen: TrainingRows, rows: TrainingRows, spec: ModelSpec, seed: int, threads: int
) -> tuple[Any, Reach, Any]:
    """The booster and the reach that have not seen the days they are judged on, and the booster of all rows."""
    check_learnable(unseen)  # before any fit starts
    fits: list[Callable[[], Any]] = [
        partial(fit, part, spec, seed)
        for fit, part in ((fit_booster, unseen), (fit_reach, unseen), (fit_booster, rows))
    ]
    twin, reach, booster = each(lambda fit: fit(), fits, threads)
    return twin, reach, booster


def _check(panel: Panel, spec: ModelSpec) -> None:
    needed = panel.horizon_days + LEAST_DAYS_BEFORE_HORIZON
    if panel.views_end < needed:
        raise ModelError(
            f"expected at least {needed} days of views before {panel.plan_date} to train for a horizon of "
            f"{panel.horizon_days}, found {panel.views_end}: use the best simple method until there are more"
        )
    if not (panel.hours > 0).any():
        raise ModelError("expected views with hours above 0 to learn from, found none in the history")
    kept, reach = _holdout_days(panel, spec), spec.sampling.reach_days
    if reach <= kept:
        raise ModelError(
            f"expected past plan dates before the {kept} days that are kept for judging a horizon of "
            f"{panel.horizon_days}, found those of the spec {spec.name} to lie in the last {reach} days: raise "
            "sampling.cutoffs or sampling.step_days, or shorten the horizon"
        )


def _holdout_days(panel: Panel, spec: ModelSpec) -> int:
    """Whole horizons within the spec's days and a third of the history, at least one."""
    days = min(spec.calibration.holdout_days, panel.views_end // 3)
    return max(1, days // panel.horizon_days) * panel.horizon_days


def _judge(panel: Panel, cuts: list[int], booster: Any, reach: Reach, spec: ModelSpec, threads: int) -> Judged:
    """Forecast the horizons after `cuts`, and choose by what came how far booster and reach are to be believed."""
    pasts, young_days = [panel.cut(cut) for cut in cuts], spec.calibration.young_days
    full = Correction(booster, (1.0,) * CLASSES, young_days)
    seen = each(lambda past: predict(full, reach, past, threads=1), pasts, threads)
    plain = [outcome(panel, past, one.plain) for past, one in zip(pasts, seen, strict=True)]
    boosted = [outcome(panel, past, one.mean) for past, one in zip(pasts, seen, strict=True)]
    kinds = [series_class(past, past.live, young_days) for past in pasts]
    trust = choose_trust(plain, boosted, kinds, [past.title[past.live] for past in pasts], CLASSES)
    outcomes = [
        replace(one, mean=mixed(one.mean, two.mean, np.array(trust)[kind][:, None]))
        for one, two, kind in zip(plain, boosted, kinds, strict=True)
    ]
    foreseen = [without_new_regions(one, past.region[past.live]) for one, past in zip(outcomes, pasts, strict=True)]
    reaches = [one.reach for one in seen]
    if pays(foreseen, kinds, reaches, CLASSES):
        return Judged(outcomes, plain, foreseen, kinds, reaches, trust, reach)
    return Judged(outcomes, plain, foreseen, kinds, [np.ones_like(one) for one in reaches], trust, None)


def without_new_regions(outcome: Outcome, region: Ints) -> Outcome:
    """The same, nothing counted in regions that went live: no launch elsewhere is as uncertain as all of theirs were.

    `region` [n] of the series.
    """
    told, came = (
        np.bincount(region, np.where(outcome.counted, hours, 0.0).sum(axis=1))
        for hours in (outcome.mean, outcome.actual)
    )
    known = came <= LARGEST_MISS * told
    return replace(outcome, counted=outcome.counted & known[region][:, None])


def _against_simple(
    outcomes: list[Outcome], plain: list[Outcome], simple: list[dict[str, Outcome]]
) -> dict[str, dict[str, Accuracy]]:
    """Accuracy by method and class: the model, its baseline alone, and the simple methods, at the same cut-offs."""
    methods = {"model": by_class(joined(outcomes)), "baseline": by_class(joined(plain))}
    for method in SIMPLE_METHODS:
        methods[method.name] = by_class(joined([at_cut[method.name] for at_cut in simple]))
    return methods
