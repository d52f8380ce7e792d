"""`read_tables`: what consumers may rely on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fillplan_data.declarations import NEEDED_TO_FORECAST, NEEDED_TO_PLACE, NEEDED_TO_PLAN, TABLES
from fillplan_data.errors import InputFaults, NotFound
from fillplan_data.reading import AS_THEY_CAME, read_tables


def check_conventions(tables):
    """The docstring of `fillplan_data.tables`, word by word."""
    for name, table in TABLES.items():
        frame = getattr(tables, name)
        extra = list(frame)[len(table.names) :]
        assert list(frame)[: len(table.names)] == list(table.names)
        assert not extra or name == "titles"
        assert isinstance(frame.index, pd.RangeIndex)
        for column in table.columns:
            check_column(frame[column.name], column, table.large)


def check_column(values, column, large):
    if column.is_text and large:
        words = list(values.cat.categories)
        assert words == sorted(set(values)) and values.notna().all()
    elif column.is_text:
        assert values.dtype == "str" and values.notna().all()
    elif column.kind == "date":
        assert values.dtype == "datetime64[us]" and (values.dropna() == values.dropna().dt.normalize()).all()
    else:
        assert values.dtype == ("int64" if column.kind == "whole" and column.required else "float64")


def test_the_good_workspace_has_no_fault_and_no_warning(workspace):
    tables, warnings = workspace.read()
    assert warnings == ()
    check_conventions(tables)
    assert tables.present == set(workspace.tables)
    for name, rows in workspace.tables.items():
        assert len(getattr(tables, name)) == len(rows)
    assert list(tables.titles)[-2:] == ["star_power", "studio"]
    assert tables.titles.studio[0] == "NA" and np.isnan(tables.titles.star_power[1])


def test_absent_tables_are_empty_frames_of_the_same_form(workspace):
    workspace.tables = {name: workspace.tables[name] for name in ("views", "titles")}
    tables = workspace.tables_read()
    check_conventions(tables)
    assert tables.present == {"views", "titles"} == set(tables.sha256)
    assert len(tables.assets) == len(tables.inventory) == 0


@pytest.mark.parametrize("table", sorted(set(TABLES) - NEEDED_TO_PLAN - {"routes"}))
def test_a_header_alone_is_good_for_optional_tables(workspace, table):
    workspace.tables[table] = workspace.tables[table].iloc[:0]
    tables, warnings = workspace.read()
    check_conventions(tables)
    assert table in tables.present and not warnings


@pytest.mark.parametrize("table", sorted(NEEDED_TO_PLAN))
def test_needed_tables_must_be_there_and_have_rows(workspace, table):
    rows = workspace.tables.pop(table)
    (fault,) = workspace.faults(needed=NEEDED_TO_PLAN)
    assert (fault.table, fault.file) == (table, f"input/{table}")
    for form in (".csv", ".csv.gz", ".parquet", f"{table}/"):
        assert form in fault.expected
    workspace.tables = {**workspace.tables, table: rows.iloc[:0]}
    assert "at least one row" in {
        fault.expected for fault in workspace.faults(needed=NEEDED_TO_PLAN) if fault.table == table
    }


def test_what_each_command_needs():
    assert {"views", "titles"} == NEEDED_TO_FORECAST
    assert {"views", "titles", "assets", "caches"} == NEEDED_TO_PLAN
    assert {"titles", "assets", "caches"} == NEEDED_TO_PLACE


REQUIRED = [(table.name, column) for table in TABLES.values() for column in table.required if table.name != "routes"]


@pytest.mark.parametrize(("table", "column"), REQUIRED)
def test_a_missing_required_column_is_a_fault(workspace, table, column):
    workspace.keep(table).tables[table] = workspace.tables[table].drop(columns=column)
    (fault,) = workspace.faults()
    assert (fault.table, fault.column, fault.row) == (table, column, None)
    assert fault.expected == f"a column {column}"


def test_all_optional_columns_may_be_missing(workspace):
    for name, frame in workspace.tables.items():
        optional = [column for column in frame if column not in TABLES[name].required]
        if name not in ("assets", "pins"):
            workspace.tables[name] = frame.drop(columns=optional)
    del workspace.tables["variant_views"]  # without its languages its keys repeat
    workspace.tables["titles"]["kind"] = "movie"
    tables = workspace.tables_read()
    check_conventions(tables)
    assert set(tables.caches.region) == {""} and tables.caches.region_share.isna().all()


def test_a_misspelt_column_is_named_beside_the_missing_one(workspace):
    workspace.tables["titles"] = workspace.tables["titles"].rename(columns={"runtime_minutes": "runtime_minute"})
    (fault,) = workspace.faults()
    assert "runtime_minute" in fault.found and "did you mean runtime_minute?" in fault.remedy


def test_a_further_column_is_a_warning_with_the_nearest_name(workspace):
    workspace.tables["caches"] = workspace.tables["caches"].rename(columns={"serve_rate_bps": "serve_rate"})
    tables, (warning,) = workspace.read()
    assert (warning.table, warning.column) == ("caches", "serve_rate")
    assert "serve_rate_bps" in warning.remedy
    assert tables.caches.serve_rate_bps.isna().all()


def test_a_misspelt_column_of_titles_is_a_feature_with_a_warning(workspace):
    workspace.tables["titles"] = workspace.tables["titles"].rename(columns={"original_language": "orginal_language"})
    tables, (warning,) = workspace.read()
    assert "original_language" in warning.remedy
    assert "orginal_language" in tables.titles


def test_no_input_folder(tmp_path):
    with pytest.raises(NotFound, match="no such folder"):
        read_tables(tmp_path / "input")


def test_an_empty_input_folder_lacks_what_is_needed(tmp_path):
    with pytest.raises(InputFaults) as raised:
        read_tables(tmp_path)
    assert [fault.table for fault in raised.value.faults] == ["views", "titles"]


@pytest.mark.parametrize("name", ["PINS.CSV", "pins.tsv", "pins.csv.zst", "Pins.csv"])
def test_a_table_in_a_form_that_is_not_read_is_not_taken_as_absent(workspace, name):
    workspace.write()
    (workspace.folder / "pins.csv").rename(workspace.folder / name)
    workspace.tables.pop("pins")
    faults = [fault for fault in workspace.faults() if fault.table == "pins"]
    assert [fault.found for fault in faults] == [name] and "pins.csv" in faults[0].expected


def test_a_copy_beside_the_table_does_no_harm(workspace):
    workspace.write()
    (workspace.folder / "titles.csv.bak").write_text("anything")
    assert len(workspace.tables_read().titles) == 3


def test_progress_is_told_each_table(workspace):
    told: list[str] = []
    read_tables(workspace.write(), progress=told.append)
    assert told == [*(f"reading {table}" for table in TABLES), "checking references"]


def test_the_form_of_the_files_makes_no_difference(workspace, typed):
    plain = workspace.tables_read()
    for table in list(workspace.tables):
        (workspace.folder / f"{table}.csv").unlink()
        workspace.parquet(table, typed(table))
    stored = workspace.tables_read()
    for table in TABLES:
        pd.testing.assert_frame_equal(getattr(plain, table), getattr(stored, table))


def test_features_of_parts_are_brought_together(workspace, typed):
    titles = typed("titles")
    workspace.parquet("titles", titles[:2].assign(rating=[1.0, 2.5], only_here=["x", "y"]), "a")
    workspace.parquet("titles", titles[2:].assign(rating=["PG"]), "b")
    read = workspace.tables_read().titles
    assert list(read.rating) == ["1", "2.5", "PG"]
    assert list(read.only_here) == ["x", "y", ""]


def test_a_part_without_rows_need_not_have_the_features_of_the_others(workspace, typed):
    titles = typed("titles")
    workspace.parquet("titles", titles.assign(only_here=["x", "", "y"], rating=[1, 2, 3]), "a")
    workspace.parquet("titles", titles[:0], "b")
    read = workspace.tables_read().titles
    assert (list(read.only_here), list(read.rating)) == (["x", "", "y"], [1, 2, 3])


def test_the_order_of_rows_and_of_features_makes_no_difference(workspace):
    plain = workspace.tables_read()
    for name, frame in workspace.tables.items():
        if name != AS_THEY_CAME:
            workspace.tables[name] = frame.iloc[::-1]
    titles = workspace.tables["titles"]
    workspace.tables["titles"] = titles[list(titles)[::-1]]
    turned = workspace.tables_read()
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(plain, name), getattr(turned, name))


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        ([pa.array([0.1, 0.5]), pa.nulls(1)], [0.1, 0.5, np.nan]),
        ([pa.array([0.1, 0.5, 2.0]), pa.nulls(0)], [0.1, 0.5, 2.0]),
        ([pa.array(["1", "0.30000000000000004"]), pa.array([7])], [1.0, 0.30000000000000004, 7.0]),
        ([pa.array([0.30000000000000004, 2.0]), pa.array(["many"])], ["0.30000000000000004", "2", "many"]),
        ([pa.array(["012", "12"]), pa.array(["ab"])], ["012", "12", "ab"]),
        ([pa.array([None, None], pa.float64()), pa.array([""])], [np.nan] * 3),
        ([pa.nulls(2), pa.array([None], pa.string())], [np.nan] * 3),
    ],
)
def test_what_a_feature_is_is_told_by_all_parts_together(workspace, typed, parts, whole):
    titles, folder, first = typed("titles").drop(columns=["star_power"]), workspace.folder / "titles", 0
    workspace.tables.pop("titles")
    folder.mkdir(parents=True)
    for number, values in enumerate(parts):
        rows = pa.Table.from_pandas(titles.iloc[first : first + len(values)], preserve_index=False)
        pq.write_table(rows.append_column("star_power", values), folder / f"{number}.parquet")
        first += len(values)
    read = workspace.tables_read().titles.star_power
    assert (
        list(read) == pytest.approx(whole, nan_ok=True, abs=0) if isinstance(whole[0], float) else list(read) == whole
    )


@pytest.mark.parametrize("name", ["", "Unnamed: 0"])
def test_a_data_frames_index_is_no_feature(workspace, name):
    workspace.tables["titles"].insert(0, name, ["0", "1", "2"])
    tables, (warning,) = workspace.read()
    assert "ignored" in warning.found
    assert list(tables.titles)[-2:] == ["star_power", "studio"] and name not in tables.titles


def test_an_index_stored_in_parquet_is_no_feature(workspace, typed):
    workspace.folder.mkdir()
    typed("titles").set_axis([3, 1, 2]).to_parquet(workspace.folder / "titles.parquet")
    tables, (warning,) = workspace.read()
    assert warning.column == "__index_level_0__" and "__index_level_0__" not in tables.titles


def test_tables_left_out_are_as_if_absent(workspace):
    workspace.write()
    tables, _ = read_tables(workspace.folder, frozenset({"titles"}), leave_out=frozenset({"views"}))
    assert "views" not in tables.present
    assert tables.views.empty
    assert len(tables.titles)
