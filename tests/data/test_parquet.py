"""Parquet files of anybody: the wanted columns as stored, or one reason why not."""

from __future__ import annotations

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fillplan_data.faults import Unreadable
from fillplan_data.parquet import MOST_COLUMNS, read_parquet, refuse_names

TABLE = pa.table({
    "region": ["DE", "NA", "DE", None],
    "view_hours": [1.5, 2.0, None, 0.0],
    "tags": [["a"], [], ["b", "c"], None],
    "further": [1, 2, 3, 4],
})  # fmt: skip


def packed(table: pa.Table, **options: object) -> bytes:
    file = io.BytesIO()
    pq.write_table(table, file, **options)
    return file.getvalue()


def refused(data: bytes) -> Unreadable:
    with pytest.raises(Unreadable) as told:
        read_parquet(data, lambda name: True)
    return told.value


def test_wanted_columns_come_as_stored_and_all_names_are_told() -> None:
    file = read_parquet(packed(TABLE), {"view_hours", "region", "tags"}.__contains__)
    assert (file.names, file.rows) == (("region", "view_hours", "tags", "further"), 4)
    assert set(file.columns) == {"region", "view_hours", "tags"}
    assert file.columns["region"].to_pylist() == ["DE", "NA", "DE", None]
    assert file.columns["view_hours"].to_pylist() == [1.5, 2.0, None, 0.0]


def test_text_is_held_once_per_word() -> None:
    for kind in (pa.string(), pa.binary()):
        column = read_parquet(packed(pa.table({"region": pa.array(["DE"] * 9, kind)})), lambda name: True).columns
        assert pa.types.is_dictionary(column["region"].type)
        assert sum(len(chunk.dictionary) for chunk in column["region"].chunks) == 1


def test_nested_columns_are_not_read() -> None:
    column = read_parquet(packed(TABLE), lambda name: True).columns["tags"]
    assert column.type == pa.list_(pa.string()) and column.to_pylist() == [[], [], [], []]


def test_no_rows_and_no_wanted_columns_are_fine() -> None:
    assert read_parquet(packed(TABLE[:0]), lambda name: True).rows == 0
    file = read_parquet(packed(TABLE), lambda name: False)
    assert file.columns == {} and file.rows == 4


@pytest.mark.parametrize("data", [b"", b"PAR1", b"title_id,name\nm1,One\n", packed(TABLE)[:-20], packed(TABLE)[20:]])
def test_what_is_no_whole_file_is_refused(data: bytes) -> None:
    told = refused(data)
    assert told.expected == "a whole Parquet file" and "\n" not in told.found


def test_text_that_is_no_text_is_refused_though_the_footer_is_sound() -> None:
    data = packed(pa.table({"region": ["DE", "NA"]}), compression="none", write_statistics=False)
    assert refused(data.replace(b"NA", b"\xff\xff")).expected == "a whole Parquet file"


def test_a_bomb_is_refused_only_if_it_is_wanted() -> None:
    """80 MB of equal words in a few kilobytes."""
    zeros = pa.array(np.zeros(20_000, dtype=np.int32))
    wide = pa.DictionaryArray.from_arrays(zeros, pa.array([b"x" * 4000], pa.binary(4000)))
    data = packed(pa.table({"wide": wide.cast(pa.binary(4000)), "narrow": zeros}), compression="zstd")
    assert "when unpacked" in refused(data).found
    with pytest.raises(Unreadable):
        read_parquet(data, "wide".__eq__)


def test_doubled_names_are_named_in_order_and_nameless_ones_so_called() -> None:
    refuse_names([])
    refuse_names(["a", "A", ""])
    with pytest.raises(Unreadable) as told:
        refuse_names(["b", "a", "", "b", "c", "a", ""])
    assert (told.value.found, told.value.row) == ("(no name), a, b more than once", 1)
    two = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    assert refused(packed(two)).expected == "each column once"


def test_the_most_columns_pass_and_one_more_does_not() -> None:
    names = [f"c{i}" for i in range(MOST_COLUMNS + 1)]
    refuse_names(names[:-1])
    with pytest.raises(Unreadable, match="2,001"):
        refuse_names(names)
