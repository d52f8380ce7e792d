"""Each constraint alone: a program with only this one, once where the wanted holdings keep it, once where not."""

import numpy as np
import pytest

from fillplan_optimizer.exact import constraints, objective
from fillplan_optimizer.exact.declaration import declare
from fillplan_optimizer.exact.pulp_highs import Limits, linear, new_program, solve
from tests.optimizer.instances import tree

PLAIN = {"parent": [1, -1], "value": [2.0, 1.0], "size": [4, 1, 3], "demand": [[8, 2, 3]]}


def feasible(problem, constraint, fixed):
    """Whether variables may take the `fixed` values under this one constraint."""
    program = new_program("alone")
    variables = declare(program, problem)
    objective.net_worth(program, problem, variables, 1.0)
    getattr(constraints, constraint)(program, problem, variables)
    for kind, values in fixed.items():
        for key, value in values.items():
            term = linear([(getattr(variables, kind)[key], 1.0)])
            program.addConstraint(term == value, f"fix_{kind}_{'_'.join(map(str, np.atleast_1d(key)))}")
    solved = solve(program, Limits())
    assert solved.status in ("Optimal", "Infeasible")
    return solved.values is not None


def hold(*pairs, value=1.0):
    return dict.fromkeys(pairs, value)


BOTH = hold((0, 0), (0, 2))


def test_storage():
    assert feasible(tree(**PLAIN, storage=[7, 8]), "storage", {"hold": BOTH})
    assert not feasible(tree(**PLAIN, storage=[6, 8]), "storage", {"hold": BOTH})


def test_fill_window():
    assert feasible(tree(**PLAIN, budget=[7, 8]), "fill_window", {"hold": BOTH})
    assert not feasible(tree(**PLAIN, budget=[6, 8]), "fill_window", {"hold": BOTH})
    assert feasible(tree(**PLAIN, budget=[4, 8], held=[[2], []]), "fill_window", {"hold": BOTH}), "held files are free"


def test_serve_limit():
    problem = tree(**PLAIN, limit=[9.0, np.inf])
    assert feasible(problem, "serve_limit", {"serve": {(0, 0, 0): 1.0, (0, 0, 1): 0.5}})
    assert not feasible(problem, "serve_limit", {"serve": {(0, 0, 0): 1.0, (0, 0, 1): 1.0}})


def test_serve_limit_must_be_reached_to_count_as_full():
    problem = tree(**{**PLAIN, "value": [1.0, 2.0]}, limit=[9.0, np.inf])
    assert feasible(problem, "serve_limit", {"full": {0: 1.0}, "serve": {(0, 0, 0): 1.0, (0, 0, 1): 0.5}})
    assert not feasible(
        problem, "serve_limit", {"full": {0: 1.0}, "serve": {(0, 0, 0): 1.0, (0, 0, 1): 0.4, (0, 0, 2): 0.0}}
    )


def test_serve_limit_keeps_a_cache_whose_bytes_are_worth_nothing_from_counting_as_full():
    """Nothing says what it serves, so nothing could fill it; else its clients might be passed on for free."""
    problem = tree(**{**PLAIN, "value": [0.0, 2.0]}, limit=[9.0, np.inf])
    assert feasible(problem, "serve_limit", {"full": {0: 0.0}})
    assert not feasible(problem, "serve_limit", {"full": {0: 1.0}})


def test_service():
    problem = tree(**PLAIN, limit=[9.0, np.inf])
    assert feasible(problem, "service", {"serve": {(0, 0, 0): 0.7}, "hold": hold((0, 0))})
    assert not feasible(problem, "service", {"serve": {(0, 0, 0): 0.7}, "hold": hold((0, 0), value=0.0)})


def test_assignment():
    limited = tree(**PLAIN, limit=[9.0, np.inf])
    assert feasible(limited, "assignment", {"serve": {(0, 0, 0): 0.7, (0, 1, 0): 0.3}})
    assert not feasible(limited, "assignment", {"serve": {(0, 0, 0): 0.7, (0, 1, 0): 0.4}})
    free = tree(**PLAIN)
    assert feasible(free, "assignment", {"hold": hold((0, 0), value=0.0), "serve": {(0, 1, 0): 1.0}})
    assert not feasible(free, "assignment", {"hold": hold((0, 0)), "serve": {(0, 1, 0): 0.1}}), "the edge takes all"


def test_order():
    three = {"parent": [1, 2, -1], "value": [3.0, 1.0, 2.0], "size": [1], "demand": [[8]]}
    skip = {"hold": hold((1, 0)), "serve": {(0, 2, 0): 0.5}}
    assert not feasible(tree(**three), "order", skip), "the middle cache is asked first"
    assert feasible(tree(**three), "order", {"hold": hold((1, 0), value=0.0), "serve": {(0, 2, 0): 1.0}})
    limited = tree(**three, limit=[np.inf, 4.0, np.inf])
    assert feasible(limited, "order", {**skip, "full": {1: 1.0}}), "a full cache may pass bytes on"
    assert not feasible(limited, "order", {**skip, "full": {1: 0.0}})
    falling = tree(**{**three, "value": [3.0, 2.0, 1.0]})
    assert feasible(falling, "order", skip), "no row where passing by costs worth anyway"


def test_companion():
    problem = tree(**PLAIN, companion=[1, -1, -1])
    assert feasible(problem, "companion", {"hold": hold((0, 0), (0, 1))})
    assert not feasible(problem, "companion", {"hold": {(0, 0): 1.0, (0, 1): 0.0}})
    assert feasible(tree(**PLAIN, companion=[1, -1, -1], blocked=[[1], []]), "companion", {"hold": hold((0, 0))})
    assert feasible(tree(**PLAIN, companion=[1, -1, -1], closed=[(0, 1)]), "companion", {"hold": hold((0, 0))})


def test_pinned():
    problem = tree(**PLAIN, pinned=[[2], []])
    assert feasible(problem, "pinned", {"hold": hold((0, 2))})
    assert not feasible(problem, "pinned", {"hold": hold((0, 2), value=0.0)})


@pytest.mark.parametrize("rule", [{"blocked": [[2], []]}, {"closed": [(0, 2)]}])
def test_blocked(rule):
    assert not constraints.blocked(tree(**PLAIN), 0).any()
    problem = tree(**PLAIN, **rule)
    assert constraints.blocked(problem, 0).tolist() == [False, False, True]
    variables = declare(new_program("alone"), problem)
    assert (0, 2) not in variables.hold
    assert (0, 0) in variables.hold


def test_rows_are_counted_and_stated_in_the_order_of_the_formulation():
    problem = tree(**PLAIN, limit=[9.0, np.inf], companion=[1, -1, -1], pinned=[[2], []])
    program = new_program("all")
    count = constraints.add_all(program, problem, declare(program, problem))
    rows = program.constraints() if callable(program.constraints) else program.constraints.values()
    names = [row.name.rsplit("_", 1)[0].rstrip("_0123456789") for row in rows]
    assert len(names) == count
    assert list(dict.fromkeys(names)) == [
        "storage",
        "fill_window",
        "serve_limit",
        "service",
        "assignment",
        "companion",
        "pinned",
    ]
