from pathlib import Path

import pytest

from fillplan_data.errors import NotFound, SettingsError
from fillplan_models.spec import ModelSpec, load_spec, specs_folder


def test_the_shipped_default_says_everything_that_the_code_would_assume():
    assert load_spec() == ModelSpec(name="default")


def test_every_shipped_spec_loads():
    names = [path.stem for path in specs_folder().glob("*.toml")]
    assert "default" in names
    assert [load_spec(name).name for name in names] == names


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('name = "x"\n[booster]\nround = 3', "booster.round"),
        ('name = "x"\n[sampling]\nrows = -1', "sampling.rows"),
        ('name = "x"\n[sampling]\ncutoffs = 2', "holdout_days"),
        ('name = "x y"', "name"),
        ("name = ", "TOML"),
    ],
)
def test_unknown_keys_bad_values_and_broken_toml_are_refused(tmp_path: Path, text: str, message: str):
    path = tmp_path / "spec.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=message):
        load_spec(path)


def test_a_spec_that_is_not_there_names_those_that_are():
    with pytest.raises(NotFound, match="default"):
        load_spec("none")


def test_specs_are_frozen():
    with pytest.raises(ValueError, match="frozen"):
        load_spec().booster.rounds = 3
