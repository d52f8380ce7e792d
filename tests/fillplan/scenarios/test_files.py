"""Overrides of the files on offer, with an answer that is known by construction."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from fillplan.scenarios.faults import Misfit
from fillplan.scenarios.files import add_language, add_rung, drop_rung, shrink
from fillplan.scenarios.kinds import AddLanguage, AddRung, Codec, DropRung
from fillplan.scenarios.world import World
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


# asset, title, kind, kbps, language, bytes; m3 comes in rungs with the sound in them
FILES = [
    ("m1v1", "m1", "video", 1000.0, "", 501),
    ("m1v4", "m1", "video", 4000.0, "", 2000),
    ("m1fr", "m1", "audio", None, "fr", 60),
    ("m1en", "m1", "audio", None, "en", 51),
    ("m1sfr", "m1", "subtitle", None, "fr", 3),
    ("m2v2", "m2", "video", 2000.0, "", 800),
    ("m2de", "m2", "audio", None, "de", 40),
    ("m3a", "m3", "muxed", 1000.0, "fr", 700),
    ("m3b", "m3", "muxed", 1000.0, "en", 703),
    ("m3c", "m3", "muxed", 3000.0, "fr", 2100),
]


@pytest.fixture
def world(small_world: World) -> World:
    """The workspace by hand with other files, all of which fr1 holds; one of them is pinned, and a whole title."""
    tables = small_world.tables
    columns = ["asset_id", "title_id", "kind", "bitrate_kbps", "language", "size_bytes"]
    assets = pd.DataFrame(FILES, columns=columns).assign(url="").astype(tables.assets.dtypes.to_dict())
    inventory = pd.DataFrame({"cache_id": "fr1", "asset_id": [row[0] for row in FILES]}).astype("category")
    pins = [("de1", "m1v1", "", "pin"), ("fr1", "", "m1", "block")]
    pins_table = pd.DataFrame(pins, columns=list(tables.pins.columns)).astype(tables.pins.dtypes.to_dict())
    return replace(small_world, tables=replace(tables, assets=assets, inventory=inventory, pins=pins_table))


def added(before: World, after: World) -> dict[str, tuple[object, ...]]:
    """The files that came in: title, kind, kbps, language, bytes by id."""
    old, new = before.tables.assets, after.tables.assets
    pd.testing.assert_frame_equal(new.iloc[: len(old)], old)
    rows = new.iloc[len(old) :].astype(object)
    return {
        row.asset_id: (row.title_id, row.kind, row.bitrate_kbps, row.language, row.size_bytes, row.url)
        for row in rows.itertuples()
    }


def ids(world: World, table: str) -> list[str]:
    return list(getattr(world.tables, table)["asset_id"].astype(str))


def test_a_rung_goes_with_all_that_is_said_of_its_files(world: World) -> None:
    after = drop_rung(world, DropRung(kind="drop_rung", where={"title_id": "m1"}, bitrate_kbps=1000))
    assert ids(after, "assets") == [row[0] for row in FILES if row[0] != "m1v1"]
    assert ids(after, "inventory") == ids(after, "assets")
    assert after.tables.pins["rule"].tolist() == ["block"], "the pin of a whole title stays"
    assert after.new_shares and not after.new_forecast
    assert ids(world, "assets") == [row[0] for row in FILES], "the world before is as it was"


def test_a_rung_goes_in_all_its_languages_where_the_sound_is_in_it(world: World) -> None:
    after = drop_rung(world, DropRung(kind="drop_rung", bitrate_kbps=1000))
    assert {row[0] for row in FILES} - set(ids(after, "assets")) == {"m1v1", "m3a", "m3b"}


def test_the_last_rung_of_a_title_cannot_go(world: World) -> None:
    with pytest.raises(Misfit) as caught:
        drop_rung(world, DropRung(kind="drop_rung", bitrate_kbps=2000))
    assert caught.value.keys == ("where",)
    assert caught.value.found == "1 without, such as m2"


def test_a_rung_that_is_not_there_is_answered_with_those_that_are(world: World) -> None:
    with pytest.raises(Misfit) as caught:
        drop_rung(world, DropRung(kind="drop_rung", where={"title_id": ["m1", "m3"]}, bitrate_kbps=77))
    assert caught.value.keys == ("bitrate_kbps",)
    assert caught.value.remedy == "known rungs: 1000, 3000, 4000"


def test_a_new_rung_is_as_large_as_the_nearest_one_says(world: World) -> None:
    after = add_rung(world, AddRung(kind="add_rung", bitrate_kbps=1999))
    # 1999 is nearer to 1000 than to 4000 as a ratio, and nearer to 3000 than to 1000
    assert added(world, after) == {
        "m1v1-1999k": ("m1", "video", 1999.0, "", 1001, ""),  # 501 x 1.999 = 1001.499
        "m2v2-1999k": ("m2", "video", 1999.0, "", 800, ""),  # 800 x 1999 / 2000 = 799.6
        "m3b-1999k": ("m3", "muxed", 1999.0, "en", 1405, ""),  # 703 x 1.999 = 1405.297
        "m3c-1999k": ("m3", "muxed", 1999.0, "fr", 1399, ""),  # 2100 x 1999 / 3000 = 1399.3
    }
    assert after.new_shares
    assert ids(after, "inventory") == ids(world, "inventory"), "nobody holds them yet"


def test_of_two_rungs_as_near_the_one_with_the_smaller_id_is_the_model(world: World) -> None:
    after = add_rung(world, AddRung(kind="add_rung", where={"title_id": "m1"}, bitrate_kbps=2000))
    assert list(added(world, after)) == ["m1v1-2000k"]


def test_a_rung_that_some_have_already_is_refused(world: World) -> None:
    with pytest.raises(Misfit) as caught:
        add_rung(world, AddRung(kind="add_rung", bitrate_kbps=1000))
    assert caught.value.found == "2 titles that have it, such as m1"


def test_files_are_the_same_in_every_region(world: World) -> None:
    with pytest.raises(Misfit) as caught:
        add_rung(world, AddRung(kind="add_rung", where={"title_id": "m2", "region": "FR"}, bitrate_kbps=1000))
    assert caught.value.keys == ("where", "region")


def test_without_pictures_there_is_no_rung_to_go_by(world: World) -> None:
    assets = world.tables.assets
    bare = world.with_tables(assets=assets[assets["kind"] == "audio"].reset_index(drop=True))
    with pytest.raises(Misfit) as caught:
        add_rung(bare, AddRung(kind="add_rung", bitrate_kbps=1000))
    assert caught.value.expected == "titles with video files of a bitrate"
    untold = world.with_tables(assets=assets.assign(bitrate_kbps=np.nan))
    with pytest.raises(Misfit) as caught:
        add_rung(untold, AddRung(kind="add_rung", bitrate_kbps=1000))
    assert caught.value.expected == "titles with video files of a bitrate"


@pytest.mark.parametrize(("scale", "size"), [(0.5, 251), (0.001, 1), (2.0, 1002)])
def test_sizes_are_rounded_to_whole_bytes_and_never_to_none(world: World, scale: float, size: int) -> None:
    override = Codec(kind="codec", where={"title_id": "m1"}, files={"kind": "video"}, scale=scale)
    after = shrink(world, override)
    sizes = dict(zip(ids(after, "assets"), after.tables.assets["size_bytes"], strict=True))
    assert sizes["m1v1"] == size
    assert [sizes[row[0]] for row in FILES[2:]] == [row[5] for row in FILES[2:]], "files not chosen"
    assert after.tables.assets["size_bytes"].dtype == np.int64
    assert after.tables.inventory is world.tables.inventory, "taken to hold them"
    assert not after.new_shares and not after.new_forecast


def test_a_file_of_a_few_bytes_keeps_one(world: World) -> None:
    after = shrink(world, Codec(kind="codec", files={"kind": "subtitle"}, scale=0.1))
    assert after.tables.assets.set_index("asset_id")["size_bytes"]["m1sfr"] == 1


def test_where_the_new_files_must_be_fetched_the_old_ones_are_gone(world: World) -> None:
    override = Codec(kind="codec", where={"title_id": "m3"}, files={"language": "fr"}, scale=0.5, refill=True)
    after = shrink(world, override)
    assert set(ids(world, "inventory")) - set(ids(after, "inventory")) == {"m3a", "m3c"}
    assert ids(after, "assets") == ids(world, "assets")


def test_a_codec_of_no_file_is_refused(world: World) -> None:
    with pytest.raises(Misfit) as caught:
        shrink(world, Codec(kind="codec", where={"title_id": "m1"}, files={"kind": "muxed"}, scale=0.5))
    assert (caught.value.keys, caught.value.found) == (("files",), "none")


def test_a_language_comes_to_the_titles_that_lack_it_at_the_mean_size_of_their_others(world: World) -> None:
    after = add_language(world, AddLanguage(kind="add_language", language="DE"))
    # m2 has German; m1's audio files are 60 and 51 bytes; m3's rung of 1000 has 700 and 703
    assert added(world, after) == {
        "m1en-de": ("m1", "audio", pytest.approx(np.nan, nan_ok=True), "de", 56, ""),
        "m3a-de": ("m3", "muxed", 1000.0, "de", 702, ""),
        "m3c-de": ("m3", "muxed", 3000.0, "de", 2100, ""),
    }
    assert after.new_shares


def test_subtitles_come_where_there_are_subtitles(world: World) -> None:
    after = add_language(world, AddLanguage(kind="add_language", language="en", carrier="subtitle"))
    assert added(world, after) == {"m1sfr-en": ("m1", "subtitle", pytest.approx(np.nan, nan_ok=True), "en", 3, "")}


def test_a_language_that_all_have_already_or_that_is_none_is_refused(world: World) -> None:
    with pytest.raises(Misfit) as caught:
        add_language(world, AddLanguage(kind="add_language", where={"title_id": "m[13]"}, language="fr"))
    assert caught.value.found == "none with audio or muxed files but without fr"
    with pytest.raises(Misfit) as caught:
        add_language(world, AddLanguage(kind="add_language", language="e!"))
    assert caught.value.keys == ("language",)


def test_ids_that_are_taken_get_a_number(world: World) -> None:
    rung = AddRung(kind="add_rung", where={"title_id": "m2"}, bitrate_kbps=500)
    taken = world.tables.assets.replace({"asset_id": {"m1sfr": "m2v2-500k"}})
    after = add_rung(world.with_tables(assets=taken), rung)
    assert ids(after, "assets")[-1] == "m2v2-500k.2"
