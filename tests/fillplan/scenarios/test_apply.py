"""Settings as overrides, and the faults of a file all at once."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fillplan.scenarios.apply import Point, apply_file
from fillplan.scenarios.file import read_scenarios
from fillplan.scenarios.world import World
from fillplan.workflow.supposed import Supposing
from fillplan_data.errors import ScenarioError

from .conftest import Suppose


def test_settings(suppose: Suppose, supposing: Supposing) -> None:
    world = suppose('kind = "settings"\nplan = { peak_to_mean = 4.0 }')
    before, after = supposing.problem(supposing.base.world), supposing.problem(world)
    np.testing.assert_allclose(after.serve_limit_bytes, before.serve_limit_bytes / 2)
    assert not world.new_forecast
    assert suppose('kind = "settings"\nplan = { horizon_days = 3 }').new_forecast
    with pytest.raises(ScenarioError, match=r"peak_too_mean; did you mean `peak_to_mean`"):
        suppose('kind = "settings"\nplan = { peak_too_mean = 4.0 }')


def test_a_policy_by_name_or_in_full(suppose: Suppose, supposing: Supposing) -> None:
    world = suppose('kind = "settings"\nplan = { policy = "offload" }')
    assert world.settings.plan.policy.name == "offload"
    half = suppose('kind = "settings"\nplan = { policy = { reserve = { storage_share = 0.5 } } }')
    before = supposing.problem(supposing.base.world)
    np.testing.assert_array_equal(supposing.problem(half).storage_bytes, before.storage_bytes // 2)
    with pytest.raises(ScenarioError, match="did you mean 'offload'"):
        suppose('kind = "settings"\nplan = { policy = "ofload" }')


def test_one_override_tells_all_its_misfits(suppose: Suppose) -> None:
    with pytest.raises(ScenarioError) as caught:
        suppose('kind = "new_cache"\ncache_id = "edge-br-1"\nlike = "edge-br-22"\nregion = "XX"')
    assert [fault.row for fault in caught.value.faults] == [5, 6, 7]
    with pytest.raises(ScenarioError) as caught:
        suppose('kind = "add_launch"\ntitle_id = "t002"\nlike = "none"\nstart = 2026-06-01\nregions = ["XX", "YY"]')
    assert len(caught.value.faults) == 4
    with pytest.raises(ScenarioError) as caught:
        suppose('kind = "settings"\nplan = { horizn_days = 3, solvr = "auto" }\nforecast = { metod = "ewma" }')
    assert [fault.found for fault in caught.value.faults] == ["horizn_days", "solvr", "metod"]
    with pytest.raises(ScenarioError) as caught:
        suppose('kind = "offline"\nwhere = { cacheid = "x", regin = "BR" }')
    assert [fault.found for fault in caught.value.faults] == ["cacheid", "regin"]


Asked = Callable[[str], list[Point]]


@pytest.fixture
def asked(small_world: World, tmp_path: Path) -> Asked:
    """Scenarios in TOML -> their points on the workspace by hand."""

    def read(text: str) -> list[Point]:
        path = tmp_path / "asked.toml"
        path.write_text(text)
        return apply_file(read_scenarios(path), small_world)

    return read


def one(*overrides: str) -> str:
    return '[[scenario]]\nname = "one"\n' + "".join(f"[[scenario.override]]\n{lines}\n" for lines in overrides)


def hours(world: World) -> list[float]:
    return list(world.tables.caches["fill_hours"])


TWICE = 'kind = "capacity"\ncolumn = "fill_hours"\nscale = 2'
FOUR = 'kind = "capacity"\ncolumn = "fill_hours"\nset = 4'
MUCH = 'kind = "capacity"\ncolumn = "fill_hours"\nscale = 40'
NOBODY = 'kind = "offline"\nwhere = { cache_id = "nobody" }'


def test_overrides_build_on_each_other_in_order(asked: Asked, small_world: World) -> None:
    assert hours(small_world) == [1.0, 0.5, 0.5]
    assert hours(asked(one(TWICE, FOUR))[0].world) == [4.0, 4.0, 4.0]
    assert hours(asked(one(FOUR, TWICE))[0].world) == [8.0, 8.0, 8.0]
    assert hours(small_world) == [1.0, 0.5, 0.5], "the base stays as it is"


def test_every_scenario_starts_from_the_base_and_a_sweep_has_a_point_per_value(asked: Asked) -> None:
    swept = 'kind = "capacity"\ncolumn = "fill_hours"\nscale = { from = 1, to = 3, steps = 3 }'
    points = asked(one(TWICE) + one(swept).replace('"one"', '"two"') + one().replace('"one"', '"as it is"'))
    told = [(point.scenario.name, point.value, hours(point.world)[0]) for point in points]
    assert told == [
        ("one", None, 2.0),
        ("two", 1.0, 1.0),
        ("two", 2.0, 2.0),
        ("two", 3.0, 3.0),
        ("as it is", None, 1.0),
    ]


def test_all_faults_are_listed_and_what_did_not_fit_changes_nothing_that_follows(asked: Asked) -> None:
    with pytest.raises(ScenarioError) as caught:
        asked(one(MUCH, NOBODY, TWICE, 'kind = "capacity"\ncolumn = "storage_bytes"\nscal = 2'))
    # each cache's 40 or 20 hours are told of once; twice the hours of the base would fit
    assert [(fault.row, fault.found) for fault in caught.value.faults] == [
        (3, "40"),
        (9, "cache_id = nobody"),
        (17, "`scal`"),
    ]


def test_an_override_that_fits_nothing_hides_no_fault_behind_it(asked: Asked) -> None:
    with pytest.raises(ScenarioError) as caught:
        asked(one(NOBODY, MUCH))
    assert [fault.row for fault in caught.value.faults] == [5, 6]


def test_of_a_sweep_only_the_values_that_do_not_fit_are_faults_each_once(asked: Asked) -> None:
    swept = 'kind = "capacity"\ncolumn = "fill_hours"\nscale = { from = 20, to = 30, steps = 3 }'
    with pytest.raises(ScenarioError) as caught:
        asked(one(swept))
    assert [fault.found for fault in caught.value.faults] == ["25", "30"]
    with pytest.raises(ScenarioError) as caught:
        asked(one(NOBODY, swept.replace("20", "2").replace("30", "3")))
    assert len(caught.value.faults) == 1, "the same at every point"


@pytest.mark.parametrize(
    ("keys", "new_forecast"),
    [
        ("plan = { peak_to_mean = 4 }", False),
        ("plan = { horizon_days = 7 }", False),
        ("plan = { horizon_days = 8 }", True),
        ('forecast = { method = "ewma" }', True),
    ],
)
def test_another_horizon_or_method_is_another_forecast(asked: Asked, keys: str, new_forecast: bool) -> None:
    (point,) = asked(one(f'kind = "settings"\n{keys}'))
    assert point.world.new_forecast == new_forecast


def test_settings_follow_each_other_key_by_key(asked: Asked) -> None:
    first, second = (f'kind = "settings"\nplan = {{ {key} }}' for key in ("horizon_days = 3", "peak_to_mean = 5"))
    (point,) = asked(one(first, second))
    assert (point.world.settings.plan.horizon_days, point.world.settings.plan.peak_to_mean) == (3, 5.0)
    assert point.world.new_forecast, "the second changes no forecast, but the first did"
    (point,) = asked(one(second, first))
    assert (point.world.settings.plan.horizon_days, point.world.settings.plan.peak_to_mean) == (3, 5.0)
    assert asked(one(first))[0].world.settings.plan.peak_to_mean == 2.0


def test_a_value_that_no_setting_allows_is_named_with_its_key(asked: Asked) -> None:
    with pytest.raises(ScenarioError) as caught:
        asked(one('kind = "settings"\nplan = { horizon_days = 0, peak_to_mean = 0.5 }'))
    assert [(fault.found, fault.column) for fault in caught.value.faults] == [
        ("0", "scenario 1, override 1, plan, horizon_days"),
        ("0.5", "scenario 1, override 1, plan, peak_to_mean"),
    ]


def test_a_policy_of_the_workspace_is_found_by_its_path_there(asked: Asked, small_world: World) -> None:
    (small_world.root / "mine.toml").write_text('name = "mine"\n[reserve]\nstorage_share = 0.25\n')
    (point,) = asked(one('kind = "settings"\nplan = { policy = "mine.toml" }'))
    assert point.world.settings.plan.policy.reserve.storage_share == 0.25
    with pytest.raises(ScenarioError) as caught:
        asked(one('kind = "settings"\nplan = { policy = "yours.toml" }'))
    assert [(fault.found, fault.row) for fault in caught.value.faults] == [("yours.toml", 5)]


def test_tables_that_break_their_own_rules_are_refused_in_the_tables_words(asked: Asked) -> None:
    share = 'kind = "capacity"\nwhere = {{ cache_id = "fr1" }}\ncolumn = "region_share"\nset = {}'
    assert asked(one(share.format(1.0)))[0].world.tables.caches["region_share"].tolist()[1] == 1.0
    with pytest.raises(ScenarioError, match="caches: region_share") as caught:
        asked(one(share.format(1.5)))
    assert caught.value.faults[0].remedy == "correct the override"
    two_halves = share.format(0.6).replace("fr1", "de1")
    with pytest.raises(ScenarioError, match="add up to 1"):
        asked(one('kind = "new_cache"\ncache_id = "de2"\nlike = "de1"\nshare_from = "origin"', two_halves))


def test_a_setting_of_the_wrong_kind_is_refused_in_plain_words(suppose: Suppose) -> None:
    with pytest.raises(ScenarioError, match="plan, horizon_days: expected a whole number, found True"):
        suppose('kind = "settings"\nplan = { horizon_days = true }')
