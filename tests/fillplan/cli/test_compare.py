"""`compare` end to end on small workspaces: causes, tolerances, runs without tables, the page."""

import json
import os
import shutil

import pandas as pd
import pytest

from fillplan.cli.app import run
from fillplan.comparison.attribution import CAUSES, OTHER
from tests.fillplan.conftest import SMALL


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A planned workspace."""
    folder = tmp_path_factory.mktemp("compare") / "first"
    (folder / "input").mkdir(parents=True)
    for name, content in SMALL.items():
        content = content.replace("de1,m1fr,,pin\n,m1v,,pin\n", "") if name == "pins" else content
        content = content.replace(",2000,8,", ",2000,8000,").replace(",1000,8,", ",1000,8000,")
        (folder / "input" / f"{name}.csv").write_text(content)
    (folder / "fillplan.toml").write_text('[run]\nthreads = 1\n[plan]\nsolver = "exact"\n')
    assert run(["plan", str(folder), "--json"]) == 0
    return folder


def changed(base, tmp_path, table="", old="", new="", settings="", demand_times=None):
    """A copy with one thing changed, planned on the same demand unless that is what changes."""
    folder = tmp_path / "second"
    tmp_path.mkdir(exist_ok=True)
    shutil.copytree(base, folder)
    if table:
        path = folder / "input" / f"{table}.csv"
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))
    (folder / "fillplan.toml").write_text('[run]\nthreads = 1\n[plan]\nsolver = "exact"\n' + settings)
    demand = pd.read_parquet(base / "runs" / "2026-03-08" / "demand.parquet")
    demand["expected_bytes"] *= demand_times or 1.0
    demand.to_parquet(tmp_path / "demand.parquet")
    command = ["plan", str(folder), "--date", "2026-03-08", "--demand", str(tmp_path / "demand.parquet"), "--json"]
    assert run(command) == 0
    return folder


def answer(capsys, *arguments):
    capsys.readouterr()
    code = run(["compare", *map(str, arguments), "--json"])
    return code, json.loads(capsys.readouterr().out)


CHANGES = {
    "demand": {"demand_times": 2.0},
    "capacity": {"table": "caches", "old": "fr1,mid,FR,0.8,1000", "new": "fr1,mid,FR,0.8,5"},
    "content": {"table": "availability", "old": "m2,DE,2026-01-01,", "new": "m2,DE,2026-01-01,2026-01-31"},
    "policy": {"settings": "peak_to_mean = 100.0\n"},
}


@pytest.mark.parametrize("cause", CHANGES)
def test_the_difference_falls_to_what_was_changed(base, tmp_path, capsys, cause):
    code, made = answer(capsys, base, changed(base, tmp_path, **CHANGES[cause]))
    assert code == 0
    for metric, parts in made["attribution"].items():
        assert sum(parts[c] for c in (*CAUSES, OTHER)) == pytest.approx(parts["total"], abs=1e-6)
        assert parts["total"] == pytest.approx(made["difference"][metric], abs=0.5)
        assert parts[cause] == pytest.approx(parts["total"], abs=1e-6)
    if cause in ("demand", "content"):
        assert made["difference"]["value"] != 0


def test_two_causes_share_the_whole(base, tmp_path, capsys):
    second = changed(base, tmp_path, **CHANGES["capacity"], demand_times=3.0)
    parts = answer(capsys, base, second)[1]["attribution"]["value"]
    assert parts["demand"] != 0
    assert parts["content"] == parts["policy"] == 0
    assert sum(parts[c] for c in (*CAUSES, OTHER)) == pytest.approx(parts["total"], abs=1e-9)


def test_a_run_is_as_itself(base, capsys):
    code, made = answer(capsys, base, base / "runs" / "2026-03-08", "--tolerance", "offload=0")
    assert code == 0
    assert set(made["difference"].values()) == {0.0}
    assert {row["difference"] for row in made["caches"] + made["titles"]} == {0.0}


def test_tolerances_make_it_a_check(base, tmp_path, capsys):
    second = changed(base, tmp_path, demand_times=2.0)
    limits = ("--tolerance", "requested_bytes=50%", "--tolerance", "requested_bytes=150%")
    code, made = answer(capsys, base, second, *limits)
    assert (code, made["ok"], made["exit_code"]) == (14, False, 14)
    assert [row["name"] for row in made["exceeded"]] == ["requested_bytes"]
    assert run(["compare", str(base), str(second), *limits[:2]]) == 14
    assert "was allowed" in capsys.readouterr().out
    assert run(["compare", str(base), str(second), "--tolerance", "offlod=1%"]) == 2


def test_runs_whose_tables_are_gone_keep_their_figures(base, tmp_path, capsys):
    alone = shutil.copytree(base / "runs" / "2026-03-08", tmp_path / "alone")
    code, made = answer(capsys, base, alone)
    assert code == 0
    assert made["attribution"] is None
    assert made["by"] == "asset_id"
    assert any("gone" in note for note in made["notes"])
    assert answer(capsys, base, tmp_path)[0] == 5


def test_the_page_stands_alone_and_escapes(base, tmp_path, capsys):
    second = changed(base, tmp_path / "<b>bold", demand_times=2.0)
    page = tmp_path / "compare.html"
    assert run(["compare", str(base), str(second), "--html", str(page)]) == 0
    text = page.read_text()
    assert "What the difference is due to" in text
    assert "http://" not in text
    assert "https://" not in text
    assert "<b>bold" not in text
    assert "&lt;b&gt;bold" in text


@pytest.mark.parametrize("option", ["--html", "--md"])
def test_the_folder_of_a_file_asked_for_is_made(base, tmp_path, option):
    file = tmp_path / "new" / "compare"
    assert run(["compare", str(base), str(base), option, str(file)]) == 0
    assert file.stat().st_size


@pytest.mark.parametrize("option", ["--html", "--md"])
def test_no_pipe_is_replaced(base, tmp_path, option):
    os.mkfifo(tmp_path / "pipe")
    assert run(["compare", str(base), str(base), option, str(tmp_path / "pipe")]) == 11
    assert (tmp_path / "pipe").is_fifo()


def test_two_workspaces_of_one_date_are_told_apart(base, tmp_path, capsys):
    second = changed(base, tmp_path, demand_times=2.0)
    _, made = answer(capsys, base, second)
    labels = [made[side]["label"] for side in ("a", "b")]
    assert labels == [f"plan for 8 Mar 2026, {folder}" for folder in (base, second)]
    assert not any("in both" in note for note in made["notes"])
    caches = second / "runs" / "2026-03-08" / "plan.json"
    caches.write_text(caches.read_text().replace('"fr1"', '"x1"').replace('"de1"', '"y1"'))
    shutil.rmtree(second / "input")
    assert (
        "Only 1 of 5 caches are in both: these look like different networks."
        in answer(capsys, base, second / "runs" / "2026-03-08")[1]["notes"]
    )


def test_a_narrow_terminal_loses_no_figure(base, tmp_path, capsys, monkeypatch):
    other = changed(base, tmp_path, demand_times=1.5)
    monkeypatch.setenv("COLUMNS", "40")
    capsys.readouterr()
    assert run(["compare", str(base), str(other)]) == 0
    assert "…" not in capsys.readouterr().out
