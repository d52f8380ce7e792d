"""What a library says of a wrong value, in the words of this house: what was expected."""

from __future__ import annotations

import re

_WORDS = (
    (r"Value error, '[^']*' does not match the formats '%Y-%m-%d'\.?", "expected a date as YYYY-MM-DD"),
    (r"Value error, ", ""),
    (r"Input should be a valid integer(, .*)?", "expected a whole number"),
    (r"Input should be a valid number(, .*)?", "expected a number"),
    (r"Input should be a valid boolean(, .*)?", "expected true or false"),
    (r"Input should be a valid tuple", "expected a list"),
    (r"Input should be a valid dictionary or instance of Policy", "expected the name of a policy, or a file's path"),
    (r"Input should be a valid dictionary or instance of \w+", "expected a section with keys of its own"),
    (r"(?:String|Tuple) should have (at (?:least|most) \d+ \w+)( after validation, not \d+)?", r"expected \1"),
    (r"String should match pattern ", "expected a word of the form "),
    (r"Input should be (?:a valid |an instance of )(\w+)", r"expected a \1"),
    (r"Input should be greater than or equal to (\S+)", r"expected at least \1"),
    (r"Input should be less than or equal to (\S+)", r"expected at most \1"),
    (r"Input should be greater than (\S+)", r"expected more than \1"),
    (r"Input should be ", "expected "),
)


def in_house_words(message: str) -> str:
    """A message of pydantic, said as the others are: what was expected; other messages are left as they are."""
    for said, ours in _WORDS:
        message = re.sub(said, ours, message)
    return message


def counted(number: int, one: str) -> str:
    """'1 fault', '1,200 faults'."""
    return f"{number:,} {one}{'' if number == 1 else 's'}"
