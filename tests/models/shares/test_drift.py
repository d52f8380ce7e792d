"""Rungs drift: found within titles, moved to the day asked for, and left alone where nothing tells."""

from dataclasses import replace

import numpy as np
import pytest

from fillplan_models.shares.drift import MOST_DRIFT, moved_to
from fillplan_models.shares.evidence import Evidence, make_codes, read_evidence
from tests.models.shares.test_estimate import REGIONS, asset, watched
from tests.models.worlds import FIRST_DAY, day, tables_of

RUNGS = (500.0, 1000.0, 2000.0, 4000.0)
TITLES = [
    {"title_id": f"t{i:02d}", "kind": "movie", "original_language": "en", "runtime_minutes": 60.0} for i in range(20)
]
PLAN = 56
EPOCH = FIRST_DAY.toordinal() - 719163
"""Day 0 of the history, in days since 1970."""


def bell(target_kbps: float, width: float = 0.7) -> np.ndarray:
    weight = np.exp(-0.5 * (np.log(np.array(RUNGS) / target_kbps) / width) ** 2)
    return weight / weight.sum()


def evidence_of(
    daily_growth: float, titles_at=lambda week: range(20), level=lambda title: 1.0, width: float = 0.7
) -> Evidence:
    """Eight weeks whose target rate grows; in R1 only."""
    rows = [
        watched(f"t{t:02d}", kbps, "en", "", 1000.0 * share, "R1", 7 * week)
        for week in range(8)
        for t in titles_at(week)
        for kbps, share in zip(RUNGS, bell(1500 * level(t) * np.exp(daily_growth * 7 * week), width), strict=True)
    ]
    assets = [asset(f"{row['title_id']}v", row["title_id"], "video", 500.0) for row in TITLES]
    tables = tables_of(titles=TITLES, assets=assets, variant_views=rows)
    return read_evidence(tables, make_codes(tables, REGIONS), day(PLAN))


def rungs(evidence: Evidence) -> np.ndarray:
    hours = np.bincount(evidence.rung, evidence.hours, len(RUNGS))
    return hours / hours.sum()


@pytest.mark.parametrize("growth", [0.003, -0.002])
def test_what_moved_is_moved_on_to_the_day_asked_for(growth: float) -> None:
    before = evidence_of(growth)
    after = moved_to(before, EPOCH + PLAN + 3.5)
    really = bell(1500 * np.exp(growth * PLAN))  # weeks stand for their middle, 3.5 days after their start
    missed, was_missed = (np.abs(rungs(e) - really).max() for e in (after, before))
    assert missed < 0.012 and missed < was_missed / 2


def test_each_titles_periods_keep_their_hours() -> None:
    before = evidence_of(0.004)
    after = moved_to(before, EPOCH + PLAN)
    for period in range(8):
        for title in (0, 7):
            cell = (before.period == period) & (before.title == title)
            assert after.hours[cell].sum() == pytest.approx(before.hours[cell].sum())
    assert np.array_equal(after.rung, before.rung)


def test_another_mix_of_titles_is_no_drift() -> None:
    """Titles that come in ever higher rates follow each other, but none of them moves."""
    mixed = evidence_of(0.0, titles_at=lambda week: range(2 * week, 2 * week + 6), level=lambda t: 1.1**t)
    assert moved_to(mixed, EPOCH + PLAN).hours == pytest.approx(mixed.hours, rel=1e-6)


def test_a_region_without_evidence_drifts_as_the_others_do() -> None:
    given = evidence_of(0.003)
    late = given.only(given.period == 7)
    once = replace(late, region=np.ones_like(late.region))  # R2 has been seen once
    both = Evidence(given.codes, **{
        name: np.concatenate([getattr(given, name), getattr(once, name)])
        for name in ("region", "title", "rung", "audio", "subtitle", "hours", "period", "day")
    })  # fmt: skip
    moved = moved_to(both, EPOCH + PLAN + 35)
    in_second = moved.only(moved.region == 1)
    assert rungs(in_second)[-1] > rungs(once)[-1] + 0.01


def test_nothing_is_moved_without_two_periods_or_without_rates() -> None:
    once = evidence_of(0.01).only(evidence_of(0.01).period == 3)
    assert np.array_equal(moved_to(once, EPOCH + PLAN).hours, once.hours)
    untold = replace(once, rung=np.full_like(once.rung, -1))
    assert moved_to(untold, EPOCH + PLAN) is untold


@pytest.mark.parametrize("width", [0.7, 3.0])
def test_no_evidence_is_moved_too_far(width: float) -> None:
    """Also where all rungs are watched alike, so that no odds would have to be moved beyond their ratio for more."""
    given = evidence_of(0.01, width=width)
    far, farther = (rungs(moved_to(given, EPOCH + PLAN + days)) for days in (4000, 40000))
    assert far == pytest.approx(farther)
    mean = (rungs(given), far) @ np.log(np.array(RUNGS))
    assert 0 < mean[1] - mean[0] <= 1.05 * MOST_DRIFT


@pytest.mark.parametrize("rare", [1e-2, 1e-6])
def test_a_region_that_hardly_knows_but_one_rung_is_not_turned_over_by_the_drift_elsewhere(rare: float) -> None:
    drifting = evidence_of(0.004)
    one, other = (np.flatnonzero(drifting.period == 7)[drifting.rung[drifting.period == 7] == k] for k in (0, 3))
    parts = [np.arange(len(drifting.hours)), one, other]
    both = replace(
        drifting,
        **{
            name: np.concatenate([getattr(drifting, name)[part] for part in parts])
            for name in ("title", "rung", "audio", "subtitle", "period", "day")
        },
        region=np.concatenate([drifting.region, np.ones(len(one) + len(other), dtype=np.int64)]),
        hours=np.concatenate([drifting.hours, np.full(len(one), 1e3 * (1 - rare)), np.full(len(other), 1e3 * rare)]),
    )
    after = moved_to(both, EPOCH + PLAN + 30)
    there, top = after.region == 1, after.rung == 3
    assert np.isfinite(after.hours).all()
    assert rare < after.hours[there & top].sum() / after.hours[there].sum() < 10 * rare
