from dataclasses import replace

import numpy as np
import pytest

from fillplan_models.appeal import fit_appeal
from fillplan_models.catalogue import Catalogue
from fillplan_models.history import make_recent
from fillplan_models.likeness import (
    ANALOGUE_PRIOR,
    ANALOGUES,
    LARGEST_GROUPS,
    RANGE,
    _far_below,
    _genre_parts,
    _slope,
    _voice,
    analogue_mean,
    catalogue_space,
    column_effects,
    foretold_appeal,
    standardised,
)
from fillplan_models.panel import build_panel
from tests.models.worlds import day, simulate, tables_of


def test_foretelling_without_evidence_is_even():
    panel = build_panel(tables_of(**simulate(days=30)), day(30), 7)
    assert foretold_appeal(
        panel.catalogue, np.full(30, 3.0), np.zeros(30), np.zeros(30, dtype=np.int64)
    ) == pytest.approx(np.ones(30))


def test_a_new_title_is_foretold_as_the_launches_of_its_time_not_as_the_back_catalogue():
    """Old titles stand at 1, the last weeks' launches at 4, all else alike; the last ten are yet to come."""
    catalogue = build_panel(tables_of(**simulate(days=30)), day(30), 7).catalogue
    appeal, known = np.repeat([1.0, 4.0, 1.0], 10), np.repeat([1.0, 1.0, 0.0], 10)
    foretold = foretold_appeal(catalogue, appeal, known, era=np.repeat([1, 0, 0], 10))
    blind = foretold_appeal(catalogue, appeal, known, era=np.zeros(30, dtype=np.int64))
    assert np.abs(np.log(foretold[20:] / 4)).mean() < 0.5 * np.abs(np.log(blind[20:] / 4)).mean()
    assert np.median(foretold[20:]) > 2.5


def test_what_is_foretold_does_not_depend_on_the_order_of_titles():
    rows = simulate(titles=60, days=70, seed=5, extra=False)
    for row in rows["titles"]:
        row["runtime_minutes"] = 60.0  # many are equally near to one another
    panel = build_panel(tables_of(**rows), day(70), 7)
    appeal = fit_appeal(make_recent(panel))
    catalogue, order = panel.catalogue, np.random.default_rng(0).permutation(len(panel.titles))
    turned = replace(
        catalogue,
        numbers={name: column[order] for name, column in catalogue.numbers.items()},
        groups={name: codes[order] for name, codes in catalogue.groups.items()},
        genres=catalogue.genres[order],
    )
    era, known = np.arange(60) % 3, np.where(np.arange(60) % 5 == 0, 0.0, appeal.known)
    foretold = foretold_appeal(catalogue, appeal.title, known, era)
    assert foretold_appeal(turned, appeal.title[order], known[order], era[order]) == pytest.approx(foretold[order])


def test_titles_that_are_equally_near_speak_alike_and_no_more_than_the_nearest_few():
    distance, titles = np.array([[0.0, 1.0, 1.0, 2.0], [0.0, 0.0, 3.0, 4.0]]), np.array([[3, 4, 4, 9], [6, 10, 1, 1]])
    voice = _voice(distance, titles)
    assert voice[0] == pytest.approx([1, 5 / 8, 5 / 8, 0])
    assert voice[1] == pytest.approx([1 / 2, 1 / 2, 0, 0])
    assert (voice * titles).sum(axis=1) == pytest.approx([ANALOGUES, ANALOGUES])


def catalogue_of(titles: int, **groups: np.ndarray) -> Catalogue:
    """All of one kind, with these further columns of text."""
    codes = {"kind": np.zeros(titles, dtype=np.int64), **groups}
    return Catalogue({}, codes, np.zeros((titles, 0), dtype=bool), ())


def no_era(titles: int) -> np.ndarray:
    return np.zeros(titles, dtype=np.int64)


def test_a_half_known_title_counts_a_quarter():
    """Nothing tells titles apart, so that the mean is all there is to foretell."""
    appeal, known = np.array([1.0, np.e, 50.0]), np.array([1.0, 0.5, 0.0])
    foretold = foretold_appeal(catalogue_of(3), appeal, known, no_era(3))
    assert np.log(foretold) == pytest.approx(np.full(3, 0.25 / 1.25))


def test_what_is_far_beyond_the_range_of_appeals_tells_no_more_than_its_end():
    """All titles of one studio stand far above, all of the other far below."""
    studio = np.repeat([0, 1], 10)
    places = 1.0 - 2 * studio
    far, farther = (
        foretold_appeal(catalogue_of(20, studio=studio), np.exp(places * end), np.ones(20), no_era(20))
        for end in (RANGE, 1.5 * RANGE)
    )
    assert farther == pytest.approx(far)
    assert far[1] > far[11]


def test_columns_are_believed_as_far_as_they_foretell_titles_kept_aside():
    """A studio's titles are alike, or differ by nothing that a studio could tell, or are opposites."""
    rng = np.random.default_rng(0)
    studio = np.repeat(np.arange(40), 3)
    catalogue, weight = catalogue_of(120, studio=studio), np.ones(120)
    alike, chance = rng.normal(size=40)[studio], rng.normal(size=120)
    assert _slope(catalogue, alike - alike.mean(), weight, no_era(120)) > 0.95
    told_of_itself = column_effects(catalogue, chance, weight, no_era(120))
    assert _slope(catalogue, chance - chance.mean(), weight, no_era(120)) < 0.5
    assert np.std(told_of_itself) > 0.3, "while the columns would fit the chance of the titles that they are fitted to"
    pairs = catalogue_of(14, studio=np.tile(np.arange(7), 2))
    assert _slope(pairs, np.repeat([-5.0, 5.0], 7), np.ones(14), no_era(14)) == 0.0


def test_what_columns_foretell_is_shrunk_by_that_slope():
    rng = np.random.default_rng(1)
    studio = np.repeat(np.arange(5), 3)
    catalogue, y, known = catalogue_of(15, studio=studio), rng.normal(size=15), np.ones(15)
    foretold = np.log(foretold_appeal(catalogue, np.exp(y), known, no_era(15)))
    apart = y - y.mean()
    slope = _slope(catalogue, apart, known, no_era(15))
    assert 0 < slope < 0.9
    assert foretold - y.mean() == pytest.approx(slope * column_effects(catalogue, apart, known, no_era(15)))


def test_a_title_of_two_genres_is_half_of_each():
    parts = _genre_parts(np.array([[True, True, False], [False, True, False], [False, False, False]]))
    assert parts.tolist() == [[0.5, 0.5, 0], [0, 1, 0], [0, 0, 0]]


def test_numbers_are_put_on_one_scale_and_blanks_say_nothing():
    scaled = standardised(np.array([10.0, np.nan, 30.0], dtype=np.float32))
    assert scaled.tolist() == [-1.0, 0.0, 1.0]
    for nothing in ([5.0, np.nan, 5.0], [np.nan] * 3):
        assert standardised(np.array(nothing, dtype=np.float32)).tolist() == [0.0] * 3


def test_columns_of_many_values_do_not_span_the_space_of_analogues():
    few, many = np.arange(50) % LARGEST_GROUPS, np.arange(50) % (LARGEST_GROUPS + 1)
    assert catalogue_space(catalogue_of(50, studio=few)).shape == (50, 1 + LARGEST_GROUPS)
    assert catalogue_space(catalogue_of(50, studio=many)).shape == (50, 1)


def test_the_nearest_titles_surprise_is_drawn_to_none():
    """Two studios of well-known titles, one above and one below what was foretold, and two titles that nobody knows."""
    studio = np.array([0] * ANALOGUES + [1] * ANALOGUES + [0, 1])
    surprise = np.array([1.0] * ANALOGUES + [-2.0] * ANALOGUES + [7.0, 7.0])
    weight = np.array([1.0] * 2 * ANALOGUES + [0.0, 0.09])
    mean = analogue_mean(catalogue_of(len(studio), studio=studio), surprise, weight)
    drawn = ANALOGUES / (ANALOGUES + ANALOGUE_PRIOR)
    assert mean.tolist() == pytest.approx([0.0] * 2 * ANALOGUES + [drawn, -2 * drawn])
    fewer = analogue_mean(catalogue_of(len(studio) - 1, studio=studio[1:]), surprise[1:], weight[1:])
    assert not fewer.any(), "too few to look anything up"


def test_a_few_titles_that_nobody_watches_do_not_speak_of_launches_but_many_do():
    """Of thirty titles, ten are yet to come; three or fifteen of the others are open and far below the rest."""
    catalogue = build_panel(tables_of(**simulate(days=30)), day(30), 7).catalogue
    known, era = np.repeat([1.0, 1.0, 0.0], 10), np.zeros(30, dtype=np.int64)
    appeal = np.exp(np.random.default_rng(5).normal(0, 0.7, 30))

    def coming(low: int, unwatched: bool) -> float:
        some = np.arange(30) < low
        foretold = foretold_appeal(catalogue, np.where(some, 1e-3, appeal), known, era, some & unwatched)
        return float(np.log(foretold)[20:].mean())

    usual = coming(0, unwatched=False)
    assert coming(3, unwatched=True) == pytest.approx(usual, abs=0.35)
    assert coming(15, unwatched=True) < usual - 2
    assert coming(3, unwatched=False) < usual - 0.5, "titles that are watched, if little, are evidence"


def test_appeals_that_differ_by_luck_are_all_sound_however_alike_they_are():
    appeal = np.random.default_rng(5).normal(0, 1, 400)
    assert not _far_below(np.clip(appeal, -2.5, 2.5), np.ones(400)).any()
    assert not _far_below(np.append(np.full(399, 0.2), -0.5), np.ones(400)).any()
    assert list(np.flatnonzero(_far_below(np.append(appeal, -6.0), np.ones(401)))) == [400]
