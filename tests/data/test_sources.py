"""Every form of a table's file, and every way in which a file can be broken."""

from __future__ import annotations

import gzip
import hashlib
import os

import pandas as pd
import pytest

HEADER = "date,region,title_id,view_hours\n"


def assert_same_views(workspace, expected):
    pd.testing.assert_frame_equal(workspace.tables_read().views, expected)


@pytest.fixture
def workspace(workspace):
    return workspace.keep("views")


@pytest.fixture
def expected(workspace, tmp_path_factory):
    from fillplan_data.reading import read_tables

    folder = tmp_path_factory.mktemp("plain") / "input"
    folder.mkdir()
    for table in workspace.tables:
        (folder / f"{table}.csv").write_text(workspace.csv(table), encoding="utf-8")
    return read_tables(folder)[0].views


def test_csv_gz(workspace, expected):
    workspace.raw("views.csv.gz", workspace.gz("views"))
    assert_same_views(workspace, expected)


def test_csv_gz_of_several_members(workspace, expected):
    head, tail = workspace.csv("views")[:60], workspace.csv("views")[60:]
    workspace.raw("views.csv.gz", gzip.compress(head.encode()) + gzip.compress(tail.encode()))
    assert_same_views(workspace, expected)


def test_parquet(workspace, expected, typed):
    workspace.parquet("views", typed("views"))
    assert_same_views(workspace, expected)


def test_a_folder_of_parquet_parts(workspace, expected, typed):
    views = typed("views")
    workspace.parquet("views", views[:2], "part-0")
    workspace.parquet("views", views[2:2], "part-1")
    workspace.parquet("views", views[2:], "part-2")
    workspace.raw("views/_SUCCESS", "")
    assert_same_views(workspace, expected)


def test_parts_may_differ_in_types(workspace, expected, typed):
    views = typed("views")
    workspace.parquet("views", views[:2].astype({"region": "category", "view_hours": "float32"}), "a")
    workspace.parquet("views", views[2:].astype({"date": str, "view_hours": str}), "b")
    assert_same_views(workspace, expected)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.rstrip("\n"),
        lambda text: text + "\n\n",
        lambda text: text + ",,,\n",
        lambda text: text.replace("\n", "\n\n", 3),
        lambda text: text.replace("DE", '"DE"'),
        lambda text: "\n".join(",".join(reversed(line.split(","))) for line in text.splitlines()) + "\n",
    ],
    ids=["bom", "crlf", "no-newline", "blank-lines", "blank-fields", "gaps", "quotes", "column-order"],
)
def test_csv_as_programs_write_it(workspace, expected, change):
    workspace.raw("views.csv", change(workspace.csv("views")))
    assert_same_views(workspace, expected)


def test_rows_are_numbered_as_a_spreadsheet_shows_them(workspace):
    """Blank lines and quoted line breaks count as a spreadsheet counts them."""
    titles = 'title_id,name,runtime_minutes\nt1,"two\nlines",90\n\nt2,x,-1\n,,\nt3,y,-2\n'
    workspace.raw("titles.csv", titles)
    assert [(fault.row, fault.found) for fault in workspace.faults()] == [(4, "-1"), (6, "-2")]


def test_parquet_rows_are_records_of_the_part(workspace, typed):
    views = typed("views")
    workspace.parquet("views", views[:3], "a")
    views.loc[4, "view_hours"] = -1
    workspace.parquet("views", views[3:], "b")
    (fault,) = workspace.faults()
    assert (fault.file, fault.row) == ("input/views/b.parquet", 2)


BROKEN = [
    # file, content, expected, found, row
    ("views.csv", "", "a header and rows", "0 bytes", None),
    ("views.csv", HEADER, "at least one row", "none", None),
    ("views.csv", HEADER.strip(), "at least one row", "none", None),
    ("views.csv", "\n\n\n", "a header", "a blank line", 1),
    ("views.csv", "\ufeff", "a header", "a blank line", 1),
    ("views.csv", (HEADER + "2026-06-01,DE,t1,1\n").replace("\n", "\r"), "LF", "CR alone", 1),
    ("views.csv", HEADER.replace(",", ";") + "2026-06-01;DE;t1;1\n", "commas", "semicolons", 1),
    ("views.csv", HEADER.replace(",", "\t") + "2026-06-01\tDE\tt1\t1\n", "commas", "tabs", 1),
    ("views.csv", "date,region,region,title_id,view_hours\n", "each column once", "region more than once", 1),
    ("views.csv", HEADER + "2026-06-01,DE,t1,1\n2026-06-01,DE,t2\n", "4 fields", "3 fields", 3),
    ("views.csv", HEADER + "2026-06-01,DE,t1,1\n2026-06-01,DE,t2,1,5\n", "4 fields", "5 fields", 3),
    ("views.csv", HEADER.encode() + b"2026-06-01,DE,t1,1\n2026-06-01,D\xc4,t2,1\n", "UTF-8", "byte 0xc4", 3),
    ("views.csv", HEADER.encode() + b"2026-06-01,DE,t1,1\n2026-06-01,D\xc4\n", "UTF-8", "byte 0xc4", 3),
    ("views.csv", (HEADER + "2026-06-01,DE,t1,1\n").encode("utf-16"), "UTF-8", "UTF-16", None),
    ("views.csv", b"d\xe4te,region\n", "UTF-8", "header", 1),
    ("views.csv", HEADER + '2026-06-01,DE,t1,"1\n2026-06-02,DE,t1,1\n', "every quote closed", "stays open", 2),
    ("views.csv.gz", gzip.compress((HEADER * 50).encode(), mtime=0)[:-20], "a whole gzip file", "truncated", None),
    ("views.csv.gz", HEADER, "a gzip file", "Not a gzipped file", None),
    ("views.parquet", b"PAR1 and then nothing", "a whole Parquet file", "truncated", None),
    ("views.parquet", HEADER, "a whole Parquet file", "truncated", None),
    ("views.parquet", "", "a header and rows", "0 bytes", None),
    ("views/part.csv", HEADER, "a folder of NAME.parquet parts", "part.csv", None),
    ("views/region=DE/part.parquet", "x", "a folder of NAME.parquet parts", "region=DE", None),
    ("views/_SUCCESS", "x", "a folder of NAME.parquet parts", "an empty folder", None),
]  # fmt: skip


@pytest.mark.parametrize(("file", "content", "expected", "found", "row"), BROKEN)
@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_a_broken_file_is_one_clear_fault(workspace, file, content, expected, found, row):
    workspace.raw(file, content)
    (fault,) = workspace.faults()
    assert fault.table == "views" and fault.file.startswith("input/views")
    assert expected in fault.expected and found in fault.found
    assert fault.row == row


def test_a_truncated_parquet_file(workspace, typed):
    workspace.parquet("views", typed("views"))
    path = workspace.folder / "views.parquet"
    path.write_bytes(path.read_bytes()[:-30])
    (fault,) = workspace.faults()
    assert "truncated" in fault.found


def test_one_broken_part_is_named(workspace, typed):
    workspace.parquet("views", typed("views"), "a")
    workspace.raw("views/b.parquet", b"PAR1")
    (fault,) = workspace.faults()
    assert fault.file == "input/views/b.parquet"


def test_two_forms_of_a_table_are_a_fault(workspace, typed):
    workspace.parquet("views", typed("views"))
    workspace.raw("views.csv", workspace.csv("views"))
    (fault,) = workspace.faults()
    assert "views.csv" in fault.found and "views.parquet" in fault.found


@pytest.mark.parametrize("name", ["pins.csv", "pins.csv.gz", "pins.parquet", "pins"])
@pytest.mark.parametrize("make", [lambda p: p.symlink_to("gone"), os.mkfifo, lambda p: p.mkdir(), lambda p: p.touch()])
def test_an_optional_table_that_is_there_but_no_file_is_not_taken_as_absent(workspace, name, make):
    workspace.keep("views").write()
    make(workspace.folder / name)
    (fault,) = workspace.faults()
    assert (fault.table, fault.file) == ("pins", f"input/{name}")


def test_ragged_rows_do_not_hide_the_faults_of_the_others(workspace):
    workspace.raw("views.csv", HEADER + "2026-06-01,DE\n2026-06-01,DE,t1,-1\n2026-06-01\n2026-06-02,DE,t1,-2\n")
    assert [(fault.row, fault.found) for fault in workspace.faults()] == [
        (2, "2 fields"),
        (3, "-1"),
        (4, "1 field"),
        (5, "-2"),
    ]


def test_digests_are_of_the_bytes_as_stored(workspace, typed):
    workspace.raw("titles.csv.gz", workspace.gz("titles"))
    workspace.parquet("views", typed("views")[:2], "b")
    workspace.parquet("views", typed("views")[2:], "a")
    digest = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in workspace.folder.rglob("*.*")}
    tables = workspace.tables_read()
    assert tables.sha256["titles"] == digest["titles.csv.gz"]
    parts = digest["a.parquet"] + digest["b.parquet"]
    assert tables.sha256["views"] == hashlib.sha256(parts.encode()).hexdigest()
    assert set(tables.sha256) == tables.present == set(workspace.tables)


def test_a_file_that_bears_nearly_a_tables_name_is_pointed_at(workspace):
    workspace.raw("promotion.csv", "title_id\n")
    workspace.raw("notes.txt", "not a table")
    (warning,) = workspace.warnings()
    assert warning.file == "input/promotion.csv" and "promotions" in warning.remedy
