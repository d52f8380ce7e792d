from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from fillplan.report.gather import gather_content
from fillplan.report.page import heat_step, render, width, write_report
from fillplan.report.rows import CacheRow
from fillplan.runs import Run
from fillplan_data.tables import Tables

VOID = {"meta", "link", "input"}


class Page(HTMLParser):
    """Collects text, tags and addresses; complains of tags that do not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.words.append(data)

    def attributes(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.fixture
def text(run: Run, tables: Tables) -> str:
    return write_report(run, tables, label="SYNTHETIC <data>").read_text(encoding="utf-8")


def test_report_stands_in_the_run(run: Run, tables: Tables) -> None:
    assert write_report(run, tables) == run.folder / "report.html"


def test_page_is_well_formed_and_has_one_of_each_id(text: str) -> None:
    ids = [attrs["id"] for _, attrs in Page(text).tags if "id" in attrs]
    assert len(ids) == len(set(ids)) > 10


def test_links_and_labels_lead_somewhere(text: str) -> None:
    page = Page(text)
    ids = {attrs.get("id") for _, attrs in page.tags}
    wanted = [a["href"].removeprefix("#") for a in page.attributes("a") if a["href"]]
    wanted += [attrs["aria-labelledby"] for _, attrs in page.tags if attrs.get("aria-labelledby")]
    wanted += [attrs["data-row"] for _, attrs in page.tags if attrs.get("data-row")]
    wanted += [attrs["data-for"] for _, attrs in page.tags if attrs.get("data-for")]
    assert set(wanted) <= ids


def test_nothing_comes_from_outside(text: str) -> None:
    page = Page(text)
    addresses = [v for _, attrs in page.tags for k, v in attrs.items() if k in ("src", "href", "action", "data") and v]
    assert all(address.startswith(("#", "data:,")) for address in addresses)
    assert not re.search(r"https?://|url\(|@import", text)


def test_names_are_text_not_markup(text: str) -> None:
    page = Page(text)
    assert "New <script>alert(1)</script>" in page.words
    assert "SYNTHETIC <data>" in page.words
    assert len(page.attributes("script")) == 1


def test_figures_are_on_the_page(text: str) -> None:
    words = " ".join(" ".join(Page(text).words).split())
    assert "92.5 GB of 169 GB requested" in words.replace("\u202f", " ")
    assert "29.6 % of the 108 GB" in words.replace("\u202f", " ")
    assert "launch on 2 Jul 2026" in words
    assert "1 min 5 s" in words.replace("\u202f", " ")
    assert "ab" * 32 in words


def test_no_raw_floats_on_screen(text: str) -> None:
    assert not [word for word in Page(text).words if re.search(r"\d\.\d{4,}", word)]


def test_settings_are_written_as_in_their_file_not_as_in_python(make_run: Callable[..., Run], tables: Tables) -> None:
    run = make_run()
    run.summary["settings"] = {"plan": {"policy": {"floor": {"lowest_rung": False}}}, "publish": {"network": "a"}}
    words = Page(write_report(run, tables).read_text(encoding="utf-8")).words
    assert '{"floor": {"lowest_rung": false}}' in words
    assert "a" in words, "text without quotes"


def test_tables_can_be_used_without_eyes(text: str) -> None:
    page = Page(text)
    tables = page.attributes("table")
    names = [name for name, _ in page.tags]
    assert len(tables) == names.count("caption") == names.count("thead") > 6
    assert all(attrs.get("scope") in ("col", "row") for attrs in page.attributes("th"))
    assert all(attrs.get("role") == "img" for attrs in page.attributes("svg"))
    assert len(page.attributes("svg")) == 4


def test_without_label_without_banner(run: Run, tables: Tables) -> None:
    assert 'class="banner"' not in write_report(run, tables).read_text(encoding="utf-8")


def test_demand_that_was_given(make_run: Callable[..., Run], tables: Tables) -> None:
    page = Page(write_report(make_run(with_forecast=False), tables).read_text(encoding="utf-8"))
    assert any("there is no forecast to show" in words for words in page.words)
    assert [attrs["aria-labelledby"] for attrs in page.attributes("svg")] == ["storage-curve-words"]


def test_nothing_to_show(make_run: Callable[..., Run], tables: Tables) -> None:
    run = make_run(plan=[], demand_gb=[], requested_bytes=0.0, expected_offload=0.0, value=0.0, bound=0.0, gap=0.0)
    page = Page(write_report(run, tables).read_text(encoding="utf-8"))
    assert "Nothing goes in tonight." in page.words


def test_a_thousand_caches_stay_small(run: Run, tables: Tables) -> None:
    content = gather_content(run, tables)
    caches = tuple(_renamed(content.caches[1], f"edge-of-some-city-{n}") for n in range(1000))
    object.__setattr__(content, "caches", caches)
    assert len(gzip.compress(render(content).encode())) < 300_000


def _renamed(cache: CacheRow, cache_id: str) -> CacheRow:
    return CacheRow(**{**cache.__dict__, "cache_id": cache_id})


def test_shades_and_widths_stay_in_range() -> None:
    assert [heat_step(x) for x in (-1, 0, 0.09, 0.5, 0.999, 1, 3)] == [0, 0, 0, 5, 9, 9, 9]
    assert [width(x) for x in (-1, 0.5, 2)] == ["0.0%", "50.0%", "100.0%"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_has_contrast(text: str, theme: str) -> None:
    """WCAG 2.1 AA: 4.5 to 1, for every pair of text and ground that the style sheet makes."""
    light, dark = (
        dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block)) for block in re.findall(r":root \{[^}]+", text)[:2]
    )
    colours = light if theme == "light" else light | dark
    pairs = [
        ("ink", "ground"),
        ("ink", "card"),
        ("muted", "ground"),
        ("muted", "card"),
        ("muted", "head"),
        ("ink", "head"),
    ]
    pairs += [("accent", "ground"), ("accent", "card"), ("warn", "card"), ("warn", "warn-ground"), ("good", "card")]
    pairs += [
        ("muted", "warn-ground"),
        ("ink", "warn-ground"),
        ("good", "head"),
        ("warn", "head"),
        ("banner-ink", "banner"),
    ]
    pairs += [("low-ink" if n < 5 else "mid-ink" if n < 7 else "high-ink", f"h{n}") for n in range(10)]
    assert {pair: c for pair in pairs if (c := contrast(colours[pair[0]], colours[pair[1]])) < 4.5} == {}


def contrast(one: str, other: str) -> float:
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_what_a_late_day_counts_as_is_told_beside_the_change(text: str) -> None:
    assert "a day among them that is missing or looks incomplete counts as that a week before it" in text
