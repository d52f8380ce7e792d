"""Faults of a scenario file in the words and the order in which they are told."""

import pytest

from fillplan.scenarios.faults import Misfit, Misfits, dotted, fault, nearest, refuse, refuse_misfits
from fillplan_data.errors import ScenarioError


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (("scenario", 0, "override", 2, "scale"), "scenario 1, override 3, scale"),
        (("scenario", 1), "scenario 2"),
        (("include",), "include"),
        (("where", "title_id", 0), "where, title_id 1"),
        ((), ""),
    ],
)
def test_places_are_counted_from_one_as_people_do(path: tuple[str | int, ...], words: str) -> None:
    assert dotted(path) == words


def test_faults_are_listed_by_line_and_those_of_no_line_at_the_end() -> None:
    found = [
        fault("q.toml", None, ("c",), "x", "y", "z"),
        fault("q.toml", 9, ("b",), "x", "y", "z"),
        fault("q.toml", 2, ("a",), "x", "y", "z"),
    ]
    with pytest.raises(ScenarioError) as caught:
        refuse(found)
    assert [told.column for told in caught.value.faults] == ["a", "b", "c"]
    assert str(caught.value).splitlines() == [
        "q.toml has 3 faults:",
        "  line 2, a: expected x, found y; z",
        "  line 9, b: expected x, found y; z",
        "  c: expected x, found y; z",
    ]
    with pytest.raises(ScenarioError, match="has 1 fault:"):
        refuse(found[:1])
    with pytest.raises(ScenarioError, match="has 2 faults:"):
        refuse(found[:2])
    refuse([])


def test_one_misfit_is_raised_itself_and_several_together() -> None:
    one, other = (Misfit((name,), "x", "y", "z") for name in "ab")
    refuse_misfits([])
    with pytest.raises(Misfit) as single:
        refuse_misfits([one])
    assert single.value is one
    with pytest.raises(Misfits) as both:
        refuse_misfits([one, other])
    assert both.value.each == (one, other)


def test_who_errs_is_told_the_nearest_or_what_there_is() -> None:
    assert nearest("storage_byte", ["fill_hours", "storage_bytes"]) == "did you mean `storage_bytes`?"
    assert nearest("x", ["aa", "bb"], "keys") == "known keys: aa, bb"
    assert nearest("x", []) == "known: "
    many = [f"name{n}" for n in range(13)]
    assert nearest("?", many[:12]).endswith("name11")
    assert nearest("?", many).endswith("name11, ...")
