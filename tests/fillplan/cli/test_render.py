"""What commands show, on a pipe as these tests read it."""

import pytest

from fillplan.cli import render

FAR = "/data/a[red]b/" + "long-folder-name/" * 8


def test_paths_are_shown_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    render.started({"workspace": FAR, "size": "tiny", "seed": 1}, as_json=False)
    render.trained({"model": "m[b]", "champion": True, "trial": "won", "folder": FAR}, as_json=False)
    made = {"view_hours": 1.0, "plan_date": "2026-03-08", "method": "m[b]", "cold_series": 0, "file": FAR}
    render.forecasted(made, as_json=False)
    told = capsys.readouterr().out
    assert told.count(FAR) == 4
    assert told.count("m[b]") == 2
