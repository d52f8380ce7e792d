"""Each kind of override, with an answer that is known by construction."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fillplan.problem import build_problem
from fillplan.scenarios.kinds import KINDS, scenarios_document
from fillplan.workflow.base import Base
from fillplan.workflow.supposed import Supposing
from fillplan_data.errors import ScenarioError
from fillplan_data.tables import Tables
from fillplan_models.bytes import bytes_per_hour
from fillplan_models.forecast import AssetDemand

from .conftest import Suppose

PICTURES = ["video", "muxed"]


def caches(world_tables: Tables) -> pd.DataFrame:
    return world_tables.caches.set_index("cache_id")


def picture_hours(demand: AssetDemand, tables: Tables) -> np.ndarray:
    """[R, titles] hours that the pictures of each title serve."""
    hours = demand.expected_bytes / bytes_per_hour(tables)
    pictures = tables.assets["kind"].isin(PICTURES).to_numpy()
    return pd.DataFrame(hours[:, pictures].T).groupby(tables.assets["title_id"][pictures].to_numpy()).sum().to_numpy()


def test_offline(suppose: Suppose, supposing: Supposing) -> None:
    world = suppose('kind = "offline"\nwhere = { cache_id = "edge-br-1" }\ndemand = "siblings"')
    problem, before = supposing.problem(world), supposing.problem(supposing.base.world)
    out = problem.cache_ids.index("edge-br-1")
    assert (problem.storage_bytes[out], problem.fill_budget_bytes[out], problem.serve_limit_bytes[out]) == (0, 0, 0.0)
    assert not problem.rights[out].any()
    assert not len(problem.held[out]) and not len(problem.pinned[out])
    region = problem.points.region[next(p for p in range(len(problem.points.share)) if problem.options(p)[0][0] == out)]
    here = problem.points.region == region
    assert problem.points.share[here].sum() == pytest.approx(before.points.share[here].sum())


def test_capacity(suppose: Suppose, base: Base) -> None:
    before = caches(base.inputs.tables)
    doubled = caches(
        suppose('kind = "capacity"\nwhere = { region = "BR" }\ncolumn = "storage_bytes"\nscale = 2').tables
    )
    factor = np.where(before["region"] == "BR", 2, 1)
    np.testing.assert_array_equal(doubled["storage_bytes"], before["storage_bytes"] * factor)
    short = caches(suppose('kind = "capacity"\ncolumn = "fill_hours"\nset = 0.5').tables)
    assert (short["fill_hours"] == 0.5).all()
    scaled = caches(suppose('kind = "capacity"\ncolumn = "serve_rate_bps"\nscale = 0.5').tables)
    np.testing.assert_array_equal(scaled["serve_rate_bps"], before["serve_rate_bps"] * 0.5)


def test_capacity_must_keep_the_tables_rules(suppose: Suppose) -> None:
    with pytest.raises(ScenarioError, match=r"line 3, scenario 1, override 1: expected caches: fill_hours.*found 25"):
        suppose('kind = "capacity"\ncolumn = "fill_hours"\nset = 25')
    with pytest.raises(ScenarioError, match="shares of the region BR that add up to 1"):
        suppose('kind = "capacity"\nwhere = { region = "BR" }\ncolumn = "region_share"\nset = 0.9')


def test_new_cache(suppose: Suppose, base: Base) -> None:
    world = suppose(
        'kind = "new_cache"\ncache_id = "edge-br-9"\nlike = "edge-br-2"\nregion_share = 0.2\nstorage_bytes = 7e9'
    )
    before, after = caches(base.inputs.tables), caches(world.tables)
    assert after.loc["edge-br-9", "storage_bytes"] == 7_000_000_000
    assert after.loc["edge-br-9", "parent_id"] == before.loc["edge-br-2", "parent_id"]
    shares = [frame.loc[frame["region"] == "BR", "region_share"].sum() for frame in (before, after)]
    assert shares[0] == pytest.approx(shares[1]), "the siblings gave up what the new one got"
    assert (world.tables.caches.dtypes == base.inputs.tables.caches.dtypes).all()
    with pytest.raises(ScenarioError, match="did you mean `edge-br-2`"):
        suppose('kind = "new_cache"\ncache_id = "edge-br-9"\nlike = "edge-br-22"')


def test_demand(suppose: Suppose, supposing: Supposing, base: Base) -> None:
    titles = base.inputs.tables.titles
    dramas = set(titles["title_id"][titles["genres"].str.contains("drama")])
    after = supposing.demand(suppose('kind = "demand"\nwhere = { genres = "*drama*", region = "BR" }\nscale = 3'))
    is_drama = base.inputs.tables.assets["title_id"].isin(dramas).to_numpy()
    factor = np.where((np.array(after.regions) == "BR")[:, None] & is_drama, 3.0, 1.0)
    np.testing.assert_array_equal(after.expected_bytes, base.demand.expected_bytes * factor)


def test_demand_of_a_language_or_a_rung(suppose: Suppose, supposing: Supposing, base: Base) -> None:
    assets = base.inputs.tables.assets
    language = assets["language"].replace("", None).mode()[0]
    for where, mask in (
        (f'files = {{ language = "{language}" }}', (assets["language"] == language).to_numpy()),
        ('files = { bitrate_kbps = ">=1900" }', (assets["bitrate_kbps"] >= 1900).to_numpy()),
    ):
        after = supposing.demand(suppose(f'kind = "demand"\n{where}\nscale = 3'))
        assert 0 < mask.sum() < len(mask)
        np.testing.assert_array_equal(after.expected_bytes, base.demand.expected_bytes * np.where(mask, 3.0, 1.0))


def test_demand_of_some_days(suppose: Suppose, supposing: Supposing, base: Base) -> None:
    second = base.inputs.plan_date + timedelta(days=1)
    world = suppose(f'kind = "demand"\nwhere = {{ title_id = "t003" }}\nfrom = {second}\nto = {second}\nscale = 0')
    forecast, title = base.forecast, list(base.inputs.tables.titles["title_id"]).index("t003")
    series = (forecast.title == title) & (forecast.regions[0] == np.array(forecast.regions)[forecast.region])
    left = 1 - forecast.view_hours[series, 1].sum() / forecast.view_hours[series].sum()
    files = (base.inputs.tables.assets["title_id"] == "t003").to_numpy()
    part = supposing.demand(world).expected_bytes[0, files].sum() / base.demand.expected_bytes[0, files].sum()
    assert 0 < left < 1
    assert part == pytest.approx(left)


@pytest.mark.parametrize("end", ["low", "high"])
def test_forecast_end(suppose: Suppose, supposing: Supposing, base: Base, end: str) -> None:
    world = suppose(f'kind = "forecast_end"\nwhere = {{ title_id = "t003" }}\nend = "{end}"')
    forecast, title = base.forecast, list(base.inputs.tables.titles["title_id"]).index("t003")
    for region in range(len(forecast.regions)):
        series = (forecast.title == title) & (forecast.region == region)
        files = (base.inputs.tables.assets["title_id"] == "t003").to_numpy()
        before = base.demand.expected_bytes[region, files].sum()
        expected = before * getattr(forecast, end)[series].sum() / forecast.view_hours[series].sum()
        assert supposing.demand(world).expected_bytes[region, files].sum() == pytest.approx(expected)


def launching(base: Base) -> str:
    """A title whose rights start within the horizon."""
    rows = base.inputs.tables.availability
    last = pd.Timestamp(base.inputs.plan_date + timedelta(days=base.inputs.settings.plan.horizon_days - 1))
    return str(
        rows["title_id"][
            (rows["start_date"] >= pd.Timestamp(base.inputs.plan_date)) & (rows["start_date"] <= last)
        ].iloc[0]
    )


def demand_of(base: Base, supposing: Supposing, world, title: str) -> float:  # type: ignore[no-untyped-def]
    files = (world.tables.assets["title_id"] == title).to_numpy()
    return float(supposing.demand(world).expected_bytes[:, files].sum())


def test_a_launch_moved_by_nothing_gives_the_stored_demand_to_the_last_bit(
    suppose: Suppose, supposing: Supposing, base: Base
) -> None:
    world = suppose('kind = "move_launch"\ndays = 0')
    assert world.new_forecast
    np.testing.assert_array_equal(supposing.demand(world).expected_bytes, base.demand.expected_bytes)


def test_moved_and_cancelled_launches(suppose: Suppose, supposing: Supposing, base: Base) -> None:
    title = launching(base)
    where = f'where = {{ title_id = "{title}" }}'
    assert demand_of(base, supposing, base.world, title) > 0
    later = suppose(f'kind = "move_launch"\n{where}\ndays = 300')
    cancelled = suppose(f'kind = "cancel_launch"\n{where}')
    assert demand_of(base, supposing, later, title) == 0.0
    assert demand_of(base, supposing, cancelled, title) == 0.0
    earlier = suppose(f'kind = "move_launch"\n{where}\nto = {base.inputs.plan_date}')
    rows = earlier.tables.availability
    assert (rows["start_date"][rows["title_id"] == title] == pd.Timestamp(base.inputs.plan_date)).all()
    assert demand_of(base, supposing, earlier, title) > 0
    with pytest.raises(ScenarioError, match="titles with a launch to come"):
        suppose('kind = "cancel_launch"\nwhere = { title_id = "t001" }')


def test_a_launch_moved_in_one_region_only(suppose: Suppose, base: Base) -> None:
    rows = base.inputs.tables.availability
    title = launching(base)
    world = suppose(f'kind = "cancel_launch"\nwhere = {{ title_id = "{title}", region = "BR" }}')
    after = world.tables.availability
    moved = after[(after["title_id"] == title) & (after["start_date"] == pd.Timestamp(9999, 12, 31))]
    assert set(moved["region"]) <= {"BR"} and len(moved) == 1
    assert len(after) >= len(rows)


def test_add_launch(suppose: Suppose, supposing: Supposing, base: Base) -> None:
    start = base.inputs.plan_date + timedelta(days=2)
    world = suppose(f'kind = "add_launch"\ntitle_id = "fresh"\nlike = "t002"\nstart = {start}')
    assets = world.tables.assets
    assert sorted(assets.loc[assets["title_id"] == "fresh", "size_bytes"]) == sorted(
        assets.loc[assets["title_id"] == "t002", "size_bytes"]
    )
    assert demand_of(base, supposing, world, "fresh") > 0
    far = suppose(f'kind = "add_launch"\ntitle_id = "fresh"\nlike = "t002"\nstart = {start + timedelta(days=60)}')
    assert demand_of(base, supposing, far, "fresh") == 0.0
    assert build_problem(world.tables, supposing.demand(world), world.plan_date, world.settings.plan).file_count == len(
        assets
    )


def test_promotion(suppose: Suppose, base: Base) -> None:
    world = suppose(
        'kind = "promotion"\nwhere = { title_id = "t00[12]", region = "BR" }\n'
        "from = 2026-05-01\nto = 2026-05-03\nstrength = 2"
    )
    added = world.tables.promotions.iloc[len(base.inputs.tables.promotions) :]
    assert added[["title_id", "region", "strength"]].to_numpy().tolist() == [["t001", "BR", 2.0], ["t002", "BR", 2.0]]
    assert world.new_forecast


def test_a_promotion_lifts_its_title_and_takes_from_others_in_its_region_alone(
    suppose: Suppose, supposing: Supposing, base: Base
) -> None:
    title, day = launching(base), base.inputs.plan_date
    world = suppose(
        f'kind = "promotion"\nwhere = {{ title_id = "{title}", region = "BR" }}\n'
        f"from = {day}\nto = {day + timedelta(days=6)}\nstrength = 5"
    )
    after, region = supposing.demand(world), base.demand.regions.index("BR")
    others = (base.inputs.tables.assets["title_id"] != title).to_numpy()
    now, before = after.expected_bytes[region], base.demand.expected_bytes[region]
    assert now[~others].sum() > 1.1 * before[~others].sum()
    # an evening has so many hours; where titles have been seen to take from each other, this one does
    assert np.all(now[others] <= before[others]) and now[others].sum() > 0.9 * before[others].sum()
    elsewhere = np.arange(len(base.demand.regions)) != region
    np.testing.assert_array_equal(after.expected_bytes[elsewhere], base.demand.expected_bytes[elsewhere])


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


def test_settings(suppose: Suppose, supposing: Supposing) -> None:
    world = suppose('kind = "settings"\nplan = { peak_to_mean = 4.0 }')
    before, after = supposing.problem(supposing.base.world), supposing.problem(world)
    np.testing.assert_allclose(after.serve_limit_bytes, before.serve_limit_bytes / 2)
    assert not world.new_forecast
    assert suppose('kind = "settings"\nplan = { horizon_days = 3 }').new_forecast
    with pytest.raises(ScenarioError, match=r"peak_too_mean; did you mean `peak_to_mean`"):
        suppose('kind = "settings"\nplan = { peak_too_mean = 4.0 }')


def test_every_kind_is_tested_here() -> None:
    names = {name.removeprefix("test_") for name in globals() if name.startswith("test_")}
    told = {"move_launch": "moved_and_cancelled_launches", "cancel_launch": "moved_and_cancelled_launches"}
    assert [kind for kind in KINDS if not any(n.startswith(told.get(kind, kind)) for n in names)] == []


def test_a_policy_by_name_or_in_full(suppose: Suppose, supposing: Supposing) -> None:
    world = suppose('kind = "settings"\nplan = { policy = "offload" }')
    assert world.settings.plan.policy.name == "offload"
    half = suppose('kind = "settings"\nplan = { policy = { reserve = { storage_share = 0.5 } } }')
    before = supposing.problem(supposing.base.world)
    np.testing.assert_array_equal(supposing.problem(half).storage_bytes, before.storage_bytes // 2)
    with pytest.raises(ScenarioError, match="did you mean 'offload'"):
        suppose('kind = "settings"\nplan = { policy = "ofload" }')


def test_document_is_current() -> None:
    document = (Path(__file__).parents[3] / "docs" / "scenarios.md").read_text(encoding="utf-8")
    assert document == scenarios_document(), "renew with: make docs"
    assert all(f"## {kind}" in document for kind in KINDS)


def test_one_override_tells_all_its_misfits(suppose: Suppose) -> None:
    with pytest.raises(ScenarioError) as caught:
        suppose('kind = "new_cache"\ncache_id = "edge-br-1"\nlike = "edge-br-22"\nregion = "XX"')
    assert [fault.row for fault in caught.value.faults] == [5, 6, 7]
    with pytest.raises(ScenarioError) as caught:
        suppose('kind = "add_launch"\ntitle_id = "t002"\nlike = "none"\nstart = 2026-06-01\nregions = ["XX", "YY"]')
    assert len(caught.value.faults) == 4
    with pytest.raises(ScenarioError) as caught:
        suppose('kind = "settings"\nplan = { horizn_days = 3, solvr = "auto" }\nforecast = { metod = "ewma" }')
    assert [fault.found for fault in caught.value.faults] == ["horizn_days", "solvr", "metod"]
    with pytest.raises(ScenarioError) as caught:
        suppose('kind = "offline"\nwhere = { cacheid = "x", regin = "BR" }')
    assert [fault.found for fault in caught.value.faults] == ["cacheid", "regin"]


def test_document_has_the_words_that_a_key_allows() -> None:
    document = scenarios_document()
    assert "or the origin alone: `parent`, `siblings`, `origin`; default: `parent` |" in document
    assert "| `end` | which end: `low`, `high` (required) |" in document
