"""Hours to bytes: size over runtime."""

import pytest

from fillplan_models.bytes import bytes_per_hour, title_of_asset
from tests.models.shares.test_estimate import ASSETS, TITLES, asset
from tests.models.worlds import tables_of


def test_an_hour_of_a_file_moves_its_size_over_its_runtime():
    tables = tables_of(titles=TITLES, assets=ASSETS)
    assert bytes_per_hour(tables)[:3] == pytest.approx(1000.0)  # 60 minutes, 1,000 bytes
    assert bytes_per_hour(tables)[-1] == pytest.approx(12_000.0)  # 5 minutes


def test_a_file_has_the_rate_of_its_own_title_and_size():
    titles = [{"title_id": "x", "runtime_minutes": 30.0}, {"title_id": "y", "runtime_minutes": 120.0}]
    files = [asset("1", "y", "video", size=600), asset("2", "x", "audio", size=600), asset("3", "y", "audio", size=0)]
    tables = tables_of(titles=titles, assets=files)
    assert title_of_asset(tables).tolist() == [1, 0, 1]
    assert bytes_per_hour(tables) == pytest.approx([300.0, 1200.0, 0.0])
    assert len(bytes_per_hour(tables_of(titles=titles))) == 0
