"""Warnings on what the caches hold."""

from __future__ import annotations

from datetime import date

import pytest

PLAN_DATE = date(2026, 6, 3)


@pytest.mark.parametrize(
    ("pin", "held"),
    [
        (("", "t1-v", "", "block"), {2}),
        (("", "", "t1", "block"), {2, 3, 4}),
        (("mid", "", "t1", "block"), {2, 3}),
        (("de-1", "t1-de", "", "block"), {4}),
        (("de-1", "t1-v", "", "block"), set()),
        (("", "t1-v", "", "pin"), set()),
    ],
)
def test_blocked_files(workspace, pin, held):
    workspace.tables["pins"] = workspace.tables["pins"].iloc[:0]
    workspace.add("pins", *pin)
    warnings = workspace.warnings()
    assert {entry.row for entry in warnings} == held
    assert {entry.table for entry in warnings} <= {"inventory"}


@pytest.mark.parametrize(
    ("cache", "title", "end", "evicted"),
    [
        ("na-1", "t1", "2026-06-02", True),
        ("na-1", "t1", "2026-06-03", False),
        ("mid", "t1", "2026-06-02", True),
        ("mid", "t3", "", False),
        ("na-1", "t3", "2026-06-02", True),
        ("mid", "t3", "2026-06-02", False),  # still open in DE, from 20 June
        ("de-1", "t3", "2026-06-02", False),
    ],
)
def test_files_out_of_rights_everywhere_below_the_cache(workspace, cache, title, end, evicted):
    workspace.tables["inventory"] = workspace.tables["inventory"].iloc[:0]
    row = workspace.add("inventory", cache, f"{title}-v")
    if end:
        workspace.set("availability", 2 if title == "t1" else 3, "end_date", end)
    warnings = [entry for entry in workspace.warnings(PLAN_DATE) if entry.table == "inventory"]
    assert [entry.row for entry in warnings] == ([row] if evicted else [])


@pytest.mark.parametrize(("horizon_days", "evicted"), [(None, False), (17, True), (18, False)])
def test_files_of_titles_that_open_after_the_horizon(workspace, horizon_days, evicted):
    """t3 ended in NA, and opens in DE on 20 June, the 18th day."""
    workspace.tables["inventory"] = workspace.tables["inventory"].iloc[:0]
    workspace.set("availability", 3, "end_date", "2026-06-02")
    row = workspace.add("inventory", "mid", "t3-v")
    _, warnings = workspace.read(plan_date=PLAN_DATE, horizon_days=horizon_days)
    assert [entry.row for entry in warnings if entry.table == "inventory"] == ([row] if evicted else [])


def test_a_mesh_serves_by_its_routes(mesh):
    mesh.tables["inventory"] = mesh.tables["inventory"].iloc[:0]
    mesh.set("availability", 3, "end_date", "2026-06-02")  # t3 ends in NA, opens in DE
    row = mesh.add("inventory", "mid", "t3-v")  # mid serves only NA by routes
    mesh.add("inventory", "de-1", "t3-v")
    assert [entry.row for entry in mesh.warnings(PLAN_DATE) if entry.table == "inventory"] == [row]


def test_an_inventory_above_the_storage(workspace):
    workspace.set("caches", 2, "storage_bytes", "700000000")
    (warning,) = workspace.warnings()
    assert (warning.table, warning.row, warning.column) == ("caches", 2, "storage_bytes")


def test_rights_reach_up_every_tier(workspace):
    """A file may be held three tiers above the one region where it is open."""
    for row, parent in ((3, "de-2"), (4, "na-1")):  # de-1 -> de-2 -> na-1 -> mid
        workspace.set("caches", row, "parent_id", parent)
    workspace.set("availability", 3, "end_date", "2026-06-02")  # t3: only DE is left
    workspace.set("caches", 4, "region", "NA")
    workspace.set("caches", 4, "region_share", "0")
    workspace.set("inventory", 2, "asset_id", "t3-v")
    assert [entry for entry in workspace.warnings(PLAN_DATE) if entry.table == "inventory"] == []
