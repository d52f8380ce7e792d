"""What is usual for a title of some top rung, reckoned by hand level by level."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillplan_models.shares.rungs import SPREAD, STRENGTHS, USUAL_KBPS, rung_prior
from tests.models.shares.cases import codes_of, evidence_of

STEP = float(np.exp(SPREAD))
EVEN = (USUAL_KBPS / STEP, USUAL_KBPS * STEP)
"""Two rungs as far below the usual one as above: without evidence half each."""


def prior(codes, *rows, kind=None, top=None):
    """[R, kinds, tops, rungs]; every title a movie that has all rungs, unless said otherwise."""
    titles, rungs = len(codes.titles), len(codes.rungs)
    kind = np.zeros(titles, dtype=np.int64) if kind is None else np.array(kind)
    top = np.full(titles, rungs - 1) if top is None else np.array(top)
    return rung_prior(evidence_of(codes, *rows), kind, int(kind.max(initial=0)) + 1, top)


def test_without_evidence_shares_fall_off_around_the_usual_rung() -> None:
    shares = prior(codes_of(rungs=(USUAL_KBPS / STEP**2, USUAL_KBPS / STEP, USUAL_KBPS)))[0, 0]
    assert shares[0] == pytest.approx([1, 0, 0])
    assert shares[1, 0] / shares[1, 1] == pytest.approx(np.exp(-1.5), rel=1e-4)
    assert shares[2, 0] / shares[2, 2] == pytest.approx(np.exp(-2), rel=1e-4)
    assert shares[2, 1] / shares[2, 2] == pytest.approx(np.exp(-0.5), rel=1e-4)


@pytest.mark.parametrize("rungs", [(1.0, 2.0, 3.0), (3e6, 2e6, 1e6)])
def test_a_ladder_far_from_the_usual_rung_falls_off_from_its_nearest_one(rungs) -> None:
    shares = prior(codes_of(rungs=tuple(sorted(rungs))))[0, 0, -1]
    distance = np.log(np.array(rungs) / USUAL_KBPS) / SPREAD
    for n in (0, 1):
        falls = np.exp((distance[2] ** 2 - distance[n] ** 2) / 2)
        assert shares[sorted(rungs).index(rungs[n])] / shares[sorted(rungs).index(rungs[2])] == pytest.approx(
            falls, rel=0.1
        )


def test_no_rung_is_ruled_out_and_a_single_one_has_all() -> None:
    assert prior(codes_of(rungs=(USUAL_KBPS, 1e9)))[0, 0, 1, 1] > 1e-7
    assert prior(codes_of(rungs=(700.0,)))[0, 0].tolist() == [[1.0]]


def test_evidence_is_lent_from_the_top_rung_to_region_and_kind_less_at_every_step() -> None:
    """A hundred hours of the lower rung, in the first region, of a movie with both rungs."""
    codes = codes_of(titles=2, rungs=EVEN)
    shares = prior(codes, (0, 0, 0, 100.0), kind=[0, 1])
    common = (100 + STRENGTHS[0] * 0.5) / (100 + STRENGTHS[0])
    of_top = (100 + STRENGTHS[0] * common) / (100 + STRENGTHS[0])
    of_region = (100 + STRENGTHS[1] * of_top) / (100 + STRENGTHS[1])
    of_region_and_top = (100 + STRENGTHS[1] * of_region) / (100 + STRENGTHS[1])
    of_kind = (100 + STRENGTHS[2] * of_region_and_top) / (100 + STRENGTHS[2])
    assert shares[0, 0, 1, 0] == pytest.approx(of_kind)
    assert shares[0, 1, 1, 0] == pytest.approx(of_region_and_top), "episodes there: nothing of their own"
    assert shares[1, :, 1, 0] == pytest.approx(of_top), "elsewhere: what is usual for the top rung"
    assert 0.5 < common < of_top < of_region < of_region_and_top < of_kind < 1
    assert shares[:, :, 0] == pytest.approx(np.broadcast_to([1.0, 0.0], (2, 2, 2))), "with one rung there is no choice"


def test_who_watches_a_higher_rung_takes_the_top_one_of_a_title_that_ends_lower() -> None:
    codes = codes_of(titles=1)
    shares = prior(codes, (0, 0, 2, 1e9))[0, 0]
    assert shares[1] == pytest.approx([0, 1, 0], abs=1e-5)
    assert shares[0] == pytest.approx([1, 0, 0])
    shares = prior(codes, (0, 0, 0, 1e9))[0, 0]
    assert shares[1] == pytest.approx([1, 0, 0], abs=1e-5), "and who watches a lower one still does"


def test_what_higher_rungs_say_of_the_top_counts_most_in_its_own_region() -> None:
    """A hundred hours of the highest of three rungs, in the first region; titles there and elsewhere end one lower."""
    codes = codes_of(titles=1)
    built_in, shares = prior(codes)[0, 0, 1, 1], prior(codes, (0, 0, 2, 100.0))[:, 0, 1, 1]
    common = (100 + STRENGTHS[0] * built_in) / (100 + STRENGTHS[0])
    assert shares[1] == pytest.approx(common)
    assert shares[0] == pytest.approx((100 + STRENGTHS[1] * common) / (100 + STRENGTHS[1]))


def test_titles_that_end_lower_say_nothing_of_those_that_go_higher() -> None:
    codes = codes_of(titles=1)
    assert prior(codes, (0, 0, 1, 1e9), top=[1])[:, :, 2] == pytest.approx(prior(codes)[:, :, 2])


@pytest.mark.parametrize(("row", "top"), [((0, 0, 1, 1e6), -1), ((0, 0, -1, 1e6), 2), ((0, 0, 2, 1e6), 1)])
def test_titles_without_rungs_untold_rungs_and_rungs_above_the_top_are_no_evidence(row, top) -> None:
    codes = codes_of(titles=1)
    np.testing.assert_array_equal(prior(codes, row, top=[top]), prior(codes))


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 3), st.integers(-1, 2), st.floats(0, 1e6)), max_size=12))
def test_shares_add_up_and_never_lie_above_the_top(rows) -> None:
    shares = prior(codes_of(titles=4), *rows, kind=[0, 1, 0, 1], top=[-1, 0, 1, 2])
    assert shares.shape == (2, 2, 3, 3) and (shares >= 0).all()
    assert shares.sum(axis=-1) == pytest.approx(1)
    assert (shares[..., ~np.tri(3, dtype=bool)] == 0).all()
