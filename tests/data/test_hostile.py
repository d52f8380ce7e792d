"""Hostile input: refused or neutralised, never believed and never fatal."""

import gzip
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fillplan_data.errors import InputFaults
from fillplan_data.reading import read_tables

VIEWS = "date,region,title_id,view_hours\n2026-03-01,FR,m1,3\n"
TITLES = "title_id,name,runtime_minutes\nm1,One,60\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "views.csv").write_text(VIEWS)
    (tmp_path / "titles.csv").write_text(TITLES)
    return tmp_path


def refused(folder: Path) -> str:
    with pytest.raises(InputFaults) as told:
        read_tables(folder)
    return str(told.value)


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "..", ".", "a/b", "a\\b", "/abs", "a b", "=1+1", "@x", "a\x00b", "x" * 101, "<b>", "é"]
)
def test_ids_that_climb_or_compute_are_refused(folder: Path, name: str) -> None:
    (folder / "titles.csv").write_text(f'title_id,name,runtime_minutes\n"{name}",One,60\n')
    assert "title_id" in refused(folder)


def test_names_may_say_anything(folder: Path) -> None:
    """Formulas and script in a name are text; what shows them must escape them (see the report's tests)."""
    name = "=HYPERLINK(1) <script>alert(1)</script> \u202e"
    (folder / "titles.csv").write_text(f'title_id,name,runtime_minutes\nm1,"{name}",60\n')
    assert read_tables(folder)[0].titles["name"].tolist() == [name]


def test_a_giant_field_is_read_or_refused(folder: Path) -> None:
    (folder / "titles.csv").write_text("title_id,name,runtime_minutes\nm1," + "x" * 20_000_000 + ",60\n")
    try:
        assert len(read_tables(folder)[0].titles["name"][0]) == 20_000_000
    except InputFaults as error:
        assert "titles.csv" in str(error)


def test_a_gzip_bomb_is_refused(folder: Path) -> None:
    (folder / "titles.csv").unlink()
    bomb = io.BytesIO()
    with gzip.GzipFile(fileobj=bomb, mode="wb", mtime=0) as file:
        file.write(TITLES.encode())
        for _ in range(100):
            file.write(b"\n" * 1_000_000)
    (folder / "titles.csv.gz").write_bytes(bomb.getvalue())
    assert "when unpacked" in refused(folder)


def test_a_parquet_bomb_is_refused(folder: Path) -> None:
    """20 million equal rows in a few kilobytes."""
    rows = 20_000_000
    same = pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, dtype=np.int32)), pa.array(["m1"]))
    (folder / "views.csv").unlink()
    pq.write_table(pa.table({"title_id": same}), folder / "views.parquet")
    assert (folder / "views.parquet").stat().st_size < 100_000
    assert "20,000,000 rows" in refused(folder)


LONG, MANY = "x" * 100_000, 100_000


@pytest.mark.parametrize("column", ["name", "runtime_minutes", "further"])
@pytest.mark.parametrize("kind", [pa.string(), pa.binary()])
def test_a_long_word_said_often_is_refused(folder: Path, column: str, kind: pa.DataType) -> None:
    """10 GB of text in a dictionary of one word: no page of the file is large."""
    words = pa.DictionaryArray.from_arrays(pa.array(np.zeros(MANY, dtype=np.int32)), pa.array([LONG]).cast(kind))
    titles = {"title_id": [f"m{i}" for i in range(MANY)], "name": ["x"] * MANY, "runtime_minutes": np.ones(MANY)}
    (folder / "titles.csv").unlink()
    pq.write_table(pa.table(titles | {column: words}), folder / "titles.parquet", compression="zstd")
    assert f"bytes of text in {column}" in refused(folder)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (pa.list_(pa.int8()), np.zeros(5_000_000, dtype=np.int8)),
        (pa.struct({"a": pa.int8()}), {"a": 1}),
        (pa.map_(pa.string(), pa.int8()), [("a", 1)]),
        (pa.list_(pa.list_(pa.list_(pa.int8()))), [[[1]]]),
    ],
)
def test_nested_values_are_never_unpacked(folder: Path, kind: pa.DataType, value: object) -> None:
    """Millions of values in one row of a kilobyte: as a further column told and ignored, as a declared one refused."""
    deep = pa.array([value], type=kind)
    (folder / "titles.csv").unlink()
    row = {"title_id": ["m1"], "name": ["One"], "runtime_minutes": [60]}
    pq.write_table(pa.table(row | {"deep": deep}), folder / "titles.parquet")
    tables, warnings = read_tables(folder)
    assert "deep" not in tables.titles
    assert any(w.column == "deep" and "ignored" in w.found for w in warnings)
    pq.write_table(pa.table(row | {"name": deep}), folder / "titles.parquet")
    assert "name" in refused(folder)


def test_a_schema_of_a_thousand_levels_is_refused(folder: Path) -> None:
    kind = pa.int8()
    for _ in range(1000):
        kind = pa.list_(kind)
    (folder / "titles.csv").unlink()
    pq.write_table(pa.table({"title_id": pa.nulls(1, kind)}), folder / "titles.parquet", store_schema=False)
    assert "nested" in refused(folder)


def test_a_giant_field_in_an_id_or_a_number_is_refused(folder: Path) -> None:
    (folder / "titles.csv").write_text("title_id,name,runtime_minutes\nm1,One," + "9" * 5_000_000 + "\n")
    assert len(told := refused(folder)) < 2000
    assert "runtime_minutes" in told
    (folder / "titles.csv").write_text("title_id,name,runtime_minutes\n" + "m" * 5_000_000 + ",One,60\n")
    assert len(told := refused(folder)) < 2000
    assert "title_id" in told


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_hundred_thousand_columns_are_refused(folder: Path, form: str) -> None:
    names = [f"c{i}" for i in range(100_000)] if form == "csv" else [f"c{i}" for i in range(2_001)]
    (folder / "titles.csv").write_text(",".join(names) + "\n" + ",".join("1" * len(names)) + "\n")
    if form == "parquet":
        (folder / "titles.csv").unlink()
        pq.write_table(pa.table({name: [1] for name in names}), folder / "titles.parquet")
    assert "at most 2,000 columns" in refused(folder)


def test_what_packs_well_but_is_small_passes(folder: Path) -> None:
    (folder / "views.csv").unlink()
    days = pd.date_range("2024-01-01", periods=800).strftime("%Y-%m-%d")
    frame = pd.DataFrame({"date": days, "region": "FR", "title_id": "m1", "view_hours": 1.0})
    frame.to_csv(folder / "views.csv.gz", index=False)
    assert len(read_tables(folder)[0].views) == 800


def test_a_header_of_odd_line_ends_is_refused(folder: Path) -> None:
    (folder / "titles.csv").write_bytes(b"title_id,na\rme,runtime_minutes\nm1,One,60\n")
    assert "titles.csv" in refused(folder)


@pytest.mark.parametrize(
    "header", [b'title_id,"na\nme",runtime_minutes', b'title_id,na"me,runtime_minutes', b'"title_id']
)
def test_a_header_that_readers_take_differently_is_refused_or_read(folder: Path, header: bytes) -> None:
    (folder / "titles.csv").write_bytes(header + b"\nm1,One,60\n")
    try:
        read_tables(folder)
    except InputFaults as error:
        assert "titles.csv" in str(error)


def test_a_parquet_file_whose_text_is_no_text_is_refused(folder: Path) -> None:
    (folder / "views.csv").unlink()
    frame = pd.read_csv(io.StringIO(VIEWS), parse_dates=["date"])
    whole = io.BytesIO()
    frame.to_parquet(whole, index=False)
    (folder / "views.parquet").write_bytes(whole.getvalue().replace(b"FR", b"\xffR"))
    assert "views.parquet" in refused(folder)
