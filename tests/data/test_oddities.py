"""Warnings: the night goes on, the planner is told."""

from __future__ import annotations

from datetime import date

import pytest


def warn(workspace, **options):
    (warning,) = workspace.warnings(**options)
    assert warning.severity == "warning"
    return warning


@pytest.mark.parametrize(
    "promotion",
    [
        ("t1", "DE", "2026-06-03", "2026-06-10", "1"),
        ("t1", "", "2026-05-01", "2026-06-01", "1"),
        ("t3", "DE", "2026-06-25", "2026-06-26", "1"),
        ("t3", "", "2026-06-21", "2026-06-22", "1"),
    ],
)
def test_overlapping_promotions(workspace, promotion):
    workspace.keep("promotions").add("promotions", *promotion)
    warning = warn(workspace)
    assert warning.table == "promotions" and promotion[0] in warning.found


@pytest.mark.parametrize(
    "promotion",
    [
        ("t1", "DE", "2026-06-04", "2026-06-10", "1"),
        ("t1", "NA", "2026-06-01", "2026-06-03", "1"),
        ("t2", "", "2026-06-01", "2026-06-30", "1"),
    ],
)
def test_promotions_that_do_not_overlap(workspace, promotion):
    workspace.keep("promotions").add("promotions", *promotion)
    assert workspace.warnings() == ()


def test_a_long_promotion_is_seen_behind_a_short_one(workspace):
    workspace.add("promotions", "t1", "DE", "2026-06-02", "2026-06-02", "1")
    last = workspace.add("promotions", "t1", "DE", "2026-06-03", "2026-06-05", "1")
    assert {entry.row for entry in workspace.warnings()} == {last - 1, last}


def test_several_holidays_on_a_day(workspace):
    row = workspace.add("calendar", "DE", "2026-05-01", "Ascension Day")
    warning = warn(workspace)
    assert (warning.table, warning.row) == ("calendar", row)


def test_two_files_for_the_same_demand(workspace):
    row = workspace.add("assets", "t1-v2", "t1", "video", "1000", "", "1", "")
    warning = warn(workspace)
    assert (warning.table, warning.row) == ("assets", row) and "t1-v" in warning.found


def test_each_of_several_doubled_files_is_told_beside_its_own_twin(workspace):
    workspace.add("assets", "t1-v2", "t1", "video", "1000", "", "1", "")
    workspace.add("assets", "t1-de2", "t1", "audio", "", "DE", "1", "")
    found = [entry.found for entry in workspace.warnings()]
    assert found == ["t1-v2 serves the same demand as t1-v", "t1-de2 serves the same demand as t1-de"]


def test_a_watched_title_without_files(workspace):
    workspace.tables["assets"] = workspace.tables["assets"].iloc[:5]
    warning = warn(workspace)
    assert warning.table == "assets" and "t3" in warning.found


@pytest.mark.parametrize(("region", "end"), [("DE", "2026-12-31"), ("NA", "2026-06-01")])
def test_views_outside_the_rights_window(workspace, region, end):
    workspace.set("availability", 3, "end_date", end)
    row = workspace.add("views", "2026-06-02", "DE", "t3", "1") if region == "DE" else 6
    warning = warn(workspace)
    assert (warning.table, warning.row) == ("views", row) and "t3" in warning.found


@pytest.mark.parametrize(("start", "outside"), [("2026-06-02", []), ("2026-06-03", [6])])
def test_views_between_two_windows(workspace, start, outside):
    workspace.set("availability", 3, "end_date", "2026-06-01")
    workspace.add("availability", "t3", "NA", start, "")
    assert [(entry.table, entry.row) for entry in workspace.warnings()] == [("views", row) for row in outside]


def test_a_region_with_caches_but_without_views(workspace):
    for row in (3, 4):
        workspace.set("caches", row, "region", "DEU")
    assert {(entry.table, entry.column) for entry in workspace.warnings()} == {("caches", "region")}
    assert any("DEU" in entry.found and "near: DE" in entry.found for entry in workspace.warnings())
    assert any("DE" in entry.found and "watched" in entry.found for entry in workspace.warnings())


def test_a_region_of_the_mesh_without_views(mesh):
    row = mesh.add("routes", "AT", "mid", "1")
    warning = warn(mesh)
    assert (warning.table, warning.row) == ("routes", row)


def test_a_cache_that_serves_nobody(workspace):
    row = workspace.add("caches", "idle", "mid", "", "", "1", "1", "", "1", "", "", "1", "")
    workspace.add("inventory", "idle", "t3-v")
    assert {(entry.table, entry.row) for entry in workspace.warnings()} == {("caches", row)}
    (warning,) = (entry for entry in workspace.warnings() if entry.column == "cache_id")
    assert "idle" in warning.found


def test_a_cache_of_the_mesh_without_routes(mesh):
    mesh.tables["routes"] = mesh.tables["routes"].iloc[:3]
    warning = warn(mesh)
    assert (warning.table, warning.row) == ("caches", 2) and "mid" in warning.found


def test_a_long_gap_in_the_history(workspace):
    row = workspace.add("views", "2036-06-02", "DE", "t1", "1")
    workspace.add("views", "2036-06-02", "NA", "t1", "1")
    warning = warn(workspace)
    assert (warning.table, warning.row) == ("views", row) and "2036-06-02" in warning.found


def test_views_long_before_all_others_are_told_and_ignored(workspace):
    row = workspace.add("views", "1970-01-01", "DE", "t2", "1")
    warning = warn(workspace)
    assert (warning.table, warning.row, warning.column) == ("views", row, "date")
    assert warning.found == "1970-01-01, long before the history, which begins on 2026-06-01; ignored"


def test_views_on_or_after_the_plan_date_are_ignored(workspace):
    tables, warnings = workspace.read(plan_date=date(2026, 6, 2))
    (warning,) = warnings
    assert (warning.table, warning.count) == ("views", 2)
    assert tables.views.date.max() < tables.views.date.dtype.type("2026-06-02")
    assert list(tables.views.title_id.cat.categories) == ["t1", "t2"]


def test_later_rows_are_ignored_before_they_are_checked(workspace):
    workspace.add("views", "2026-06-05", "DE", "unheard-of", "-1")
    workspace.add("variant_views", "2026-06-05", "DE", "t1", "x", "", "", "")
    _, warnings = workspace.read(plan_date=date(2026, 6, 3))
    assert {entry.table for entry in warnings} == {"views", "variant_views"}


def test_rows_keep_their_numbers_when_later_ones_are_left_out(workspace):
    views = workspace.tables["views"]
    workspace.tables["views"] = views.iloc[[3, 4, 0, 1, 2]].reset_index(drop=True)
    workspace.set("views", 5, "view_hours", "-1")
    workspace.set("views", 6, "view_hours", "x")
    faults = workspace.faults(plan_date=date(2026, 6, 2))
    assert [(fault.row, fault.found) for fault in faults] == [(5, "-1"), (6, "x")]


def test_no_views_before_the_plan_date_is_a_fault(workspace):
    (fault,) = workspace.faults(plan_date=date(2026, 6, 1))
    assert fault.table == "views" and "2026-06-01" in fault.expected


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("availability", ("t2", "DEU", "2026-01-01", "")),
        ("promotions", ("t2", "DEU", "2026-01-01", "2026-01-02", "1")),
        ("calendar", ("DEU", "2026-01-01", "New Year")),
    ],
)
def test_a_region_that_occurs_nowhere_else(workspace, table, row):
    workspace.add(table, *row)
    warnings = {entry.table: entry for entry in workspace.warnings() if entry.column == "region"}
    assert set(warnings) == {table} and "DEU" in warnings[table].found


@pytest.mark.parametrize(
    ("plan_date", "stale"),
    [
        (None, []),
        (date(2026, 6, 5), []),
        (date(2026, 6, 6), [("DE", 4), ("NA", 4)]),
        (date(2026, 7, 1), [("DE", 29), ("NA", 29)]),
    ],
)
def test_views_that_end_days_before_the_plan_date(workspace, plan_date, stale):
    """The last day of views is 2 June in both regions."""
    found = [entry.found for entry in workspace.keep().warnings(plan_date)]
    assert found == [f"views of {region} end on 2026-06-02, {n} days before the plan date" for region, n in stale]


@pytest.mark.parametrize(("last", "days"), [("2026-06-04", 0), ("2026-06-05", 4), ("2026-06-12", 11)])
def test_a_region_whose_views_end_before_those_of_the_others(workspace, last, days):
    workspace.keep().add("views", last, "DE", "t1", "1")
    warnings = workspace.warnings()
    assert [(entry.table, entry.column, entry.row) for entry in warnings] == [("views", "date", 6)] * bool(days)
    assert all(f"NA end on 2026-06-02, {days} days" in entry.found for entry in warnings)
