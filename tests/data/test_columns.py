"""Columns of every sensible stored type."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillplan_data.columns import canonical_language

DAYS = [dt.date(2026, 6, 1), dt.date(2026, 6, 1), dt.date(2026, 6, 2)]
MIDNIGHTS = [dt.datetime.combine(day, dt.time()) for day in DAYS]


def write_views(workspace, **columns):
    good = {
        "date": pa.array(DAYS),
        "region": pa.array(["DE", "NA", "DE"]),
        "title_id": pa.array(["t1", "t1", "t1"]),
        "view_hours": pa.array([1.0, 2.0, 3.0]),
    }
    workspace.keep("views").folder.mkdir(exist_ok=True)
    pq.write_table(pa.table(good | columns), workspace.folder / "views.parquet")


@pytest.mark.parametrize(
    "dates",
    [
        pa.array(DAYS, pa.date32()),
        pa.array(DAYS, pa.date64()),
        pa.array(MIDNIGHTS, pa.timestamp("s")),
        pa.array(MIDNIGHTS, pa.timestamp("ns")),
        pa.array(MIDNIGHTS, pa.timestamp("us", tz="UTC")),
        pa.compute.assume_timezone(pa.array(MIDNIGHTS, pa.timestamp("us")), "America/New_York"),
        pa.array([str(day) for day in DAYS]),
        pa.array([str(day) for day in DAYS]).dictionary_encode(),
        pa.array(DAYS, pa.date32()).dictionary_encode(),
    ],
    ids=lambda array: str(array.type),
)
def test_dates_of_any_type(workspace, dates):
    write_views(workspace, date=dates)
    read = workspace.tables_read().views.date
    assert read.dtype == "datetime64[us]"
    assert [day.date() for day in read] == DAYS


@pytest.mark.parametrize(
    "hours",
    [
        pa.array([1, 2, 3], pa.int32()),
        pa.array([1, 2, 3], pa.uint64()),
        pa.array([1, 2, 3], pa.float32()),
        pa.array([Decimal("1"), Decimal("2"), Decimal("3")], pa.decimal128(10, 2)),
        pa.array(["1", "2.0", "3e0"]),
        pa.array(["1", "2.0", "3"], pa.large_string()),
        pa.array([1.0, 2.0, 3.0]).dictionary_encode(),
        pa.array([b"1", b"2", b"3"]),
    ],
    ids=lambda array: str(array.type),
)
def test_numbers_of_any_type(workspace, hours):
    write_views(workspace, view_hours=hours)
    read = workspace.tables_read().views.view_hours
    assert read.dtype == "float64" and list(read) == [1, 2, 3]


@pytest.mark.parametrize(
    "regions",
    [
        pa.array(["DE", "NA", "DE"], pa.large_string()),
        pa.array(["DE", "NA", "DE"], pa.string_view()),
        pa.array(["DE", "NA", "DE"]).dictionary_encode(),
        pa.DictionaryArray.from_arrays(pa.array([1, 2, 1], pa.int8()), ["unused", "DE", "NA"]),
        pa.array([b"DE", b"NA", b"DE"]),
        pa.array([b"DE", b"NA", b"DE"], pa.binary_view()),
    ],
    ids=["large", "view", "dictionary", "unused", "binary", "binary view"],
)
def test_text_of_any_type(workspace, regions):
    write_views(workspace, region=regions)
    before, _ = workspace.read(plan_date=DAYS[2])
    assert list(before.views.region) == ["DE", "NA"]
    read = workspace.tables_read().views.region
    assert list(read) == ["DE", "NA", "DE"]
    assert list(read.cat.categories) == ["DE", "NA"]


def test_ids_may_be_stored_as_integers(workspace):
    workspace.tables["titles"].loc[0, "title_id"] = "7"
    write_views(workspace, title_id=pa.array([7, 7, 7]))
    assert list(workspace.tables_read().views.title_id) == ["7", "7", "7"]


@pytest.mark.parametrize(
    ("column", "values", "found"),
    [
        ("date", pa.array([1, 2, 3]), "int64"),
        ("date", pa.array([True, True, False]), "bool"),
        ("view_hours", pa.array([True, True, False]), "bool"),
        ("view_hours", pa.array(DAYS), "date32"),
        ("view_hours", pa.array([[1], [2], [3]]), "list"),
        ("title_id", pa.array([1.5, 2, 3]), "double"),
        ("title_id", pa.array(DAYS), "date32"),
        ("region", pa.array([b"\xff", b"a", b"b"]), "not UTF-8"),
    ],
)
@pytest.mark.parametrize("plan_date", [None, dt.date(2026, 6, 3)])
def test_a_column_of_a_type_that_cannot_be_meant_is_one_fault(workspace, column, values, found, plan_date):
    write_views(workspace, **{column: values})
    (fault,) = workspace.faults(plan_date=plan_date)
    assert (fault.table, fault.column, fault.row) == ("views", column, None)
    assert found in fault.found


@pytest.mark.parametrize("records", [0, 1])
def test_a_column_without_any_value_is_blank_whatever_type_its_writer_guessed(workspace, records):
    texts = {name: text if records else None for name, text in (("asset_id", "t1-en"), ("rule", "pin"))}
    columns = {
        name: pa.array([texts.get(name)] * records, pa.string() if texts.get(name) else pa.float64())
        for name in ("cache_id", "asset_id", "title_id", "rule")
    }
    workspace.folder.mkdir()
    pq.write_table(pa.table(columns), workspace.folder / "pins.parquet")
    tables, _ = workspace.read()
    assert tables.pins.values.tolist() == [["", "t1-en", "", "pin"]] * records


@pytest.mark.parametrize(
    ("column", "values", "row", "found"),
    [
        ("view_hours", pa.array([1, float("nan"), 3]), 2, "NaN"),
        ("view_hours", pa.array([1, 2, float("inf")]), 3, "inf"),
        ("view_hours", pa.array([1, None, 3.5]), 2, "blank"),
        ("view_hours", pa.array(["1", "2", "many"]), 3, "many"),
        ("region", pa.array(["DE", None, "DE"]), 2, "blank"),
        ("region", pa.array(["DE", "", "DE"]), 2, "blank"),
        ("date", pa.array([DAYS[0], None, DAYS[2]]), 2, "blank"),
        ("date", pa.array([MIDNIGHTS[0], dt.datetime(2026, 6, 1, 12), MIDNIGHTS[2]]), 2, "2026-06-01T12:00:00"),
        ("date", pa.array(MIDNIGHTS, pa.timestamp("us", tz="Asia/Tokyo")), 1, "T09:00:00"),
        ("date", pa.array([0, 1, 0], pa.timestamp("ns")), 2, "1970-01-01T00:00:00.000000001"),
    ],
)  # fmt: skip
def test_a_bad_value_in_parquet_is_reported_with_its_record(workspace, column, values, row, found):
    write_views(workspace, **{column: values})
    fault = workspace.faults()[0]
    assert (fault.table, fault.column, fault.row) == ("views", column, row)
    assert found in fault.found


@pytest.mark.parametrize(
    "values",
    [
        pa.array([20_600, 213_503_982 + 20_600, 20_601], pa.int32()).cast(pa.date32()),
        pa.array([20_600, None, 213_503_983 + 20_500], pa.int32()).cast(pa.date32()),
        pa.array([0, (1_767_225_600 * 10**6 + 125 * 2**64) // 1000, 0], pa.int64()).cast(pa.timestamp("ms")),
        pa.array([0, -9 * 10**18, 0], pa.int64()).cast(pa.timestamp("us")),
    ],
)
def test_dates_beyond_any_calendar_do_not_wrap_to_days_of_this_year(workspace, values):
    write_views(workspace, date=values)
    assert any("days after 1970" in fault.found or "days before 1970" in fault.found for fault in workspace.faults())


def test_a_time_zone_that_nobody_knows_is_a_fault_of_its_column(workspace):
    write_views(workspace, date=pa.array(MIDNIGHTS, pa.timestamp("us", tz="Mars/Base")))
    (fault,) = [fault for fault in workspace.faults() if fault.column == "date"]
    assert "Mars/Base" in fault.found


def test_decimals_are_read_to_the_last_digit(workspace):
    write_views(workspace, view_hours=pa.array([Decimal("134.36"), Decimal("0.07"), None], pa.decimal128(20, 6)))
    assert "blank" in workspace.faults()[0].found
    write_views(
        workspace, view_hours=pa.array([Decimal("134.36"), Decimal("0.07"), Decimal("1e9")], pa.decimal128(20, 6))
    )
    assert list(workspace.tables_read().views.view_hours) == [134.36, 0.07, 1e9]


def test_a_decimal_that_is_all_but_whole_is_no_whole_number(workspace, typed):
    table = pa.Table.from_pandas(typed("caches"), preserve_index=False)
    column = pa.array([Decimal(5), Decimal("5.00000000000000000001"), Decimal(5), Decimal(5)], pa.decimal128(38, 20))
    table = table.set_column(table.schema.get_field_index("storage_bytes"), "storage_bytes", column)
    workspace.folder.mkdir(exist_ok=True)
    pq.write_table(table, workspace.folder / "caches.parquet")
    assert [(fault.row, fault.column) for fault in workspace.faults()] == [(2, "storage_bytes")]


SHORT = [getattr(pa, name)(9, 2) for name in ("decimal32", "decimal64") if hasattr(pa, name)]
"""Which Arrow has had since version 19."""


@pytest.mark.parametrize("kind", [pa.decimal128(9, 2), pa.decimal256(9, 2), *SHORT], ids=str)
@pytest.mark.parametrize(("odd", "rows"), [("7.00", []), ("7.50", [2])])
def test_whole_numbers_as_decimals_of_any_width(workspace, typed, kind, odd, rows):
    caches = pa.Table.from_pandas(typed("caches"), preserve_index=False)
    column = pa.array([Decimal(5), Decimal(odd), Decimal(5), Decimal(5)], kind)
    workspace.folder.mkdir(exist_ok=True)
    at = caches.schema.get_field_index("storage_bytes")
    pq.write_table(caches.set_column(at, "storage_bytes", column), workspace.folder / "caches.parquet")
    if rows:
        assert [(fault.row, fault.found) for fault in workspace.faults()] == [(row, "7.5") for row in rows]
    else:
        assert set(workspace.tables_read().caches.storage_bytes) == {5, 7}


def test_decimals_without_room_for_whole_numbers(workspace, typed):
    titles = pa.Table.from_pandas(typed("titles"), preserve_index=False)
    column = pa.array([Decimal(0), Decimal("0.5"), None], pa.decimal128(38, 38))
    workspace.folder.mkdir(exist_ok=True)
    at = titles.schema.get_field_index("season")
    pq.write_table(titles.set_column(at, "season", column), workspace.folder / "titles.parquet")
    assert [(fault.row, fault.column, fault.found) for fault in workspace.faults()] == [(2, "season", "0.5")]


def test_a_blank_whole_number_keeps_the_others_whole(workspace, typed):
    assets = typed("assets").astype({"size_bytes": "float64"})
    assets.loc[1, "size_bytes"] = np.nan
    workspace.parquet("assets", assets)
    (fault,) = workspace.faults()
    assert (fault.row, fault.column, fault.found) == (2, "size_bytes", "blank")


def test_large_integers_of_every_type_are_exact(workspace, typed):
    exact = 999_999_999_999_999_999
    for kind in (pa.int64(), pa.uint64(), pa.decimal128(20, 0)):
        table = pa.Table.from_pandas(typed("caches"), preserve_index=False)
        column = pa.array([exact] * 4, pa.int64()).cast(kind)
        table = table.set_column(table.schema.get_field_index("storage_bytes"), "storage_bytes", column)
        workspace.folder.mkdir(exist_ok=True)
        pq.write_table(table, workspace.folder / "caches.parquet")
        assert set(workspace.tables_read().caches.storage_bytes) == {exact}


def test_times_of_day_in_parquet(workspace, typed):
    caches = typed("caches")
    caches["fill_start"] = [dt.time(1), dt.time(2), dt.time(2, 30), None]
    workspace.parquet("caches", caches)
    read = workspace.tables_read().caches.set_index("cache_id").fill_start
    assert [read[cache] for cache in caches["cache_id"]] == ["01:00", "02:00", "02:30", ""]


def test_only_an_empty_field_is_blank(workspace):
    """NA is Namibia; so are the other words that readers like to take for nothing."""
    for row, word in enumerate(["NA", "null", "None", "nan", "N/A"], 2):
        workspace.set("titles", 2, "genres", word)
        workspace.set("views", row, "region", word.replace("/", "-"))
    tables = workspace.tables_read()
    assert list(tables.views.region) == ["NA", "null", "None", "nan", "N-A"]
    assert tables.titles.genres[0] == "N/A"
    assert tables.titles.name[0] == "Night, falling"


FEATURES = [
    (["1", "", "2.5"], "float64"),
    (["1", "NA", "2.5"], "str"),
    (["", "", ""], "float64"),
    (["a", "b", ""], "str"),
    (["1", "2", "NaN"], "str"),
]


@pytest.mark.parametrize(("values", "dtype"), FEATURES)
def test_a_further_column_of_titles_is_a_number_only_if_all_of_it_is(workspace, values, dtype):
    workspace.keep("titles").tables["titles"]["star_power"] = values
    read = workspace.tables_read().titles.star_power
    assert read.dtype == dtype
    words = values if dtype == "str" else ["" if pd.isna(number) else f"{number:g}" for number in read]
    assert words == values


@pytest.mark.parametrize(
    ("values", "read"),
    [
        (pd.Series([1, 2, 3], dtype="int8"), [1.0, 2.0, 3.0]),
        (pd.Series([True, False, True]), ["true", "false", "true"]),
        (pd.Series(["a", "b", "a"], dtype="category"), ["a", "b", "a"]),
        (pd.Series(DAYS), [str(day) for day in DAYS]),
    ],
    ids=["int", "bool", "category", "date"],
)
def test_features_in_parquet(workspace, typed, values, read):
    workspace.keep("titles").parquet("titles", typed("titles").assign(feature=values))
    assert list(workspace.tables_read().titles.feature) == read


def test_features_too_large_for_models_are_blank_with_a_warning_for_each(workspace, typed):
    workspace.keep("titles").parquet("titles", typed("titles").assign(a=[np.inf, 1.5, -1e300], b=["1e300", "2", ""]))
    tables, warnings = workspace.read()
    assert np.array_equal(tables.titles.a, [np.nan, 1.5, np.nan], equal_nan=True)
    assert np.array_equal(tables.titles.b, [np.nan, 2, np.nan], equal_nan=True)
    assert [(w.row, w.column, w.found) for w in warnings] == [
        (1, "a", "inf; taken as blank"),
        (1, "b", "1e+300; taken as blank"),
        (3, "a", "-1e+300; taken as blank"),
    ]


def test_a_feature_of_lists_is_ignored_with_a_warning(workspace, typed):
    workspace.parquet("titles", typed("titles").assign(cast=[["a"], ["b"], []]))
    tables, (warning,) = workspace.read()
    assert (warning.table, warning.column) == ("titles", "cast")
    assert "cast" not in tables.titles


def test_languages_that_differ_in_case_are_one(workspace):
    workspace.set("titles", 4, "original_language", "PT-br")
    workspace.set("assets", 3, "language", "EN")
    tables = workspace.tables_read()
    assert tables.titles.original_language[2] == "pt-BR"
    assert tables.assets.language[1] == "en"


@pytest.mark.parametrize(
    ("tag", "canonical"),
    [
        ("EN-us", "en-US"),
        ("ZH-hANT-tw", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("AZ-latn-x-LATN", "az-Latn-x-latn"),
        ("x-AB-CDEF", "x-ab-cdef"),
        ("en-GB-u-ca-greg", "en-GB-u-ca-greg"),
        ("not a tag", "not a tag"),
    ],
)
def test_canonical_case(tag, canonical):
    """Examples in the manner of RFC 5646, section 2.1.1."""
    assert canonical_language(tag) == canonical
    assert canonical_language(canonical) == canonical


@given(st.lists(st.floats(0, 1e12), min_size=1, max_size=20))
def test_numbers_as_text_are_read_back_exactly(values):
    from fillplan_data.columns import _parse_numbers

    words = np.array([repr(value) for value in values], dtype=object)
    read, unreadable = _parse_numbers(words)
    assert list(read) == values and not unreadable.any()
