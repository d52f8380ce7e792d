"""Instances as text: read as written, every fault told with its line."""

import gzip

import numpy as np
import pytest

from fillplan_data.errors import InputFaults, NotFound
from fillplan_optimizer.hashcode.files import read_instance, submission
from tests.optimizer.hashcode.contest import make, text

TWICE = "2 1 2 2 100\n50 60\n1000 2\n1 9\n1 8\n0 0 5\n1 0 7\n"
SMALL = "2 1 2 1 100\n50 60\n1000 1\n0 100\n0 0 5\n1 0 7\n"


def read(tmp_path, content):
    path = tmp_path / "case.in"
    path.write_text(content)
    return read_instance(path)


@pytest.mark.parametrize("packed", [False, True])
def test_an_instance_comes_back_as_it_was_written(tmp_path, packed):
    made = make(20, 5, 40, 4, 50, 30, (1, 3), seed=3)
    path = tmp_path / "case.in.gz"
    path.write_bytes(gzip.compress(text(made).encode()) if packed else text(made).encode())
    read_back = read_instance(path)
    for name, value in vars(made).items():
        assert np.array_equal(getattr(read_back, name), value), name


@pytest.mark.parametrize(
    ("content", "faults"),
    [
        ("", [(1, "the number of videos", "the end of the file")]),
        ("2 1 x 1 1e9\n", [(1, "a whole number", "'x'"), (1, "a whole number", "'1e9'")]),
        (SMALL.replace("0 0 5", "0 0 1_0"), [(5, "a whole number", "'1_0'")]),
        (SMALL.replace("50 60", "0 60").replace("1 0 7", "1 0 0"), [(2, "size of a video", "0"), (6, "request", "0")]),
        (SMALL.replace("0 0 5", "2 1 5"), [(5, "request row", "2"), (5, "request row", "1")]),
        (SMALL.replace("1000 1\n0 100", "1000 2\n0 100"), [(3, "number of caches", "2")]),
        (TWICE, [(5, "once", "cache 1 again")]),
        (SMALL + "9 9\n", [(7, "the end of the file", "2 more numbers")]),
        (SMALL.replace("1 0 7\n", ""), [(5, "request row", "the end of the file")]),
        ("99999999 99999999 0 0 0\n", [(1, "pairs", "99,999,999 x 99,999,999")]),
    ],
)  # fmt: skip
def test_every_fault_with_its_line(tmp_path, content, faults):
    with pytest.raises(InputFaults) as caught:
        read(tmp_path, content)
    found = caught.value.faults
    assert [str(fault) for fault in found] == [line.strip() for line in str(caught.value).splitlines()[1:]]
    assert len(found) == len(faults)
    for fault, (row, expected, came) in zip(found, faults, strict=True):
        assert fault.row == row
        assert expected in fault.expected
        assert fault.found == came


def test_a_flood_of_faults_is_cut(tmp_path):
    rows = 1_000
    content = f"1 1 {rows} 1 1\n1\n5 0\n" + "7 0 1\n" * rows
    with pytest.raises(InputFaults, match="200 or more fault") as caught:
        read(tmp_path, content)
    assert len(caught.value.faults) == 200


def test_what_is_no_text_and_what_is_not_there(tmp_path):
    path = tmp_path / "case.in.gz"
    path.write_bytes(gzip.compress(SMALL.encode())[:-9])
    with pytest.raises(InputFaults):
        read_instance(path)
    path.write_bytes(b"\xff\xfe2 1")
    with pytest.raises(InputFaults):
        read_instance(path)
    with pytest.raises(NotFound):
        read_instance(tmp_path / "none.in")


def test_a_submission_leaves_empty_caches_out():
    assert submission((np.array([2, 5]), np.array([], dtype=np.int64), np.array([0]))) == "2\n0 2 5\n2 0\n"
