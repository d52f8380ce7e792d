from __future__ import annotations

import numpy as np
import pytest

from fillplan_data.synthetic.editions import Editions, rung_share, variant_shares
from fillplan_data.synthetic.files import (
    AUDIO,
    MUXED,
    SUBTITLE,
    VIDEO,
    Files,
    assets_table,
    file_shares,
    requested_bytes,
)
from fillplan_data.synthetic.world import World


def test_sizes_are_bitrate_times_runtime(world: World, files: Files) -> None:
    seconds = world.catalogue.runtime_minutes[files.title] * 60
    video = files.kind == VIDEO
    ratio = files.size_bytes[video] * 8 / 1000 / seconds[video] / files.kbps[video]
    assert (ratio > 0.4).all() and (ratio < 1.8).all() and ratio.mean() == pytest.approx(0.92, abs=0.12)
    kbps = files.size_bytes * 8 / 1000 / seconds
    assert kbps[files.kind == AUDIO].min() > 100 and kbps[files.kind == AUDIO].max() < 300
    assert files.size_bytes[files.kind == SUBTITLE].max() < 1_000_000


def test_every_title_has_its_original_audio(world: World, files: Files) -> None:
    for t in range(len(world.catalogue)):
        kinds = set(files.kind[files.title == t].tolist())
        if MUXED in kinds:
            assert kinds == {MUXED} and files.main_audio[t] == -1
        else:
            assert {VIDEO, AUDIO} <= kinds
            main = files.main_audio[t]
            assert (files.title[main], files.kind[main], files.language[main]) == (
                t, AUDIO, world.catalogue.original[t],
            )  # fmt: skip


def test_the_table_has_what_each_kind_needs(world: World, files: Files) -> None:
    table = assets_table(world.catalogue, files)
    assert table["asset_id"].is_unique
    rated, spoken = table["bitrate_kbps"].notna(), table["language"] != ""
    assert (rated == table["kind"].isin(["video", "muxed"])).all()
    assert (spoken == (table["kind"] != "video")).all()
    assert 500 < len(table) < 900


def test_requested_bytes_follow_the_definition(world: World, editions: Editions, files: Files) -> None:
    """Slow twin: hours of the demand a file serves x 3600 x size / runtime, file by file."""
    region = world.regions[1]
    shares = variant_shares(world.catalogue, editions, region)
    share = file_shares(files, shares)
    hours = np.linspace(1, 50, len(world.catalogue))
    requested = requested_bytes(world.catalogue, files, share, hours)
    for k in range(len(files)):
        t = files.title[k]
        e, ladder = editions.of_title[t], editions.ladders[editions.ladder_of_title[t]]
        rung = rung_share(ladder, region)[ladder.index(int(files.kbps[k]))] if files.kbps[k] else 1.0
        pairs, chance = shares.pairs[e], shares.pair_share[e]
        column = 1 if files.kind[k] == SUBTITLE else 0
        language = chance[pairs[:, column] == files.language[k]].sum() if files.kind[k] != VIDEO else 1.0
        rate = files.size_bytes[k] / (world.catalogue.runtime_minutes[t] * 60)
        assert requested[k] == pytest.approx(hours[t] * rung * language * 3600 * rate)
