"""Works and their releases."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from fillplan_data.synthetic.parts import Part, generator
from fillplan_data.synthetic.sizes import SIZES
from fillplan_data.synthetic.works import EPISODE, MOVIE, SERIES, make_works
from fillplan_data.synthetic.world import World


def test_weekly_shows_release_one_episode_a_week_and_one_is_on_air(world: World) -> None:
    catalogue = world.catalogue
    episodes = catalogue.kind == EPISODE
    on_air = 0
    for work in np.unique(catalogue.work[episodes]):
        days = np.sort(catalogue.release_day[episodes & (catalogue.work == work)])
        assert (np.diff(days) == 7).all()
        on_air += days[0] < 0 <= days[-1]
    assert on_air > 0


def test_launches_lie_inside_the_horizon_and_after_it() -> None:
    for seed in range(8):
        works = pd.DataFrame(make_works(SIZES["tiny"], generator(seed, Part.CATALOGUE)))
        whole = works[works["kind"].isin([MOVIE, SERIES])]
        assert whole["release_day"].between(0, 6).any() and whole["release_day"].between(7, 30).any()


def test_so_many_of_the_usual_launches_happen() -> None:
    def recent(launches: float) -> int:
        spec, days = replace(SIZES["small"], launches=launches), (-SIZES["small"].history_days, 27)
        works = [pd.DataFrame(make_works(spec, generator(seed, Part.CATALOGUE))) for seed in range(8)]
        assert {len(frame) for frame in works} == {spec.titles}
        return sum(int(frame["release_day"].between(*days).sum()) for frame in works)

    assert 0.15 < recent(0.25) / recent(1.0) < 0.4
    assert recent(0.5) < 0.75 * recent(1.0)
