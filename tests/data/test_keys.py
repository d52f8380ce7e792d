"""The same key twice: with different content a fault, as an exact copy a warning."""

from __future__ import annotations

import pytest

CONFLICTS = [
    ("views", ("2026-06-01", "DE", "t1", "99"), "2026-06-01 DE t1 again, first in row 2, with view_hours 99 not 10"),
    ("variant_views", ("2026-05-04", "DE", "t1", "1000", "de", "", "1"), "first in row 2, with view_hours 1 not 6"),
    ("titles", ("t2", "Other", "short", "", "", "", "de", "3.3", "", "A", ""), "name Other not Short one"),
    ("assets", ("t1-v", "t1", "video", "1000", "", "1", ""), "size_bytes 1 not 675000000"),
    ("caches", ("de-2", "mid", "DE", "0.4", "1", "1", "", "6", "", "", "1", ""), "storage_bytes 1 not 800000000"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "row", "found"), CONFLICTS)
def test_the_same_key_with_other_content_is_a_fault(workspace, table, row, found):
    number = workspace.keep(table).add(table, *row)
    fault = next(fault for fault in workspace.faults() if fault.expected.startswith("one row per"))
    assert (fault.table, fault.row) == (table, number)
    assert found in fault.found


def test_a_route_twice_with_two_values_is_a_fault(mesh):
    number = mesh.add("routes", "DE", "de-1", "7")
    (fault,) = mesh.faults()
    assert (fault.table, fault.row, fault.expected) == ("routes", number, "one row per region, cache_id")


TABLES = ["views", "variant_views", "titles", "availability", "promotions", "calendar", "assets", "caches"]


@pytest.mark.parametrize("table", [*TABLES, "inventory", "pins"])
def test_an_exact_duplicate_is_used_once_with_a_warning(workspace, table):
    rows = len(workspace.keep(table).tables[table])
    workspace.add(table, *workspace.tables[table].iloc[0])
    tables, warnings = workspace.read()
    assert len(getattr(tables, table)) == rows
    (warning,) = [entry for entry in warnings if entry.expected == "each row once"]
    assert (warning.severity, warning.table, warning.row) == ("warning", table, rows + 2)


def test_a_file_pasted_twice_is_used_once_and_counted(workspace):
    body = workspace.csv("inventory")
    rows = body.split("\n", 1)[1] * 10
    workspace.raw("inventory.csv", body + rows)
    tables, warnings = workspace.read()
    assert len(tables.inventory) == 3
    assert sum(entry.count for entry in warnings) == 30


def test_numbers_that_are_equal_but_written_otherwise_are_duplicates(workspace):
    workspace.add("views", "2026-06-01", "DE", "t1", "10.0")
    assert len(workspace.tables_read().views) == 5


def test_a_doubled_key_hides_behind_neither_blanks_nor_many_columns(workspace):
    workspace.add("variant_views", "2026-05-04", "DE", "t1", "", "", "", "1")
    workspace.add("variant_views", "2026-05-04", "DE", "t1", "", "", "", "2")
    (fault,) = workspace.faults()
    assert fault.row == 8 and "first in row 7" in fault.found


def test_sparse_keys_are_compared_as_well_as_dense_ones(workspace):
    """Keys too sparse for a table of all combinations are sorted instead."""
    rows = "".join(f"{1990 + i}-01-01,R{i},t1,1\n" for i in range(40))
    workspace.raw("views.csv", "date,region,title_id,view_hours\n" + rows + "1995-01-01,R5,t1,2\n")
    (fault,) = workspace.faults()
    assert fault.row == 42 and "first in row 7" in fault.found


def test_blank_keys_are_blank_and_not_repeated(workspace):
    """Two titles without an id are two blanks, not one id with two contents."""
    for row in (2, 3):
        workspace.keep("titles").set("titles", row, "title_id", "")
    faults = [fault for fault in workspace.faults() if fault.table == "titles"]
    assert [(fault.row, fault.found) for fault in faults] == [(2, "blank"), (3, "blank")]
