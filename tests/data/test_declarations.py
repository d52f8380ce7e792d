"""The declarations are sound in themselves."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from fillplan_data.declarations import CACHES, PATTERNS, TABLES
from fillplan_data.tables import Tables


def test_the_declared_tables_are_those_that_travel():
    names = [field.name for field in fields(Tables)]
    assert names == [*TABLES, "present", "sha256"]


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_keys_references_and_blanks_are_declared(table):
    assert set(table.key) <= set(table.names)
    assert len(set(table.names)) == len(table.names)
    for column in table.columns:
        assert not column.references or column.references in TABLES
        assert column.required != bool(column.blank), f"{table.name}.{column.name}: say what a blank means"
        assert column.meaning


@pytest.mark.parametrize("good", ["a", "A-1_b.c", "...", ".a", "x" * 100, "0"])
def test_good_ids(good):
    assert re.match(PATTERNS["id"], good)


@pytest.mark.parametrize("bad", ["", ".", "..", "a b", "a/b", "ä", "x" * 101, "a\n", "a\n\n"])
def test_bad_ids(bad):
    assert not re.match(PATTERNS["id"], bad)


@pytest.mark.parametrize(("text", "good"), [("00:00", True), ("23:59", True), ("24:00", False), ("1:00", False)])
def test_clock_times(text, good):
    assert bool(re.match(PATTERNS["clock"], text)) == good


def test_a_nights_fill_stays_within_64_bits():
    rate = CACHES.column("fill_rate_bps").maximum
    hours = CACHES.column("fill_hours").maximum
    assert rate * hours * 3600 / 8 < 2**63
