"""Faults name the row that people see, come in the order of causes, and end in one message."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillplan_data.errors import InputFaults
from fillplan_data.faults import EXAMPLES, LINES_IN_MESSAGE, Fault, FaultLog, SourceFile, message, show


def fault(table: str = "titles", row: int | None = 2, count: int = 1, **more: str) -> Fault:
    fields = {"severity": "fault", "file": f"input/{table}.csv", "column": "kind"} | more
    return Fault(table=table, row=row, expected="a word", found="none", remedy="say one", count=count, **fields)  # type: ignore[arg-type]


def two_parts() -> FaultLog:
    """Four records in a CSV that lost its third line, then three in a Parquet part."""
    parts = [SourceFile("a.csv", 0, 4, 2, np.array([0, 1, 3, 4])), SourceFile("b.parquet", 4, 3, 1)]
    return FaultLog(sources={"views": parts})


def test_rows_are_counted_as_people_see_them() -> None:
    assert [two_parts().place("views", record) for record in range(7)] == [
        "row 2 of a.csv",
        "row 3 of a.csv",
        "row 5 of a.csv",
        "row 6 of a.csv",
        "row 1 of b.parquet",
        "row 2 of b.parquet",
        "row 3 of b.parquet",
    ]
    alone = FaultLog(sources={"views": [SourceFile("views.csv", 0, 9, 2)]})
    assert alone.place("views", 8) == "row 10"


def test_a_place_leaves_out_what_is_not_known() -> None:
    assert fault().where == "input/titles.csv, row 2, kind"
    assert fault(row=None).where == "input/titles.csv, kind"
    assert fault(row=None, file="", column="").where == "titles"
    assert str(fault()) == "input/titles.csv, row 2, kind: expected a word, found none; say one"


@given(st.sets(st.integers(0, 99)), st.integers(0, 100))
def test_every_record_counts_once_whatever_file_it_came_from(records: set[int], cut: int) -> None:
    log = FaultLog(sources={"views": [SourceFile("a", 0, cut, 2), SourceFile("b", cut, 100 - cut, 2)]})
    wrong = sorted(records)
    log.note_rows("warning", "views", wrong, "region", "an id", lambda i: str(wrong[i]), "mend it")
    assert sum(entry.count for entry in log.faults) == len(records)
    for name, start in (("a", 0), ("b", cut)):
        here = [record for record in wrong if (record >= cut) == (name == "b")]
        shown = [entry for entry in log.faults if entry.file == name and entry.row is not None]
        assert [(entry.row, entry.found) for entry in shown] == [
            (record - start + 2, str(record)) for record in here[: EXAMPLES["warning"]]
        ]
        rest = [entry for entry in log.faults if entry.file == name and entry.row is None]
        assert len(rest) == (len(here) > EXAMPLES["warning"])
        for entry in rest:
            assert f"row {here[3] - start + 2})" in entry.found


def test_warnings_alone_are_given_back_in_the_order_of_tables_and_rows() -> None:
    log = two_parts()
    log.note("warning", "pins", "", "", "")
    log.note("warning", "views", "", "", "", row=9)
    log.note("warning", "views", "", "", "", row=None)
    log.note("warning", "views", "", "", "", row=3)
    log.note("warning", "views", "", "", "", file="b.parquet", row=1)
    log.note("warning", "nobodys", "", "", "")
    assert not log.stops
    places = [(entry.table, entry.file, entry.row) for entry in log.close()]
    views = [("views", "a.csv", 3), ("views", "a.csv", 9), ("views", "a.csv", None), ("views", "b.parquet", 1)]
    assert places == [*views, ("pins", "", None), ("nobodys", "", None)]


def test_faults_come_before_warnings_and_causes_before_what_follows() -> None:
    """A faulty id of titles may be why views name a title that is unknown, though views are the first table."""
    log = FaultLog()
    log.note("warning", "views", "", "", "", column="region")
    log.note("fault", "views", "", "", "", column="title_id")
    log.note("fault", "titles", "", "", "", column="title_id")
    assert log.has_faulty_keys("titles") and not log.has_faulty_keys("caches")
    with pytest.raises(InputFaults) as raised:
        log.close()
    assert [(entry.severity, entry.table) for entry in raised.value.faults] == [  # type: ignore[attr-defined]
        ("fault", "titles"),
        ("fault", "views"),
        ("warning", "views"),
    ]


def test_a_fault_beside_the_id_makes_no_table_a_cause() -> None:
    log = FaultLog()
    log.note("fault", "titles", "", "", "", column="kind")
    log.note("warning", "caches", "", "", "", column="cache_id")
    assert log.stops and not log.has_faulty_keys("titles") and not log.has_faulty_keys("caches")


def test_a_long_message_counts_the_rest_by_table() -> None:
    entries = [fault(row=row) for row in range(LINES_IN_MESSAGE)]
    entries += [fault("pins", None, 1_500), fault("assets"), fault("pins"), fault(severity="warning")]
    first, *lines, last = message(entries).splitlines()
    assert first == "the input tables have 1,542 faults:"
    assert lines == [f"  {entry}" for entry in entries[:LINES_IN_MESSAGE]]
    assert last == "  and more in pins (1,501), assets (1)"
    assert "more in" not in message(entries[:LINES_IN_MESSAGE])


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("", "blank"),
        (float("nan"), "blank"),
        (np.datetime64("NaT", "D"), "blank"),
        (np.datetime64("2026-06-01T12:00"), "2026-06-01"),
        (0.1 + 0.2, "0.3"),
        (np.float64(5), "5"),
        (12, "12"),
        ("DE", "DE"),
        (" DE", "' DE'"),
        ("D\u200bE", "'D\\u200bE'"),
        ("x" * 80, "x" * 80),
        ("x" * 81, "x" * 77 + "..."),
    ],
)
def test_values_are_shown_as_people_should_see_them(value: object, shown: str) -> None:
    assert show(value) == shown


def test_faults_of_all_tables_are_reported_at_once(workspace):
    for table, row, column, value in [
        ("views", 2, "view_hours", "-1"),
        ("views", 3, "date", "x"),
        ("titles", 3, "kind", "film"),
        ("assets", 2, "size_bytes", "0"),
        ("caches", 3, "parent_id", "nowhere"),
        ("promotions", 2, "end_date", "2026-05-01"),
    ]:
        workspace.set(table, row, column, value)
    places = [(fault.table, fault.row, fault.column) for fault in workspace.faults()]
    assert places == [
        ("views", 2, "view_hours"),
        ("views", 3, "date"),
        ("titles", 3, "kind"),
        ("promotions", 2, "end_date"),
        ("assets", 2, "size_bytes"),
        ("caches", 3, "parent_id"),
    ]


def test_many_rows_with_one_fault_are_shown_in_part_and_counted_whole(workspace):
    rows = "".join(f"2026-06-02,R{i},t1,-1\n" for i in range(50))
    workspace.raw("views.csv", workspace.csv("views") + rows)
    faults = workspace.faults()
    shown = EXAMPLES["fault"]
    assert [fault.row for fault in faults[:shown]] == list(range(7, 7 + shown))
    assert (faults[shown].row, faults[shown].count) == (None, 50 - shown)
    assert "27" in faults[shown].found  # where the first of the rest is
    assert sum(fault.count for fault in faults) == 50


def test_the_message_tells_everything_in_one_place(workspace):
    workspace.set("views", 2, "view_hours", "-3.5")
    with pytest.raises(InputFaults) as raised:
        workspace.read()
    assert str(raised.value) == (
        "the input tables have 1 fault:\n"
        "  input/views.csv, row 2, view_hours: expected a number >= 0 and <= 1,000,000,000,000, found -3.5; "
        "correct the value or delete the row"
    )
