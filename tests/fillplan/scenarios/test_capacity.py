"""Overrides of the network on the shipped sample and by hand, with an answer that is known by construction."""

import numpy as np
import pandas as pd
import pytest

from fillplan.scenarios.capacity import add_cache, change_capacity
from fillplan.scenarios.faults import Misfit, Misfits
from fillplan.scenarios.kinds import Capacity, NewCache
from fillplan.scenarios.world import World
from fillplan.workflow.base import Base
from fillplan.workflow.supposed import Supposing
from fillplan_data.errors import ScenarioError

from .cases import caches
from .conftest import Suppose


def test_offline(suppose: Suppose, supposing: Supposing) -> None:
    world = suppose('kind = "offline"\nwhere = { cache_id = "edge-br-1" }\ndemand = "siblings"')
    problem, before = supposing.problem(world), supposing.problem(supposing.base.world)
    out = problem.cache_ids.index("edge-br-1")
    assert (problem.storage_bytes[out], problem.fill_budget_bytes[out], problem.serve_limit_bytes[out]) == (0, 0, 0.0)
    assert not problem.rights[out].any()
    assert not len(problem.held[out]) and not len(problem.pinned[out])
    region = problem.points.region[next(p for p in range(len(problem.points.share)) if problem.options(p)[0][0] == out)]
    here = problem.points.region == region
    assert problem.points.share[here].sum() == pytest.approx(before.points.share[here].sum())


def test_capacity(suppose: Suppose, base: Base) -> None:
    before = caches(base.inputs.tables)
    doubled = caches(
        suppose('kind = "capacity"\nwhere = { region = "BR" }\ncolumn = "storage_bytes"\nscale = 2').tables
    )
    factor = np.where(before["region"] == "BR", 2, 1)
    np.testing.assert_array_equal(doubled["storage_bytes"], before["storage_bytes"] * factor)
    short = caches(suppose('kind = "capacity"\ncolumn = "fill_hours"\nset = 0.5').tables)
    assert (short["fill_hours"] == 0.5).all()
    scaled = caches(suppose('kind = "capacity"\ncolumn = "serve_rate_bps"\nscale = 0.5').tables)
    np.testing.assert_array_equal(scaled["serve_rate_bps"], before["serve_rate_bps"] * 0.5)


def test_capacity_must_keep_the_tables_rules(suppose: Suppose) -> None:
    with pytest.raises(ScenarioError, match=r"line 3, scenario 1, override 1: expected caches: fill_hours.*found 25"):
        suppose('kind = "capacity"\ncolumn = "fill_hours"\nset = 25')
    with pytest.raises(ScenarioError, match="shares of the region BR that add up to 1"):
        suppose('kind = "capacity"\nwhere = { region = "BR" }\ncolumn = "region_share"\nset = 0.9')


def test_new_cache(suppose: Suppose, base: Base) -> None:
    world = suppose(
        'kind = "new_cache"\ncache_id = "edge-br-9"\nlike = "edge-br-2"\nregion_share = 0.2\nstorage_bytes = 7e9'
    )
    before, after = caches(base.inputs.tables), caches(world.tables)
    assert after.loc["edge-br-9", "storage_bytes"] == 7_000_000_000
    assert after.loc["edge-br-9", "parent_id"] == before.loc["edge-br-2", "parent_id"]
    shares = [frame.loc[frame["region"] == "BR", "region_share"].sum() for frame in (before, after)]
    assert shares[0] == pytest.approx(shares[1]), "the siblings gave up what the new one got"
    assert (world.tables.caches.dtypes == base.inputs.tables.caches.dtypes).all()
    with pytest.raises(ScenarioError, match="did you mean `edge-br-2`"):
        suppose('kind = "new_cache"\ncache_id = "edge-br-9"\nlike = "edge-br-22"')


@pytest.fixture
def mesh(small_world: World) -> World:
    """The workspace by hand, with FR asking both of its edges."""
    routes = {"region": ["FR", "FR"], "cache_id": ["fr1", "de1"], "value_per_gb": [2.0, 1.0]}
    return small_world.with_tables(routes=pd.DataFrame(routes))


@pytest.mark.parametrize("column", ["region_share", "value_per_gb"])
def test_what_routes_decide_in_a_mesh_cannot_be_changed_at_caches(mesh: World, small_world: World, column: str) -> None:
    override = Capacity(kind="capacity", column=column, scale=0.5)
    with pytest.raises(Misfit) as caught:
        change_capacity(mesh, override)
    assert (caught.value.keys, caught.value.found) == (("column",), column)
    before, after = (world.tables.caches[column] for world in (small_world, change_capacity(small_world, override)))
    assert (after.dropna() == before.dropna() * 0.5).all()
    counts = Capacity(kind="capacity", column="fill_cost_per_gb", scale=0.5)
    assert change_capacity(mesh, counts).tables.caches["fill_cost_per_gb"].sum() == pytest.approx(0.1)


def test_a_new_cache_of_a_mesh_has_the_routes_of_the_one_that_it_is_like(mesh: World) -> None:
    new = {"kind": "new_cache", "cache_id": "fr2", "like": "fr1"}
    routes = add_cache(mesh, NewCache(**new, storage_bytes=7)).tables.routes
    assert routes.iloc[-1].tolist() == ["FR", "fr2", 2.0]
    with pytest.raises(Misfits) as caught:
        add_cache(mesh, NewCache(**new, region="DE", region_share=0.5, value_per_gb=0.0))
    assert [misfit.keys for misfit in caught.value.each] == [("region",), ("region_share",), ("value_per_gb",)]
