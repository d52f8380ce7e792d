"""Where money helps: the curve ends at the plan, prices come from the proof, caches rank by the next TB."""

import itertools
from dataclasses import replace

import pytest

from fillplan.report.facts import gather_facts
from fillplan.report.formats import NARROW
from fillplan.report.gather import gather_content
from fillplan.report.money import needs, storage_curve, storage_words
from fillplan.report.page import storage_chart


def test_the_curve_rises_ever_less_to_todays_plan(run, tables):
    curve = storage_curve(gather_facts(run, tables))
    assert curve.points[0] == (0.0, 0.0)
    held, offload = curve.points[-1]
    assert held == pytest.approx(43e9)
    assert offload == pytest.approx(92.5 / 169)
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in zip(curve.points, curve.points[1:], strict=False)]
    assert all(later <= earlier + 1e-15 for earlier, later in itertools.pairwise(slopes))


def test_a_hundredth_more_is_worth_the_prices_of_its_bytes(run, tables):
    curve = storage_curve(gather_facts(run, tables))
    # mid 100 GB at 0, e1 31 GB at 0.9 per GB; e2's is unknown
    assert curve.hundredth_more == pytest.approx(0.01 * 31 * 0.9)
    assert curve.hundredth_offload == pytest.approx(curve.hundredth_more / 89.3 * 92.5 / 169)
    assert curve.priced_caches == 2


def test_the_worth_of_storage_is_said_for_a_hundredth_and_at_most(run, tables):
    content = gather_content(run, tables)
    words = storage_words(content).replace(NARROW, " ")
    assert words.startswith("1 % more storage in the 2 caches with a known price is worth about 0.28 of value over")
    assert "0.17 points of offload" in words
    assert "limited by tonight's fill" not in words


def test_tells_where_most_caches_are_limited_by_fill(run, tables):
    content = gather_content(run, tables)
    short = [replace(c, limited_by=("storage", "fill")) for c in content.caches[:2]]
    words = storage_words(replace(content, caches=(*short, content.caches[2])))
    assert "2 of 3 caches are limited by tonight's fill" in words


def test_caches_by_worth_of_the_next_tb(run, tables):
    found = needs(gather_content(run, tables).caches)
    assert [need.cache_id for need in found] == ["e1"]
    assert found[0].storage_price_per_tb == pytest.approx(900)
    assert found[0].tenth_more == pytest.approx(0.1 * 0.031 * 900)
    assert found[0].tenth_more_fill == 0.0


def test_a_price_of_fill_alone_is_a_need_too(run, tables):
    e1, e2, mid = gather_content(run, tables).caches
    found = needs([replace(mid, fill_price_per_tb=50.0), e1, replace(e2, fill_price_per_tb=2000.0)])
    assert [need.cache_id for need in found] == ["e2", "e1", "mid"]
    assert (found[0].storage_price_per_tb, found[0].tenth_more) == (None, None)
    assert found[0].tenth_more_fill == pytest.approx(0.1 * 0.036 * 2000)


def test_the_chart_goes_on_along_the_price_but_not_beyond_everything(run, tables):
    content = gather_content(run, tables)
    chart = storage_chart(content)
    assert len(chart.dots) == 1
    assert chart.ahead.startswith("M")
    # 5 % of the 143 GB of storage beyond the 43 GB held
    start, end = (float(x.split()[0]) for x in chart.ahead.removeprefix("M").replace("h0", "").split("L"))
    assert (end - start) / (start - chart.left) == pytest.approx(0.05 * 143 / 43, rel=0.01)
    assert all(chart.top <= dot.y <= chart.bottom for dot in chart.dots)
