"""data/SCHEMA.md follows from the declarations."""

from __future__ import annotations

from fillplan_data.declarations import TABLES
from fillplan_data.schema import PATH, schema


def test_the_document_is_current():
    assert PATH.read_text(encoding="utf-8") == schema(), "run: python -m fillplan_data.schema"


def test_every_table_and_column_is_in_it():
    text = schema()
    for table in TABLES.values():
        section = text.split(f"## `{table.name}`")[1].split("\n## ")[0]
        for column in table.columns:
            assert f"| `{column.name}` |" in section
