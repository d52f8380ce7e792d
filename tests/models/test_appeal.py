from dataclasses import replace

import numpy as np
import pytest

from fillplan_models.appeal import fit_appeal, weighted_window
from fillplan_models.baseline import posterior_level
from fillplan_models.history import make_recent
from fillplan_models.likeness import foretold_appeal
from fillplan_models.panel import build_panel
from tests.models.worlds import day, panel_of, simulate, tables_of


def product_world(noise=0.05, **rows):
    rng = np.random.default_rng(0)
    size, appeal = {"R1": 1.0, "R2": 5.0, "R3": 20.0}, np.exp(rng.normal(1, 1, 25))
    hours = {
        (region, f"t{i:02d}"): s * a * rng.gamma(1 / noise**2, noise**2, 60)
        for region, s in size.items()
        for i, a in enumerate(appeal)
    }
    return hours, size, appeal


def test_a_world_of_products_is_taken_apart():
    hours, size, appeal = product_world()
    fitted = fit_appeal(make_recent(panel_of(hours)))
    assert fitted.region / fitted.region[0] == pytest.approx(list(size.values()), rel=0.1)
    assert fitted.title / fitted.title[0] == pytest.approx(appeal / appeal[0], rel=0.45)
    assert np.corrcoef(np.log(fitted.title), np.log(appeal))[0, 1] > 0.99


def test_a_title_known_elsewhere_is_foreseen_where_it_is_not():
    hours, size, appeal = product_world()
    for i in (3, 7):
        hours["R3", f"t{i:02d}"] = [0] * 60
    windows = [{"title_id": f"t{i:02d}", "region": r, "start_date": day(-300)} for i in (3, 7) for r in ("R1", "R2")]
    windows += [{"title_id": f"t{i:02d}", "region": "R3", "start_date": day(62)} for i in (3, 7)]
    panel = panel_of(hours, availability=windows)
    recent = make_recent(panel)
    fitted = fit_appeal(recent)
    for i in (3, 7):
        series = np.flatnonzero((panel.region == 2) & (panel.title == i))
        # one age class lower than its old self elsewhere: without launches in the history nothing decays
        level = fitted.prior_level[series] * recent.usual_on(series, np.array([64]))
        assert level == pytest.approx(size["R3"] * appeal[i], rel=0.4)


def test_a_new_title_is_judged_by_its_likes():
    rows = simulate(titles=60, days=70, seed=5)  # `stars` is the log of the true appeal
    panel = build_panel(tables_of(**rows), day(70), 7)
    recent = make_recent(panel)
    fitted = fit_appeal(recent)
    stars = panel.catalogue.numbers["stars"]
    known = fitted.known > 0.5
    new = np.unique(panel.title[panel.cold])
    assert len(new) and not known[new].any()
    assert np.corrcoef(np.log(fitted.foretold[known]), stars[known])[0, 1] > 0.8
    assert np.all(fitted.prior_level[panel.cold] > 0)


def test_foretelling_without_evidence_is_even():
    panel = build_panel(tables_of(**simulate(days=30)), day(30), 7)
    assert foretold_appeal(
        panel.catalogue, np.full(30, 3.0), np.zeros(30), np.zeros(30, dtype=np.int64)
    ) == pytest.approx(np.ones(30))


def test_a_new_title_is_foretold_as_the_launches_of_its_time_not_as_the_back_catalogue():
    """Old titles stand at 1, the last weeks' launches at 4, all else alike; the last ten are yet to come."""
    catalogue = build_panel(tables_of(**simulate(days=30)), day(30), 7).catalogue
    appeal, known = np.repeat([1.0, 4.0, 1.0], 10), np.repeat([1.0, 1.0, 0.0], 10)
    foretold = foretold_appeal(catalogue, appeal, known, era=np.repeat([1, 0, 0], 10))
    blind = foretold_appeal(catalogue, appeal, known, era=np.zeros(30, dtype=np.int64))
    assert np.abs(np.log(foretold[20:] / 4)).mean() < 0.5 * np.abs(np.log(blind[20:] / 4)).mean()
    assert np.median(foretold[20:]) > 2.5


def test_levels_follow_own_hours_when_there_are_many_and_the_prior_when_there_are_none():
    hours, _, appeal = product_world()
    hours["R1", "t00"] = hours["R1", "t00"] * 10  # far above what its title tells
    panel = panel_of(hours)
    recent = make_recent(panel)
    fitted = fit_appeal(recent)
    level = posterior_level(fitted, *weighted_window(recent, 4.0))
    series = int(np.flatnonzero((panel.region == 0) & (panel.title == 0))[0])
    assert level[series] == pytest.approx(10 * appeal[0], rel=0.1)
    assert fitted.prior_level[series] < 5 * appeal[0]
    assert np.all(level > 0)


def test_what_is_foretold_does_not_depend_on_the_order_of_titles():
    rows = simulate(titles=60, days=70, seed=5)
    panel = build_panel(tables_of(**rows), day(70), 7)
    appeal = fit_appeal(make_recent(panel))
    catalogue, order = panel.catalogue, np.random.default_rng(0).permutation(len(panel.titles))
    turned = replace(
        catalogue,
        numbers={name: column[order] for name, column in catalogue.numbers.items()},
        groups={name: codes[order] for name, codes in catalogue.groups.items()},
        genres=catalogue.genres[order],
    )
    era, known = np.arange(60) % 3, np.where(np.arange(60) % 5 == 0, 0.0, appeal.known)
    foretold = foretold_appeal(catalogue, appeal.title, known, era)
    assert foretold_appeal(turned, appeal.title[order], known[order], era[order]) == pytest.approx(foretold[order])
