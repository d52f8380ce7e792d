"""The book: what it writes adds up to what was watched, and the future stays out of the input."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fillplan_data.synthetic import plan_date
from fillplan_data.synthetic.book import Book
from fillplan_data.synthetic.demand import expected_hours, region_views
from fillplan_data.synthetic.editions import Editions, make_editions
from fillplan_data.synthetic.files import Files, make_files
from fillplan_data.synthetic.sizes import SIZES
from fillplan_data.synthetic.variants import history_periods
from fillplan_data.synthetic.world import World, make_world

REGION = 2


@pytest.fixture(scope="module")
def one() -> tuple[World, Editions, Files]:
    world = make_world(SIZES["tiny"], 1)
    editions = make_editions(world.spec, world.catalogue, world.regions)
    return world, editions, make_files(world.catalogue, editions, world.seed)


@pytest.fixture(scope="module")
def written(
    one: tuple[World, Editions, Files], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Book, np.ndarray]:
    """One region of a tiny world, with truth; not to be changed."""
    folder = tmp_path_factory.mktemp("book")
    (folder / "input").mkdir()
    world, editions, files = one
    book = Book(world, files, "tiny", folder / "input", folder)
    told: list[str] = []
    recent = book.record(REGION, editions, told.append)
    assert told == [f"views: region 3 of 5 ({world.regions[REGION].code})"]
    book.close()
    return folder, book, recent


def by_title_and_day(world: World, rows: pd.DataFrame) -> np.ndarray:
    """[titles, days] hours; days as in `World.day`."""
    number = {title: k for k, title in enumerate(world.catalogue.table["title_id"])}
    hours = np.zeros((world.spec.titles, len(world.day)))
    day = (pd.to_datetime(rows["date"]) - pd.Timestamp(world.spec.plan_date)).dt.days + world.spec.history_days
    np.add.at(hours, (rows["title_id"].astype(str).map(number).to_numpy(), day.to_numpy()), rows["view_hours"])
    return hours


def test_views_are_whole_sittings_and_the_future_is_apart(one, written) -> None:  # type: ignore[no-untyped-def]
    (world, *_), (folder, _, _) = one, written
    past = world.spec.history_days
    watched = region_views(world, REGION).sittings * world.dynamics.sitting_hours[:, None]
    views = pd.read_csv(folder / "input" / "views.csv", keep_default_na=False)
    assert set(views["region"]) == {world.regions[REGION].code} and (views["view_hours"] > 0).all()
    assert by_title_and_day(world, views)[:, :past] == pytest.approx(watched[:, :past], abs=0.006)
    assert not by_title_and_day(world, views)[:, past:].any()
    future = pd.read_parquet(folder / "future" / "views.parquet")
    assert by_title_and_day(world, future)[:, past:] == pytest.approx(watched[:, past:], abs=0.006)
    assert not by_title_and_day(world, future)[:, :past].any()


def test_variants_add_up_to_the_views_of_their_period(one, written) -> None:  # type: ignore[no-untyped-def]
    (world, *_), (folder, _, _) = one, written
    past = world.spec.history_days
    views = by_title_and_day(world, pd.read_csv(folder / "input" / "views.csv", keep_default_na=False))
    rows = pd.read_csv(folder / "input" / "variant_views.csv", keep_default_na=False)
    variants = by_title_and_day(world, rows)
    covered = variants.any(axis=1)
    assert 0 < covered.sum() <= world.spec.variant_titles
    for first, last in history_periods(world.spec):
        asked = views[covered, first + past : last + past + 1].sum(1)
        assert variants[covered, first + past] == pytest.approx(asked, abs=1.0, rel=0.02)
    assert "" in set(rows["subtitle"]) and "" not in set(rows["audio"])


def test_the_truth_is_what_was_expected_in_the_last_weeks_and_after(one, written) -> None:  # type: ignore[no-untyped-def]
    (world, *_), (folder, _, _) = one, written
    truth = by_title_and_day(world, pd.read_parquet(folder / "truth.parquet"))
    first = world.spec.history_days - 28
    assert not truth[:, :first].any()
    assert truth[:, first:] == pytest.approx(expected_hours(world, REGION)[:, first:], abs=1e-6)


def test_true_shares_of_audio_and_of_video_make_up_a_title(one, written) -> None:  # type: ignore[no-untyped-def]
    """Every hour is seen on one rung and heard in one language; a muxed file is both."""
    (_, _, files), (folder, _, _) = one, written
    table = pd.read_parquet(folder / "truth_shares.parquet").astype({"asset_id": str})
    share = pd.Series(files.ids).map(table.set_index("asset_id")["share"]).fillna(0.0).to_numpy()
    assert (table["share"] > 0).all() and not table["asset_id"].duplicated().any()
    muxed = np.flatnonzero(files.main_audio < 0)
    for kinds in ((0, 3), (1, 3)):
        whole = np.bincount(files.title, share * np.isin(files.kind, kinds))
        assert whole == pytest.approx(np.ones(len(files.main_audio)), abs=1e-9), kinds
    assert len(muxed) > 0


def test_recent_hours_are_the_mean_of_the_stale_days(one, written) -> None:  # type: ignore[no-untyped-def]
    """Caches were filled by what was watched from ten to four days before the plan."""
    (world, *_), (folder, _, recent) = one, written
    views = by_title_and_day(world, pd.read_csv(folder / "input" / "views.csv", keep_default_na=False))
    past = world.spec.history_days
    assert recent == pytest.approx(views[:, past - 10 : past - 3].sum(1) / 7, abs=0.006)


def test_only_rows_of_the_input_are_counted(written) -> None:  # type: ignore[no-untyped-def]
    folder, book, _ = written
    assert book.rows == {
        name: len(pd.read_csv(folder / "input" / f"{name}.csv")) for name in ("views", "variant_views")
    }


def test_without_truth_the_same_input_is_written_and_nothing_else(one, written, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (world, editions, files), (folder, _, _) = one, written
    book = Book(world, files, "tiny", tmp_path, None)
    book.record(REGION, editions, lambda line: None)
    book.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["variant_views.csv", "views.csv"]
    for name in ("views.csv", "variant_views.csv"):
        assert (tmp_path / name).read_bytes() == (folder / "input" / name).read_bytes()


def test_truth_covers_the_last_weeks_and_the_days_to_come(tiny: Path) -> None:
    truth = pd.read_parquet(tiny / "truth.parquet")
    days = pd.to_datetime(truth["date"]) - pd.Timestamp(plan_date("tiny"))
    assert (days.min().days, days.max().days) == (-28, 13)
    assert (truth["view_hours"] > 0).all() and not truth.duplicated(["date", "region", "title_id"]).any()
    future = pd.read_parquet(tiny / "future" / "views.parquet")
    assert set(pd.to_datetime(future["date"]).unique()) == set(pd.date_range(plan_date("tiny"), periods=14))
    seen = future.merge(truth, on=["date", "region", "title_id"], how="left", suffixes=("", "_true"))
    assert seen["view_hours_true"].notna().all()  # nothing is watched that was not expected at all
