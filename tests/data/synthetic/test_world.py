"""Worlds: what is true in them follows from size and seed, and taste from what a region likes."""

from __future__ import annotations

import numpy as np
import pytest

from fillplan_data.synthetic.sizes import FUTURE_DAYS, SIZES
from fillplan_data.synthetic.world import QUIRK_SPREAD, World, make_world


def test_days_run_from_the_first_of_the_history_to_the_last_of_the_future(world: World) -> None:
    assert (world.day[0], world.day[-1]) == (-world.spec.history_days, FUTURE_DAYS - 1)
    assert (np.diff(world.day) == 1).all() and world.day[world.spec.history_days] == 0


def test_all_parts_are_of_one_size(world: World) -> None:
    shape = (world.spec.titles, world.spec.regions)
    assert (len(world.catalogue), len(world.regions)) == shape
    assert world.taste.shape == world.quirk.shape == world.windows.start.shape == shape
    assert world.dynamics.drift.shape == (world.spec.titles, len(world.day))


def test_size_and_seed_decide(world: World) -> None:
    again, other = (make_world(world.spec, seed) for seed in (world.seed, world.seed + 100))
    assert np.array_equal(again.taste, world.taste) and again.promotions == world.promotions
    assert not np.array_equal(other.taste, world.taste)


def liking(world: World, r: int) -> np.ndarray:
    """Taste without appeal and quirk: what genres and language make of it."""
    found: np.ndarray = world.taste[:, r] / world.catalogue.appeal / np.exp(world.quirk[:, r])
    return found


def test_titles_of_the_same_genres_differ_by_language_only(world: World) -> None:
    """The taste for a language is the region's, in part of its speakers: English, foreign, or its own on top."""
    languages, checked = world.catalogue.languages, 0
    for r, region in enumerate(world.regions):
        like, spoken = liking(world, r), region.country.languages
        for genres in np.unique(world.catalogue.genres, axis=0):
            same = np.flatnonzero((world.catalogue.genres == genres).all(1))
            by_language = {}
            for title in same:
                tag = languages[world.catalogue.original[title]]
                assert like[title] == pytest.approx(by_language.setdefault(tag, like[title]))
            foreign = [tag for tag in by_language if tag not in spoken and tag != "en"]
            for tag in foreign[1:]:
                assert by_language[tag] == pytest.approx(by_language[foreign[0]])
            for tag, value in by_language.items() if foreign else ():
                expected = region.foreign_taste
                if tag in spoken:
                    expected += spoken[tag] * region.own_language_taste
                elif tag == "en":
                    expected = region.english_taste
                assert value / by_language[foreign[0]] == pytest.approx(expected / region.foreign_taste)
                checked += tag not in foreign
    assert checked > 10


def test_quirks_have_their_spread_and_nothing_in_common(small_world: World) -> None:
    quirk = small_world.quirk
    assert abs(quirk.mean()) < 0.05 * QUIRK_SPREAD
    assert quirk.std() == pytest.approx(QUIRK_SPREAD, rel=0.05)
    between = np.corrcoef(quirk.T)[~np.eye(quirk.shape[1], dtype=bool)]
    assert np.abs(between).max() < 0.2 and abs(between.mean()) < 0.03


def test_neighbours_like_the_same_genres_more_than_strangers_do() -> None:
    """Half of the liking is shared by the group: seen over several seeds, English titles alone."""
    near, far = [], []
    for seed in range(4):
        world = make_world(SIZES["small"], seed)
        english = world.catalogue.original == world.catalogue.languages.index("en")
        log = np.log([liking(world, r)[english] for r in range(len(world.regions))])
        log -= log.mean(1, keepdims=True)
        groups = [region.country.group for region in world.regions]
        alike = np.corrcoef(log)
        for a in range(len(groups)):
            for b in range(a):
                (near if groups[a] == groups[b] else far).append(alike[a, b])
    assert np.mean(near) > 0.35 > 0.2 > abs(np.mean(far))
