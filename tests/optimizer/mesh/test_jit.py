"""Inlined kernels do what they say, as part of their callers."""

import numba
import numpy as np

from fillplan_optimizer.mesh.jit import inlined


@inlined
def _take(amounts, place):
    """Halve one amount in place; returns what was taken."""
    taken = amounts[place] / 2
    amounts[place] -= taken
    return taken


@numba.njit
def _take_twice(amounts):
    first = _take(amounts, 0)
    return first + _take(amounts, 1)


def test_it_becomes_part_of_its_caller_and_is_not_compiled_by_itself():
    amounts = np.array([8.0, 2.0])
    assert _take_twice(amounts) == 5.0
    assert amounts.tolist() == [4.0, 1.0]
    assert _take.signatures == [], "no call is left"


def test_from_outside_it_is_a_function_like_any_other():
    @inlined
    def double(number):
        """Twice as much."""
        return 2 * number

    assert double(21) == 42 and double.__doc__ == "Twice as much."
    assert double.py_func(4) == 8
