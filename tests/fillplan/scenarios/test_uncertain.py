"""Plans over samples of demand."""

from dataclasses import replace

import numpy as np
import pytest

from fillplan.scenarios.uncertain import Judged, Samples, ranked
from fillplan.stages import Stages
from fillplan.workflow.base import Base, base_solution
from fillplan_models.demand import title_hours
from fillplan_optimizer.service import net_value


def test_on_average_samples_are_what_is_expected(base: Base) -> None:
    solution, _ = base_solution(base, Stages("test"))
    values = Samples(80, 1).values(solution.problem, solution.placement, base.inputs.tables, base.forecast)
    spread = values.std() / np.sqrt(len(values))
    assert 0 < spread < 0.05 * solution.value
    assert values.mean() == pytest.approx(solution.value, abs=4 * spread)


def test_a_sample_multiplies_each_titles_demand(base: Base) -> None:
    samples = Samples(4, 7)
    factors = samples.factors(base.forecast)
    none = title_hours(base.forecast) == 0
    assert (factors[:, none] == 1).all() and (factors >= 0).all()
    assert factors[:, ~none].std() > 0
    solution, _ = base_solution(base, Stages("test"))
    # without costs of filling or limits of serving worth is linear: doubled demand is doubled worth
    free = replace(
        solution.problem,
        fill_cost_per_byte=np.zeros(solution.problem.cache_count),
        serve_limit_bytes=np.full(solution.problem.cache_count, np.inf),
    )
    samples._factors[id(base.forecast)] = base.forecast, np.full_like(factors, 2.0)
    values = samples.values(free, solution.placement, base.inputs.tables, base.forecast)
    assert values == pytest.approx(np.full(4, 2 * net_value(free, solution.placement)))


def test_more_samples_begin_with_the_same_ones(base: Base) -> None:
    few, many = Samples(2, 5).factors(base.forecast), Samples(4, 5).factors(base.forecast)
    np.testing.assert_array_equal(few, many[:2])
    assert not np.array_equal(Samples(2, 6).factors(base.forecast), few)


def test_ranking_by_expectation_worst_tenth_and_regret() -> None:
    steady, bold = np.full(20, 10.0), np.array([0.0, 0.0, *[13.0] * 18])
    rows = ranked([Judged("steady", None, "d", steady), Judged("bold", 2.0, "d", bold)])
    assert [row["name"] for row in rows] == ["bold", "steady"]
    first, second = rows
    assert (first["expected_value"], first["worst_decile_value"]) == (pytest.approx(11.7), 0.0)
    assert (first["mean_regret"], first["worst_regret"]) == (1.0, 10.0)
    assert (second["mean_regret"], second["worst_regret"]) == (pytest.approx(2.7), 3.0)
    assert (first["rank_by_worst_decile_value"], second["rank_by_worst_decile_value"]) == (2, 1)
    assert (first["rank_by_mean_regret"], second["rank_by_mean_regret"]) == (1, 2)


def test_plans_of_other_demand_are_ranked_apart() -> None:
    plans = [
        Judged("base", None, "d", np.array([10.0, 20.0])),
        Judged("rush", None, "e", np.array([20.0, 40.0])),
        Judged("better", None, "d", np.array([11.0, 22.0])),
    ]
    rows = {row["name"]: row for row in ranked(plans)}
    assert list(rows) == ["better", "base", "rush"]
    assert [row["demand_of"] for row in rows.values()] == ["base", "base", "rush"]
    assert (rows["better"]["mean_regret"], rows["base"]["mean_regret"]) == (0.0, 1.5)
    assert rows["rush"]["mean_regret"] is None, "no other plan to regret"
    assert rows["rush"]["rank_by_expected_value"] is None


def test_demand_is_told_apart_by_what_is_asked_for(base: Base) -> None:
    problem, samples = base_solution(base, Stages("test"))[0].problem, Samples(2, 1)
    same = samples.demand_digest(replace(problem, storage_bytes=2 * problem.storage_bytes), base.forecast)
    assert samples.demand_digest(problem, base.forecast) == same
    rush = replace(problem, demand_bytes=1.2 * problem.demand_bytes)
    assert samples.demand_digest(rush, base.forecast) != same
