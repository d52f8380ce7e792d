"""Single figures of a profile, by hand; the gates that compare them are tested in test_data.py."""

from dataclasses import replace

import pandas as pd
import pytest

from fillplan.gates.profile import _blocked_share, repeated_shares
from fillplan_data.tables import Tables


@pytest.mark.parametrize(
    ("cache", "asset", "title", "pairs"),
    [("fr1", "m1v", "", 1), ("fr1", "", "m1", 3), ("", "m1v", "", 3), ("", "", "m1", 9), ("fr1", "", "none", 0)],
)
def test_a_block_without_a_cache_blocks_at_all_and_one_of_a_title_all_its_files(
    small_tables: Tables, cache: str, asset: str, title: str, pairs: int
) -> None:
    """Three caches, seven files, three of them of the title."""
    rows = [("block", cache, asset, title), ("pin", "", "m2v", "")]
    tables = replace(small_tables, pins=pd.DataFrame(rows, columns=["rule", "cache_id", "asset_id", "title_id"]))
    assert _blocked_share(tables) == pytest.approx(pairs / (3 * 7))


def test_what_repeats_is_the_same_figure_of_the_same_title_and_region_on_the_day_before() -> None:
    days = pd.to_datetime(["2026-03-01", "2026-03-02", "2026-03-03", "2026-03-05"])
    rows = [(day, "FR", "m1", hours) for day, hours in zip(days, (6.0, 6.0, 7.0, 7.0), strict=True)]
    rows += [(days[1], "DE", "m1", 6.0), (days[2], "DE", "m2", 6.0)]
    views = pd.DataFrame(rows, columns=["date", "region", "title_id", "view_hours"])
    views = views.astype({"region": "category", "title_id": "category"})
    assert repeated_shares(views) == [0.5, 0.0, 0.0], "the fifth does not follow the third"
