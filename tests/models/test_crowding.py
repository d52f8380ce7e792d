import numpy as np
import pytest

from fillplan_models.crowding import LEAST_WEEKS, PARTS, Crowding, _dealt, learn_crowding, load_of
from fillplan_models.features import make_cutoff
from tests.models.worlds import day, panel_of

REGIONS, SETTLED, DAYS = 8, 40, 84


def evenings(slope, launches=6, chance=0.1, days=DAYS, seed=0):
    """Arguments of `learn_crowding`: settled titles and launches that take `slope` of the log of what they add."""
    rng = np.random.default_rng(seed)
    title = np.tile(np.arange(SETTLED + launches), REGIONS)
    region = np.repeat(np.arange(REGIONS), SETTLED + launches)
    age = np.where(title < SETTLED, 400, -(title - SETTLED) * days // launches - rng.integers(0, 9, len(title)))
    now = age[:, None] + np.arange(days)
    mean = rng.gamma(2, 5, len(title))[:, None] * np.where(title < SETTLED, 1.0, 0.0)[:, None] * np.ones(days)
    mean += np.where((title >= SETTLED)[:, None] & (now >= 0), 300 * np.exp(-np.maximum(now, 0) / 12), 0)
    total = np.stack([mean[region == r].sum(axis=0) for r in range(REGIONS)])
    mean *= (total / total.mean(axis=1, keepdims=True))[region] ** -slope
    hours = (mean * rng.gamma(1 / chance**2, chance**2, mean.shape)).astype(np.float32)
    return hours, np.ones_like(hours), now >= 0, age, region, title, REGIONS


@pytest.mark.parametrize("slope", [0.3, 0.6])
def test_what_launches_take_is_told_without_being_thinned_by_chance(slope):
    for chance in (0.05, 0.3):
        assert learn_crowding(*evenings(slope, chance=chance)).slope == pytest.approx(slope, abs=0.12)


def test_where_launches_add_to_the_evening_they_take_nothing():
    found = [learn_crowding(*evenings(0.0, chance=0.5, seed=seed)).slope for seed in range(20)]
    assert np.count_nonzero(found) <= 2 and max(found) < 0.1


def test_the_factor_undoes_the_load():
    arguments = evenings(0.6, chance=0.02)
    crowding = learn_crowding(*arguments)
    hours, region, title = arguments[0], arguments[4], arguments[5]
    settled = [hours[(region == r) & (title < SETTLED)].sum(axis=0) for r in range(REGIONS)]
    rest = np.stack(settled) / crowding.factor(crowding.load)
    assert rest.std(axis=1) / rest.mean(axis=1) == pytest.approx(np.zeros(REGIONS), abs=0.04)
    assert (np.stack(settled).std(axis=1) / np.stack(settled).mean(axis=1)).min() > 0.06


def test_it_does_not_matter_in_which_order_titles_are_listed():
    hours, usual, counted, age, region, title, regions = evenings(0.6)
    slope = learn_crowding(hours, usual, counted, age, region, title, regions).slope
    for seed in range(3):
        listed = np.random.default_rng(seed).permutation(SETTLED + 6)[title]
        assert learn_crowding(hours, usual, counted, age, region, listed, regions).slope == pytest.approx(slope)


def test_the_parts_are_alike_in_size():
    hours = np.random.default_rng(0).pareto(1.5, (300, 10)).astype(np.float32)
    settled = np.arange(300) % 5 > 0
    part = _dealt(hours, settled, np.arange(300))
    sums = np.bincount(part[settled], hours[settled].sum(axis=1), PARTS)
    assert sums.max() < 1.3 * sums.min()


def test_nothing_is_told_of_few_weeks_of_charts_or_of_nothing():
    assert learn_crowding(*evenings(0.6, days=7 * LEAST_WEEKS - 1)).slope == 0
    hours, usual, counted, age, region, title, regions = evenings(0.6)
    assert learn_crowding(hours, usual, counted, np.full_like(age, 3), region, title, regions).slope == 0
    nobody = learn_crowding(hours * 0, usual, counted, age, region, title, regions)
    assert nobody.slope == 0 and np.isfinite(nobody.factor(nobody.load)).all()
    chart = np.where((title < SETTLED)[:, None], hours / 50, hours)
    assert learn_crowding(chart, usual, counted, age, region, title, regions).slope == 0


def test_a_load_without_hours_is_not_known():
    assert np.isnan(load_of(np.array([[1.0, 0.0]]), np.array([[0.0, 0.0]]))).all()


def test_a_known_launch_ahead_leaves_less_to_the_others():
    hours, _, counted, age, region, title, _ = evenings(0.6, chance=0.05)
    coming = title == SETTLED + 5
    rows = {(f"R{region[i]}", f"t{title[i]:02d}"): hours[i] * counted[i] for i in range(len(hours))}
    windows = [
        {"title_id": f"t{title[i]:02d}", "region": f"R{region[i]}", "start_date": day(max(-int(age[i]), -300))}
        for i in range(len(hours))
        if not (coming[i] and region[i] == 0)
    ]
    windows.append({"title_id": f"t{SETTLED + 5:02d}", "region": "R0", "start_date": day(DAYS + 2)})
    rows["R0", f"t{SETTLED + 5:02d}"] = np.zeros(DAYS)
    recent = make_cutoff(panel_of(rows, availability=windows)).recent
    assert recent.crowding.slope > 0.3
    step = recent.crowd[:, 2] / recent.crowd[:, 1]
    assert step[0] < 0.95 and np.all(step[1:] > 0.99)
    likely, hit = (recent.with_crowds(np.full(len(recent.place), 50.0), lift).crowd for lift in (1.0, 3.0))
    assert np.all(hit[0, 2:] < likely[0, 2:]), "a larger launch takes more"
    assert np.all(hit[:, :2] == likely[:, :2]), "from its first day on"


def test_a_usual_load_leaves_all_and_a_region_is_compared_with_its_own():
    crowding = Crowding(0.5, np.zeros(0, dtype=bool), np.zeros((2, 1)), np.array([0.2, 1.0]))
    left = crowding.factor(np.array([[0.2, 0.4], [1.0, 0.8]]))
    assert left == pytest.approx(np.exp([[0.0, -0.1], [0.0, 0.1]]))


def test_a_series_that_was_not_counted_on_most_days_settles_nothing():
    hours, usual, counted, age, region, title, regions = evenings(0.6)
    often, seldom = (np.arange(DAYS) < days for days in (72, 71))  # 0.857 and 0.845 of 84 days
    some = counted.copy()
    some[0], some[1] = often, seldom
    assert learn_crowding(hours, usual, some, age, region, title, regions).settled[:3].tolist() == [True, False, True]


def test_nothing_is_told_where_most_hours_come_and_go():
    hours, usual, counted, age, region, title, regions = evenings(0.6, chance=0.02)
    young = (title >= SETTLED)[:, None]
    share = hours[~young[:, 0]].sum() / hours[young[:, 0]].sum()
    few, many = (np.where(young, hours * share * part, hours).astype(np.float32) for part in (0.95, 1.05))
    assert learn_crowding(few, usual, counted, age, region, title, regions).slope > 0
    assert learn_crowding(many, usual, counted, age, region, title, regions).slope == 0


def test_what_is_usual_of_a_week_is_no_loss_of_it():
    """Weeks of holidays, known beforehand, with half as many hours again, or a third fewer."""
    hours, usual, *rest = evenings(0.6, chance=0.05)
    factor = np.repeat(np.random.default_rng(4).choice([0.7, 1.5], DAYS // 7), 7).astype(np.float32)
    plain, festive = learn_crowding(hours, usual, *rest), learn_crowding(hours * factor, usual * factor, *rest)
    assert festive.slope == pytest.approx(plain.slope, abs=0.05)


def test_what_fades_week_by_week_anyway_was_not_taken_by_launches():
    hours, usual, counted, age, region, title, regions = evenings(0.0, chance=0.05)
    steady = np.where((title < SETTLED)[:, None], np.exp(-0.01 * np.arange(DAYS)), np.exp(0.01 * np.arange(DAYS)))
    fading = (hours * steady).astype(np.float32)
    assert learn_crowding(fading, usual, counted, age, region, title, regions).slope < 0.1
