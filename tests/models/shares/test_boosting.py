"""The language booster learns what a prior by region and original language cannot know, and changes nothing else."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from fillplan_models.shares.boosting import LEAST_TITLES
from fillplan_models.shares.estimate import shares_from, variant_shares
from fillplan_models.shares.evidence import make_codes, read_evidence
from tests.models.shares.test_estimate import asset, watched
from tests.models.worlds import day, tables_of

REGIONS = ("R1", "R2")
WATCHED, ALL = 40, 60
DUB = 0.8
"""R1 takes the dub where there is one, else it reads; R2 listens to the original and reads nothing."""


def has_dub(title):
    return title % 3 != 0


@cache
def tables():
    titles = [
        {"title_id": f"t{i:02d}", "kind": "movie", "original_language": "en", "runtime_minutes": 60.0}
        for i in range(ALL)
    ]
    assets, evidence = [], []
    for i, title in enumerate(row["title_id"] for row in titles):
        spoken = ("en", "es", "fr") if has_dub(i) else ("en", "fr")
        assets.append(asset(f"{title}v", title, "video", 2000.0))
        assets += [asset(f"{title}a{language}", title, "audio", None, language) for language in spoken]
        assets += [asset(f"{title}s{language}", title, "subtitle", None, language) for language in ("en", "es")]
        if i < WATCHED:
            for start in (0, 7):
                evidence.append(watched(title, 2000, "en", "", 500.0, "R2", start))
                dub = DUB if has_dub(i) else 0.0
                evidence.append(watched(title, 2000, "en", "es", 500.0 * (1 - dub), "R1", start))
                evidence += [watched(title, 2000, "es", "", 500.0 * dub, "R1", start)] if dub else []
    return tables_of(titles=titles, assets=assets, variant_views=evidence)


def unwatched(shares, suffix, region=0):
    """Shares of the files of titles that nobody watched: with the dub, without it."""
    files = dict(zip(shares.asset_ids, shares.share[region], strict=True))
    names = [f"t{i:02d}{suffix}" for i in range(WATCHED, ALL)]
    return [
        [files[n] for i, n in enumerate(names, WATCHED) if n in files and has_dub(i) == dub] for dub in (True, False)
    ]


def test_a_title_without_the_dub_is_read_and_one_with_it_is_heard():
    shares = variant_shares(tables(), REGIONS, day(20))
    assert np.allclose(unwatched(shares, "aes")[0], DUB, atol=0.05)
    assert np.allclose(unwatched(shares, "ses")[0], 1 - DUB, atol=0.05)
    assert np.allclose(unwatched(shares, "ses")[1], 1.0, atol=0.1)
    assert np.allclose(unwatched(shares, "aen", region=1)[1], 1.0, atol=0.05)


def test_the_prior_alone_cannot_tell_them_apart():
    given = tables()
    evidence = read_evidence(given, make_codes(given, REGIONS), day(20))
    read = unwatched(shares_from(given, evidence, strength=30.0), "ses")
    assert np.allclose(read[0], read[1][0], atol=1e-9)


def test_few_titles_teach_nothing():
    given = tables()
    few = given.variant_views["title_id"].isin([f"t{i:02d}" for i in range(LEAST_TITLES - 1)])
    given = replace(given, variant_views=given.variant_views[few].reset_index(drop=True))
    read = unwatched(variant_shares(given, REGIONS, day(20)), "ses")
    assert np.allclose(read[0], read[1][0], atol=1e-9)


def test_a_title_that_joins_the_catalogue_moves_no_other():
    given, title = tables(), "t20x"
    titles = pd.concat([given.titles, given.titles[:1].assign(title_id=title)])
    assets = pd.concat([given.assets, given.assets[:1].assign(asset_id=f"{title}v", title_id=title)])
    joined = replace(
        given, titles=titles.sort_values("title_id", ignore_index=True), assets=assets.reset_index(drop=True)
    )
    before, after = (variant_shares(one, REGIONS, day(20)).share for one in (given, joined))
    assert after[:, :-1] == pytest.approx(before, rel=1e-9)


def test_the_same_bytes_again_and_for_regions_in_another_order():
    first, again = (variant_shares(tables(), REGIONS, day(20)).share for _ in range(2))
    assert first.tobytes() == again.tobytes()
    turned = variant_shares(tables(), REGIONS[::-1], day(20)).share
    assert turned[::-1] == pytest.approx(first, abs=0.02)  # sums in another order may move a split
