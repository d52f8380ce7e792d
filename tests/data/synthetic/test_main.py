from __future__ import annotations

from pathlib import Path

import pytest

from fillplan_data.errors import NotFound
from fillplan_data.synthetic import __main__ as command


def test_outside_a_checkout_nothing_is_renewed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "SAMPLE", tmp_path / "data" / "sample")
    with pytest.raises(NotFound, match="checkout"):
        command.renew_sample()
    assert list(tmp_path.iterdir()) == []


def test_an_old_sample_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sample = tmp_path / "data" / "sample"
    (sample / "input").mkdir(parents=True)
    (sample / "input" / "old.csv").write_text("a\n")
    (tmp_path / "pyproject.toml").write_text("")
    monkeypatch.setattr(command, "SAMPLE", sample)
    command.renew_sample()
    assert not (sample / "input" / "old.csv").exists() and (sample / "input" / "views.csv").exists()
