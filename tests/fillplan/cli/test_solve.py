"""`fillplan solve hashcode` as users meet it."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from fillplan_data.errors import AlreadyExists
from tests.fillplan.cli.test_app import fillplan
from tests.optimizer.hashcode.contest import make, text


def test_an_instance_in_a_submission_out(tmp_path):
    instance = make(20, 5, 60, 3, 60, 30, (1, 3), seed=0)
    (tmp_path / "case.in").write_text(text(instance))
    done = fillplan("solve", "hashcode", tmp_path / "case.in", "--out", tmp_path / "case.out", "--json")
    answer = json.loads(done.stdout)
    assert done.returncode == 0 and answer["ok"] and answer["proven"] and answer["gap"] == 0
    lines = (tmp_path / "case.out").read_text().splitlines()
    files = [[] for _ in range(3)]
    for line in lines[1:]:
        cache, *videos = map(int, line.split())
        files[cache] = videos
    assert len(lines) == int(lines[0]) + 1
    assert instance.score(instance.saved_ms(files)) == answer["score"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["case.in", "case.out"]


def test_faults_and_places_that_cannot_be_written(tmp_path):
    (tmp_path / "bad.in").write_text("1 1 1 1 1\n0\n5 0\n0 0 0\n")
    done = fillplan("solve", "hashcode", tmp_path / "bad.in", "--out", tmp_path / "out", "--json")
    answer = json.loads(done.stdout)
    assert done.returncode == 3 and [fault["row"] for fault in answer["faults"]] == [2, 4]
    assert fillplan("solve", "hashcode", tmp_path / "none", "--out", tmp_path / "out").returncode == 5
    assert fillplan("solve", "hashcode", tmp_path / "bad.in", "--out", tmp_path).returncode == 11
    assert fillplan("solve", "hashcode", tmp_path / "bad.in", "--out", tmp_path / ("n" * 300)).returncode == 11


def test_the_instance_is_not_overwritten_and_time_is_finite(tmp_path):
    content = text(make(20, 5, 60, 3, 60, 30, (1, 3), seed=0))
    (tmp_path / "case.in").write_text(content)
    (tmp_path / "link").symlink_to(tmp_path / "case.in")
    for out in ("case.in", "link"):
        done = fillplan("solve", "hashcode", tmp_path / "case.in", "--out", tmp_path / out)
        assert done.returncode == AlreadyExists.exit_code
    assert (tmp_path / "case.in").read_text() == content
    endless = fillplan("solve", "hashcode", tmp_path / "case.in", "--out", tmp_path / "out", "--time-limit", "inf")
    assert endless.returncode == 2


def test_no_pipe_or_device_is_replaced_and_links_are_followed(tmp_path):
    (tmp_path / "case.in").write_text(text(make(20, 5, 60, 3, 60, 30, (1, 3), seed=0)))
    os.mkfifo(tmp_path / "pipe")
    assert fillplan("solve", "hashcode", tmp_path / "case.in", "--out", tmp_path / "pipe").returncode == 11
    assert (tmp_path / "pipe").is_fifo()
    (tmp_path / "link").symlink_to(tmp_path / "case.out")
    assert fillplan("solve", "hashcode", tmp_path / "case.in", "--out", tmp_path / "link").returncode == 0
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "case.out").read_text()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_the_best_so_far(tmp_path, number):
    instance = make(300, 20, 1_500, 15, 400, 60, (2, 8), seed=0)
    (tmp_path / "case.in").write_text(text(instance))
    command = [sys.executable, "-m", "fillplan", "solve", "hashcode", tmp_path / "case.in", "--out", tmp_path / "out"]
    with subprocess.Popen([*command, "--time-limit", "300", "--json"], stdout=subprocess.PIPE) as run:
        time.sleep(6)  # past the imports; when exactly is no matter
        run.send_signal(number)
        answer = json.loads(run.communicate(timeout=60)[0])
    assert run.returncode == 0 and answer["interrupted"] and answer["score"] > 0
    assert (tmp_path / "out").read_text().splitlines()


def test_a_time_limit_holds(tmp_path):
    (tmp_path / "case.in").write_text(text(make(2_000, 100, 20_000, 60, 1_000, 200, (20, 60), seed=0)))
    begin = time.perf_counter()
    done = fillplan("solve", "hashcode", tmp_path / "case.in", "--out", tmp_path / "out", "--time-limit", 5, "--json")
    assert time.perf_counter() - begin < 30  # imports, and kernels that may still have to be compiled
    assert json.loads(done.stdout)["seconds"] < 15
