import math

import pytest

from fillplan_data.toml_values import as_toml_says


@pytest.mark.parametrize(
    ("value", "taken"), [(7.0, 7), (-1e9, -(10**9)), (0.5, 0.5), (math.inf, math.inf), (True, True), ("7", "7")]
)
def test_whole_numbers_are_whole_and_nothing_else_becomes_a_number(value: object, taken: object) -> None:
    assert as_toml_says(value) == taken
    assert type(as_toml_says(value)) is type(taken)


def test_lists_are_tuples() -> None:
    assert as_toml_says([1, 2.0]) == (1, 2.0)
