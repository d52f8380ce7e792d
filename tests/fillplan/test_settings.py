"""fillplan.toml: defaults, bounds, unknown keys."""

from pathlib import Path

import pytest

from fillplan.settings import PlanSettings, Settings, read_settings, settings_document
from fillplan_data.errors import NotFound, SettingsError
from fillplan_models.forecasters.choice import SIMPLE_METHODS

ROOT = Path(__file__).parents[2]


def write(folder: Path, content: str) -> Path:
    (folder / "fillplan.toml").write_text(content)
    return folder


def test_defaults_where_there_is_no_file(tmp_path: Path) -> None:
    settings = read_settings(tmp_path)
    assert settings == Settings()
    assert (settings.plan.horizon_days, settings.plan.peak_to_mean) == (7, 2.0)


def test_values_are_read(tmp_path: Path) -> None:
    assert read_settings(write(tmp_path, "[plan]\nhorizon_days = 3\n")).plan.horizon_days == 3
    whole = read_settings(write(tmp_path, "[plan]\nhorizon_days = 3.0\npeak_to_mean = 2\n[publish]\ngroups = ['a']\n"))
    assert (whole.plan.horizon_days, whole.plan.peak_to_mean, whole.publish.groups) == (3, 2.0, ("a",))


def test_every_simple_method_may_be_named(tmp_path: Path) -> None:
    for method in SIMPLE_METHODS:
        settings = read_settings(write(tmp_path, f"[forecast]\nmethod = '{method.name}'\n"))
        assert settings.forecast.method == method.name


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[plan]\nhorizon_day = 3", "plan.horizon_day: unknown key; did you mean `plan.horizon_days`?"),
        ("[plann]\n", "plann: unknown section; did you mean `plan`?"),
        ("[plan]\nhorizon_days = 0", "plan.horizon_days: expected at least 1; found 0"),
        ("[plan]\npeak_to_mean = nan", "plan.peak_to_mean"),
        ("[plan]\nsolver = 'magic'", "found 'magic'"),
        ("plan = 3", "plan:"),
        ("[gates]\nstale_days = 'soon'", "gates.stale_days: expected a number; found 'soon'"),
        (
            "[foo]\nx = 1",
            "foo: unknown section; sections there are: run, train, forecast, plan, ",
        ),
        ("[run]\nqqqqqqqqqq = 1", "run.qqqqqqqqqq: unknown key; keys there are: run.seed, run.threads"),
        ("[plan", "not a readable TOML file"),
        ("[plan]\nhorizon_days = true", "plan.horizon_days: expected a whole number; found True"),
        ("[plan]\nhorizon_days = '7'", "plan.horizon_days: expected a whole number; found '7'"),
        ("[plan]\nhorizon_days = 7.5", "plan.horizon_days: expected a whole number; found 7.5"),
        ("[gates]\nevicted = true", "gates.evicted: expected a number; found True"),
        ("[plan]\npolicy = { floor = { lowest_rung = 1 } }", "lowest_rung: expected true or false; found 1"),
    ],
)
def test_faults_are_named(tmp_path: Path, content: str, said: str) -> None:
    with pytest.raises(SettingsError, match=r"fillplan\.toml") as caught:
        read_settings(write(tmp_path, content))
    assert said in str(caught.value)


def test_all_faults_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"2 faults"):
        read_settings(write(tmp_path, "[plan]\nhorizon_days = 0\nwrong = 1\n"))


def test_settings_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().plan.horizon_days = 3  # type: ignore[misc]


def test_document_is_current() -> None:
    assert (ROOT / "docs" / "settings.md").read_text() == settings_document(), "renew with: make docs"


def test_a_policy_is_named_or_lies_in_the_workspace(tmp_path: Path) -> None:
    write(tmp_path, '[plan]\npolicy = "steady"\n')
    assert read_settings(tmp_path).plan.policy.reserve.storage_share > 0
    (tmp_path / "mine.toml").write_text('name = "mine"\n[churn]\npenalty_per_gb = 2.0\n')
    write(tmp_path, '[plan]\npolicy = "mine.toml"\n')
    settings = read_settings(tmp_path)
    assert (settings.plan.policy.name, settings.plan.policy.churn.penalty_per_gb) == ("mine", 2.0)
    assert PlanSettings(**settings.model_dump()["plan"]) == settings.plan, "plan.json keeps the policy's content"
    write(tmp_path, "[plan.policy.reserve]\nstorage_share = 0.3\n")
    assert read_settings(tmp_path).plan.policy.reserve.storage_share == 0.3


def test_a_bad_policy_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    write(tmp_path, '[plan]\npolicy = "premier"\n')
    with pytest.raises(NotFound, match=r"fillplan.toml: plan.policy: .*did you mean 'premiere'"):
        read_settings(tmp_path)
    write(tmp_path, "[plan.policy.reserve]\nshare = 0.3\n")
    with pytest.raises(SettingsError, match=r"plan.policy.reserve.share: unknown key; did you mean"):
        read_settings(tmp_path)
