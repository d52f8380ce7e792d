"""What regions make of a title beyond their tastes for its kind, told by what other regions make of it.

Regions that liked the same titles before will like the same titles again. The log deviation of a series from the
product of its factors is taken as a title's hidden features times a region's leanings towards them, plus what is the
series' own: Bayesian principal components of a table with holes (Bishop 1999; Ilin and Raiko 2010). A feature that data
do not bear out switches itself off; a title's features are believed as far as its own hours tell them.
"""

from __future__ import annotations

import numpy as np

from fillplan_data.arrays import Floats

FEATURES = 8
"""Most hidden features of a title."""
ROUNDS = 12
FURTHEST = 1.0
"""Log deviations count no further than this: a chart's absences would outshout everything else."""
TITLE_VARIANCE = 0.25
"""Of a title's log deviation in all regions together, which its appeal has not caught."""
USUAL_LEANING, USUAL_OWN_VARIANCE = 0.3, 0.15
"""Where the rounds start: size of leanings, and variance of what is a series' own."""
OWN_VARIANCES = (0.01, 1.0)
SMALLEST = 1e-6


def affinity(deviation: Floats, noise: Floats) -> Floats:
    """[R, T] expected factor of what regions make of titles; 1 where nothing tells a region or a title from others.

    `deviation` [R, T]: log of watched over expected hours; `noise` [R, T]: variance of its chance, inf where not seen.
    """
    told = np.isfinite(noise).any(axis=1)
    if not told.all():
        factor = np.ones_like(deviation)
        factor[told] = affinity(deviation[told], noise[told])
        return factor
    features = _most_features(len(deviation))
    if features < 1:
        return np.ones_like(deviation)
    seen, own = np.isfinite(noise), USUAL_OWN_VARIANCE
    weight = _weight(noise, own)
    x = np.clip(np.where(seen, deviation, 0.0), -FURTHEST, FURTHEST)
    x = np.where(seen, x - _mean(x, weight, 1), 0.0)
    leaning = _main_axes(x, weight, features)
    doubt, size = np.zeros((len(x), features, features)), np.full(features, USUAL_LEANING**2)
    for _ in range(ROUNDS):
        title, cov = _titles(x, weight, leaning, doubt)
        leaning, doubt = _leanings(x, weight, title, cov, size)
        size = (leaning**2 + np.einsum("rkk->rk", doubt)).mean(axis=0)
        own = _own_variance(x, noise, weight, leaning, doubt, title, cov)
        weight = _weight(noise, own)
    title, cov = _titles(x, weight, leaning, doubt)
    log_mean = np.einsum("rk,tk->rt", leaning, title[:, 1:], optimize=False)
    variance = np.einsum("rkl,tkl->rt", _squares(leaning), cov[:, 1:, 1:], optimize=False)
    return np.exp(log_mean + variance / 2)


def _most_features(regions: int) -> int:
    """Features that so many regions can tell from what is each one's own (Ledermann 1937), the title's worth beside."""
    return min(FEATURES, int((2 * regions + 1 - np.sqrt(8 * regions + 1)) / 2) - 1)


def _weight(noise: Floats, own: float) -> Floats:
    weight: Floats = 1.0 / (noise + own)
    return weight


def _mean(x: Floats, weight: Floats, axis: int) -> Floats:
    mean: Floats = (weight * x).sum(axis, keepdims=True) / np.maximum(weight.sum(axis, keepdims=True), SMALLEST)
    return mean


def _squares(rows: Floats) -> Floats:
    """[n, K, K] outer product of every row with itself."""
    return np.einsum("ik,il->ikl", rows, rows)


def _with_title(leaning: Floats) -> Floats:
    """[R, 1 + K] leanings, and that of 1 to what a title is worth everywhere."""
    return np.concatenate([np.ones((len(leaning), 1)), leaning], axis=1)


def _main_axes(x: Floats, weight: Floats, features: int) -> Floats:
    """[R, K] what regions share most, as leanings to start with."""
    scaled = np.sqrt(weight) * (x - _mean(x, weight, 0))
    value, axis = np.linalg.eigh(np.einsum("rt,st->rs", scaled, scaled, optimize=False))
    axis, value = axis[:, ::-1][:, :features], np.maximum(value[::-1][:features], 0.0)
    # an axis and its negative are the same: which one comes is not left to the library
    sign = np.where(axis[np.abs(axis).argmax(axis=0), np.arange(features)] < 0, -1.0, 1.0)
    return axis * sign * np.sqrt(len(x) * value / max(value.sum(), SMALLEST)) * USUAL_LEANING


def _titles(x: Floats, weight: Floats, leaning: Floats, doubt: Floats) -> tuple[Floats, Floats]:
    """[T, 1 + K] a title's deviation everywhere and its features, and [T, 1 + K, 1 + K] their covariance."""
    full = _with_title(leaning)
    squares = _squares(full)
    squares[:, 1:, 1:] += doubt
    prior = np.diag(np.concatenate([[1 / TITLE_VARIANCE], np.ones(leaning.shape[1])]))
    cov = np.linalg.inv(prior + np.einsum("rt,rkl->tkl", weight, squares, optimize=False))
    told = np.einsum("rt,rk->tk", weight * x, full, optimize=False)
    return np.einsum("tkl,tl->tk", cov, told), cov


def _leanings(x: Floats, weight: Floats, title: Floats, cov: Floats, size: Floats) -> tuple[Floats, Floats]:
    """[R, K] leanings, drawn to 0 by the `size` [K] that each feature has, and [R, K, K] their covariance."""
    squares = _squares(title) + cov
    told = np.einsum("rt,tk->rk", weight * x, title[:, 1:], optimize=False)
    told -= np.einsum("rt,tk->rk", weight, squares[:, 0, 1:], optimize=False)
    precision = np.einsum("rt,tkl->rkl", weight, squares[:, 1:, 1:], optimize=False)
    doubt = np.linalg.inv(precision + np.diag(1 / np.maximum(size, SMALLEST)))
    return np.einsum("rkl,rl->rk", doubt, told), doubt


def _own_variance(
    x: Floats, noise: Floats, weight: Floats, leaning: Floats, doubt: Floats, title: Floats, cov: Floats
) -> float:
    """Variance of what is a series' own: what is left beyond chance, weighed by how far chance lets it be seen."""
    full = _with_title(leaning)
    left = (x - np.einsum("rk,tk->rt", full, title, optimize=False)) ** 2
    left += np.einsum("rkl,tkl->rt", _squares(full), cov, optimize=False)
    left += np.einsum("rkl,tkl->rt", doubt, (_squares(title) + cov)[:, 1:, 1:], optimize=False)
    beyond = np.where(weight > 0, left - np.where(np.isfinite(noise), noise, 0.0), 0.0)
    return float(np.clip((weight**2 * beyond).sum() / max((weight**2).sum(), SMALLEST), *OWN_VARIANCES))
