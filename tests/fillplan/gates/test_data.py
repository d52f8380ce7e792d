"""Each data gate alone: silent on an unchanged night, and past its limit on what it is there for."""

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fillplan.gates.data import AGAINST, LASTING, WITHIN, goes_back, hours_by_region, measure, regions_missing
from fillplan.gates.profile import (
    DAYS,
    SAMPLE,
    Profile,
    Sample,
    _last_ends,
    _row_spike,
    lag_days,
    profile_tables,
    read_profile,
)
from fillplan.gates.verdict import judge
from fillplan.settings import GateSettings
from fillplan_data.history import before, default_plan_date
from fillplan_data.reading import read_tables

SAMPLE_WORLD = Path(__file__).parents[3] / "data" / "sample" / "input"


@pytest.fixture(scope="module")
def then() -> Profile:
    tables, _ = read_tables(SAMPLE_WORLD)
    day = default_plan_date(tables) - timedelta(days=1)
    return profile_tables(before(tables, day), day)


@pytest.fixture(scope="module")
def now() -> Profile:
    tables, _ = read_tables(SAMPLE_WORLD)
    return profile_tables(tables, default_plan_date(tables))


def _hours(profile: Profile, change: Callable[[np.ndarray], object]) -> Profile:
    hours = {r: np.array(h, dtype=float) for r, h in profile.region_hours.items()}
    for row in hours.values():
        change(row)
    return replace(profile, region_hours={r: [None if np.isnan(x) else x for x in h] for r, h in hours.items()})


def _set(at: int | slice, value: float) -> Callable[[np.ndarray], object]:
    return lambda row: row.__setitem__(at, value)


def _scale(at: int | slice, factor: float) -> Callable[[np.ndarray], object]:
    return lambda row: row.__setitem__(at, row[at] * factor)


def _other(sample: Sample) -> Sample:
    return replace(sample, digests=dict.fromkeys(sample.digests, "other"))


def _strangers(sample: Sample) -> Sample:
    return replace(sample, digests={f"new-{name}": digest for name, digest in sample.digests.items()})


def _rows(profile: Profile, factor: float) -> Profile:
    return replace(profile, rows={name: int(rows * factor) for name, rows in profile.rows.items()})


def _caches(profile: Profile, **changes: object) -> Profile:
    return replace(profile, caches={name: {**cache, **changes} for name, cache in profile.caches.items()})


def _one_region_away(profile: Profile) -> Profile:
    largest = max(profile.region_hours, key=lambda r: np.nansum(np.array(profile.region_hours[r], dtype=float)))
    return replace(profile, region_hours={r: h for r, h in profile.region_hours.items() if r != largest})


def _exchanged(hours: dict[str, float]) -> dict[str, float]:
    return dict(zip(hours, sorted(hours.values()), strict=True))


SPOILT: dict[str, Callable[[Profile], Profile]] = {
    "old_views": lambda p: replace(p, lag_days=15),
    "stale_days": lambda p: replace(p, lag_days=4),
    "regions_missing": lambda p: _hours_but_first(p),
    "hours_level": lambda p: _hours(p, _scale(-1, 2.0)),
    "hours_by_region": lambda p: _hours(p, _scale(-1, 0.2)),
    "repeated_day": lambda p: replace(p, repeated_share=[0.0, 0.0, 2.5]),
    "row_spike": lambda p: replace(p, row_spike=9.0),
    "inventory_unknown": lambda p: replace(p, inventory_unknown=0.5),
    "tables_gone": lambda p: replace(p, rows={**p.rows, "pins": 0}),
    "rows_lost": lambda p: _rows(p, 0.5),
    "rows_gained": lambda p: _rows(p, 2.0),
    "regions_gone": _one_region_away,
    "titles_gone": lambda p: replace(p, titles=_strangers(p.titles)),
    "titles_new": lambda p: replace(p, titles=_strangers(p.titles)),
    "titles_changed": lambda p: replace(p, titles=_other(p.titles)),
    "files_gone": lambda p: replace(p, files=_strangers(p.files)),
    "files_new": lambda p: replace(p, files=_strangers(p.files)),
    "files_changed": lambda p: replace(p, file_bytes={name: 2 * size for name, size in p.file_bytes.items()}),
    "files_resized": lambda p: replace(
        p, file_bytes={n: 5 * b if i % 9 else b for i, (n, b) in enumerate(p.file_bytes.items())}
    ),
    "rights_gone": lambda p: replace(p, rights=_strangers(p.rights)),
    "ends_gone": lambda p: replace(p, last_ends=dict.fromkeys(p.last_ends, "")),
    "rights_changed": lambda p: replace(p, rights=_other(p.rights)),
    "capacity_level": lambda p: _caches(p, storage_bytes=1),
    "caches_changed": lambda p: _caches(p, place="elsewhere"),
    "blocks_lost": lambda p: replace(p, blocked_share=0.0),
    "blocks_gained": lambda p: replace(p, blocked_share=p.blocked_share + 0.5),
    "history_regions": lambda p: _hours(p, _scale(slice(None), 1.5)),
    "history_titles": lambda p: replace(p, title_hours=_exchanged(dict(p.title_hours))),
}


def _hours_but_first(profile: Profile) -> Profile:
    """All regions but the one with least hours lack the last day."""
    least = min(profile.region_hours, key=lambda r: np.nansum(np.array(profile.region_hours[r], dtype=float)))
    spoilt = _hours(profile, _set(-1, np.nan))
    return replace(spoilt, region_hours={**spoilt.region_hours, least: profile.region_hours[least]})


def test_an_ordinary_night_passes(now: Profile, then: Profile) -> None:
    verdicts = judge(measure(now, then), GateSettings(), frozenset())
    assert [v for v in verdicts if v.verdict == "stop"] == []
    assert len(verdicts) == len(WITHIN) + len(AGAINST)


def test_gates_that_find_no_region_say_so(now: Profile) -> None:
    assert regions_missing(now).found.endswith("regions that lack the last day: none")
    assert hours_by_region(now).found.endswith("regions that are far off: none")


@pytest.mark.parametrize("gate", SPOILT)
def test_what_a_gate_is_there_for_stops_it(now: Profile, then: Profile, gate: str) -> None:
    then = replace(then, blocked_share=0.1, last_ends=dict.fromkeys(then.last_ends, "2026-09-01"))
    spoilt = SPOILT[gate](replace(now, blocked_share=0.1))
    by_name = {v.gate: v for v in judge(measure(spoilt, then), GateSettings(), frozenset())}
    assert by_name[gate].stops, by_name[gate]
    allowed = {v.gate: v for v in judge(measure(spoilt, then), GateSettings(), frozenset({gate}))}
    assert (allowed[gate].verdict, allowed[gate].stops) == ("stop", False)


def test_an_old_good_night_still_shows_what_vanished(now: Profile, then: Profile) -> None:
    """A catalogue cut short stays a bad one, however many nights it has stopped; what only grew old is left alone."""
    cut = replace(now, files=_strangers(now.files), title_hours=_exchanged(dict(now.title_hours)))
    measured = {m.gate: m.value for m in measure(cut, then, is_long_ago=True)}
    assert measured["files_gone"] == 1.0
    assert measured.keys() == {gate.__name__ for gate in (*WITHIN, *LASTING)}
    assert not {"history_titles", "files_new", "titles_new", "rights_changed"} & measured.keys()


def test_many_small_steps_make_a_large_one(now: Profile, then: Profile) -> None:
    """Sizes shrink by 8 % a night: nothing from night to night, everything over a week."""
    shrunk = [replace(now, file_bytes={n: int(b * 0.92**k) for n, b in now.file_bytes.items()}) for k in range(3)]
    assert {m.gate: m.value for m in measure(shrunk[1], shrunk[0])}["files_changed"] == 0
    two_nights = {m.gate: m for m in measure(shrunk[2], shrunk[1], earlier=shrunk[0])}
    assert two_nights["files_changed"].value == 0.5
    assert f"since {now.plan_date}" in two_nights["files_changed"].found
    healthy = judge(measure(now, then, earlier=then), GateSettings(), frozenset())
    assert [v for v in healthy if v.verdict == "stop"] == []
    assert len({v.gate for v in healthy}) == len(healthy)


def test_what_is_new_since_an_earlier_good_night_is_no_drift(now: Profile) -> None:
    """Only what must not vanish is compared with it."""
    other = replace(now, titles=_strangers(now.titles))
    drifted = {m.gate: m.value for m in measure(now, now, earlier=other)}
    assert (drifted["titles_gone"], drifted["titles_new"]) == (0.5, 0.0)


def test_days_known_to_both_nights_are_the_same_days(now: Profile, then: Profile) -> None:
    assert then.first_day < now.first_day
    assert {m.gate: m.value for m in measure(now, then)}["history_regions"] == 0


def test_a_region_that_begins_today_does_not_raise_the_level(now: Profile) -> None:
    begun = replace(now, region_hours={**now.region_hours, "begun": [None] * (DAYS - 1) + [1e9]})
    before, after = ({m.gate: m.value for m in measure(p, None)}["hours_level"] for p in (now, begun))
    assert after == before


def test_a_chart_that_stands_still_every_day_repeats_nothing_unusual(now: Profile) -> None:
    still = replace(now, repeated_share=[0.9] * DAYS)
    assert {m.gate: m.value for m in measure(still, None)}["repeated_day"] == 0


def test_few_files_that_change_their_size_are_not_judged(now: Profile) -> None:
    few = dict.fromkeys(list(now.files.digests)[:19], "x")
    one = replace(now, files=replace(now.files, digests=few))
    other = replace(one, file_bytes={name: 9 * size for name, size in one.file_bytes.items()})
    assert {m.gate: m.value for m in measure(other, one)}["files_resized"] == 0


def test_a_plan_date_before_the_newest_sets_goes_back() -> None:
    assert goes_back(date(2026, 5, 1), None).value == 0
    assert goes_back(date(2026, 5, 1), date(2026, 5, 1)).value == 0, "the same night again"
    assert goes_back(date(2026, 5, 1), date(2026, 4, 1)).value == 0
    assert goes_back(date(2026, 4, 30), date(2026, 5, 1)).value == 1


def test_rows_of_a_day_far_ahead_do_not_tell_how_far_views_reach() -> None:
    days = pd.date_range("2026-02-01", periods=20)
    views = pd.DataFrame({"date": days, "view_hours": 100.0})
    assert lag_days(views, date(2026, 2, 21)) == 0
    assert lag_days(views, date(2026, 2, 24)) == 3
    stray = pd.concat([views, pd.DataFrame({"date": [pd.Timestamp("2099-01-01")], "view_hours": [5.0]})])
    assert lag_days(stray, date(2099, 1, 2)) == (date(2099, 1, 1) - date(2026, 2, 20)).days
    assert lag_days(views.assign(view_hours=0.0), date(2026, 2, 21)) == DAYS


def test_every_gate_has_a_test() -> None:
    assert set(SPOILT) == {gate.__name__ for gate in (*WITHIN, *AGAINST)}


def test_gates_warn_before_they_stop(now: Profile) -> None:
    spoilt = _hours(now, _scale(-1, 1.3))
    by_name = {v.gate: v.verdict for v in judge(measure(spoilt, None), GateSettings(), frozenset())}
    assert by_name["hours_level"] == "warn"


@pytest.mark.parametrize("gate", ["regions_missing", "hours_by_region"])
def test_a_last_day_that_lacks_only_warns_on_a_first_night(now: Profile, gate: str) -> None:
    spoilt = SPOILT[gate](now)
    by_name = {v.gate: v for v in judge(measure(spoilt, None), GateSettings(), frozenset(), is_first=True)}
    assert (by_name[gate].verdict, by_name["hours_level"].stops) == ("warn", False)


@pytest.mark.parametrize("gate", ["hours_level", "row_spike", "inventory_unknown"])
def test_what_is_harmful_stops_a_first_night_too(now: Profile, gate: str) -> None:
    spoilt = SPOILT[gate](now)
    assert {v.gate for v in judge(measure(spoilt, None), GateSettings(), frozenset(), is_first=True) if v.stops} >= {
        gate
    }
    high = _hours(now, _scale(-1, 4.0))
    stopping = {v.gate for v in judge(measure(high, None), GateSettings(), frozenset(), is_first=True) if v.stops}
    assert stopping >= {"hours_level", "hours_by_region"}


def test_a_small_region_may_have_a_great_day() -> None:
    """An hour where there is mostly a minute, in a region of a thousandth: nobody is stopped by that."""
    days = pd.date_range("2026-02-01", periods=20)
    rows = [(day, "large", "m1", 20.0) for day in days] + [(day, "small", "m1", 0.02) for day in days[:-1]]
    views = pd.DataFrame([*rows, (days[-1], "small", "m1", 1.0)], columns=["date", "region", "title_id", "view_hours"])
    views["region"] = views["region"].astype("category")
    assert _row_spike(views) == pytest.approx(1.0 / (0.02 * 20.02))


def test_the_last_day_of_rights_is_the_latest_of_all_windows() -> None:
    rows = [("a", "2026-02-01"), ("a", "2026-03-01"), ("b", "2026-02-01"), ("b", None), ("c", "2026-02-01")]
    windows = pd.DataFrame(rows, columns=["title_id", "end_date"])
    windows["end_date"] = pd.to_datetime(windows["end_date"])
    assert _last_ends(windows, ["a", "b"]) == {"a": "2026-03-01", "b": ""}
    assert _last_ends(windows[:0], ["a"]) == {}


def test_profiles_travel_as_files(now: Profile) -> None:
    content = now.content()
    assert read_profile(content) == read_profile(read_profile(content).content())
    assert asdict(read_profile(content)) == json.loads(content)
    for junk in (
        b"",
        b"{}",
        b"[]",
        b"[" * 100_000,
        content[:-20],
        content.replace(b'"format_version":3', b'"format_version":9'),
    ):
        with pytest.raises(ValueError, match=r"damaged|format version"):
            read_profile(junk)


def test_large_tables_are_compared_by_the_same_sample(now: Profile) -> None:
    """Of 10,000 titles a tenth goes: the shares told from samples are close, though the samples differ."""
    import zlib

    ids = [f"title-{n}" for n in range(10_000)]

    def sample(names: list[str]) -> Sample:
        chosen = sorted(names, key=lambda name: zlib.crc32(name.encode()))[:SAMPLE]
        return Sample(dict.fromkeys(chosen, "x"), zlib.crc32(chosen[-1].encode()))

    old, new = replace(now, titles=sample(ids)), replace(now, titles=sample(ids[1000:]))
    gone = {m.gate: m.value for m in measure(new, old)}["titles_gone"]
    back = {m.gate: m.value for m in measure(old, new)}["titles_new"]
    assert gone == pytest.approx(0.1, abs=0.03)
    assert back == pytest.approx(0.1, abs=0.03)


def test_the_window_is_the_weeks_before_the_plan_date(now: Profile) -> None:
    first, plan_date = date.fromisoformat(now.first_day), date.fromisoformat(now.plan_date)
    assert (plan_date - first).days == DAYS
    assert {len(hours) for hours in now.region_hours.values()} == {DAYS}
