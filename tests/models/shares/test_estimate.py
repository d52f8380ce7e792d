"""Shares add up over the files that exist, follow the evidence, and fall back on priors."""

import numpy as np
import pytest

from fillplan_models.shares.estimate import variant_shares
from tests.models.worlds import day, tables_of

REGIONS = ("R1", "R2")
TITLES = [
    {"title_id": "a", "kind": "movie", "original_language": "en", "runtime_minutes": 60.0},
    {"title_id": "b", "kind": "movie", "original_language": "es", "runtime_minutes": 60.0},
    {"title_id": "s", "kind": "short", "original_language": "", "runtime_minutes": 5.0},
]


def asset(asset_id, title, kind, kbps=None, language="", size=1000):
    return {
        "asset_id": asset_id,
        "title_id": title,
        "kind": kind,
        "bitrate_kbps": kbps,
        "language": language,
        "size_bytes": size,
    }


def ladder(title, rungs=(500, 2000, 8000), audio=("en", "es"), subtitles=("en", "fr")):
    files = [asset(f"{title}v{kbps}", title, "video", float(kbps)) for kbps in rungs]
    files += [asset(f"{title}a{language}", title, "audio", None, language) for language in audio]
    return files + [asset(f"{title}s{language}", title, "subtitle", None, language) for language in subtitles]


MUXED = [
    asset(f"m{kbps}{language}", "s", "muxed", float(kbps), language)
    for kbps in (500, 2000)
    for language in ("en", "es")
]
ASSETS = ladder("a") + ladder("b", rungs=(500, 2000)) + MUXED


def watched(title, kbps, audio, subtitle, hours, region="R1", start=0):
    return {
        "date": day(start),
        "region": region,
        "title_id": title,
        "bitrate_kbps": float(kbps),
        "audio": audio,
        "subtitle": subtitle,
        "view_hours": hours,
    }


def shares_of(evidence=(), assets=ASSETS, plan=70):
    tables = tables_of(titles=TITLES, assets=list(assets), variant_views=list(evidence))
    shares = variant_shares(tables, REGIONS, day(plan))
    return {asset_id: shares.share[:, i] for i, asset_id in enumerate(shares.asset_ids)}


def total(shares, *prefixes):
    return sum(share for asset_id, share in shares.items() if asset_id.startswith(prefixes))


def assert_adds_up(shares):
    for title in ("a", "b"):
        assert total(shares, f"{title}v") == pytest.approx([1, 1])
        assert total(shares, f"{title}a") == pytest.approx([1, 1])
        assert np.all(total(shares, f"{title}s") <= 1)
    assert total(shares, "m") == pytest.approx([1, 1])
    assert all(np.all(share >= 0) for share in shares.values())


WEEKS = [
    watched("a", kbps, audio, subtitle, hours, start=7 * week)
    for week in range(8)
    for kbps, audio, subtitle, hours in [(500, "en", "", 10), (2000, "en", "fr", 60), (8000, "es", "", 30)]
]


def test_without_evidence_sane_priors():
    shares = shares_of()
    assert_adds_up(shares)
    assert shares["aaen"][0] >= shares["aaes"][0]  # the original
    assert np.all(shares["av2000"] > shares["av500"])
    assert np.all(total(shares, "as") < 0.5)  # most watch without subtitles


def test_much_evidence_is_followed():
    shares = shares_of([row | {"view_hours": 1e6 * row["view_hours"]} for row in WEEKS])
    assert_adds_up(shares)
    expected = {"av500": 0.1, "av2000": 0.6, "av8000": 0.3, "aaen": 0.7, "aaes": 0.3, "asfr": 0.6, "asen": 0.0}
    for name, share in expected.items():
        assert shares[name][0] == pytest.approx(share, abs=0.01), name


def test_a_title_nobody_watched_borrows_from_its_region():
    shares = shares_of([row | {"view_hours": 1e4 * row["view_hours"]} for row in WEEKS])
    assert shares["bv2000"][0] == pytest.approx(0.9, abs=0.02)  # who watches 8000 would take 2000 where it ends
    assert shares["asfr"][1] > shares["asen"][1]  # R2 has seen nothing: the habit of all regions


def test_audio_of_a_language_without_a_file_goes_to_those_that_exist_and_subtitles_to_off():
    evidence = [watched("a", 2000, "fr", "de", 1e6, start=7 * week) for week in range(4)] + [
        watched("a", 2000, "en", "fr", 1e6, start=7 * week) for week in range(4)
    ]
    shares = shares_of(evidence)
    assert_adds_up(shares)
    assert shares["aaen"][0] == pytest.approx(1, abs=0.01)
    assert total(shares, "as")[0] == pytest.approx(0.5, abs=0.01)


def test_twins_share_their_demand():
    shares = shares_of(assets=[*ASSETS, asset("av2000twin", "a", "video", 2000.0)])
    assert shares["av2000"] == pytest.approx(shares["av2000twin"])
    assert shares["av2000"] + shares["av2000twin"] == pytest.approx(shares_of()["av2000"])


def test_muxed_is_rung_share_times_audio_share():
    evidence = [watched("s", kbps, language, "", 1e6 * kbps * (1 + (language == "en")), start=7 * w)
                for w in range(4) for kbps in (500, 2000) for language in ("en", "es")]  # fmt: skip
    shares = shares_of(evidence)
    for kbps, rung in ((500, 0.2), (2000, 0.8)):
        assert shares[f"m{kbps}en"][0] == pytest.approx(rung * 2 / 3, abs=0.01)
        assert shares[f"m{kbps}es"][0] == pytest.approx(rung / 3, abs=0.01)


def test_pictures_of_a_title_that_comes_plain_and_muxed_add_up_to_one():
    plain, both = ladder("s", rungs=(2000, 8000), audio=("en", "es"), subtitles=()), ladder("a", subtitles=())
    both += [asset("am500fr", "a", "muxed", 500.0, "fr"), asset("am500fr2", "a", "muxed", 500.0, "fr")]
    shares = shares_of(assets=[*plain, *MUXED, *both])
    for name, other in (("s", "m"), ("a", "am")):
        assert total(shares, f"{name}v", other) == pytest.approx([1, 1])
        assert total(shares, f"{name}ae", other) == pytest.approx([1, 1])
    alone = shares_of(assets=plain)
    assert shares["m2000en"] + shares["m2000es"] == pytest.approx(shares["sv2000"])
    assert shares["am500fr"] == pytest.approx(shares["am500fr2"])
    assert shares["saen"] / shares["saes"] == pytest.approx(alone["saen"] / alone["saes"])


def test_recent_periods_weigh_more():
    evidence = [watched("a", 500 if week < 4 else 8000, "en", "", 1e6, start=7 * week) for week in range(8)]
    assert shares_of(evidence)["av8000"][0] > 0.6


def test_periods_that_end_after_the_plan_date_are_not_known():
    evidence = [watched("a", 500, "en", "", 1e6, start=7 * week) for week in range(3)]
    later = [watched("a", 8000, "en", "", 1e9, start=21)]
    assert shares_of(evidence + later, plan=27)["av500"][0] == shares_of(evidence, plan=27)["av500"][0]


def test_untold_values_are_no_evidence():
    rows = [watched("a", 500, "", "", 1e6, start=7 * week) | {"bitrate_kbps": None} for week in range(3)]
    shares = shares_of(rows)
    assert_adds_up(shares)
    assert shares["av500"] == pytest.approx(shares_of()["av500"])


@pytest.mark.parametrize("hours", [1e3, 1e9])
def test_audio_beside_plain_pictures_that_nobody_watches_is_a_number(hours):
    plain, muxed = asset("av8000", "a", "video", 8000.0), asset("am2000en", "a", "muxed", 2000.0, "en")
    evidence = [watched("a", 2000, "en", "", hours, start=7 * week) for week in range(4)]
    shares = shares_of(evidence, assets=[plain, muxed, asset("aaen", "a", "audio", None, "en")])
    assert shares["am2000en"] + shares["av8000"] == pytest.approx([1, 1])
    assert shares["aaen"] == pytest.approx(shares["av8000"], abs=1e-12)
