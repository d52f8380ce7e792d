"""The search: past plan dates judge, the present values come first, and a stopped search goes on where it ended."""

from pathlib import Path

import pytest

from fillplan_data.errors import ModelError
from fillplan_models.panel import build_panel
from fillplan_models.search import Origin, make_origin, score, search
from fillplan_models.spec import ModelSpec, Span
from tests.models.worlds import day, panel_of, simulate, tables_of

pytest.importorskip("optuna")

SPEC = ModelSpec.model_validate({
    "name": "quick",
    "sampling": {"cutoffs": 6, "rows": 3000},
    "booster": {"rounds": 8, "num_leaves": 7, "min_data_in_leaf": 20},
    "search": {
        "booster.learning_rate": {"low": 0.01, "high": 0.5, "log": True},
        "booster.rounds": {"low": 2, "high": 12},
        "booster.objective": {"choices": ["tweedie", "poisson"]},
    },
})  # fmt: skip


@pytest.fixture(scope="module")
def origins() -> list[Origin]:
    panel = build_panel(tables_of(**simulate(regions=2, titles=24)), day(70), 7)
    return [make_origin(f"day {cut}", panel, cut, threads=1) for cut in (56, 63)]


def test_a_score_is_the_error_over_that_of_the_baseline_at_each_origin(origins: list[Origin]) -> None:
    still = SPEC.with_values({"booster.learning_rate": 1e-9})  # a booster that changes nothing
    assert score(still, origins, seed=0, threads=1) == pytest.approx({"day 56": 1.0, "day 63": 1.0}, abs=1e-5)
    assert score(SPEC, origins, seed=0, threads=1) != pytest.approx({"day 56": 1.0, "day 63": 1.0}, abs=1e-4)


def test_days_after_an_origin_are_not_learnt_from(origins: list[Origin]) -> None:
    rows = simulate(regions=2, titles=24)
    for row in rows["views"]:
        row["view_hours"] *= 3.0 if row["date"] >= day(56) else 1.0
    later = build_panel(tables_of(**rows), day(70), 7)
    changed = make_origin("day 56", later, 56, threads=1)
    one, other = (origin.rows(SPEC.sampling, 0) for origin in (origins[0], changed))
    assert one.values.tobytes() == other.values.tobytes() and one.hours.tobytes() == other.hours.tobytes()


def test_the_present_values_are_tried_first_and_the_best_come_first(origins: list[Origin], tmp_path: Path) -> None:
    tried = search(SPEC, origins, (tmp_path / "trials.log", "s"), trials=4)
    assert [t.score for t in tried] == sorted(t.score for t in tried) and len(tried) == 4
    first = next(t for t in tried if t.number == 0)
    assert first.values == {name: SPEC.value(name) for name in SPEC.search}
    assert all(
        2 <= t.values["booster.rounds"] <= 12 and 0.01 <= t.values["booster.learning_rate"] <= 0.5 for t in tried
    )


def test_a_search_goes_on_where_it_ended_and_a_spent_budget_tries_nothing(
    origins: list[Origin], tmp_path: Path
) -> None:
    study, told = (tmp_path / "trials.log", "s"), []
    before = search(SPEC, origins, study, trials=2, progress=told.append)
    after = search(SPEC, origins, study, trials=3, progress=told.append)
    assert len(told) == 3 and {t.number for t in after} == {0, 1, 2}
    assert {(t.number, t.score) for t in before} < {(t.number, t.score) for t in after}
    assert search(SPEC, origins, study, trials=3, progress=told.append) == after and len(told) == 3


class Killed(BaseException):
    """Leaves everything as it is, like the end of the process."""


@pytest.mark.parametrize("stop", [Killed, KeyboardInterrupt])
def test_a_search_that_was_stopped_in_its_first_trial_tries_the_present_values_again(
    origins: list[Origin], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: type[BaseException]
) -> None:
    def stopped(*_: object) -> dict[str, float]:
        raise stop

    study = (tmp_path / "trials.log", "s")
    with monkeypatch.context() as patched, pytest.raises(stop):
        patched.setattr("fillplan_models.search.score", stopped)
        search(SPEC, origins, study, trials=2)
    after = search(SPEC, origins, study, trials=2)
    assert len(after) == 2 and [t.values for t in after].count({name: SPEC.value(name) for name in SPEC.search}) == 1


def test_values_that_do_not_go_together_count_as_tried_without_a_word(
    origins: list[Origin], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    spec = SPEC.model_copy(update={"search": {"sampling.cutoffs": Span(low=1, high=8)}})  # some too few for the holdout
    study = (tmp_path / "trials.log", "s")
    tried = search(spec, origins, study, trials=12)
    assert all(t.values["sampling.cutoffs"] >= 6 for t in tried)
    assert 1 <= study[0].read_text().count('"refused"') == 12 - len(tried)
    assert search(spec, origins, study, trials=12) == tried
    assert not caplog.records


def test_an_error_of_a_trial_ends_the_search_and_does_not_count(
    origins: list[Origin], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> dict[str, float]:
        raise ValueError("shapes do not fit")

    study = (tmp_path / "trials.log", "s")
    with monkeypatch.context() as patch:
        patch.setattr("fillplan_models.search.score", broken)
        with pytest.raises(ValueError, match="shapes do not fit"):
            search(SPEC, origins, study, trials=2)
    assert len(search(SPEC, origins, study, trials=2)) == 2


def test_a_line_that_was_torn_off_costs_no_more_than_its_trial(origins: list[Origin], tmp_path: Path) -> None:
    study = (tmp_path / "trials.log", "s")
    first = next(t for t in search(SPEC, origins, study, trials=2) if t.number == 0)
    study[0].write_bytes(study[0].read_bytes()[:-25])
    for trials in (2, 3):
        after = search(SPEC, origins, study, trials=trials)
        assert len(after) == trials and first in after


def test_trials_that_cannot_be_read_are_refused_by_name(origins: list[Origin], tmp_path: Path) -> None:
    log = tmp_path / "trials.log"
    search(SPEC, origins, (log, "s"), trials=1)
    for harm in ("no json\n", "{}\n", "[]\n"):
        log.write_text(harm + log.read_text())
        with pytest.raises(ModelError, match=r"trials\.log.*delete it"):
            search(SPEC, origins, (log, "s"), trials=2)


def test_a_search_without_any_score_is_refused(origins: list[Origin], tmp_path: Path) -> None:
    spec = SPEC.model_copy(update={"search": {"booster.objective": Span(choices=("nonsense",))}})
    with pytest.raises(ModelError, match="found none of 2"):
        search(spec, origins, (tmp_path / "trials.log", "s"), trials=2)


def test_the_same_seed_tries_the_same(origins: list[Origin], tmp_path: Path) -> None:
    one, other = (search(SPEC, origins, (tmp_path / f"{i}.log", "s"), trials=3) for i in range(2))
    assert one == other


def test_an_origin_without_hours_is_refused() -> None:
    panel = panel_of({("R1", "a"): [5.0] * 40 + [0.0] * 7, ("R1", "b"): [1.0] * 40 + [0.0] * 7})
    with pytest.raises(ModelError, match="found none"):
        make_origin("day 40", panel, 40, threads=1)
