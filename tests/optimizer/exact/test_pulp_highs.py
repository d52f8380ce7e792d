import subprocess
import sys

import highspy
import numpy as np
import pytest

from fillplan_optimizer.exact import pulp_highs
from fillplan_optimizer.exact.pulp_highs import Limits, binary, fraction, linear, lp_text, new_program, solve


def knapsack(sizes, worths, room):
    program = new_program("knapsack")
    take = [binary(program, f"take_{i}") for i in range(len(sizes))]
    program.setObjective(linear(zip(take, worths, strict=True)))
    program.addConstraint(linear(zip(take, sizes, strict=True)) <= room, "room")
    return program


def test_the_bound_has_the_sign_of_the_objective():
    solved = solve(knapsack([3, 4, 5], [4.0, 5.0, 6.0], 7), Limits())
    assert solved.status == "Optimal"
    assert solved.bound == pytest.approx(9.0)
    assert {name for name, value in solved.values.items() if value > 0.5} == {"take_0", "take_1"}


def test_highs_knows_every_option():
    """It passes over names that it does not know."""
    options = pulp_highs._options(Limits(quick=True, seconds=1.0))
    answers = {name: pulp_highs.Silent().setOptionValue(name, value) for name, value in options.items()}
    assert set(answers.values()) == {highspy.HighsStatus.kOk}
    assert options["mip_heuristic_effort"] > pulp_highs.Silent().getOptionValue("mip_heuristic_effort")[1]


def test_infeasible_has_no_values():
    solved = solve(knapsack([3], [4.0], -1), Limits())
    assert (solved.status, solved.values) == ("Infeasible", None)


def test_a_node_limit_is_reported_as_such_with_the_best_solution_so_far():
    """Several knapsacks at once cannot be closed at the root."""
    rng = np.random.default_rng(0)
    size = rng.integers(50, 150, (3, 40))
    worth = size.mean(axis=0) + rng.integers(0, 20, 40)
    program = new_program("knapsacks")
    take = [binary(program, f"take_{i}") for i in range(40)]
    program.setObjective(linear(zip(take, worth, strict=True)))
    for row in range(3):
        program.addConstraint(linear(zip(take, size[row], strict=True)) <= int(size[row].sum() // 2), f"room_{row}")
    start = {f"take_{i}": float(i < 15) for i in range(40)}
    solved = solve(program, Limits(gap=0.0, nodes=1), start)
    assert solved.status == "Solution limit reached"
    found = sum(worth[i] * solved.values[f"take_{i}"] for i in range(40))
    assert worth[:15].sum() <= found < solved.bound


def test_a_time_limit_without_incumbent_is_not_taken_for_a_solution():
    solved = solve(knapsack([3, 4], [1.0, 2.0], 5), Limits(seconds=0.0))
    assert solved.status != "Optimal"
    assert solved.values is None


def test_fractions_and_text():
    program = new_program("text")
    part = fraction(program, "part")
    program.setObjective(linear([(part, 2.0)]))
    program.addConstraint(linear([(part, 4.0)]) <= 1, "room")
    assert solve(program, Limits()).values["part"] == pytest.approx(0.25)
    assert "room: 4 part <= 1" in lp_text(program)


def test_nothing_is_printed_by_the_first_solver_of_a_process() -> None:
    """HiGHS 1.16 prints a banner from its constructor, once per process; with `--json` it would break the object."""
    lines = (
        "from fillplan_optimizer.exact.pulp_highs import Limits, binary, linear, new_program, solve",
        "program = new_program('p')",
        "x = binary(program, 'x')",
        "program.setObjective(linear([(x, 2.0)]))",
        "assert solve(program, Limits()).values == {'x': 1.0}",
    )
    run = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=True)
    assert (run.stdout, run.stderr) == ("", "")


def test_a_start_does_not_keep_highs_from_the_optimum() -> None:
    """HiGHS 1.16 called this start, worth 21, optimal at 27; the optimum is 24."""
    worth, size = [6, 7.5, 4.5, 3, 6, 6, 1.5], [4, 5, 3, 2, 4, 4, 1]
    program = new_program("knapsack")
    hold = [binary(program, f"h{i}") for i in range(7)]
    program.setObjective(linear(zip(hold, worth, strict=True)))
    for video in (5, 6):
        program.addConstraint(hold[video] - hold[4] <= 0, f"companion_{video}")
    program.addConstraint(linear((hold[i], size[i]) for i in (0, 2, 3, 4, 5, 6)) <= 13, "fill")
    program.addConstraint(hold[3] == 1, "pinned")
    program.addConstraint(linear(zip(hold, size, strict=True)) <= 17, "storage")
    solved = solve(program, Limits(gap=0.0), {f"h{i}": float(i < 4) for i in range(7)})
    assert solved.values is not None and solved.bound == pytest.approx(24)
    assert sum(solved.values[f"h{i}"] * worth[i] for i in range(7)) == pytest.approx(24)


def test_a_quick_search_from_a_start_proves_the_same_optimum() -> None:
    rng = np.random.default_rng(3)
    size = rng.integers(50, 150, 30)
    worth = size + rng.integers(0, 40, 30)
    program, room = knapsack(size.tolist(), worth.tolist(), int(size.sum() // 3)), int(size.sum() // 3)
    start = {f"take_{i}": float(size[: i + 1].sum() <= room) for i in range(30)}
    thorough, quick = (solve(program, Limits(gap=0.0, quick=quick), start) for quick in (False, True))
    assert quick.status == thorough.status == "Optimal"
    assert quick.bound == pytest.approx(thorough.bound, rel=1e-6)
    assert sum(worth[i] * quick.values[f"take_{i}"] for i in range(30)) == pytest.approx(quick.bound, rel=1e-6)
