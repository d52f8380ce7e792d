"""Plans of scenarios kept as what they hold otherwise, and read back."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillplan.scenarios.kept import otherwise, read_plan, restored, write_plans
from fillplan_data.errors import VerificationFailed
from fillplan_optimizer.result import Placement, Prices
from fillplan_optimizer.start import Start
from tests.optimizer.instances import network

PROBLEM = network(3, 2, 1)
COUNT = PROBLEM.file_count


def placement(*files: set[int]) -> Placement:
    return Placement(tuple(np.array(sorted(held), dtype=np.int64) for held in files))


def start(held: Placement) -> Start:
    return Start(PROBLEM.cache_ids, PROBLEM.file_ids, Prices.unknown(3), held)


def told(rows: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(rows["cache_id"], rows["asset_id"], strict=True))


def test_only_what_differs_is_kept_in_either_direction() -> None:
    before, now = placement({0, 1}, {2}, set()), placement({1, 2}, {2}, {0})
    assert told(otherwise(PROBLEM, start(before), now)) == [("c0", "f0"), ("c0", "f2"), ("c2", "f0")]


def test_equal_plans_keep_nothing() -> None:
    same = placement({0, 1}, {2}, set())
    rows = otherwise(PROBLEM, start(same), same)
    assert rows.empty and list(rows) == ["cache_id", "asset_id"]


held = st.tuples(*[st.sets(st.integers(0, COUNT - 1))] * 3)


@given(before=held, now=held)
def test_what_was_kept_comes_back(before: tuple[set[int], ...], now: tuple[set[int], ...]) -> None:
    first, second = start(placement(*before)), placement(*now)
    back = restored(PROBLEM, first, otherwise(PROBLEM, first, second))
    assert [files.tolist() for files in back.files] == [files.tolist() for files in second.files]


@pytest.mark.parametrize("row", [("c9", "f0"), ("c0", "f999")])
def test_names_that_the_scenario_does_not_have_are_refused(row: tuple[str, str]) -> None:
    rows = pd.DataFrame([row], columns=["cache_id", "asset_id"])
    with pytest.raises(VerificationFailed, match="ask again"):
        restored(PROBLEM, start(placement(set(), set(), set())), rows)


def test_plans_are_read_back_by_scenario_and_point(tmp_path: Path) -> None:
    one, two = (pd.DataFrame([row], columns=["cache_id", "asset_id"]) for row in (("c0", "f0"), ("c1", "f1")))
    write_plans(tmp_path / "plans.parquet", [(0, 0, one), (1, 0, one.iloc[:0]), (1, 1, two)])
    found = {key: told(read_plan(tmp_path / "plans.parquet", *key)) for key in [(0, 0), (0, 1), (1, 0), (1, 1)]}
    assert found == {(0, 0): [("c0", "f0")], (0, 1): [], (1, 0): [], (1, 1): [("c1", "f1")]}


def test_an_answer_without_any_plan_has_a_file_all_the_same(tmp_path: Path) -> None:
    write_plans(tmp_path / "plans.parquet", [])
    assert read_plan(tmp_path / "plans.parquet", 0, 0).empty


@pytest.mark.parametrize("content", [None, b"PAR1"])
def test_a_missing_or_damaged_file_says_to_ask_again(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "plans.parquet"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(VerificationFailed, match="Ask again: fillplan whatif"):
        read_plan(path, 0, 0)
