import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillplan_models.affinity import TITLE_VARIANCE, _titles, affinity
from fillplan_models.appeal import fit_appeal
from fillplan_models.history import make_recent
from tests.models.worlds import day, panel_of


def liked(regions=12, titles=300, features=2, own=0.2, hidden=0.3, seed=0):
    """What regions make of titles, the same with chance, its variance (inf where hidden)."""
    rng = np.random.default_rng(seed)
    taste = rng.normal(0, 0.35, (regions, features)) @ rng.normal(0, 1, (features, titles))
    noise = np.where(rng.random(taste.shape) < hidden, np.inf, 0.01)
    return taste, np.where(np.isfinite(noise), taste + rng.normal(0, own, taste.shape), 0.0), noise


def explained(taste, factor, where):
    left = taste[where] - np.log(factor[where])
    return 1 - left.var() / taste[where].var()


def test_what_was_hidden_is_told_by_regions_of_like_mind():
    taste, seen, noise = liked()
    factor = affinity(seen, noise)
    assert explained(taste, factor, np.isinf(noise)) > 0.7
    assert explained(taste, factor, np.isfinite(noise)) > 0.8


def test_chance_alone_tells_nothing():
    _, seen, noise = liked(features=0, own=0.4)
    assert np.log(affinity(seen, noise)).std() < 0.06


def test_what_is_thin_is_believed_less():
    _, seen, noise = liked(own=0.05, hidden=0.0)
    loud, thin = seen.copy(), noise.copy()
    loud[:, 0], thin[:, 0] = seen[:, 0] * 2, 100.0
    assert np.abs(np.log(affinity(loud, thin)[:, 0])).max() < np.abs(np.log(affinity(seen, noise)[:, 0])).max() / 2


def test_a_title_that_nobody_has_watched_is_worth_the_mean_of_all_leanings():
    taste, seen, noise = liked()
    noise[:, 7] = np.inf
    factor = affinity(seen, noise)
    # the mean of a lognormal: a region that leans far finds the odd title much better and no title below nothing
    assert np.all(factor[:, 7] >= 1) and factor[:, 7].max() < 1.5
    assert np.corrcoef(factor[:, 7], np.clip(taste, -1, 1).var(axis=1))[0, 1] > 0.9


def test_few_regions_or_no_hours_tell_nothing():
    # three regions can tell one common factor from what is their own, and that is the title's worth
    for regions in (1, 2, 3):
        assert np.all(affinity(np.full((regions, 5), 0.7), np.full((regions, 5), 0.1)) == 1)
    silent = affinity(np.zeros((4, 5)), np.full((4, 5), np.inf))
    assert silent.shape == (4, 5) and np.isfinite(silent).all()


def test_an_absurd_deviation_does_not_outshout_the_rest():
    taste, seen, noise = liked(hidden=0.0)
    seen[0, :20] = -50.0
    assert explained(taste[1:], affinity(seen, noise)[1:], np.ones_like(taste[1:], dtype=bool)) > 0.8


@given(st.integers(2, 6), st.integers(1, 12), st.integers(0, 10**6))
def test_factors_are_positive_and_do_not_depend_on_the_order_of_titles(regions, titles, seed):
    _, seen, noise = liked(regions, titles, features=1, seed=seed)
    order = np.random.default_rng(seed).permutation(titles)
    factor = affinity(seen, noise)
    assert np.all(factor > 0) and np.isfinite(factor).all()
    assert affinity(seen[:, order], noise[:, order]) == pytest.approx(factor[:, order], rel=1e-6)


def test_features_of_titles_agree_with_the_regression_on_other_regions():
    # the slow twin: Gaussian conditioning on the covariance that leanings and the title's own worth imply
    rng = np.random.default_rng(3)
    leaning, x, own = rng.normal(0, 0.4, (6, 2)), rng.normal(0, 1, (6, 1)), 0.3
    title, _ = _titles(x, np.full((6, 1), 1 / own), leaning, np.zeros((6, 2, 2)))
    shared = leaning @ leaning.T
    asked = shared @ np.linalg.solve(shared + TITLE_VARIANCE + own * np.eye(6), x[:, 0])
    assert leaning @ title[0, 1:] == pytest.approx(asked, abs=1e-9)


def test_a_region_foresees_what_its_like_have_made_of_a_title():
    # R1..R3 like odd titles, R4..R6 even ones; t00 and t01 are yet to come to R3
    rng = np.random.default_rng(1)
    hours = {
        (f"R{r}", f"t{t:02d}"): 50 * np.exp(0.7 * (1 if (t % 2 == 1) == (r <= 3) else -1)) * rng.gamma(400, 1 / 400, 60)
        for r in range(1, 7)
        for t in range(30)
    }
    coming = ("t00", "t01")
    windows = [
        {"title_id": t, "region": f"R{r}", "start_date": day(62 if r == 3 else -300)}
        for t in coming
        for r in range(1, 7)
    ]
    for title in coming:
        hours["R3", title] = [0] * 60
    panel = panel_of(hours, availability=windows)
    appeal = fit_appeal(make_recent(panel))
    level = {t: appeal.prior_level[(panel.region == 2) & (panel.title == t)].item() for t in (0, 1)}
    assert level[1] / level[0] == pytest.approx(np.exp(1.4), rel=0.25)
