"""`solve hashcode` as a function: an instance in, a submission out, and places that are refused before the search."""

from pathlib import Path

import pytest

from fillplan.workflow.solving import _search_seconds, solve_hashcode
from fillplan_data.errors import AlreadyExists, InputFaults, NotFound, StorageFailure

# the contest's own example: 5 videos, 2 endpoints, 4 request rows, 3 caches of 100 MB
EXAMPLE = "5 2 4 3 100\n50 50 80 30 110\n1000 3\n0 100\n2 200\n1 300\n500 0\n3 0 1500\n0 1 1000\n4 0 500\n1 0 1000\n"


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    path = tmp_path / "case.in"
    path.write_text(EXAMPLE)
    return path


def test_the_best_of_an_example_by_hand(instance: Path, tmp_path: Path) -> None:
    answer = solve_hashcode(instance, tmp_path / "out", None, 0, 5)
    # endpoint 0 saves 900 ms at cache 0, more than at any other; videos 3 and 1 (30 and 50 MB) fit there together,
    # video 4 (110 MB) fits nowhere, and endpoint 1 has no cache
    assert answer.score == (1500 * 900 + 1000 * 900) * 1000 // 4000
    assert (answer.proven, answer.gap, answer.interrupted, answer.bound) == (True, 0.0, False, answer.score)
    rows = (tmp_path / "out").read_text().splitlines()
    assert sorted(rows[1].split()[1:]) == ["1", "3"] and rows[1].split()[0] == "0"


def test_without_a_clock_the_submission_depends_on_instance_and_seed_alone(instance: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        solve_hashcode(instance, tmp_path / name, None, 3, 2)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_the_instance_itself_is_refused_through_links_too(instance: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(instance)
    for out in (instance, tmp_path / "link"):
        with pytest.raises(AlreadyExists, match="the instance itself"):
            solve_hashcode(instance, out, None, 0, 1)
    assert instance.read_text() == EXAMPLE


def test_a_place_that_cannot_be_written_is_found_before_the_instance_is_read(tmp_path: Path) -> None:
    with pytest.raises(StorageFailure, match="cannot be written"):
        solve_hashcode(tmp_path / "none", tmp_path / ("n" * 300), None, 0, 1)
    with pytest.raises(NotFound):
        solve_hashcode(tmp_path / "none", tmp_path / "deeper" / "out", None, 0, 1)
    assert list((tmp_path / "deeper").iterdir()) == [], "what tried the place is gone"


def test_every_fault_of_the_instance_is_told(instance: Path, tmp_path: Path) -> None:
    instance.write_text("1 1 1 1 1\n0\n5 0\n0 0 0\n")
    with pytest.raises(InputFaults) as caught:
        solve_hashcode(instance, tmp_path / "out", None, 0, 1)
    assert len(caught.value.faults) == 2
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("limit", [1.0, 60.0, 600.0])
def test_the_search_leaves_time_to_start_and_to_write(limit):
    assert 0.9 * limit <= _search_seconds(limit) < limit
    assert limit - _search_seconds(limit) >= min(1.5, 0.099 * limit)
