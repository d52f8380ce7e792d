from __future__ import annotations

import numpy as np
import pytest

from fillplan_data.synthetic.editions import OFF, Editions, rung_share, variant_shares
from fillplan_data.synthetic.world import World


def test_shares_add_up_and_ask_only_for_what_there_is(world: World, editions: Editions) -> None:
    for region in world.regions:
        shares = variant_shares(world.catalogue, editions, region)
        for edition, pairs, share in zip(editions.editions, shares.pairs, shares.pair_share, strict=True):
            assert share.sum() == pytest.approx(1) and (share > 0).all()
            assert set(pairs[:, 0].tolist()) <= set(edition.audio)
            assert set(pairs[:, 1].tolist()) <= {OFF, *edition.subtitles}
        assert np.allclose(shares.audio_share.sum(1), 1) and (shares.subtitle_share.sum(1) < 1).all()


def test_own_titles_are_heard_in_their_own_language_without_subtitles(small_world: World) -> None:
    from fillplan_data.synthetic.editions import make_editions

    editions = make_editions(small_world.spec, small_world.catalogue, small_world.regions)
    for region in small_world.regions:
        if len(region.country.languages) > 1:
            continue
        own = small_world.catalogue.languages.index(next(iter(region.country.languages)))
        shares = variant_shares(small_world.catalogue, editions, region)
        for e, edition in enumerate(editions.editions):
            if edition.original == own:
                assert shares.audio_share[e, own] == pytest.approx(1)
                assert shares.subtitle_share[e].sum() < 0.2
            elif own in edition.audio:
                assert shares.audio_share[e, own] == pytest.approx(region.dub_share)


def test_faster_lines_carry_more_bits_and_more_each_week(world: World) -> None:
    ladder = world.spec.ladder_kbps
    by_target = sorted(world.regions, key=lambda region: region.target_kbps)
    means = [float(rung_share(ladder, region) @ np.array(ladder)) for region in by_target]
    assert means == sorted(means)
    for region in by_target:
        assert rung_share(ladder, region).sum() == pytest.approx(1)
        now, later = rung_share(ladder, region), rung_share(ladder, region, weeks=30)
        assert later @ np.array(ladder) > now @ np.array(ladder)


def test_the_top_rung_is_for_big_productions(world: World, editions: Editions) -> None:
    top = np.array([world.spec.ladder_kbps[-1] in editions.ladders[k] for k in editions.ladder_of_title])
    muxed = np.array([editions.editions[e].muxed for e in editions.of_title])
    assert (top == ((world.catalogue.budget >= 2) & ~muxed)).all() and top.any()
