"""The headline, the tiers and the caches of the small network, reckoned by hand."""

from __future__ import annotations

import pytest

from fillplan.report.content import Content
from fillplan.report.gather import gather_content
from fillplan.report.network import gap_words
from fillplan.runs import Run
from tests.fillplan.report.conftest import GB, MakeTables


def test_headline(content: Content) -> None:
    h = content.headline
    assert (h.added, h.kept, h.evicted) == (4, 2, 4)
    assert (h.added_bytes, h.kept_bytes, h.evicted_bytes) == (32 * GB, 11 * GB, 21 * GB)
    assert (h.fill_bytes, h.fill_budget_bytes) == (32 * GB, 108 * GB)
    assert (h.used_bytes, h.storage_bytes) == (43 * GB, 143 * GB)
    assert h.served_bytes == pytest.approx(92.5 * GB)
    assert h.churn == pytest.approx(32 / 43)
    assert h.fill_use == pytest.approx(32 / 108)
    assert "at most 0.8\u202f%" in h.gap_words


def test_tiers_add_up_to_what_is_requested(content: Content) -> None:
    tiers = content.headline.tiers
    assert [(t.name, t.caches, round(t.bytes / GB, 6)) for t in tiers] == [
        ("edge", 2, 92.5),
        ("parent", 1, 0.0),
        ("origin", 0, 76.5),
    ]
    assert sum(t.share for t in tiers) == pytest.approx(1)


def test_caches(content: Content) -> None:
    e1, e2, mid = content.caches
    assert [(c.cache_id, c.region, c.tier, c.parent_id) for c in content.caches] == [
        ("e1", "DE", "edge", "mid"),
        ("e2", "FR", "edge", "mid"),
        ("mid", "", "parent", ""),
    ]
    assert (e1.added, e1.kept, e1.evicted) == (2, 1, 3)
    assert (e1.storage_use, e1.fill_use) == (1.0, pytest.approx(21 / 36))
    assert (e1.storage_price_per_tb, e1.fill_price_per_tb) == (pytest.approx(900), 0.0)
    assert (e2.storage_price_per_tb, mid.fill_price_per_tb) == (None, None)
    # e1: full, and storage has a price; mid: not full; e2: 11 of 12 GB
    assert [c.limited_by for c in content.caches] == [("storage",), (), ()]
    # DE asks e1 for 72.5 GB and gets all; FR asks e2 for 24 and gets 20; mid sees the 4 that are left
    assert [c.hit_rate for c in content.caches] == [pytest.approx(1), pytest.approx(20 / 24), 0.0]


def test_regions(content: Content) -> None:
    de, fr = content.regions
    assert (de.region, de.caches, de.requested_bytes, de.own_bytes) == ("DE", 1, 145 * GB, 72.5 * GB)
    assert (fr.region, fr.caches, fr.requested_bytes, fr.own_bytes) == ("FR", 1, 24 * GB, 20 * GB)
    # two days before the plan date: DE 20 hours, FR 10
    assert (de.hours, de.change) == (56, pytest.approx(56 / 20 - 1))
    assert (fr.hours, fr.change) == (9, pytest.approx(9 / 10 - 1))


def test_mesh(make_tables: MakeTables, run: Run) -> None:
    tables = make_tables(routes="region,cache_id,value_per_gb\nDE,e1,1.0\nDE,e2,0.5\nFR,e2,1.0\n")
    content = gather_content(run, tables)
    assert [(c.tier, c.region) for c in content.caches] == [("edge", "DE"), ("edge", "DE, FR"), ("edge", "")]
    assert [(r.caches, r.own_bytes) for r in content.regions] == [(2, None), (1, None)]
    assert "Nobody is expected to ask anything of mid." in [note.text for note in content.notes]


def test_the_gap_in_words() -> None:
    assert gap_words("optimal", 0.0).startswith("Proven best")
    assert "at most 2.0\u202f%" in gap_words("feasible", 0.02)
    assert "gain less than 0.1\u202f% of" in gap_words("feasible", 0.0004)
    assert "60.0\u202f% of it" in gap_words("feasible", 0.4)
    assert gap_words("fallback", 0.02).startswith("Tonight's own plan was refused")
