"""Parents, shares and values of the cache network."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillplan_data.network import cycles


@pytest.mark.parametrize(
    ("parents", "path"),
    [
        ({2: "mid"}, "mid -> mid"),
        ({2: "de-1"}, "mid -> de-1 -> mid"),
        ({2: "de-2", 4: "de-1"}, "mid -> de-2 -> de-1 -> mid"),
    ],
)
def test_a_cycle_of_parents_is_named_as_a_path(workspace, parents, path):
    for row, parent in parents.items():
        workspace.set("caches", row, "parent_id", parent)
    (fault,) = [fault for fault in workspace.faults() if "cycle" in fault.found]
    assert (fault.table, fault.row, fault.column) == ("caches", 2, "parent_id")
    assert fault.found == f"a cycle {path}"


def test_two_cycles_are_two_faults(workspace):
    workspace.set("caches", 2, "parent_id", "mid")
    workspace.set("caches", 5, "parent_id", "na-1")
    assert {fault.found for fault in workspace.faults()} == {"a cycle mid -> mid", "a cycle na-1 -> na-1"}


nodes = st.sampled_from("abcdef")


@given(st.dictionaries(nodes, st.sampled_from(["", *"abcdef"])))
def test_cycles_are_exactly_the_nodes_that_come_back_to_themselves(parents):
    def returns(start: str) -> bool:
        node = start
        for _ in range(len(parents)):
            node = parents.get(node, "")
            if node == start:
                return True
        return False

    found = [node for cycle in cycles(parents) for node in cycle]
    assert sorted(found) == sorted(node for node in parents if returns(node))
    for cycle in cycles(parents):
        assert all(parents[a] == b for a, b in zip(cycle, [*cycle[1:], cycle[0]], strict=True))


def test_caches_without_an_id_are_in_no_cycle(workspace):
    workspace.set("caches", 2, "cache_id", "")
    assert not [fault for fault in workspace.faults() if "cycle" in fault.found]


def test_caches_that_differ_in_case_alone_are_told_with_both_rows(workspace):
    row = workspace.add("caches", "DE-1", "mid", "DE", "0", "800000000", "200000", "02:00", "6", "", "", "1", "")
    (warning,) = workspace.warnings()
    assert (warning.table, warning.row, warning.column) == ("caches", row, "cache_id")
    assert warning.found == "DE-1, beside de-1 in row 3"


def test_shares_over_one_are_a_fault(workspace):
    workspace.set("caches", 4, "region_share", "0.41")
    (fault,) = workspace.faults()
    assert (fault.table, fault.row, fault.column) == ("caches", 4, "region_share")
    assert "DE" in fault.expected and fault.found == "1.01 over 2 caches"


def test_shares_may_add_up_to_one_within_rounding(workspace):
    for row, share in ((3, "0.7"), (4, "0.3000000000001")):
        workspace.set("caches", row, "region_share", share)
    assert workspace.warnings() == ()


def test_shares_over_one_do_not_stop_a_mesh(mesh):
    mesh.set("caches", 4, "region_share", "0.41")
    (warning,) = mesh.warnings()
    assert warning.column == "region_share"


@pytest.mark.parametrize("value", ["0.4", "0.1"])
def test_a_cache_worth_no_more_than_its_parent_is_a_warning(workspace, value):
    workspace.set("caches", 3, "value_per_gb", value)
    (warning,) = workspace.warnings()
    assert (warning.table, warning.row, warning.column) == ("caches", 3, "value_per_gb")


@pytest.fixture
def routes_without_rows(mesh):
    mesh.tables["routes"] = mesh.tables["routes"].iloc[:0]
    return mesh


def test_routes_without_rows_are_no_mesh(routes_without_rows):
    assert routes_without_rows.warnings() == ()


@pytest.mark.parametrize("share", ["0.41", ""])
def test_shares_count_beside_routes_without_rows(routes_without_rows, share):
    routes_without_rows.set("caches", 4, "region_share", share)
    (fault,) = routes_without_rows.faults()
    assert (fault.table, fault.row, fault.column) == ("caches", 4, "region_share")


def test_parents_count_beside_routes_without_rows(routes_without_rows):
    routes_without_rows.set("caches", 3, "value_per_gb", "0.4")
    (warning,) = routes_without_rows.warnings()
    assert (warning.row, warning.column) == (3, "value_per_gb")


def test_rights_reach_parents_beside_routes_without_rows(routes_without_rows):
    routes_without_rows.set("availability", 3, "end_date", "2026-06-02")  # t3 is left in DE, below mid
    row = routes_without_rows.add("inventory", "na-1", "t3-v")
    routes_without_rows.add("inventory", "mid", "t3-v")
    found = [entry.row for entry in routes_without_rows.warnings(date(2026, 6, 3)) if entry.table == "inventory"]
    assert found == [row]
