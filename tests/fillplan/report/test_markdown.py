"""Markdown of the same content: figures as on the page, text that stays text."""

from fillplan.report.formats import DASH, percent_text
from fillplan.report.gather import gather_content
from fillplan.report.markdown import escaped, render_markdown, table

HOSTILE = "<b>bold | *star*"
"""A name that would be markup if it were let."""


def test_has_the_figures_of_the_page(run, tables):
    text = render_markdown(gather_content(run, tables, label="SYNTHETIC"))
    assert "# Fill plan for 1 Jul 2026" in text
    assert "**SYNTHETIC**" in text
    assert "| expected offload | 54.7" in text
    assert "| e1 | DE | 100" in text
    assert "nan" not in text.lower().split()


def test_caches_have_both_prices(run, tables):
    lines = render_markdown(gather_content(run, tables)).splitlines()
    heads = next(line for line in lines if line.startswith("| cache | region | offload"))
    assert "| next TB of storage | next TB of fill |" in heads
    assert "| 900 | 0 | storage" in next(line for line in lines if line.startswith("| e1 |"))


def test_parents_have_the_hit_rate_of_the_page(run, tables):
    content = gather_content(run, tables)
    lines = render_markdown(content).splitlines()
    assert "| offload | hit rate of parents | served |" in next(line for line in lines if line.startswith("| cache |"))
    (mid,) = (cache for cache in content.caches if cache.tier == "parent")
    shares = f"| {percent_text(mid.expected_offload)} | {percent_text(mid.hit_rate)} |"
    assert shares in next(line for line in lines if line.startswith(f"| {mid.cache_id} |"))
    assert f"% | {DASH} |" in next(line for line in lines if line.startswith("| e1 |")), "an edge has no other rate"


def test_titles_stay_text(run, tables):
    text = render_markdown(gather_content(run, tables))
    assert "<script" not in text
    assert "&lt;script&gt;alert" in text


def test_escapes_what_would_be_markup():
    assert escaped("a|b\n*c* <d> [e](f)") == r"a\|b \*c\* &lt;d&gt; \[e\]\(f\)"
    assert table(["a", "b"], []) == "None."
    assert table(["a", "b"], [("x", "1")]) == "| a | b |\n|---|---:|\n| x | 1 |"
