"""Reading scenario files: faults with lines all at once, includes, sweeps."""

from pathlib import Path

import pytest

from fillplan.scenarios.faults import refuse
from fillplan.scenarios.file import read_scenarios
from fillplan_data.errors import NotFound, ScenarioError

GOOD = """
[[scenario]]
name = "less demand"
[[scenario.override]]
kind = "demand"
scale = 0.5

[[scenario]]
name = "more storage"
include = ["less demand"]
[[scenario.override]]
kind = "capacity"
column = "storage_bytes"
scale = { from = 1, to = 2, steps = 6 }
"""

BAD = """[[scenario]]
name = "a"
overide = 1

[[scenario.override]]
kind = "capacty"

[[scenario.override]]
kind = "capacity"
column = "storage_bytes"
scale = { from = 1, too = 2 }

[[scenario.override]]
kind = "capacity"
column = "fill_hours"

[[scenario.override]]
kind = "demand"
scale = -1
where = { title_id = [[3]] }

[[scenario]]
name = "a"
include = ["b", "a"]
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "asked.toml"


def test_included_overrides_come_first_and_sweeps_are_laid_out(path: Path) -> None:
    path.write_text(GOOD)
    _, more = read_scenarios(path).scenarios
    assert [placed.override.kind for placed in more.overrides] == ["demand", "capacity"]
    points = more.points()
    assert [value for value, _ in points] == [1.0, 1.2, 1.4, 1.6, 1.8, 2.0]
    assert [overrides[1].override.scale for _, overrides in points] == [1.0, 1.2, 1.4, 1.6, 1.8, 2.0]
    assert more.sweep is not None
    assert more.sweep.words(more.overrides) == "capacity storage_bytes scale"


def test_every_fault_at_once_with_line_expected_and_found(path: Path) -> None:
    path.write_text(BAD)
    faults = read_scenarios(path).faults
    said = {(fault.row, fault.found, fault.remedy) for fault in faults}
    assert said >= {
        (3, "`overide`", "did you mean `override`?"),
        (6, "capacty", "did you mean `capacity`?"),
        (11, "`too`", "did you mean `to`?"),
        (11, "none", "add it"),
        (19, "-1", "correct the value"),
        (20, "[[3]]", "correct the value"),
        (23, "a again", "give each its own name"),
        (24, "b", "known: a, a"),
        (24, "a includes itself", "break the circle"),
    }
    expected = {fault.row: fault.expected for fault in faults}
    assert expected[13] == "either `scale` or `set`"
    assert expected[19] == "a number from 0 to 1e+06"
    with pytest.raises(ScenarioError) as caught:
        refuse(faults)
    assert str(caught.value).count("\n  line ") == len(faults) == 11


@pytest.mark.parametrize("text", ["scenario = 3", "x = 1", ""])
def test_what_is_no_scenario_file(path: Path, text: str) -> None:
    path.write_text(text)
    file = read_scenarios(path)
    assert file.faults
    assert file.scenarios == ()


def test_what_is_no_toml_says_where(path: Path) -> None:
    path.write_text('[[scenario]]\nname = "a"\n[[scenario]\n')
    with pytest.raises(ScenarioError, match="line 3, file: expected TOML"):
        read_scenarios(path)


def test_the_sound_overrides_of_a_faulty_file_are_kept_to_be_tried(path: Path) -> None:
    path.write_text(BAD + '\n[[scenario]]\nname = "c"\n[[scenario.override]]\nkind = "offline"\n')
    (scenario,) = read_scenarios(path).scenarios
    assert (scenario.name, [placed.path for placed in scenario.overrides]) == ("c", [("scenario", 2, "override", 0)])


def test_no_file(path: Path) -> None:
    with pytest.raises(NotFound):
        read_scenarios(path)


def test_two_swept_numbers_are_refused(path: Path) -> None:
    path.write_text(GOOD.replace("scale = 0.5", "scale = { from = 0, to = 1, steps = 2 }"))
    (fault,) = read_scenarios(path).faults
    assert (fault.expected, fault.found) == ("at most one swept number", "2 in more storage")


@pytest.mark.parametrize(
    ("faulty", "tried"),
    [
        ('kind = "capacity"\nwhere = { a = "x" }\ncolumn = "storage_bytes"\nscale = -1', ("capacity", {"a": ["x"]})),
        ('kind = "offline"\nwhere = { region = "ES" }\ndemandd = "origin"', ("capacity", {"region": ["ES"]})),
        ('kind = "codec"\nwhere = { genre = "x" }\nscale = "half"', ("demand", {"genre": ["x"]})),
    ],
)
def test_what_a_faulty_override_selects_is_tried_all_the_same(path: Path, faulty: str, tried: tuple) -> None:
    path.write_text(f'[[scenario]]\nname = "a"\n[[scenario.override]]\n{faulty}\n')
    file = read_scenarios(path)
    (placed,) = file.scenarios[0].overrides
    assert len(file.faults) == 1
    assert (placed.override.kind, {k: list(v) for k, v in placed.override.where.items()}) == tried
