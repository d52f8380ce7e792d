"""The trained model: the same on any number of threads, never negative, never outside rights, never silent."""

from datetime import timedelta

import numpy as np
import pytest

from fillplan_data.errors import ModelError
from fillplan_models.boosting import booster_text, row_weights
from fillplan_models.forecasters.ewma import Ewma
from fillplan_models.panel import build_panel
from fillplan_models.sampling import training_rows
from fillplan_models.spec import Booster, Features, ModelSpec, Sampling
from fillplan_models.training import train
from tests.models.worlds import day, simulate, tables_of


def rename(path, old, new):
    path.write_text(path.read_text().replace(old, new))


def test_what_the_trained_model_keeps(panel, model):
    forecast = model.forecast(panel)
    assert np.isfinite(forecast.view_hours).all() and np.all(forecast.view_hours >= 0)
    assert np.all(forecast.view_hours[~forecast.open] == 0)
    assert np.all((forecast.low <= forecast.view_hours) & (forecast.view_hours <= forecast.high))
    assert forecast.cold.sum() == 6 and np.all(forecast.view_hours[forecast.cold][forecast.open[forecast.cold]] > 0)
    assert len(forecast.to_frame()) == panel.open[:, 70:].sum()


def test_one_and_two_threads_give_the_same_model_and_forecast(panel):
    spec = ModelSpec(name="threads", sampling=Sampling(cutoffs=7, rows=5000), booster=Booster(rounds=8))
    one, two = (train(panel, spec, seed=3, threads=threads) for threads in (1, 2))
    assert booster_text(one.booster) == booster_text(two.booster)
    assert one.info == two.info
    mine, theirs = one.forecast(panel), two.forecast(panel)
    for name in ("view_hours", "low", "high"):
        assert np.array_equal(getattr(mine, name), getattr(theirs, name))


def test_the_seed_decides(panel, quick_spec, model):
    again, other = train(panel, quick_spec, seed=3), train(panel, quick_spec, seed=4)
    assert booster_text(again.booster) == booster_text(model.booster) != booster_text(other.booster)


@pytest.mark.parametrize("days", [5, 20])
def test_too_short_a_history_is_refused(quick_spec, days):
    panel = build_panel(tables_of(**simulate(days=days)), day(days), 7)
    with pytest.raises(ModelError, match="at least 21 days"):
        train(panel, quick_spec)
    assert Ewma().forecast(panel).view_hours.sum() > 0


@pytest.mark.parametrize(
    "shape",
    [
        {"days": 21},
        {"days": 40, "launches": False},
        {"regions": 1, "titles": 3, "days": 60},
        {"extra": False, "days": 35},
    ],
    ids=str,
)
def test_small_and_odd_worlds_train(quick_spec, shape):
    panel = build_panel(tables_of(**simulate(**shape)), day(shape["days"]), 7)
    forecast = train(panel, quick_spec).forecast(panel)
    assert np.isfinite(forecast.high).all() and forecast.view_hours.sum() > 0


@pytest.mark.parametrize(
    ("horizon", "days", "hours_on"),
    [
        (1, 15, lambda d: 1.0),  # no past plan date lies before the days that are kept for judging
        (7, 70, lambda d: 1.0 if d < 14 or d >= 65 else None),  # a gap does
        (7, 70, lambda d: 1.0 * (d >= 60)),  # only hours of 0 do
    ],
)
@pytest.mark.filterwarnings("error")
def test_a_history_with_nothing_to_learn_from_is_refused(quick_spec, horizon, days, hours_on):
    hours = [hours_on(d) for d in range(days)]
    views = [
        {"date": day(d), "region": "R0", "title_id": title, "view_hours": value}
        for title in ("a", "b")
        for d, value in enumerate(hours)
        if value is not None
    ]
    titles = [{"title_id": title, "kind": "movie", "runtime_minutes": 60.0} for title in ("a", "b")]
    panel = build_panel(tables_of(views=views, titles=titles), day(days), horizon)
    with pytest.raises(ModelError, match=r"to learn from.*simple method"):
        train(panel, quick_spec)


def test_a_horizon_beyond_all_past_plan_dates_of_the_spec_is_refused_with_its_keys(small_world, quick_spec):
    panel = build_panel(tables_of(**small_world), day(70), 28)
    with pytest.raises(ModelError, match=r"28 days that are kept.*quick.*last 25 days: raise sampling\.cutoffs"):
        train(panel, quick_spec)


def test_views_and_titles_alone_are_enough(quick_spec):
    rows = simulate(days=50, launches=False)
    panel = build_panel(tables_of(views=rows["views"], titles=rows["titles"]), day(50), 14)
    forecast = train(panel, quick_spec).forecast(panel)
    assert forecast.view_hours.shape == (90, 14) and forecast.open.all()


def test_views_that_end_days_before_the_plan_date_are_carried_on(quick_spec):
    rows = simulate(days=70, launches=False)
    tables = tables_of(**rows)
    panels = [build_panel(tables, day(70 + gap), 7) for gap in (0, 7, 28)]
    models = [train(panel, quick_spec) for panel in panels]
    totals = [model.forecast(panel).view_hours.sum() for model, panel in zip(models, panels, strict=True)]
    assert totals[1:] == pytest.approx([totals[0]] * 2, rel=0.15)


def test_a_model_serves_later_dates_and_catalogues_with_other_columns(model):
    rows = simulate(days=77, extra=False)
    panel = build_panel(tables_of(**rows), day(77), 10)
    forecast = model.forecast(panel)
    assert forecast.plan_date == day(70) + timedelta(days=7) and np.isfinite(forecast.view_hours).all()


def test_a_region_that_goes_live_after_tests_does_not_make_launches_elsewhere_uncertain(quick_spec):
    rows = simulate(regions=4)
    others = [row for row in rows["views"] if row["region"] != "R3"]
    new = [row for row in rows["views"] if row["region"] == "R3" and row["date"] >= day(66)]
    tests = [{"date": day(d), "region": "R3", "title_id": "t003", "view_hours": 0.01} for d in range(66)]
    quiet, tested = (
        train(build_panel(tables_of(**rows | {"views": views}), day(70), 7), quick_spec)
        for views in (others, others + tests + new)
    )
    assert tested.bands.upper.max() < 2 * quiet.bands.upper.max()
    hours = [model.info.accuracy["model"]["all"]["hours"] for model in (quiet, tested)]
    assert hours[0] < hours[1], "its hours count among the errors"


def test_it_beats_the_simple_methods_where_launches_decay():
    rows = simulate(regions=5, titles=80, days=97, seed=11)
    tables = tables_of(**rows)
    panel, whole = build_panel(tables, day(90), 7), build_panel(tables, day(97), 7)
    spec = ModelSpec(name="x", sampling=Sampling(cutoffs=10, rows=20_000), booster=Booster(rounds=60, num_leaves=15))
    actual = {(whole.region[i], whole.titles[whole.title[i]]): whole.hours[i, 90:97] for i in range(whole.series_count)}

    def error(forecast):
        keys = zip(forecast.region, forecast.title, strict=True)
        truth = np.array([actual[r, forecast.titles[t]] for r, t in keys])
        return np.abs(forecast.view_hours - truth).sum() / truth.sum()

    assert error(train(panel, spec).forecast(panel)) < 0.9 * error(Ewma().forecast(panel))


def test_rows_of_one_launch_share_its_surprise(panel):
    spec = ModelSpec(name="w", features=Features(without=("horizon",)))
    rows = training_rows(panel, Sampling(cutoffs=12, rows=10**6), seed=0)
    weight = row_weights(rows, spec) * rows.baseline ** (2 - 1.3) / rows.weight  # pieces of evidence per row
    of_title = np.bincount(rows.title[rows.cold], weight[rows.cold])
    assert np.all(of_title < 1 / spec.weights.cold_variance + 1e-9)
    assert np.all(weight[~rows.cold & (rows.age >= 14)] < 1 / spec.weights.warm_variance)


def test_features_can_be_left_out(panel):
    spec = ModelSpec(
        name="less",
        sampling=Sampling(cutoffs=7, rows=2000),
        booster=Booster(rounds=5),
        features=Features(without=("weekday", "age")),
    )
    used = train(panel, spec).booster.feature_name()
    assert "weekday" not in used and "age" not in used and "horizon" in used
