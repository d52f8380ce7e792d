"""Hours of a title over what it offers, against shares reckoned by hand and a slow twin."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillplan_models.shares import split as module
from fillplan_models.shares.bayes import STRENGTHS, USUAL_STRENGTH
from fillplan_models.shares.offers import make_offers
from fillplan_models.shares.split import prior_shares, split, watched_hours
from tests.models.shares.cases import codes_of, evidence_of, rung_habit

CODES = codes_of()
FIRST_TWO = make_offers(np.array([0, 0]), np.array([0, 1]))
"""One title with rungs 0 and 1; rung 2 is no file of it."""
USUAL = rung_habit([0.2, 0.3, 0.5])


def test_what_was_watched_is_drawn_to_the_prior_over_what_the_title_offers():
    shares = split(FIRST_TWO, USUAL, evidence_of(CODES, (0, 0, 1, 20.0)), strength=10.0)
    # of the prior's 0.2 and 0.3 the title keeps 0.4 and 0.6; ten hours of it stand beside the twenty seen
    assert shares[0] == pytest.approx([4 / 30, 26 / 30])
    assert shares[1] == pytest.approx([0.4, 0.6]), "nobody watched there"


def test_hours_of_a_rung_that_the_title_does_not_offer_count_for_nothing_without_a_rest():
    evidence = evidence_of(CODES, (0, 0, 2, 50.0), (0, 0, 0, 1.0))
    assert watched_hours(FIRST_TWO, USUAL, evidence).tolist() == [[1, 0], [0, 0]]


def test_hours_that_no_file_matches_go_to_the_rest_but_untold_ones_nowhere():
    habit = rung_habit([0.2, 0.3, 0.5], off=2)
    offers = make_offers(np.array([0, 1]), np.array([0, 1]), off=2)
    evidence = evidence_of(CODES, (0, 0, 0, 3.0), (0, 0, 1, 5.0), (0, 0, 2, 4.0), (0, 0, -1, 100.0), (1, 1, 0, 7.0))
    assert list(zip(offers.title.tolist(), offers.value.tolist(), strict=True)) == [(0, 0), (0, 2), (1, 1), (1, 2)]
    assert watched_hours(offers, habit, evidence).tolist() == [[3, 9, 0, 0], [0, 0, 0, 7]]


def test_the_rest_has_what_the_files_leave_of_the_prior():
    offers, evidence = make_offers(np.array([0]), np.array([0]), off=2), evidence_of(CODES)
    assert prior_shares(offers, rung_habit([0.2, 0.3, 0.5], off=2), evidence)[0] == pytest.approx([0.2, 0.8])
    full = make_offers(np.array([0, 0]), np.array([0, 1]), off=2)
    crowded = prior_shares(full, rung_habit([0.9, 0.6, 0.5], off=2), evidence)[0]
    assert crowded == pytest.approx([0.6, 0.4, 0.0], abs=1e-8), "files that the prior gives more than all leave none"
    assert crowded[2] > 0


def test_values_that_nobody_prefers_share_alike():
    shares = prior_shares(FIRST_TWO, rung_habit([0.0, 0.0, 1.0]), evidence_of(CODES))
    assert shares == pytest.approx(np.full((2, 2), 0.5))


def test_the_latest_period_chooses_how_far_the_prior_is_believed():
    habit, before = rung_habit([0.5, 0.5, 0.0]), (0, 0, 0, 300.0, 0)
    like_before, against_it = (evidence_of(CODES, before, (0, 0, rung, 1e5, 1)) for rung in (0, 1))
    for evidence, expected in ((like_before, STRENGTHS[0]), (against_it, STRENGTHS[-1])):
        np.testing.assert_array_equal(split(FIRST_TWO, habit, evidence), split(FIRST_TWO, habit, evidence, expected))


@pytest.mark.parametrize("rows", [(), ((0, 0, 1, 20.0),)])
def test_with_a_single_period_or_none_it_is_the_usual_strength(rows):
    evidence = evidence_of(CODES, *rows)
    usual = split(FIRST_TWO, USUAL, evidence, USUAL_STRENGTH)
    np.testing.assert_array_equal(split(FIRST_TWO, USUAL, evidence), usual)


class Moved:
    """A correction that doubles the first value of the titles wanted, and remembers which those were."""

    def __init__(self, offers):
        self.offers, self.wanted = offers, []

    def apply(self, prior, wanted=None):
        self.wanted.append(wanted)
        cells = prior * np.where(np.arange(prior.shape[1]) % 2 == 0, 2.0, 1.0)
        return cells / self.offers.per_title(cells)


def test_a_prior_is_corrected_only_where_the_strength_is_sought(monkeypatch):
    offers = make_offers(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]))
    moved, learnt_from = Moved(offers), []

    def fitted(offers, files, evidence, hours, prior_of):
        learnt_from.append(evidence.period.tolist())
        np.testing.assert_array_equal(hours, watched_hours(offers, habit, evidence))
        np.testing.assert_array_equal(prior_of(evidence), prior_shares(offers, habit, evidence))
        return moved

    monkeypatch.setattr(module, "fit_correction", fitted)
    habit = rung_habit([0.5, 0.5, 0.0], boosted=object())
    evidence = evidence_of(CODES, (0, 0, 1, 1.0, 0), (1, 1, 1, 1.0, 1))
    assert split(offers, habit, evidence, 10.0)[1, :2] == pytest.approx([0.5, 0.5])
    assert not learnt_from
    assert split(offers, habit, evidence)[1, :2] == pytest.approx([2 / 3, 1 / 3])
    assert learnt_from == [[0], [0, 1]], "first without the period to be foretold, then with all"
    judged, everywhere = moved.wanted
    assert judged.tolist() == [[False] * 4, [False, False, True, True]], "only the titles that are judged"
    assert everywhere is None
    monkeypatch.setattr(module, "fit_correction", lambda *_: None)
    assert split(offers, habit, evidence)[1, :2] == pytest.approx([0.5, 0.5]), "too little to learn from"


PAIRS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), min_size=1, max_size=12)
ROWS = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 3), st.integers(-1, 6), st.floats(0.1, 50)), min_size=1, max_size=20
)


@given(pairs=PAIRS, rows=ROWS, with_off=st.booleans(), strength=st.sampled_from(STRENGTHS))
def test_hours_find_their_files_as_a_search_by_hand_does_and_shares_add_up(pairs, rows, with_off, strength):
    off = 5 if with_off else None
    offers = make_offers(*np.array(pairs).T, off=off)
    codes, habit = codes_of(titles=4), rung_habit(np.linspace(0.05, 0.35, 7), off=off)
    evidence = evidence_of(codes, *rows)
    place = {pair: n for n, pair in enumerate(zip(offers.title.tolist(), offers.value.tolist(), strict=True))}
    expected = np.zeros((2, len(place)))
    for region, title, value, hours in rows:
        pair = (title, value) if (title, value) in place else (title, off)
        if value >= 0 and pair in place:
            expected[region, place[pair]] += hours
    assert watched_hours(offers, habit, evidence) == pytest.approx(expected)
    shares = split(offers, habit, evidence, strength)
    assert offers.per_title(shares) == pytest.approx(1) and (shares > 0).all()
