"""Demand, forecasts and problems of supposed worlds, on three days of a forecast reckoned by hand."""

import itertools
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import numpy as np
import pytest

from fillplan.scenarios.world import DemandChange, Outage, World
from fillplan.settings import ForecastSettings, PlanSettings, Settings
from fillplan.stages import Stages
from fillplan.workflow import supposed
from fillplan.workflow.supposed import Supposing, factor_of, forecast_by_run
from fillplan_data.errors import ModelError
from fillplan_data.tables import Tables
from fillplan_models.forecast import AssetDemand, Forecast
from fillplan_optimizer.policy import load_policy

from ..conftest import PLAN_DATE

FIRST, SECOND, THIRD = (PLAN_DATE + timedelta(days=n) for n in range(3))
EVERYWHERE = frozenset({"DE", "FR"})


def forecast_of(*series: tuple[int, int, list[float], list[float], list[float]]) -> Forecast:
    """Series of region, title, and hours, low and high per day."""
    region, title = (np.array([row[n] for row in series], dtype=np.int64) for n in (0, 1))
    hours, low, high = (np.array([row[n] for row in series], dtype=np.float64) for n in (2, 3, 4))
    is_open, cold = np.ones(hours.shape, dtype=np.bool_), np.zeros(len(series), dtype=np.bool_)
    names = ("DE", "FR"), ("m1", "m2", "m3")
    return Forecast(PLAN_DATE, *names, region, title, is_open, hours, low, high, cold, "by hand")


@pytest.fixture
def forecast() -> Forecast:
    """m1 in FR on all days; m2 in DE is expected not to be watched, but might be."""
    return forecast_of((0, 1, [0, 0, 0], [0, 0, 0], [2, 2, 2]), (1, 0, [10, 20, 30], [5, 10, 15], [20, 40, 60]))


def no_forecast() -> NoReturn:
    raise AssertionError("bytes over the horizon are enough")


def change(
    first_day: date | None = None, last_day: date | None = None, assets: set[str] | None = None, **figures: Any
) -> DemandChange:
    """Of all titles and regions."""
    files = None if assets is None else frozenset(assets)
    return DemandChange(
        frozenset({"m1", "m2", "m3"}), EVERYWHERE, files, first_day=first_day, last_day=last_day, **figures
    )


def marks(factor: np.ndarray, demand: AssetDemand) -> dict[tuple[str, str], float]:
    """What is not 1, by region and file."""
    return {
        (demand.regions[r], demand.asset_ids[f]): round(float(factor[r, f]), 12) for r, f in np.argwhere(factor != 1.0)
    }


def test_a_plain_factor_meets_files_of_its_titles_in_its_regions_alone(
    small_tables: Tables, small_demand: AssetDemand
) -> None:
    asked = DemandChange(frozenset({"m1"}), frozenset({"FR"}), None, 3.0)
    factor = factor_of([asked], small_demand, small_tables, no_forecast)
    assert marks(factor, small_demand) == {("FR", name): 3.0 for name in ("m1v", "m1fr", "m1en")}
    files = replace(asked, assets=frozenset({"m1v", "m2v"}), scale=0.0)
    factor = factor_of([files], small_demand, small_tables, no_forecast)
    assert marks(factor, small_demand) == {("FR", "m1v"): 0.0}, "m2v is not of the titles chosen"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (change(SECOND, SECOND, scale=0.0), 40 / 60),
        (change(SECOND, None, scale=2.0), 110 / 60),
        (change(None, FIRST, scale=2.0), 70 / 60),
        (change(FIRST, THIRD, scale=2.0), 2.0),
        (change(THIRD + timedelta(days=1), None, scale=2.0), 1.0),
        (change(end="low"), 0.5),
        (change(end="high"), 2.0),
        (change(THIRD, None, end="high"), 90 / 60),
        (change(None, SECOND, end="high", scale=2.0), (40 + 80 + 30) / 60),
    ],
)
def test_days_count_as_far_as_they_are_watched(
    small_tables: Tables, small_demand: AssetDemand, forecast: Forecast, asked: DemandChange, expected: float
) -> None:
    factor = factor_of([asked], small_demand, small_tables, lambda: forecast)
    told = {} if expected == 1 else {("FR", name): round(expected, 12) for name in ("m1v", "m1fr", "m1en")}
    assert marks(factor, small_demand) == told, "where nothing is expected there is nothing to change"


def test_days_of_some_files_in_one_region(small_tables: Tables, small_demand: AssetDemand, forecast: Forecast) -> None:
    asked = change(SECOND, SECOND, {"m1fr"}, scale=4.0)
    factor = factor_of([asked], small_demand, small_tables, lambda: forecast)
    assert marks(factor, small_demand) == {("FR", "m1fr"): 2.0}
    elsewhere = replace(asked, regions=frozenset({"DE"}))
    assert not marks(factor_of([elsewhere], small_demand, small_tables, lambda: forecast), small_demand)


@pytest.mark.parametrize("asked", [change(end="high"), change(FIRST, None, scale=2.0), change(None, FIRST, scale=2.0)])
def test_where_nothing_is_open_on_any_day_nothing_changes(
    small_tables: Tables, small_demand: AssetDemand, asked: DemandChange
) -> None:
    nothing = Forecast.of_frame(
        forecast_of((0, 0, [1], [1], [1])).to_frame()[:0], PLAN_DATE, ("DE", "FR"), ("m1", "m2", "m3")
    )
    assert nothing.view_hours.shape == (0, 0)
    assert not marks(factor_of([asked], small_demand, small_tables, lambda: nothing), small_demand)


def day_by_day(changes: list[DemandChange], demand: AssetDemand, tables: Tables, forecast: Forecast) -> np.ndarray:
    """Its slow twin: every region, file and day on its own, and all changes that meet it in turn."""
    factor = np.ones(demand.expected_bytes.shape)
    series = {(r, t): n for n, (r, t) in enumerate(zip(forecast.region, forecast.title, strict=True))}
    rows = tables.assets[["asset_id", "title_id"]].itertuples(index=False)
    for (f, (asset, title)), r in itertools.product(enumerate(rows), range(len(demand.regions))):
        row, before, after = series.get((r, forecast.titles.index(title))), 0.0, 0.0
        for ahead in range(3) if row is not None else ():
            level, scale = forecast.view_hours[row, ahead], 1.0
            for met in changes:
                first, last = met.first_day or FIRST, met.last_day or THIRD
                if (
                    title in met.titles
                    and demand.regions[r] in met.regions
                    and (met.assets is None or asset in met.assets)
                    and first <= FIRST + timedelta(days=ahead) <= last
                ):
                    level = getattr(forecast, met.end)[row, ahead] if met.end else level
                    scale *= met.scale
            before, after = before + forecast.view_hours[row, ahead], after + level * scale
        factor[r, f] = after / before if before else 1.0
    return factor


@pytest.mark.parametrize("seed", range(30))
def test_changes_that_meet_the_same_demand_are_reckoned_day_by_day(
    small_tables: Tables, small_demand: AssetDemand, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    series = [(r, t) for r in range(2) for t in range(3)]
    hours = forecast_of(*((r, t, *rng.integers(1, 9, (3, 3)).astype(float).tolist()) for r, t in series))

    def some(names: list[str]) -> frozenset[str]:
        return frozenset(rng.choice(names, rng.integers(1, len(names) + 1), replace=False).tolist())

    def drawn() -> DemandChange:
        first = FIRST + timedelta(days=int(rng.integers(3)))
        files = some(list(small_tables.assets["asset_id"])) if rng.random() < 0.5 else None
        end = rng.choice(["low", "high", None])
        span = (first, first + timedelta(days=int(rng.integers(2)))) if rng.random() < 0.6 else (None, None)
        return DemandChange(
            some(["m1", "m2", "m3"]), some(["DE", "FR"]), files, float(rng.integers(4)), end, span[0], span[1]
        )

    changes = [drawn() for _ in range(rng.integers(1, 6))]
    found = factor_of(changes, small_demand, small_tables, lambda: hours)
    assert found == pytest.approx(day_by_day(changes, small_demand, small_tables, hours), rel=1e-12)


def test_days_one_by_one_come_to_all_days_at_once(
    small_tables: Tables, small_demand: AssetDemand, forecast: Forecast
) -> None:
    each = [change(day, day, scale=0.0) for day in (FIRST, SECOND, THIRD)]
    assert set(marks(factor_of(each, small_demand, small_tables, lambda: forecast), small_demand).values()) == {0.0}


def test_of_two_ends_of_the_interval_the_later_counts_and_factors_stay(
    small_tables: Tables, small_demand: AssetDemand, forecast: Forecast
) -> None:
    asked = [change(scale=3.0), change(end="low"), change(end="high")]
    factor = factor_of(asked, small_demand, small_tables, lambda: forecast)
    assert marks(factor, small_demand)["FR", "m1v"] == 3.0 * 120 / 60


@pytest.fixture
def base(small_world: World, small_demand: AssetDemand, forecast: Forecast) -> Any:
    """As far as demand and problems ask for it."""
    inputs = SimpleNamespace(
        tables=small_world.tables, plan_date=PLAN_DATE, settings=small_world.settings, workspace="here"
    )
    run = SimpleNamespace(summary={"model": {"name": "ewma"}}, folder=Path("run"))
    return SimpleNamespace(demand=small_demand, inputs=inputs, forecast=forecast, run=run, world=small_world)


@pytest.fixture
def supposing(base: Any) -> Supposing:
    return Supposing(base, Stages("test"))


def test_a_world_that_moves_no_demand_has_that_of_the_base(supposing: Supposing, small_world: World) -> None:
    assert supposing.demand(small_world) is supposing.base.demand


def test_larger_files_move_more_bytes(supposing: Supposing, small_world: World) -> None:
    assets = small_world.tables.assets
    half_again = assets.assign(size_bytes=np.where(assets["asset_id"] == "m1v", 1350, assets["size_bytes"]))
    demand = supposing.demand(small_world.with_tables(assets=half_again))
    more = demand.expected_bytes / np.where(
        supposing.base.demand.expected_bytes, supposing.base.demand.expected_bytes, 1
    )
    assert more[1, demand.asset_ids.index("m1v")] == pytest.approx(1.5)
    assert more[0, demand.asset_ids.index("m2v")] == 1.0


def test_changes_of_demand_multiply(supposing: Supposing, small_world: World) -> None:
    twice, thrice = change(scale=2.0), change(assets={"m1v"}, scale=3.0)
    demand = supposing.demand(replace(small_world, demand_changes=(twice, thrice)))
    before = supposing.base.demand.expected_bytes
    assert demand.expected_bytes.sum() == pytest.approx(2 * before.sum() + 4 * 1000)
    assert before.sum() == 1740, "the base's demand stays as it is"


def test_the_problem_of_a_world_has_its_outages_and_its_policy(supposing: Supposing, small_world: World) -> None:
    out = replace(small_world, outages=(Outage(frozenset({"de1"}), "parent"),))
    assert [int(size) for size in supposing.problem(out).storage_bytes] == [2000, 1000, 0]
    assert supposing.plain(out) is None, "no policy to leave out"
    policy = load_policy("offload").model_copy(update={"name": "half"})
    policy = policy.model_copy(update={"reserve": policy.reserve.model_copy(update={"storage_share": 0.5})})
    plan = PlanSettings(policy=policy, horizon_days=3)
    held_back = replace(out, settings=small_world.settings.model_copy(update={"plan": plan}))
    assert [int(size) for size in supposing.problem(held_back).storage_bytes] == [1000, 500, 0]
    plain = supposing.plain(held_back)
    assert plain is not None
    assert [int(size) for size in plain.storage_bytes] == [2000, 1000, 0]
    assert plain.serve_limit_bytes[1] == 80 / 8 * 86_400 * 3 / 2, "all else as the settings say"


def settings_of(world: World, horizon_days: int = 7, method: str = "auto") -> World:
    groups = {"plan": PlanSettings(horizon_days=horizon_days), "forecast": ForecastSettings(method=method)}
    return replace(world, settings=Settings(**groups), new_forecast=True)


def test_a_forecast_is_made_once_for_the_tables_and_settings_that_it_follows_from(
    supposing: Supposing, small_world: World, forecast: Forecast, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[World] = []

    def by_run(base: object, world: World, stages: Stages) -> Forecast:
        made.append(world)
        return replace(forecast)

    monkeypatch.setattr(supposed, "forecast_by_run", by_run)
    assert supposing.forecast(small_world) is forecast and not made, "the run's own"
    new = settings_of(small_world)
    first = supposing.forecast(new)
    assert supposing.forecast(replace(new, outages=(Outage(frozenset({"de1"}), "parent"),))) is first
    caches = new.with_tables(
        caches=new.tables.caches.copy(), pins=new.tables.pins.copy(), assets=new.tables.assets.copy()
    )
    assert supposing.forecast(caches) is first, "of no interest to it"
    others = [
        *(
            new.with_tables(**{n: getattr(new.tables, n).copy()})
            for n in ("titles", "availability", "promotions", "calendar")
        ),
        settings_of(small_world, horizon_days=6),
        settings_of(small_world, method="ewma"),
    ]
    assert len({id(supposing.forecast(world)) for world in [new, *others]}) == 7
    assert len(made) == 7


def test_hours_are_split_once_for_the_files_and_the_forecast(
    supposing: Supposing, small_world: World, small_demand: AssetDemand, monkeypatch: pytest.MonkeyPatch
) -> None:
    split: list[Tables] = []

    def demand_of(tables: Tables, forecast: Forecast) -> AssetDemand:
        split.append(tables)
        assert forecast is supposing.base.forecast
        return replace(small_demand, expected_bytes=np.asfortranarray(small_demand.expected_bytes))

    monkeypatch.setattr(supposed, "asset_demand", demand_of)
    new = replace(small_world, new_shares=True)
    first = supposing.demand(new)
    assert first.expected_bytes.flags.c_contiguous, "sums run in the same order as the base's"
    assert supposing.demand(replace(new, outages=(Outage(frozenset({"de1"}), "parent"),))) is first
    assert supposing.demand(new.with_tables(assets=new.tables.assets.copy())) is not first
    assert len(split) == 2


@pytest.mark.parametrize(
    ("made_with", "expected"),
    [
        ({"name": "ewma"}, "ewma"),
        ({"name": "boosted:x", "sha256": "ab"}, "model"),
        ({"name": "damped_trend"}, "damped_trend"),
    ],
)
def test_the_forecast_is_by_the_runs_own_method(
    base: Any, monkeypatch: pytest.MonkeyPatch, made_with: dict[str, str], expected: str
) -> None:
    base.run.summary["model"] = made_with
    asked: list[Any] = []
    monkeypatch.setattr(supposed, "forecast_demand", lambda inputs, stages: asked.append(inputs) or base.forecast)
    monkeypatch.setattr(supposed, "provenance", lambda inputs, forecast: made_with)
    world = base.world.with_tables(titles=base.world.tables.titles.copy())
    assert forecast_by_run(base, world, Stages("test")) is base.forecast
    assert asked[0].settings.forecast.method == expected
    assert asked[0].tables is world.tables and asked[0].plan_date == PLAN_DATE


def test_another_model_than_the_runs_is_refused_unless_it_is_asked_for(
    base: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(supposed, "forecast_demand", lambda inputs, stages: asked.append(inputs) or base.forecast)
    monkeypatch.setattr(supposed, "provenance", lambda inputs, forecast: {"name": "recent_mean"})
    with pytest.raises(ModelError, match="expected the model"):
        forecast_by_run(base, base.world, Stages("test"))
    other = settings_of(base.world, method="recent_mean")
    assert forecast_by_run(base, other, Stages("test")) is base.forecast
    assert asked[-1].settings.forecast.method == "recent_mean"


@pytest.mark.parametrize("made_with", [{"name": "given", "file": "x"}, {"name": "fallback", "plan_of": "2026-03-07"}])
def test_demand_that_was_not_forecast_cannot_be_forecast_again(base: Any, made_with: dict[str, str]) -> None:
    class Given:
        run = SimpleNamespace(summary={"model": made_with})
        inputs = base.inputs

        @property
        def forecast(self) -> NoReturn:
            raise ModelError("demand was given")

    with pytest.raises(ModelError, match="demand was given"):
        forecast_by_run(Given(), base.world, Stages("test"))  # type: ignore[arg-type]
