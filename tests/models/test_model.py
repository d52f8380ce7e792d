"""Models on disk: every bit comes back, and what is damaged is refused with its place."""

import json
from dataclasses import replace

import numpy as np
import pytest

from fillplan_data.errors import ModelError
from fillplan_models.model import BOOSTER_FILE, MODEL_FILE, REACH_FILES, load
from fillplan_models.reach import fit_reach
from fillplan_models.sampling import training_rows


def test_boosters_of_the_reach_are_saved_and_scale_the_intervals(panel, quick_spec, model, tmp_path):
    rows = training_rows(panel, quick_spec.sampling, 3)
    scaled = replace(model, reach=fit_reach(rows, quick_spec, 3))
    scaled.save(tmp_path)
    mine, theirs, plain = scaled.forecast(panel), load(tmp_path).forecast(panel), model.forecast(panel)
    for name in ("view_hours", "low", "high"):
        assert np.array_equal(getattr(mine, name), getattr(theirs, name))
    assert np.array_equal(mine.view_hours, plain.view_hours) and not np.array_equal(mine.high, plain.high)
    assert np.all((mine.low <= mine.view_hours) & (mine.view_hours <= mine.high))
    (tmp_path / REACH_FILES[1]).unlink()
    with pytest.raises(ModelError, match=REACH_FILES[1]):
        load(tmp_path)


def test_saving_and_loading_keeps_every_bit(panel, model, tmp_path):
    model.save(tmp_path / "deep" / "model")
    loaded = load(tmp_path / "deep" / "model")
    assert loaded.spec == model.spec and loaded.info == model.info and loaded.name == "boosted:quick"
    mine, theirs = model.forecast(panel), loaded.forecast(panel)
    for name in ("view_hours", "low", "high"):
        assert np.array_equal(getattr(mine, name), getattr(theirs, name))
    loaded.save(tmp_path / "again")
    for path in (tmp_path / "again").iterdir():
        assert path.read_bytes() == (tmp_path / "deep" / "model" / path.name).read_bytes()


@pytest.mark.parametrize(
    "harm",
    [
        lambda folder: (folder / MODEL_FILE).unlink(),
        lambda folder: (folder / BOOSTER_FILE).unlink(),
        lambda folder: (folder / BOOSTER_FILE).write_text("tree\n"),
        lambda folder: (folder / BOOSTER_FILE).write_bytes((folder / BOOSTER_FILE).read_bytes()[:-100]),
        lambda folder: (folder / MODEL_FILE).write_text("{}"),
        lambda folder: (folder / MODEL_FILE).write_text("[1]"),
        lambda folder: (folder / MODEL_FILE).write_text("not json"),
        lambda folder: (folder / MODEL_FILE).write_text(
            (folder / MODEL_FILE).read_text().replace('"bands"', '"bonds"')
        ),
        lambda folder: (folder / MODEL_FILE).write_bytes(b"\xff\xfe"),
    ],
)
def test_a_damaged_model_is_refused_with_its_place(model, tmp_path, harm):
    model.save(tmp_path)
    harm(tmp_path)
    with pytest.raises(ModelError, match=f"{tmp_path}.*train again"):
        load(tmp_path)


@pytest.mark.parametrize(
    "harm",
    [
        lambda saved: saved["bands"].update(lower=[[1.0]]),
        lambda saved: saved["bands"]["upper"][0].__setitem__(3, 0.5),
        lambda saved: saved["bands"]["lower"][2].__setitem__(3, float("nan")),
        lambda saved: saved.update(bands="none"),
        lambda saved: saved.update(trust=[0.5, 0.5, 5.0]),
        lambda saved: saved.update(trust=[0.5, 0.5, None]),
    ],
)
def test_intervals_and_trust_that_no_training_gives_are_refused(model, tmp_path, harm):
    model.save(tmp_path)
    saved = json.loads((tmp_path / MODEL_FILE).read_text())
    harm(saved)
    (tmp_path / MODEL_FILE).write_text(json.dumps(saved))
    with pytest.raises(ModelError, match="train again"):
        load(tmp_path)


def test_a_model_that_was_never_there(tmp_path):
    with pytest.raises(ModelError, match="train again"):
        load(tmp_path / "nothing")
