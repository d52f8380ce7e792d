"""Messages of pydantic in the words of this house, and counts."""

import pytest

from fillplan_data.wording import counted, in_house_words


@pytest.mark.parametrize(
    ("said", "ours"),
    [
        ("Input should be greater than or equal to 0", "expected at least 0"),
        ("Input should be less than or equal to 0.5", "expected at most 0.5"),
        ("Input should be a valid string", "expected a string"),
        ("Input should be a valid tuple", "expected a list"),
        ("Input should be a valid dictionary or instance of PlanSettings", "expected a section with keys of its own"),
        ("Input should be a valid dictionary or instance of Policy", "expected the name of a policy, or a file's path"),
        ("String should have at least 1 character", "expected at least 1 character"),
        ("Tuple should have at most 9 items after validation, not 10", "expected at most 9 items"),
        ("String should match pattern '^[a-z]+$'", "expected a word of the form '^[a-z]+$'"),
        ("Input should be 'auto', 'exact' or 'greedy'", "expected 'auto', 'exact' or 'greedy'"),
        ("Value error, expected one of no, yes", "expected one of no, yes"),
        ("Invalid value for '--size': expected tiny", "Invalid value for '--size': expected tiny"),
    ],
)
def test_what_was_expected(said: str, ours: str) -> None:
    assert in_house_words(said) == ours


def test_counts_agree_with_their_words() -> None:
    assert [counted(n, "fault") for n in (0, 1, 2, 1200)] == ["0 faults", "1 fault", "2 faults", "1,200 faults"]
