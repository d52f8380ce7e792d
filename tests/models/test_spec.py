from pathlib import Path

import pytest

from fillplan_data.errors import NotFound, SettingsError
from fillplan_models.spec import ModelSpec, load_spec, specs_folder


def test_the_shipped_default_says_everything_that_the_code_would_assume():
    shipped = load_spec()
    assert shipped.search and shipped.model_copy(update={"search": {}}) == ModelSpec(name="default")


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
        ('name = "x"\n[sampling]\nrows = true', "sampling.rows.*True"),
        ('name = "x"\n[sampling]\nrows = "900"', "sampling.rows.*'900'"),
        ("name = ", "TOML"),
        ('name = "x"\n[search]\n"booster.round" = { low = 1, high = 2 }', "booster.round"),
        ('name = "x"\n[search]\n"booster.objective" = { low = 1, high = 2 }', "part.key of a number"),
        ('name = "x"\n[search]\n"booster.rounds" = { low = 9, high = 2 }', "low <= high"),
        ('name = "x"\n[search]\n"booster.rounds" = { low = 0, high = 2, log = true }', "above 0"),
        ('name = "x"\n[search]\n"booster.rounds" = { low = 1 }', "low and high"),
        ('name = "x"\n[search]\n"booster.rounds" = { low = 0.5, high = 9, log = true }', "whole numbers.*rounds.*0.5"),
        ('name = "x"\n[search]\n"booster.num_leaves" = { low = 2, high = 7.9 }', "whole numbers.*num_leaves.*7.9"),
        ('name = "x"\n[search]\n"booster.lambda_l2" = { low = 0.1, high = inf }', r"lambda_l2\.high.*finite"),
        ('name = "x"\n[booster]\nlambda_l2 = inf', r"lambda_l2.*finite"),
        ('name = "x"\n[sampling]\ncutoffs = 2', r"toml: \(sampling[^{]*found 5$"),
        ('name = "x"\n[sampling]\ncutoffs = 1\nstep_days = 28', r"holdout_days.*found 1$"),
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


def test_the_text_of_a_spec_reads_back_as_the_same_spec(tmp_path: Path):
    spec = load_spec().with_values({"booster.rounds": 7, "booster.learning_rate": 1e-5, "booster.objective": "poisson"})
    (tmp_path / "again.toml").write_text(spec.as_toml())
    assert load_spec(tmp_path / "again.toml") == spec
    assert (spec.value("booster.rounds"), spec.booster.objective) == (7, "poisson")


def test_values_out_of_bounds_are_refused():
    with pytest.raises(ValueError, match="learning_rate"):
        load_spec().with_values({"booster.learning_rate": 2.0})


def test_every_shipped_search_space_is_within_the_bounds_of_its_keys():
    for path in specs_folder().glob("*.toml"):
        spec = load_spec(path)
        for name, span in spec.search.items():
            for value in span.choices or (span.low, span.high):
                wanted = type(spec.value(name))(value)
                assert spec.with_values({name: wanted}).value(name) == wanted
