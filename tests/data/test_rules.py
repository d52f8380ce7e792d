"""Rules between the columns of one row."""

from __future__ import annotations

import pytest

RULES = [
    # table, changes, row, column, expected, found
    ("availability", {(3, "end_date"): "2026-04-30"}, 3, "end_date", "on or after start_date", "2026-04-30 after"),
    ("promotions", {(2, "end_date"): "2026-05-31"}, 2, "end_date", "on or after start_date", "2026-05-31 after"),
    ("pins", {(2, "title_id"): "t1"}, 2, "asset_id", "either asset_id or title_id", "both"),
    ("pins", {(2, "asset_id"): ""}, 2, "asset_id", "either asset_id or title_id", "neither"),
    ("assets", {(2, "bitrate_kbps"): ""}, 2, "bitrate_kbps", "video or muxed", "blank with the kind video"),
    ("assets", {(3, "language"): ""}, 3, "language", "audio or subtitle or muxed", "blank with the kind audio"),
    ("assets", {(5, "language"): ""}, 5, "language", "audio or subtitle or muxed", "blank with the kind subtitle"),
    ("assets", {(6, "language"): ""}, 6, "language", "audio or subtitle or muxed", "blank with the kind muxed"),
    ("assets", {(6, "bitrate_kbps"): ""}, 6, "bitrate_kbps", "video or muxed", "blank with the kind muxed"),
    ("caches", {(5, "region_share"): ""}, 5, "region_share", "a share from 0 to 1", "blank with the region NA"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "changes", "row", "column", "expected", "found"), RULES)
def test_a_contradiction_in_a_row_is_a_fault(workspace, table, changes, row, column, expected, found):
    workspace.keep(table)
    for (number, name), value in changes.items():
        workspace.set(table, number, name, value)
    (fault,) = workspace.faults()
    assert (fault.table, fault.row, fault.column) == (table, row, column)
    assert expected in fault.expected and found in fault.found


def test_a_window_of_one_day_is_good(workspace):
    workspace.set("promotions", 2, "end_date", "2026-06-01")
    assert workspace.warnings() == ()


def test_a_mesh_needs_no_shares(mesh):
    for row in (3, 4, 5):
        mesh.set("caches", row, "region_share", "")
    assert mesh.warnings() == ()


def test_a_share_without_a_region_is_a_warning(workspace):
    workspace.set("caches", 2, "region_share", "0.5")
    (warning,) = workspace.warnings()
    assert (warning.row, warning.column) == (2, "region_share")
