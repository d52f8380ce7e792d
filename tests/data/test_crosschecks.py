"""What is checked between tables, and what waits until there are no faults."""

from __future__ import annotations

from datetime import date

import pytest

from fillplan_data.crosschecks import check_between
from fillplan_data.errors import InputFaults
from fillplan_data.faults import FaultLog


def all_entries(workspace):
    with pytest.raises(InputFaults) as raised:
        workspace.read()
    return raised.value.faults


def plant_oddity(workspace):
    """A second holiday on a day: a warning."""
    workspace.add("calendar", "DE", "2026-05-01", "Ascension Day")


def test_references_rules_and_the_network_are_checked_in_one_pass(workspace):
    workspace.set("pins", 3, "title_id", "zzz")
    workspace.set("promotions", 2, "end_date", "2026-05-01")
    workspace.set("caches", 3, "region_share", "0.9")
    assert [(fault.table, fault.column) for fault in all_entries(workspace)] == [
        ("promotions", "end_date"),
        ("caches", "region_share"),
        ("pins", "title_id"),
    ]


def test_oddities_of_faulty_tables_are_not_told(workspace):
    plant_oddity(workspace)
    workspace.set("promotions", 2, "end_date", "2026-05-01")
    assert [(entry.severity, entry.table) for entry in all_entries(workspace)] == [("fault", "promotions")]


def test_oddities_of_good_tables_are_told(workspace):
    plant_oddity(workspace)
    assert [(entry.severity, entry.table) for entry in workspace.warnings()] == [("warning", "calendar")]


def test_a_warning_of_before_keeps_nobody_from_looking(workspace):
    plant_oddity(workspace)
    workspace.add("inventory", "mid", "gone")
    assert {entry.table for entry in workspace.warnings()} == {"calendar", "inventory"}


def test_stale_views_are_judged_by_the_date_that_is_planned(workspace):
    assert workspace.warnings(plan_date=date(2026, 6, 3)) == ()
    late = workspace.warnings(plan_date=date(2026, 6, 10))
    assert "views" in {entry.table for entry in late}


def test_no_tables_have_no_faults_between_them():
    log = FaultLog()
    check_between({}, None, log)
    check_between({}, date(2026, 6, 3), log)
    assert log.close() == ()
