"""What `compare` shows of two sides: figures in their units, causes, the largest differences, broken tolerances."""

import json
from typing import Any

import pytest

from fillplan.cli.render_compare import SHOWN, compared
from fillplan.report.compare_page import CAUSE_WORDS, FIGURES
from fillplan.report.formats import NARROW

Capture = pytest.CaptureFixture[str]


def row(name: str, a: float | None, b: float | None) -> dict[str, Any]:
    sides = {side: None if count is None else {"expected_bytes": count} for side, count in (("a", a), ("b", b))}
    return {"cache_id": name, "title_id": name, **sides, "difference": (b or 0.0) - (a or 0.0)}


def made(**changed: Any) -> dict[str, Any]:
    """Side b serves 1 GB more of 10 GB."""
    zero = dict.fromkeys(FIGURES, 0.0)
    a = {**zero, "offload": 0.5, "served_bytes": 5e9}
    b = {**zero, "offload": 0.6, "served_bytes": 6e9}
    return {
        "ok": True,
        "a": {"label": "first [b]", "figures": a},
        "b": {"label": "second", "figures": b},
        "difference": {name: b[name] - a[name] for name in a},
        "attribution": None,
        "exceeded": [],
        "caches": [row("c-more", 1e9, 3e9), row("c-same", 1e9, 1e9), row("c-gone", 2e9, None)],
        "regions": [{"region": "BR", "a": {"requested_bytes": 7e9}, "b": None, "difference": -7e9}],
        "by": "title_id",
        "titles": [],
        "notes": [],
    } | changed


def shown(capsys: Capture, **changed: Any) -> tuple[int, str]:
    code = compared(made(**changed), as_json=False)
    return code, capsys.readouterr().out.replace(NARROW, " ")


def test_figures_stand_in_their_units_and_shares_differ_by_points(capsys: Capture) -> None:
    code, told = shown(capsys)
    assert code == 0
    (offload,) = (line for line in told.splitlines() if "Offload" in line)
    assert all(words in offload for words in ("50.0 %", "60.0 %", "+10.0 points"))
    (served,) = (line for line in told.splitlines() if "Served by caches" in line)
    assert all(words in served for words in ("5.00 GB", "6.00 GB", "+1.00 GB"))
    assert "first [b]" in told, "names are no markup"
    assert "due to" not in told


@pytest.mark.parametrize(("by", "heading"), [("title_id", "Titles"), ("asset_id", "Files")])
def test_what_is_listed_is_called_what_it_is(capsys: Capture, by: str, heading: str) -> None:
    moved = [{**row("x1", 1e9, 2e9), "asset_id": "x1"}]
    told = shown(capsys, by=by, titles=moved)[1]
    assert {word for word in ("Titles", "Files") if f"{word}, largest" in told} == {heading}


def test_rows_that_do_not_differ_are_left_out_and_a_missing_side_is_a_dash(capsys: Capture) -> None:
    _, told = shown(capsys)
    assert "c-same" not in told
    (gone,) = (line for line in told.splitlines() if "c-gone" in line)
    assert "2.00 GB" in gone and "–" in gone and "−2.00 GB" in gone


def test_regions_stand_with_what_they_request(capsys: Capture) -> None:
    told = shown(capsys)[1]
    (line,) = (line for line in told.splitlines() if "BR" in line)
    assert "7.00 GB" in line and "−7.00 GB" in line


def test_no_more_rows_than_the_largest(capsys: Capture) -> None:
    rows = [row(f"t{n:02d}", 0, 100 - n) for n in range(SHOWN + 3)]
    _, told = shown(capsys, titles=rows)
    assert [f"t{n:02d}" in told for n in range(SHOWN + 3)] == [True] * SHOWN + [False] * 3


def test_causes_have_a_row_each(capsys: Capture) -> None:
    parts = dict.fromkeys(CAUSE_WORDS, 0.0) | {"demand": 0.15, "policy": -0.05, "total": 0.1}
    _, told = shown(capsys, attribution={"offload": parts})
    told = told[told.index("What the") :]
    lines = {line.split()[1]: line for line in told.splitlines() if "points" in line}
    assert "+15.0 points" in lines["demand"]
    assert "−5.00 points" in lines["policy"]
    assert "+10.0 points" in lines["total"]


def test_a_broken_tolerance_is_told_and_is_the_exit_code(capsys: Capture) -> None:
    broken = [{"name": "offload", "difference": 0.1, "tolerance": 0.02}]
    code, told = shown(capsys, exceeded=broken, notes=["a note [red]"])
    assert code == 14
    assert "Offload moved by +10.0 points; at most 2.0 % was allowed" in " ".join(told.split())
    assert "a note [red]" in told
    assert compared(made(exceeded=broken), as_json=True) == 14
    data = json.loads(capsys.readouterr().out)
    assert (data["ok"], data["exit_code"]) == (False, 14)
    compared(made(), as_json=True)
    data = json.loads(capsys.readouterr().out)
    assert (data["ok"], data["exit_code"]) == (True, 0)
