"""Overrides of the files on offer, with an answer that is known by construction."""

import numpy as np
import pytest

from fillplan.workflow.base import Base
from fillplan.workflow.supposed import Supposing
from fillplan_data.errors import ScenarioError

from .cases import PICTURES, picture_hours
from .conftest import Suppose


def test_drop_rung_keeps_every_hour(suppose: Suppose, supposing: Supposing, base: Base) -> None:
    world = suppose('kind = "drop_rung"\nbitrate_kbps = 1000')
    assert not (world.tables.assets["bitrate_kbps"] == 1000).any()
    before, after = (
        picture_hours(base.demand, base.inputs.tables),
        picture_hours(supposing.demand(world), world.tables),
    )
    np.testing.assert_allclose(after, before, rtol=1e-9)
    with pytest.raises(ScenarioError, match="a rung of these titles"):
        suppose('kind = "drop_rung"\nbitrate_kbps = 1001')


def test_add_rung_keeps_every_hour(suppose: Suppose, supposing: Supposing, base: Base) -> None:
    world = suppose('kind = "add_rung"\nwhere = { title_id = "t002" }\nbitrate_kbps = 2000')
    new = world.tables.assets.iloc[len(base.inputs.tables.assets) :]
    near = base.inputs.tables.assets.query("title_id == 't002' and bitrate_kbps == 1900")
    assert sorted(new["size_bytes"]) == pytest.approx(sorted(near["size_bytes"] * 2000 / 1900), abs=1)
    demand = supposing.demand(world)
    assert demand.expected_bytes[:, -len(new) :].sum() > 0
    np.testing.assert_allclose(
        picture_hours(demand, world.tables), picture_hours(base.demand, base.inputs.tables), rtol=1e-9
    )


def test_codec(suppose: Suppose, supposing: Supposing, base: Base) -> None:
    world = suppose('kind = "codec"\nfiles = { kind = ["video", "muxed"] }\nscale = 0.5\nrefill = true')
    before = base.inputs.tables.assets
    pictures = before["kind"].isin(PICTURES).to_numpy()
    size = np.where(pictures, np.floor(before["size_bytes"] * 0.5 + 0.5), before["size_bytes"])
    np.testing.assert_array_equal(world.tables.assets["size_bytes"], size)
    np.testing.assert_allclose(
        supposing.demand(world).expected_bytes, base.demand.expected_bytes * (size / before["size_bytes"].to_numpy())
    )
    assert not world.tables.inventory["asset_id"].isin(before["asset_id"][pictures]).any()


def test_add_language(suppose: Suppose, supposing: Supposing, base: Base) -> None:
    world = suppose('kind = "add_language"\nwhere = { title_id = "t002" }\nlanguage = "sw"')
    new = world.tables.assets.iloc[len(base.inputs.tables.assets) :]
    old = base.inputs.tables.assets.query("title_id == 't002' and kind in ('audio', 'muxed')")
    assert set(new["language"]) == {"sw"}
    by_rung = old.groupby(old["bitrate_kbps"].fillna(0.0))["size_bytes"].mean()
    assert sorted(new["size_bytes"]) == pytest.approx(sorted(by_rung), abs=1)
    np.testing.assert_allclose(
        picture_hours(supposing.demand(world), world.tables),
        picture_hours(base.demand, base.inputs.tables),
        rtol=1e-9,
    )
    with pytest.raises(ScenarioError, match="BCP-47"):
        suppose('kind = "add_language"\nlanguage = "not a tag"')
