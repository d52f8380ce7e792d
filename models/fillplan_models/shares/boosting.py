"""A boosted correction of the language priors: a conditional logit over what each title offers.

The raw scores of trees are added to the log of the prior; a title's shares are the softmax over its offers, so that
what one language gains the others lose. Trained on titles whose own evidence neither the prior nor the features knew
(cross-fitting), for that is how titles stand that nobody has watched. The gradient is that of the multinomial
log-likelihood (McFadden, Conditional logit analysis of qualitative choice behavior, 1974).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np

from fillplan_data.arrays import Bools, Floats, Ints, Singles
from fillplan_models.boosting import repeatable
from fillplan_models.shares.evidence import Evidence
from fillplan_models.shares.files import Files
from fillplan_models.shares.offers import Offers
from fillplan_models.shares.use import LanguageUse, language_use, use_features

FOLDS = 5
LEAST_TITLES = 2 * FOLDS
"""Titles with evidence and something to choose from, below which nothing is learnt."""
MOST_PAIRS = 60_000
"""Pairs of region and title that are learnt from, those with the most hours."""
TRUSTED_HOURS = 50.0
"""A pair's weight is half of its most at so many hours: every title has ways of its own that no hours take away."""
LEAST_CURVATURE = 1e-3
LARGEST_CORRECTION = np.log(50.0)
"""No language's share is moved by more than this factor either way before all are made to add up."""
ROUNDS = 100
PARAMETERS = {
    "learning_rate": 0.08,
    "num_leaves": 15,
    "lambda_l2": 0.5,
    "feature_fraction": 0.7,
    **repeatable(seed=0),
}


@dataclass(frozen=True, eq=False)
class Correction:
    """A fitted booster and what its features are made of."""

    booster: Any
    use: LanguageUse
    files: Files
    offers: Offers

    def apply(self, prior: Floats, wanted: Bools | None = None) -> Floats:
        """The prior [R, n] corrected, where wanted [R, n] (whole titles); region by region, to save memory."""
        corrected = prior.copy()
        for region in range(len(prior)):
            pairs = np.arange(prior.shape[1]) if wanted is None else np.flatnonzero(wanted[region])
            if len(pairs):
                rows = use_features(self.use, self.files, self.offers, prior[region, pairs], region, pairs)
                raw = self.booster.predict(rows, raw_score=True, num_threads=1)
                corrected[region, pairs] *= np.exp(np.clip(raw, -LARGEST_CORRECTION, LARGEST_CORRECTION))
        return corrected / self.offers.per_title(corrected)


@dataclass(frozen=True, eq=False)
class _Rows:
    values: Singles
    share: Floats
    prior: Floats
    weight: Floats
    choice: Ints
    """Pair of region and title that a row belongs to."""


def fit_correction(
    offers: Offers, files: Files, evidence: Evidence, hours: Floats, prior_of: Callable[[Evidence], Floats]
) -> Correction | None:
    """Learn from the evidence, whose hours per offer are `hours` [R, n]; None where there is too little of it."""
    total = _learnt_from(offers, hours)
    if len(np.unique(offers.title[(total > 0).any(axis=0)])) < LEAST_TITLES:
        return None
    of_title = _folds(evidence.codes.titles)
    folds = [
        _fold_rows(offers, files, evidence.only(of_title[evidence.title] != fold), hours,
                   np.where(of_title[offers.title] == fold, total, 0.0), prior_of)
        for fold in range(FOLDS)
    ]  # fmt: skip
    rows = _Rows(*(np.concatenate(parts) for parts in zip(*(vars(fold).values() for fold in folds), strict=True)))
    return Correction(_fit(rows), language_use(evidence, files), files, offers)


def _folds(titles: tuple[str, ...]) -> Ints:
    """[T] the fold of each title, by its id: a title that joins the catalogue moves no other to another fold."""
    return np.array([crc32(title.encode()) % FOLDS for title in titles], dtype=np.int64)


def _learnt_from(offers: Offers, hours: Floats) -> Floats:
    """[R, n] hours of the title, 0 for titles with nothing to choose from and pairs with fewer than the most hours."""
    total = np.where(offers.per_title(np.ones(len(offers.title))) > 1, offers.per_title(hours), 0.0)
    of_pair = total[:, offers.start]
    if np.count_nonzero(of_pair) > MOST_PAIRS:
        total = np.where(total >= np.sort(of_pair, axis=None)[-MOST_PAIRS], total, 0.0)
    return total


def _fold_rows(
    offers: Offers,
    files: Files,
    others: Evidence,
    hours: Floats,
    total: Floats,
    prior_of: Callable[[Evidence], Floats],
) -> _Rows:
    """Rows of one fold's titles; prior and features from the evidence of the others."""
    use, prior, parts = language_use(others, files), prior_of(others), []
    for region in range(len(total)):
        pairs = np.flatnonzero(total[region])
        here = prior[region, pairs]
        parts.append((
            use_features(use, files, offers, here, region, pairs),
            hours[region, pairs] / total[region, pairs],
            here,
            total[region, pairs] / (total[region, pairs] + TRUSTED_HOURS),
            region * len(files.title_kind) + offers.title[pairs],
        ))  # fmt: skip
    return _Rows(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def _fit(rows: _Rows) -> Any:
    """A lightgbm.Booster whose raw score is added to the log of the prior."""
    import lightgbm

    choice = np.unique(rows.choice, return_inverse=True)[1].reshape(-1)
    choices = int(choice.max()) + 1

    def gradients(raw: Floats, _: Any) -> tuple[Floats, Floats]:
        highest = np.full(choices, -np.inf)
        np.maximum.at(highest, choice, raw)
        share = np.exp(raw - highest[choice])
        share /= np.bincount(choice, share, choices)[choice]
        return rows.weight * (share - rows.share), rows.weight * np.maximum(share * (1 - share), LEAST_CURVATURE)

    data = lightgbm.Dataset(rows.values, label=rows.share, init_score=np.log(rows.prior), free_raw_data=True)
    parameters = {**PARAMETERS, "objective": gradients, "min_data_in_leaf": max(5, len(rows.share) // 300)}
    return lightgbm.train(parameters, data, num_boost_round=ROUNDS)
