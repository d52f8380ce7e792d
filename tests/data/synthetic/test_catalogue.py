from __future__ import annotations

import numpy as np
import pandas as pd

from fillplan_data.synthetic.works import EPISODE
from fillplan_data.synthetic.world import World


def test_as_many_titles_as_the_size_wants_all_kinds_among_them(world: World) -> None:
    table = world.catalogue.table
    assert len(table) == world.spec.titles == table["title_id"].nunique()
    assert set(table["kind"]) == {"movie", "series", "episode", "short", "live"}
    assert (table["runtime_minutes"] > 0).all()


def test_appeal_is_zipf_mandelbrot(small_world: World) -> None:
    """Sorted appeal falls with (rank + q) ** -s: the reciprocal's power is a straight line in the rank."""
    appeal = np.sort(small_world.catalogue.appeal)[::-1]
    line = np.diff(appeal ** (-1 / 1.05))
    assert np.allclose(line, line[0]) and np.isclose(appeal.mean(), 1)


def test_the_table_explains_part_of_the_appeal_and_franchises_share_it(small_world: World) -> None:
    table, log_appeal = small_world.catalogue.table, np.log(small_world.catalogue.appeal)
    features = np.column_stack([np.ones(len(table)), table["star_power"], pd.get_dummies(table["budget_class"])])
    fit = features.astype(float) @ np.linalg.lstsq(features.astype(float), log_appeal, rcond=None)[0]
    explained = 1 - ((log_appeal - fit) ** 2).sum() / ((log_appeal - log_appeal.mean()) ** 2).sum()
    assert 0.2 < explained < 0.8
    rest = pd.Series(log_appeal - fit)[table["franchise"] != ""]
    within = rest.groupby(table["franchise"]).transform(lambda x: x - x.mean())
    assert within.std() < 0.9 * rest.std()


def test_scores_rank_the_appeal_and_luck_is_the_part_that_the_table_cannot_tell(small_world: World) -> None:
    catalogue = small_world.catalogue
    luck = catalogue.luck
    assert (np.argsort(-catalogue.score, kind="stable") == np.argsort(-catalogue.appeal, kind="stable")).all()
    hidden = np.column_stack([luck.franchise, luck.work, luck.title])
    told = catalogue.score - hidden.sum(axis=1)
    episode = catalogue.kind == EPISODE
    star = catalogue.table["star_power"].astype(float)
    assert np.corrcoef(told[~episode], star[~episode])[0, 1] > 0.7 > abs(np.corrcoef(hidden.sum(axis=1), star)[0, 1])
    for part, spread in ((luck.work, luck.work_spread), (luck.title, luck.title_spread)):
        assert 0.85 < part.std() / spread < 1.15
    assert (luck.franchise[catalogue.franchise < 0] == 0).all()
