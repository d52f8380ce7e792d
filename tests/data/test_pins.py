"""Warnings on pins that cannot be honoured."""

from __future__ import annotations

from datetime import date

import pytest

PLAN_DATE = date(2026, 6, 3)


def of_pins(workspace, plan_date=PLAN_DATE):
    """{row: found} of the warnings on pins."""
    warnings = [entry for entry in workspace.warnings(plan_date) if entry.table == "pins"]
    assert all(entry.severity == "warning" for entry in warnings)
    return {entry.row: entry.found for entry in warnings}


@pytest.mark.parametrize(
    ("pin", "block", "lost"),
    [
        (("de-1", "t1-v", "", "pin"), ("de-1", "t1-v", "", "block"), "t1-v"),
        (("de-1", "t1-v", "", "pin"), ("", "t1-v", "", "block"), "t1-v"),
        (("de-1", "t1-v", "", "pin"), ("de-1", "", "t1", "block"), "t1-v"),
        (("de-1", "", "t1", "pin"), ("de-1", "t1-v", "", "block"), "t1-v"),
        (("de-1", "", "t1", "pin"), ("", "", "t1", "block"), "t1-v, t1-en, t1-de and 1 more"),
        (("", "t1-v", "", "pin"), ("", "", "t1", "block"), "t1-v"),
        (("de-1", "t1-v", "", "pin"), ("de-2", "t1-v", "", "block"), None),
        (("de-1", "t1-v", "", "pin"), ("de-1", "t1-de", "", "block"), None),
        (("", "t1-v", "", "pin"), ("de-1", "t1-v", "", "block"), None),  # an exception to a wide pin
    ],
)
def test_a_pin_and_a_block_of_the_same_file(workspace, pin, block, lost):
    workspace.tables["inventory"] = workspace.tables["inventory"].iloc[:0]
    workspace.tables["pins"] = workspace.tables["pins"].iloc[:0]
    row = workspace.add("pins", *pin)
    workspace.add("pins", *block)
    found = of_pins(workspace)
    assert set(found) == (set() if lost is None else {row})
    assert lost is None or found[row].endswith(f"blocked there: {lost}")


@pytest.mark.parametrize("last", [True, False])
def test_blocks_that_cover_all_caches_one_by_one(workspace, last):
    row = workspace.add("pins", "", "t3-v", "", "pin")
    for cache in ("mid", "de-1", "de-2"):
        workspace.add("pins", cache, "t3-v", "", "block")
    if last:
        workspace.add("pins", "na-1", "", "t3", "block")
    assert set(of_pins(workspace)) == ({row} if last else set())


@pytest.mark.parametrize(
    ("cache", "lost"),
    [("na-1", True), ("de-1", False), ("mid", False), ("", False)],
)
@pytest.mark.parametrize("target", [("t3-v", ""), ("", "t3")])
def test_a_window_that_ended_where_the_cache_serves(workspace, cache, lost, target):
    workspace.set("availability", 3, "end_date", "2026-06-02")  # t3 in NA; it opens in DE on 20 June
    row = workspace.add("pins", cache, *target, "pin")
    found = of_pins(workspace)
    assert set(found) == ({row} if lost else set())
    assert not lost or ("t3" in found[row] and "na-1" in found[row])


def test_a_window_that_ends_on_the_plan_date_still_counts(workspace):
    workspace.set("availability", 3, "end_date", "2026-06-03")
    workspace.add("pins", "na-1", "t3-v", "", "pin")
    assert of_pins(workspace) == {}


def test_a_pin_everywhere_of_a_title_without_rights_anywhere(workspace):
    workspace.set("availability", 2, "end_date", "2026-06-02")  # t1, everywhere; row 2 of pins pins its audio
    assert set(of_pins(workspace)) == {2}


def test_a_region_without_any_window_of_the_title(workspace):
    workspace.set("availability", 3, "region", "DE")  # t3: no row for NA is left
    row = workspace.add("pins", "na-1", "t3-v", "", "pin")
    assert set(of_pins(workspace)) == {row}


def test_rights_of_a_mesh_follow_its_routes(mesh):
    mesh.set("availability", 3, "end_date", "2026-06-02")
    row = mesh.add("pins", "mid", "t3-v", "", "pin")  # mid serves only NA by routes
    mesh.add("pins", "de-1", "t3-v", "", "pin")
    assert set(of_pins(mesh)) == {row}


def test_a_pinned_title_without_files(workspace):
    workspace.tables["assets"] = workspace.tables["assets"].iloc[:5]
    row = workspace.add("pins", "de-1", "", "t3", "pin")
    assert of_pins(workspace) == {row: "the title t3 at de-1, without files"}
