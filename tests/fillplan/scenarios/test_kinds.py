"""Every kind of override is described and tested."""

from pathlib import Path

from fillplan.scenarios.apply import APPLY
from fillplan.scenarios.kinds import KINDS, scenarios_document, sweeps_of


def test_every_kind_is_tested_beside_its_function() -> None:
    told = {"move_launch": "moved_and_cancelled_launches", "cancel_launch": "moved_and_cancelled_launches"}
    for kind, function in APPLY.items():
        module = function.__module__.rpartition(".")[2]
        tests = Path(__file__).with_name(f"test_{module}.py").read_text(encoding="utf-8")
        assert f"def test_{told.get(kind, kind)}" in tests, kind
    assert set(APPLY) == set(KINDS)


def test_document_is_current() -> None:
    document = (Path(__file__).parents[3] / "docs" / "scenarios.md").read_text(encoding="utf-8")
    assert document == scenarios_document(), "renew with: make docs"
    assert all(f"## {kind}" in document for kind in KINDS)


def test_document_has_the_words_that_a_key_allows() -> None:
    document = scenarios_document()
    assert "or the origin alone: `parent`, `siblings`, `origin`; default: `parent` |" in document
    assert "| `end` | which end: `low`, `high` (required) |" in document


def test_the_share_of_a_new_cache_may_be_swept() -> None:
    swept = {"from": 0.1, "to": 0.5, "steps": 5}
    cache = KINDS["new_cache"].model_validate(
        {"kind": "new_cache", "cache_id": "a", "like": "b", "region_share": swept}
    )
    assert sweeps_of(cache) == ["region_share"]
