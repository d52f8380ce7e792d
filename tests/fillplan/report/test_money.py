"""Where money helps: the curve ends at the plan, prices come from the proof, caches rank by the next TB."""

import itertools

import pytest

from fillplan.report.facts import gather_facts
from fillplan.report.gather import gather_content
from fillplan.report.money import needs, storage_curve
from fillplan.report.page import storage_chart


def test_the_curve_rises_ever_less_to_todays_plan(run, tables):
    curve = storage_curve(gather_facts(run, tables))
    assert curve.points[0] == (0.0, 0.0)
    held, offload = curve.points[-1]
    assert held == pytest.approx(43e9)
    assert offload == pytest.approx(92.5 / 169)
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in zip(curve.points, curve.points[1:], strict=False)]
    assert all(later <= earlier + 1e-15 for earlier, later in itertools.pairwise(slopes))


def test_the_price_is_the_mean_of_known_prices_by_storage(run, tables):
    curve = storage_curve(gather_facts(run, tables))
    # mid 100 GB at 0, e1 31 GB at 0.9 per GB; e2's is unknown
    assert curve.price_per_tb == pytest.approx(900 * 31 / 131)
    assert curve.offload_per_tb == pytest.approx(curve.price_per_tb * 92.5e9 / 89.3 / 169e9)


def test_caches_by_worth_of_the_next_tb(run, tables):
    found = needs(gather_content(run, tables).caches)
    assert [need.cache_id for need in found] == ["e1"]
    assert found[0].storage_price_per_tb == pytest.approx(900)
    assert found[0].tenth_more == pytest.approx(0.1 * 0.031 * 900)


def test_the_chart_goes_on_along_the_price_but_not_beyond_everything(run, tables):
    content = gather_content(run, tables)
    chart = storage_chart(content)
    assert len(chart.dots) == 1
    assert chart.ahead.startswith("M")
    assert all(chart.top <= dot.y <= chart.bottom for dot in chart.dots)
