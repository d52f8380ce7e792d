"""Manifests: header, digest, order, and damage found."""

import hashlib
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from fillplan.manifests import check_manifests, make_manifests
from fillplan.plan import Plan
from fillplan_data.errors import VerificationFailed

DAY = date(2026, 3, 8)
CACHES = ("a", "b")


@pytest.fixture
def plan() -> Plan:
    rows = pd.DataFrame(
        [
            ("a", "x", "add", 2, "origin", 10, 5.0, 1.0),
            ("a", "y", "add", 1, "b", 20, 5.0, 1.0),
            ("a", "gone", "evict", pd.NA, None, pd.NA, 0.0, 0.0),
            ("a", "z", "keep", pd.NA, None, 30, 5.0, 1.0),
        ],
        columns=["cache_id", "asset_id", "action", "priority", "source", "size_bytes", "expected_bytes", "value"],
    ).astype({"priority": "Int64", "size_bytes": "Int64"})
    rows["cache_id"] = pd.Categorical(rows["cache_id"], categories=list(CACHES))
    return Plan(rows.sort_values(["cache_id", "action", "priority"], ignore_index=True))


@pytest.fixture
def written(plan: Plan, tmp_path: Path) -> Path:
    for manifest in make_manifests(plan, DAY):
        manifest.write(tmp_path)
    return tmp_path


def test_header_and_lines(written: Path) -> None:
    head, _, body = (written / "a.jsonl").read_bytes().partition(b"\n")
    header, lines = json.loads(head), [json.loads(line) for line in body.splitlines()]
    assert header == {
        "cache_id": "a",
        "plan_date": "2026-03-08",
        "format_version": 1,
        "asset_count": 4,
        "fill_bytes": 30,
        "sha256": hashlib.sha256(body).hexdigest(),
    }
    assert [(line["action"], line["asset_id"]) for line in lines] == [
        ("evict", "gone"),
        ("add", "y"),
        ("add", "x"),
        ("keep", "z"),
    ]
    assert lines[1] == {"action": "add", "asset_id": "y", "size_bytes": 20, "priority": 1, "source": "b"}
    assert lines[0] == {"action": "evict", "asset_id": "gone"}


def test_a_cache_with_nothing_to_do_has_a_manifest(written: Path) -> None:
    header = json.loads((written / "b.jsonl").read_text().splitlines()[0])
    assert (header["asset_count"], header["fill_bytes"]) == (0, 0)


def test_intact_manifests_pass(written: Path, plan: Plan) -> None:
    before = {path.name: path.read_bytes() for path in written.iterdir()}
    check_manifests(written, plan, CACHES, DAY)  # raises if anything is wrong
    assert {path.name: path.read_bytes() for path in written.iterdir()} == before


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda f: (f / "a.jsonl").unlink(), "a: manifest missing"),
        (lambda f: (f / "c.jsonl").write_text("{}\n"), "c: manifest of a cache that the plan does not know"),
        (lambda f: (f / "a.jsonl").write_bytes((f / "a.jsonl").read_bytes()[:-1]), "a.jsonl: content differs"),
        (lambda f: (f / "a.jsonl").write_bytes(b""), "a.jsonl: content differs"),
        (lambda f: (f / "a.jsonl").write_bytes((f / "b.jsonl").read_bytes()), "a.jsonl: content differs"),
        (lambda f: (f / "a.jsonl").write_bytes(b"\xff\xfe{garbage\n"), "a.jsonl: content differs"),
    ],
)
def test_damage_is_found(written: Path, plan: Plan, damage: Callable[[Path], object], said: str) -> None:
    damage(written)
    with pytest.raises(VerificationFailed, match=said):
        check_manifests(written, plan, CACHES, DAY)


def test_a_manifest_of_another_day_is_refused(written: Path, plan: Plan) -> None:
    with pytest.raises(VerificationFailed, match="2 manifest fault"):
        check_manifests(written, plan, CACHES, date(2026, 3, 9))
