"""The appeal that a title's catalogue row foretells, learnt from the titles that have been watched.

Two voices: effects of columns (every group of titles that share a value, every number), fitted by back-fitting
with shrinkage, and analogues: the mean surprise of the nearest titles in catalogue space.
"""

from __future__ import annotations

import numpy as np

from fillplan_data.arrays import Bools, Floats, Ints, Singles
from fillplan_models.catalogue import Catalogue

GROUP_PRIOR, NUMBER_PRIOR, ERA_PRIOR = 1.0, 10.0, 3.0
"""Well-known titles that an effect of zero counts for."""
SWEEPS = 8
ANALOGUES, ANALOGUE_PRIOR = 8, 8.0
LOOKED_AT = 32
"""Points of catalogue space that are looked at: several may be equally near."""
DECIMALS = 9
"""Coordinates nearer than this differ by the order of a sum only."""
LARGEST_GROUPS = 40
"""Columns with more values than this do not span the space of analogues."""
WELL_KNOWN = 0.3
"""Titles above this weight of own evidence are looked up as analogues."""
FOLDS = 4
SLOPE_PRIOR = 5.0
"""Well-known titles that a slope of 1 counts for."""
DEAD, NORMAL_MIDDLE, SMALLEST_SPREAD = 3.0, 0.6745, 0.8
"""Spreads below the median at which an unwatched title is dead; the median of a normal deviation; the least spread:
what titles differ by anywhere, for of few titles some are alike by chance."""
RANGE = 6.0
"""Appeals are kept within e^-6 .. e^6 of the mean."""


def foretold_appeal(
    catalogue: Catalogue, appeal: Floats, known: Floats, era: Ints, unwatched: Bools | None = None
) -> Floats:
    """[T] typical appeal foretold from the catalogue; `known` [T] is the weight of own evidence in `appeal`.

    `unwatched` [T]: titles without any hours in the window; none where it is not given.

    `era` [T] groups titles by the time since their launch: appeals are on the scale of the launch day, and what
    years of decay are worth is known less well than what launches of the last weeks were.
    """
    if not (known > 0).any():
        return np.ones(len(appeal))
    y = np.log(np.maximum(appeal, 1e-12))
    weight = known**2  # a half-known title is half made of its own foretelling
    if unwatched is not None:
        weight = np.where(unwatched & _far_below(y, weight), 0.0, weight)
    mean = np.average(y, weights=weight)
    y = np.clip(y - mean, -RANGE, RANGE)
    effects = _slope(catalogue, y, weight, era) * column_effects(catalogue, y, weight, era)
    return np.exp(mean + np.clip(effects + analogue_mean(catalogue, y - effects, weight), -RANGE, RANGE))


def _far_below(y: Floats, weight: Floats) -> Bools:
    """[T] where log appeals are so far below the median that, of titles that nobody has watched, they are of another
    kind: open, but not wanted or not there. They say nothing of what a launch is worth.

    Where most titles are never watched they are what is usual, and none is far below.
    """
    middle = _middle(y, weight)
    spread = max(_middle(np.abs(y - middle), weight) / NORMAL_MIDDLE, SMALLEST_SPREAD)
    return y < middle - DEAD * spread


def _middle(values: Floats, weight: Floats) -> float:
    """Weighted median."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weight[order])
    return float(values[order][np.searchsorted(reached, reached[-1] / 2)])


def _slope(catalogue: Catalogue, y: Floats, weight: Floats, era: Ints) -> float:
    """Slope of what titles kept aside did on what the columns foretold of them."""
    fold = _ranks(np.column_stack([y, catalogue_space(catalogue)])) % FOLDS
    apart = np.zeros(len(y))
    for k in range(FOLDS):
        apart[fold == k] = column_effects(catalogue, y, np.where(fold == k, 0.0, weight), era)[fold == k]
    slope = (np.sum(weight * apart * y) + SLOPE_PRIOR) / (np.sum(weight * apart**2) + SLOPE_PRIOR)
    return float(np.clip(slope, 0.0, 1.2))


def _ranks(said: Floats) -> Ints:
    """[T] places in the order of what is said of titles [T, columns], the first column first, not of their list."""
    rank = np.empty(len(said), dtype=np.int64)
    rank[np.lexsort(np.round(said, DECIMALS).T[::-1])] = np.arange(len(said))
    return rank


def column_effects(catalogue: Catalogue, y: Floats, weight: Floats, era: Ints) -> Floats:
    """[T] sum of the effects of a title's values, each fitted in turn on what the others leave."""
    era_of_kind = (catalogue.groups["kind"] + 1) * (int(era.max(initial=0)) + 1) + era
    groups = [(era, GROUP_PRIOR), (era_of_kind, ERA_PRIOR)]
    groups += [(codes, GROUP_PRIOR) for codes in catalogue.groups.values()]
    slopes = [(standardised(column), NUMBER_PRIOR) for column in catalogue.numbers.values()]
    slopes += [(column, GROUP_PRIOR) for column in _genre_parts(catalogue.genres).T]
    parts = np.zeros((len(groups) + len(slopes), len(y)))
    rest = y.copy()
    for _ in range(SWEEPS):
        for i, part in enumerate(parts):
            rest += part
            if i < len(groups):
                part[:] = _group_effect(*groups[i], rest, weight)
            else:
                part[:] = _slope_effect(*slopes[i - len(groups)], rest, weight)
            rest -= part
    effects: Floats = parts.sum(axis=0)
    return effects


def _group_effect(codes: Ints, prior: float, rest: Floats, weight: Floats) -> Floats:
    size = int(codes.max(initial=-1)) + 2
    up = np.bincount(codes + 1, weight * rest, size)
    effect = up / (np.bincount(codes + 1, weight, size) + prior)
    return effect[codes + 1]


def _slope_effect(column: Floats, prior: float, rest: Floats, weight: Floats) -> Floats:
    slope: float = np.sum(weight * column * rest) / (np.sum(weight * column**2) + prior)
    return slope * column


def _genre_parts(genres: Bools) -> Floats:
    """[T, G] 1 / number of genres where a title has the genre."""
    parts: Floats = genres / np.maximum(genres.sum(axis=1, keepdims=True), 1)
    return parts


def standardised(column: Singles) -> Floats:
    """[T] zero mean, unit variance, blanks 0."""
    known = np.isfinite(column)
    value = column.astype(np.float64)
    if not known.any() or np.ptp(value[known]) == 0:
        return np.zeros(len(column))
    return np.where(known, (value - value[known].mean()) / value[known].std(), 0.0)


def catalogue_space(catalogue: Catalogue) -> Floats:
    """[T, features] numbers, small groups and genres on one scale."""
    blocks = [standardised(column)[:, None] for column in catalogue.numbers.values()]
    for codes in catalogue.groups.values():
        values = int(codes.max(initial=-1)) + 1
        if 0 < values <= LARGEST_GROUPS:
            blocks.append((codes[:, None] == np.arange(values)).astype(np.float64))
    blocks.append(catalogue.genres.astype(np.float64))
    return np.concatenate(blocks, axis=1)


def analogue_mean(catalogue: Catalogue, surprise: Floats, weight: Floats) -> Floats:
    """[T] mean surprise of the nearest well-known titles; 0 for titles that are well known themselves."""
    from sklearn.neighbors import NearestNeighbors

    known, asked = np.flatnonzero(weight > WELL_KNOWN**2), np.flatnonzero(weight <= WELL_KNOWN**2)
    mean = np.zeros(len(surprise))
    if len(known) < 2 * ANALOGUES or not len(asked):
        return mean
    space = np.round(catalogue_space(catalogue), DECIMALS)
    points, which = np.unique(space[known], axis=0, return_inverse=True)
    titles, *sums = (
        np.bincount(which.ravel(), part) for part in (None, weight[known] * surprise[known], weight[known])
    )
    search = NearestNeighbors(n_neighbors=min(LOOKED_AT, len(points)), algorithm="kd_tree").fit(points)
    distance, near = search.kneighbors(space[asked])
    part = _voice(np.round(distance, DECIMALS), titles[near])
    up, down = ((part * total[near]).sum(axis=1) for total in sums)
    mean[asked] = up / (down + ANALOGUE_PRIOR)
    return mean


def _voice(distance: Floats, titles: Ints) -> Floats:
    """[n, points] part of the words of each point's titles that counts: the nearest `ANALOGUES` titles speak.

    Of titles equally near all speak alike, where they are too many by a part of their words each. A row of `distance`
    [n, points] rises.
    """
    first = np.concatenate([np.ones((len(distance), 1), dtype=bool), np.diff(distance, axis=1) > 0], axis=1)
    ring = np.cumsum(first, axis=1) - 1 + np.arange(len(distance))[:, None] * distance.shape[1]
    in_ring = np.bincount(ring.ravel(), titles.ravel(), distance.size).reshape(distance.shape)
    nearer = np.cumsum(in_ring, axis=1) - in_ring
    voice = np.clip((ANALOGUES - nearer) / np.maximum(in_ring, 1), 0.0, 1.0)
    return voice.ravel()[ring]
