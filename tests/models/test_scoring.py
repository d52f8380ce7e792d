"""Scoring: the same hours for any number of blocks and threads."""

import numpy as np
import pytest

from fillplan_models import scoring
from fillplan_models.boosting import fit_booster
from fillplan_models.panel import Panel, build_panel
from fillplan_models.sampling import training_rows
from fillplan_models.scoring import Correction, predict, predict_hours
from fillplan_models.spec import ModelSpec
from tests.models.worlds import day, simulate, tables_of

SPEC = ModelSpec.model_validate({
    "name": "quick",
    "sampling": {"cutoffs": 6, "rows": 3000},
    "booster": {"rounds": 12, "num_leaves": 7, "min_data_in_leaf": 20},
})  # fmt: skip


@pytest.fixture(scope="module")
def panel() -> Panel:
    return build_panel(tables_of(**simulate(regions=3, titles=24)), day(70), 7)


@pytest.mark.parametrize("block_rows", [1, 37, 10**9])
def test_blocks_and_threads_do_not_show(panel: Panel, block_rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    booster = fit_booster(training_rows(panel, SPEC.sampling, 0), SPEC, 0)
    corrected = Correction(booster, (1.0, 0.5, 0.2), young_days=14)
    whole = predict_hours(corrected, panel, threads=1)
    monkeypatch.setattr(scoring, "BLOCK_ROWS", block_rows)
    assert predict_hours(corrected, panel, threads=1).tobytes() == whole.tobytes()
    assert predict_hours(corrected, panel, threads=2).tobytes() == whole.tobytes()
    plain = predict_hours(None, panel, threads=1)
    assert whole.sum() > 0 and not np.array_equal(whole, plain)
    assert predict(corrected, None, panel, threads=1).plain.tobytes() == plain.tobytes()


@pytest.mark.parametrize("hours", [0.0, None])
def test_where_nothing_was_watched_nothing_is_foretold(hours: float | None) -> None:
    """Zeros say no more than no rows at all: a trace of hours would be told apart from what comes without bounds."""
    rows = simulate(regions=3, titles=24)
    views = [row | {"view_hours": hours} if row["region"] == "R1" else row for row in rows["views"]]
    views, caches = [row for row in views if row["view_hours"] is not None], [{"cache_id": "c", "region": "R1"}]
    panel = build_panel(tables_of(**rows | {"views": views}, caches=caches), day(70), 7)
    found, region = predict(None, None, panel, threads=1), panel.region[panel.live]
    assert (region == 1).any() and not found.mean[region == 1].any() and not found.plain[region == 1].any()
    assert found.mean[region != 1].sum() > 0
    assert "no views at all in R1: demand there is forecast as zero" in panel.notes


def test_the_order_of_the_titles_table_does_not_show() -> None:
    rows = simulate(regions=4, titles=60, days=84, extra=False, seed=2)
    unwatched = {f"t{i:03d}" for i in range(10, 34)}
    rows["views"] = [row for row in rows["views"] if row["title_id"] not in unwatched]
    for row in rows["availability"]:
        row["start_date"] = day(-100) if row["title_id"] in unwatched else row["start_date"]
    listed = np.random.default_rng(0).permutation(rows["titles"]).tolist()
    one, other = (
        build_panel(tables_of(**rows | {"titles": titles}), day(84), 7) for titles in (rows["titles"], listed)
    )
    place = [other.titles.index(title) for title in one.titles]
    hours, again = np.zeros((2, 4, 60, 7))
    hours[one.region, one.title] = predict_hours(None, one, threads=1)
    again[other.region, other.title] = predict_hours(None, other, threads=1)
    assert again[:, place] == pytest.approx(hours)
