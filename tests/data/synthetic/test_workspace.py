from __future__ import annotations

from pathlib import Path

import pytest

from fillplan_data.errors import AlreadyExists
from fillplan_data.reading import read_tables
from fillplan_data.synthetic import make_workspace, plan_date
from fillplan_data.synthetic.__main__ import SAMPLE, SAMPLE_SEED
from fillplan_data.tables import Tables

DEMAND = {"views", "variant_views", "titles", "availability", "promotions", "calendar"}
WRITTEN = DEMAND | {"assets", "caches", "inventory", "pins"}


def _bytes(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_the_same_size_and_seed_give_the_same_bytes(tiny: Path, tmp_path: Path) -> None:
    make_workspace(tmp_path / "again", "tiny", 1, truth=True)
    assert _bytes(tmp_path / "again") == _bytes(tiny)


def test_truth_changes_nothing_else_and_another_seed_does(tiny: Path, tmp_path: Path) -> None:
    make_workspace(tmp_path / "plain", "tiny", 1)
    make_workspace(tmp_path / "other", "tiny", 2)
    plain, other, with_truth = _bytes(tmp_path / "plain"), _bytes(tmp_path / "other"), _bytes(tiny)
    assert plain == {name: content for name, content in with_truth.items() if name in plain}
    further = {"truth.parquet", "truth_shares.parquet", "future/views.parquet", "future/variant_views.parquet"}
    assert set(with_truth) - set(plain) == further
    assert not any(plain[name] == other[name] for name in plain)


def test_the_sample_in_the_repository_is_what_the_maker_makes(tmp_path: Path) -> None:
    """Renew it with `python -m fillplan_data.synthetic --renew-sample`, and review it like code."""
    make_workspace(tmp_path / "sample", "tiny", SAMPLE_SEED)
    assert _bytes(tmp_path / "sample") == _bytes(SAMPLE)
    assert sum(len(content) for content in _bytes(SAMPLE).values()) < 1_600_000


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_tiny_has_no_faults_and_only_warns_of_what_will_be_evicted(seed: int, tmp_path: Path) -> None:
    make_workspace(tmp_path / "w", "tiny", seed)
    tables, warnings = read_tables(tmp_path / "w" / "input", plan_date=plan_date("tiny"))
    assert tables.present == WRITTEN
    assert {w.table for w in warnings} <= {"inventory"}


def test_small_has_no_faults_and_uses_the_other_file_forms(tmp_path: Path) -> None:
    make_workspace(tmp_path / "w", "small", 9)
    tables, _ = read_tables(tmp_path / "w" / "input", plan_date=plan_date("small"))
    assert tables.present == WRITTEN
    assert {p.name.split(".", 1)[1] for p in (tmp_path / "w" / "input").iterdir()} == {"csv", "csv.gz", "parquet"}
    assert tables.variant_views["date"].nunique() == 14  # one period per day
    assert 200_000 < len(tables.views) < 400_000


def test_what_the_contract_knows_appears(tiny_tables: Tables) -> None:
    t = tiny_tables
    assert set(t.assets["kind"]) == {"video", "audio", "subtitle", "muxed"}
    assert set(t.titles["kind"]) == {"movie", "series", "episode", "short", "live"}
    assert {"franchise", "star_power", "budget_class", "studio", "age_rating"} <= set(t.titles.columns)
    assert {"", "BR"} <= set(t.availability["region"]) and t.availability["end_date"].isna().any()
    assert "" in set(t.variant_views["subtitle"]) and (t.promotions["region"] == "").any()
    assert set(t.pins["rule"]) == {"pin", "block"}
    assert (t.pins["cache_id"] == "").any() and (t.pins["cache_id"] != "").any()
    assert (t.pins["asset_id"] != "").any() and (t.pins["title_id"] != "").any()
    assert t.caches["serve_rate_bps"].notna().any() and t.caches["serve_rate_bps"].isna().any()
    assert set(t.titles["title_id"]) - set(t.availability["title_id"])  # open everywhere without a row


def test_the_exact_solver_can_take_every_group_of_tiny(tiny_tables: Tables) -> None:
    group = tiny_tables.caches["parent_id"].where(lambda p: p != "", tiny_tables.caches["cache_id"])
    assert group.nunique() == 2
    assert group.value_counts().max() * len(tiny_tables.assets) < 5_000


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "fillplan.toml").write_text("[plan]\n")
    with pytest.raises(AlreadyExists, match=r"found fillplan\.toml"):
        make_workspace(tmp_path, "tiny", 1)
    assert [p.name for p in tmp_path.iterdir()] == ["fillplan.toml"]


def test_an_interrupted_run_leaves_no_input_and_can_be_repeated(tmp_path: Path) -> None:
    def stop(line: str) -> None:
        if line.startswith("caches"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_workspace(tmp_path, "tiny", 1, progress=stop)
    assert not (tmp_path / "input").exists()
    lines: list[str] = []
    make_workspace(tmp_path, "tiny", 1, progress=lines.append)
    assert (tmp_path / "input" / "views.csv").exists()
    assert sum(line.startswith("views: region") for line in lines) == 5


def test_synthetic_stands_wherever_it_shows(tiny: Path) -> None:
    for name in ("README.md", "fillplan.toml"):
        first_line = (tiny / name).read_text().splitlines()[0]
        assert first_line.startswith("# SYNTHETIC") and "seed 1" in first_line and "2026-04-29" in first_line
