"""Messages of pydantic in the words of this house."""

import pytest

from fillplan.wording import in_house_words


@pytest.mark.parametrize(
    ("said", "ours"),
    [
        ("Input should be greater than or equal to 0", "expected at least 0"),
        ("Input should be less than or equal to 0.5", "expected at most 0.5"),
        ("Input should be a valid string", "expected a string"),
        ("Input should be a valid tuple", "expected a list"),
        ("Input should be 'auto', 'exact' or 'greedy'", "expected 'auto', 'exact' or 'greedy'"),
        ("Value error, expected one of no, yes", "expected one of no, yes"),
        ("Invalid value for '--size': expected tiny", "Invalid value for '--size': expected tiny"),
    ],
)
def test_what_was_expected(said: str, ours: str) -> None:
    assert in_house_words(said) == ours
