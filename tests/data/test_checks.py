"""Each fault of a single field, planted in a good workspace and seen reported."""

from __future__ import annotations

from collections import Counter

import pytest

FIELDS = [
    # table, row, column, value, expected, found
    ("views", 3, "date", "2026-02-30", "a date YYYY-MM-DD", "2026-02-30"),
    ("views", 3, "date", "01.06.2026", "a date YYYY-MM-DD", "01.06.2026"),
    ("views", 3, "date", "20260601", "a date YYYY-MM-DD", "20260601"),
    ("views", 3, "date", "1026-06-01", "from 1970-01-01", "1026-06-01"),
    ("views", 3, "date", "", "(required)", "blank"),
    ("views", 4, "region", "", "(required)", "blank"),
    ("views", 4, "region", "D E", "an id", "D E"),
    ("views", 4, "region", ".", "an id", "."),
    ("views", 4, "region", "..", "an id", ".."),
    ("views", 4, "region", "x" * 101, "an id", "xxx..."),
    ("views", 4, "region", "Österreich", "an id", "Österreich"),
    ("views", 2, "view_hours", "-3.5", "a number >= 0", "-3.5"),
    ("views", 2, "view_hours", "NaN", "a number", "NaN"),
    ("views", 2, "view_hours", "inf", "a number", "inf"),
    ("views", 2, "view_hours", "1e999", "a number", "1e999"),
    ("views", 2, "view_hours", "1e13", "<= 1,000,000,000,000", "10000000000000"),
    ("views", 2, "view_hours", "ten", "a number", "ten"),
    ("views", 2, "view_hours", "1,5", "a number", "1,5"),
    ("views", 2, "view_hours", " 5 ", "a number", "' 5 '"),
    ("views", 2, "view_hours", "0x1F", "a number", "0x1F"),
    ("views", 2, "view_hours", "", "(required)", "blank"),
    ("variant_views", 4, "bitrate_kbps", "0", "a number > 0", "0"),
    ("variant_views", 4, "audio", "english!", "a BCP-47 language tag", "english!"),
    ("variant_views", 4, "subtitle", "d", "a BCP-47 language tag", "d"),
    ("titles", 2, "title_id", "", "(required)", "blank"),
    ("titles", 3, "kind", "film", "one of movie, series, episode, short, live", "film"),
    ("titles", 4, "season", "1.5", "a whole number", "1.5"),
    ("titles", 4, "episode", "-1", "a whole number >= 0", "-1"),
    ("titles", 4, "original_language", "pt_BR", "a BCP-47 language tag", "pt_BR"),
    ("titles", 4, "runtime_minutes", "0", "a number > 0", "0"),
    ("titles", 4, "runtime_minutes", "1e-300", "a number > 0.001 and <= 100,000", "1e-300"),
    ("titles", 4, "runtime_minutes", "90 min", "a number > 0", "90 min"),
    ("availability", 3, "start_date", "", "(required)", "blank"),
    ("availability", 3, "end_date", "soon", "a date", "soon"),
    ("promotions", 2, "strength", "-0.1", "a number >= 0", "-0.1"),
    ("calendar", 2, "name", "", "(required)", "blank"),
    ("calendar", 2, "date", "2026-05-01T00:00:00", "a date", "2026-05-01T00:00:00"),
    ("assets", 2, "kind", "Video", "one of video, audio, subtitle, muxed", "Video"),
    ("assets", 2, "size_bytes", "0", "a whole number >= 1", "0"),
    ("assets", 2, "size_bytes", "1e300", "<= 1,000,000,000,000,000", "1e+300"),
    ("assets", 2, "size_bytes", "10.5", "a whole number", "10.5"),
    ("assets", 2, "size_bytes", "", "(required)", "blank"),
    ("assets", 2, "bitrate_kbps", "-1", "a number > 0", "-1"),
    ("caches", 3, "region_share", "1.01", "a number >= 0 and <= 1", "1.01"),
    ("caches", 3, "storage_bytes", "-1", "a whole number >= 0", "-1"),
    ("caches", 3, "storage_bytes", "99999999999999999999", "a whole number", "1e+20"),
    ("caches", 3, "fill_rate_bps", "fast", "a number", "fast"),
    ("caches", 3, "fill_start", "24:00", "a time of day HH:MM", "24:00"),
    ("caches", 3, "fill_start", "2:00", "a time of day HH:MM", "2:00"),
    ("caches", 3, "fill_hours", "24.5", "a number >= 0 and <= 24", "24.5"),
    ("caches", 3, "timezone", "Europe/Bonn", "an IANA time zone", "Europe/Bonn"),
    ("caches", 3, "serve_rate_bps", "-1", "a number >= 0", "-1"),
    ("caches", 3, "value_per_gb", "", "(required)", "blank"),
    ("caches", 3, "fill_cost_per_gb", "-0.01", "a number >= 0", "-0.01"),
    ("inventory", 3, "asset_id", "", "(required)", "blank"),
    ("pins", 3, "rule", "hold", "one of pin, block", "hold"),
]


@pytest.mark.parametrize(("table", "row", "column", "value", "expected", "found"), FIELDS)
def test_a_planted_field_is_reported_with_its_place(workspace, table, row, column, value, expected, found):
    workspace.keep(table).set(table, row, column, value)
    faults = [fault for fault in workspace.faults() if fault.table == table and "add up" not in fault.expected]
    faults = [fault for fault in faults if fault.column == column]
    assert len(faults) == 1
    fault = faults[0]
    assert (fault.table, fault.file, fault.row) == (table, f"input/{table}.csv", row)
    assert expected in fault.expected
    assert fault.found == found or (found.endswith("...") and fault.found.endswith("..."))
    assert fault.count == 1


def test_every_declared_bound_has_a_planted_fault():
    """No column with bounds, a pattern or allowed values goes untested."""
    planted = {(table, column) for table, _, column, *_ in FIELDS}
    from fillplan_data.declarations import TABLES

    bounded = {
        (table.name, column.name)
        for table in TABLES.values()
        for column in table.columns
        if (column.bounds or column.allowed or column.kind in ("clock", "zone", "language"))
    }
    alike = {("routes", "value_per_gb"), ("variant_views", "view_hours"), ("assets", "language")}
    assert bounded - planted <= alike


def test_several_faults_in_one_column_keep_their_rows(workspace):
    workspace.set("views", 2, "view_hours", "-1")
    workspace.set("views", 4, "view_hours", "x")
    workspace.set("views", 6, "view_hours", "")
    found = {(fault.row, fault.found) for fault in workspace.faults()}
    assert found == {(2, "-1"), (4, "x"), (6, "blank")}


@pytest.mark.parametrize(
    "language", ["en", "pt-BR", "zh-Hant", "es-419", "und", "yue", "zh-cmn-Hans-CN", "sl-rozaj", "x-klingon"]
)
def test_language_tags_are_accepted(workspace, language):
    workspace.keep("titles").set("titles", 2, "original_language", language)
    assert workspace.tables_read().titles.original_language[0] == language


@pytest.mark.parametrize(
    ("text", "hours"), [("+5", 5), ("1e3", 1000), ("5.", 5), (".5", 0.5), ("1e-05", 1e-5), ("007", 7)]
)
def test_numbers_are_read_as_people_and_programs_write_them(workspace, text, hours):
    workspace.keep("views").set("views", 2, "view_hours", text)
    assert workspace.tables_read().views.view_hours[0] == hours


@pytest.mark.parametrize("text", ["675000000.0", "6.75e8", "+675000000"])
def test_whole_numbers_may_carry_a_zero_fraction(workspace, text):
    workspace.set("assets", 2, "size_bytes", text)
    sizes = workspace.tables_read().assets.size_bytes
    assert sizes.dtype == "int64" and 675000000 in set(sizes)


def test_large_whole_numbers_are_exact(workspace):
    workspace.set("caches", 2, "storage_bytes", "999999999999999999")
    assert workspace.tables_read().caches.storage_bytes.max() == 999_999_999_999_999_999


def test_swapped_columns_are_all_reported(workspace):
    titles = workspace.tables["titles"]
    titles["runtime_minutes"], titles["genres"] = titles["genres"].copy(), titles["runtime_minutes"].copy()
    assert Counter(fault.column for fault in workspace.faults()) == {"runtime_minutes": 3}
