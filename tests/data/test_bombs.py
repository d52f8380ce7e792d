"""Bombs are told by what they would unpack to, small and honest files pass."""

from __future__ import annotations

import gzip
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

from fillplan_data import bombs
from fillplan_data.bombs import inflate, refuse_by_footer, refuse_long_words, stand_in
from fillplan_data.faults import Unreadable


@pytest.mark.parametrize("length", [0, 1, 5_000])
def test_what_was_packed_comes_out_whole(length: int) -> None:
    content = np.random.default_rng(length).bytes(length)
    assert inflate(gzip.compress(content)) == content


def test_a_file_may_unpack_to_the_limit_and_not_to_a_byte_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bombs, "SMALL_BYTES", 3_000_000)
    monkeypatch.setattr(bombs, "MOST_EXPANSION", 1)
    assert len(inflate(gzip.compress(bytes(3_000_000)))) == 3_000_000
    with pytest.raises(Unreadable) as told:
        inflate(gzip.compress(bytes(3_000_001)))
    assert "when unpacked" in told.value.found


def test_a_large_file_may_unpack_to_more_than_a_small_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bombs, "SMALL_BYTES", 100)
    packed = gzip.compress(bytes(10_000))
    monkeypatch.setattr(bombs, "MOST_EXPANSION", -(-10_000 // len(packed)))
    assert inflate(packed) == bytes(10_000)


@pytest.mark.parametrize(
    ("damage", "expected", "found"),
    [
        (lambda packed: packed[:-9], "a whole gzip file", "truncated or damaged"),
        (lambda packed: packed[:12] + b"\xff\xff\xff" + packed[15:], "a whole gzip file", "truncated or damaged"),
        (lambda packed: b"title_id,name\n", "a gzip file", "Not a gzipped file"),
    ],
)
def test_damaged_and_other_files_are_told_apart(damage, expected, found) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(Unreadable) as told:
        inflate(damage(gzip.compress(b"title_id,name\nm1,One\n" * 50)))
    assert told.value.expected == expected and found in told.value.found


def test_a_footer_that_admits_to_too_many_bytes_or_rows_is_refused() -> None:
    def footer(rows: int, *group_bytes: int) -> SimpleNamespace:
        groups = [SimpleNamespace(total_byte_size=size) for size in group_bytes]
        return SimpleNamespace(num_rows=rows, num_row_groups=len(groups), row_group=groups.__getitem__)

    refuse_by_footer(footer(10, 40_000_000, 24_000_000), [], 1000)  # type: ignore[arg-type]
    refuse_by_footer(footer(10, 40_000_000, 60_000_000), [], 500_000)  # type: ignore[arg-type]
    refuse_by_footer(footer(5_000_000, 1), [], 1000)  # type: ignore[arg-type]
    for rows, *sizes in ([10, 40_000_000, 24_000_001], [5_000_001, 1]):
        with pytest.raises(Unreadable) as told:
            refuse_by_footer(footer(rows, *sizes), [], 1000)  # type: ignore[arg-type]
        assert f"{rows:,} rows, {sum(sizes):,} bytes when unpacked, from a file of 1,000" in told.value.found


def words(indices: list[int | None], dictionary: list[str | None]) -> pa.Table:
    codes, said = pa.array(indices, type=pa.int32()), pa.array(dictionary, type=pa.string())
    return pa.table({"id": range(len(indices)), "name": pa.DictionaryArray.from_arrays(codes, said)})


def test_text_is_counted_as_often_as_it_stands_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """'abc' three times and 'é' (two bytes) once are 11 bytes; a long word that nobody says is none."""
    monkeypatch.setattr(bombs, "MOST_EXPANSION", 1)
    table = words([0, 0, 1, None, 0], ["abc", "é", "x" * 1000, None])
    for most, refused in ((11, False), (10, True)):
        monkeypatch.setattr(bombs, "SMALL_BYTES", most)
        if not refused:
            refuse_long_words(table, 1)
            continue
        with pytest.raises(Unreadable, match="11 bytes of text in name, from a file of 1"):
            refuse_long_words(table, 1)


@pytest.mark.parametrize("indices", [[], [None, None]])
def test_a_column_without_any_word_has_no_bytes(indices: list[int | None]) -> None:
    assert bombs._written_bytes(words(indices, [])["name"]) == 0


@pytest.mark.parametrize(
    "kind",
    [pa.list_(pa.int8()), pa.large_list(pa.string()), pa.map_(pa.string(), pa.int8()), pa.struct({"a": pa.int8()})],
)
@pytest.mark.parametrize("rows", [0, 3])
def test_a_stand_in_has_the_type_and_the_rows_of_what_it_stands_for(kind: pa.DataType, rows: int) -> None:
    column = stand_in(kind, rows)
    assert column.type == kind and len(column) == rows and column.null_count == 0
    assert all(not value or set(value.values()) == {None} for value in column.to_pylist())


def test_a_stand_in_of_any_other_nested_type_is_nested_too() -> None:
    assert pa.types.is_nested(stand_in(pa.list_(pa.int8(), 4), 2).type)


def test_columns_of_one_number_that_would_fill_all_memory_are_refused() -> None:
    footer = SimpleNamespace(num_rows=4_000_000, num_row_groups=0)
    refuse_by_footer(footer, [pa.field("c", pa.int8())] * 100, 1000)  # type: ignore[arg-type]
    with pytest.raises(Unreadable):
        refuse_by_footer(footer, [pa.field("c", pa.int8())] * 200, 1000)  # type: ignore[arg-type]
    with pytest.raises(Unreadable):
        refuse_by_footer(footer, [pa.field("c", pa.binary(1_000))], 1000)  # type: ignore[arg-type]
