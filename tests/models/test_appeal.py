import numpy as np
import pytest

from fillplan_models.appeal import LARGEST_SURPRISE, _surprise, fit_appeal
from fillplan_models.history import make_recent
from fillplan_models.panel import build_panel
from tests.models.worlds import day, panel_of, simulate, tables_of


def product_world(noise=0.05):
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
    assert np.log(fitted.title / fitted.title[0]) == pytest.approx(np.log(appeal / appeal[0]), abs=0.7)
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


def test_a_hit_beyond_all_likes_is_foreseen_where_it_is_not_out_yet():
    """Three hundred times the usual title in two regions is that in the third, not the root of it."""
    hours, size, _ = product_world()
    for region, s in size.items():
        hours[region, "t03"] = s * 300 * np.exp(1.0) * np.ones(60)
    hours["R3", "t03"] = [0] * 60
    windows = [{"title_id": "t03", "region": r, "start_date": day(-300)} for r in ("R1", "R2")]
    panel = panel_of(hours, availability=[*windows, {"title_id": "t03", "region": "R3", "start_date": day(62)}])
    fitted = fit_appeal(make_recent(panel))
    series = np.flatnonzero((panel.region == 2) & (panel.title == 3))
    assert 0.4 < fitted.prior_level[series] / (size["R3"] * 300 * np.exp(1.0)) < 1.1


def test_where_regions_differ_widely_one_of_them_tells_less_of_a_title():
    def weight(spread):
        rng = np.random.default_rng(2)
        pairs = [(f"R{r}", f"t{i:03d}") for i in range(80) for r in range(4)]
        level = np.repeat(rng.normal(4, 1, 80), 4) + rng.normal(0, spread, 320)
        hours = {pair: np.exp(x) * np.ones(60) for pair, x in zip(pairs, level, strict=True)}
        hours |= {(f"R{r}", "t003"): [0] * 60 for r in (1, 2, 3)}
        windows = [{"title_id": "t003", "region": "R0", "start_date": day(-300)}]
        return fit_appeal(make_recent(panel_of(hours, availability=windows))).known[3]

    assert weight(1.5) < 0.9 * weight(0.3)


def late_world(keeps, titles=60):
    """Titles open in two regions a week before two others, which watch so much of what they would have watched; the
    last third is yet to open in R3, where nothing is open later than elsewhere but these."""
    rng = np.random.default_rng(4)
    hours, windows = {}, []
    for i in range(titles):
        start, appeal = int(rng.integers(-300, -30)), float(np.exp(rng.normal(2, 0.7)))
        for r in range(4):
            late = (r >= 2) if i % 2 else (r < 2)
            opens = 62 if r == 3 and i >= 40 and late else start + 7 * late
            part = keeps if late else 1.0
            hours[f"R{r}", f"t{i:02d}"] = [0.0] * 60 if opens > 60 else part * appeal * rng.gamma(40, 1 / 40, 60)
            windows.append({"title_id": f"t{i:02d}", "region": f"R{r}", "start_date": day(opens)})
    return panel_of(hours, availability=windows)


@pytest.mark.parametrize("keeps", [0.5, 1.0])
def test_what_opening_later_than_elsewhere_leaves_is_learnt(keeps):
    """Of titles that one region has not had yet, others tell what the first launch is worth, not a later one."""
    panel = late_world(keeps)
    fitted = fit_appeal(make_recent(panel))
    later = panel.launch > np.array([panel.launch[panel.title == t].min() for t in range(60)])[panel.title]
    cold = panel.cold & later
    assert cold.sum() == 10
    unit = fitted.prior_level / (fitted.region[panel.region] * fitted.title[panel.title])
    assert np.median(unit[cold]) / np.median(unit[~later]) == pytest.approx(keeps, rel=0.2)


def test_what_is_open_without_a_window_and_not_watched_is_not_late():
    """Such series would else make late openings look worthless."""
    hours = product_world()[0]
    windows = [{"title_id": f"t{i:02d}", "region": "R3", "start_date": day(-7 * (i % 2))} for i in range(10)]
    windows += [{"title_id": f"t{i:02d}", "region": r, "start_date": day(-7)} for i in range(10) for r in ("R1", "R2")]

    def taste(unwatched):
        without = {(region, f"t{i:02d}"): [0] * 60 for i in range(10, 18) for region in unwatched}
        panel = panel_of(hours | without, availability=windows)
        fitted = fit_appeal(make_recent(panel))
        late = (panel.title < 10) & (panel.region == panel.regions.index("R3")) & (panel.title % 2 == 0)
        return fitted.taste[late].mean() / fitted.taste[(panel.title < 10) & ~late].mean()

    assert taste(("R1",)) == pytest.approx(taste(()), rel=0.1)


def test_a_title_that_is_open_and_not_watched_has_next_to_no_appeal():
    hours = product_world()[0]
    for region in ("R1", "R2", "R3"):
        hours[region, "t03"] = [0] * 60
    windows = [{"title_id": "t03", "region": "", "start_date": day(-300)}]
    fitted = fit_appeal(make_recent(panel_of(hours, availability=windows)))
    assert fitted.title[3] < 0.05 * np.median(fitted.title)
    assert np.all(np.isfinite(fitted.title)) and np.all(fitted.title > 0)


def test_titles_that_nobody_watches_do_not_make_all_others_unforeseeable():
    hours, _, _ = product_world()
    windows = [{"title_id": f"u{i:02d}", "region": "", "start_date": day(-300)} for i in range(60)]
    fitted = fit_appeal(make_recent(panel_of(hours, availability=windows)))
    assert _surprise(fitted.title, np.ones(85), fitted.foretold, 1.0) <= LARGEST_SURPRISE
    assert np.all(np.isfinite(np.log(fitted.title)))


def test_how_far_titles_are_from_what_is_foretold_is_learnt():
    """The fewer surprises there were, the more a title of little evidence is drawn to what its row says."""

    def weight_of_little_evidence(spread):
        rng = np.random.default_rng(1)
        hours = {("R1", f"t{i:03d}"): 20 * np.exp(rng.normal(0, spread)) * np.ones(60) for i in range(120)}
        hours["R1", "t003"] = [0] * 58 + [20] * 2
        windows = [{"title_id": "t003", "region": "R1", "start_date": day(58)}]
        return fit_appeal(make_recent(panel_of(hours, availability=windows))).known[3]

    assert weight_of_little_evidence(0.2) < weight_of_little_evidence(1.0) < weight_of_little_evidence(2.0)


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
