from dataclasses import replace

import numpy as np
import pytest

from fillplan_models.appeal import fit_appeal
from fillplan_models.history import make_recent
from fillplan_models.likeness import ANALOGUES, _voice, foretold_appeal
from fillplan_models.panel import build_panel
from tests.models.worlds import day, simulate, tables_of


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


def test_what_is_foretold_does_not_depend_on_the_order_of_titles():
    rows = simulate(titles=60, days=70, seed=5, extra=False)
    for row in rows["titles"]:
        row["runtime_minutes"] = 60.0  # many are equally near to one another
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


def test_titles_that_are_equally_near_speak_alike_and_no_more_than_the_nearest_few():
    distance, titles = np.array([[0.0, 1.0, 1.0, 2.0], [0.0, 0.0, 3.0, 4.0]]), np.array([[3, 4, 4, 9], [6, 10, 1, 1]])
    voice = _voice(distance, titles)
    assert voice[0] == pytest.approx([1, 5 / 8, 5 / 8, 0])
    assert voice[1] == pytest.approx([1 / 2, 1 / 2, 0, 0])
    assert (voice * titles).sum(axis=1) == pytest.approx([ANALOGUES, ANALOGUES])
