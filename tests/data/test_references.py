"""References to ids that are nowhere."""

from __future__ import annotations

import pytest

REFERENCES = [
    ("views", 3, "title_id", "titles"),
    ("variant_views", 3, "title_id", "titles"),
    ("availability", 3, "title_id", "titles"),
    ("promotions", 3, "title_id", "titles"),
    ("assets", 3, "title_id", "titles"),
    ("caches", 3, "parent_id", "caches"),
    ("routes", 3, "cache_id", "caches"),
    ("inventory", 3, "cache_id", "caches"),
    ("pins", 3, "cache_id", "caches"),
    ("pins", 2, "asset_id", "assets"),
    ("pins", 3, "title_id", "titles"),
]


@pytest.mark.parametrize(("table", "row", "column", "target"), REFERENCES)
def test_an_unknown_id_is_a_fault(mesh, table, row, column, target):
    mesh.keep(table).set(table, row, column, "zzz")
    (fault,) = mesh.faults()
    assert (fault.table, fault.row, fault.column) == (table, row, column)
    assert f"in {target}." in fault.expected and "zzz" in fault.found


def test_a_nearly_equal_id_is_named(workspace):
    workspace.set("inventory", 4, "cache_id", "de_1")
    (fault,) = workspace.faults()
    assert "near: de-1" in fault.found


def test_ids_are_case_sensitive(workspace):
    workspace.set("views", 3, "title_id", "T2")
    (fault,) = workspace.faults()
    assert fault.found.startswith("T2")


def test_an_unknown_file_in_the_inventory_is_only_a_warning(workspace):
    row = workspace.add("inventory", "mid", "gone")
    tables, warnings = workspace.read()
    (warning,) = warnings
    assert (warning.table, warning.row, warning.column) == ("inventory", row, "asset_id")
    assert "evicted" in warning.remedy
    assert "gone" in set(tables.inventory.asset_id)


def test_tables_that_are_absent_are_not_referred_to(workspace):
    """A forecast needs no assets; pins may still stand there."""
    del workspace.tables["assets"], workspace.tables["caches"]
    assert workspace.warnings() == ()


def test_an_unreadable_table_brings_no_flood_of_references(workspace):
    workspace.raw("titles.csv", "")
    (fault,) = workspace.faults()
    assert fault.table == "titles"


def test_a_table_without_rows_brings_no_flood_of_references(workspace):
    workspace.raw("titles.csv", workspace.csv("titles").splitlines()[0] + "\n")
    (fault,) = workspace.faults()
    assert (fault.table, fault.found) == ("titles", "none")


def test_a_faulty_id_comes_first_and_brings_no_flood_of_references(workspace):
    workspace.set("titles", 2, "title_id", "t 1")
    workspace.set("pins", 3, "title_id", "zzz")
    cause, *others = workspace.faults()
    assert (cause.table, cause.row, cause.column) == ("titles", 2, "title_id")
    assert [(fault.table, fault.found.split(" (")[0]) for fault in others] == [
        ("views", "t1, unknown there, in 3 rows"),
        ("variant_views", "t1, unknown there, in 5 rows"),
        ("availability", "t1, unknown there, in 1 row"),
        ("promotions", "t1, unknown there, in 1 row"),
        ("assets", "t1, unknown there, in 4 rows"),
        ("pins", "zzz, unknown there, in 1 row"),
    ]
    assert all("mend titles.title_id first" in fault.remedy for fault in others)


def test_a_row_of_too_few_fields_brings_no_flood_of_references(workspace):
    lines = workspace.csv("caches").splitlines()
    held = {line.split(",")[0] for line in workspace.csv("inventory").splitlines()[1:]}
    row = next(n for n, line in enumerate(lines) if line.split(",")[0] in held)
    lines[row] = ",".join(lines[row].split(",")[:3])
    workspace.raw("caches.csv", "\n".join(lines) + "\n")
    (fault,) = [fault for fault in workspace.faults() if "known there" in fault.found or "fields" in fault.found]
    assert (fault.table, fault.row) == ("caches", row + 1)
