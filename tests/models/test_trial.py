"""Champion and challenger: noise alone never promotes, a clear gain does, and nobody is judged on days it has seen."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from fillplan_models.accuracy import Outcome
from fillplan_models.panel import Panel, build_panel
from fillplan_models.scoring import Correction
from fillplan_models.training import train
from fillplan_models.trial import CONFIDENCE, Holdout, hold_trial
from tests.models.worlds import day, tables_of

HORIZON = 7


@pytest.fixture(scope="module")
def panel(small_world) -> Panel:
    return build_panel(tables_of(**small_world), day(70), HORIZON)


@dataclass
class Origins:
    """Outcomes of methods whose errors we choose."""

    panel: Panel
    cuts: tuple[int, ...] = (56, 63)

    def outcomes(self, error: Callable[[np.ndarray], np.ndarray]) -> tuple[Outcome, ...]:
        """error: [series] titles -> absolute error of each day of theirs."""
        made = []
        for cut in self.cuts:
            past = self.panel.cut(cut)
            live = past.live
            actual = np.full((len(live), HORIZON), 10.0)
            mean = actual + error(past.title[live])[:, None]
            made.append(Outcome(mean, actual, np.ones(mean.shape, dtype=bool), {}))
        return tuple(made)

    def holdout(self, challenger: Callable, simple: Callable) -> Holdout:
        return Holdout(self.cuts, self.outcomes(challenger), tuple({"naive": o} for o in self.outcomes(simple)))


def flat(size: float) -> Callable[[np.ndarray], np.ndarray]:
    return lambda title: np.full(len(title), size)


def noisy(seed: int, size: float, spread: float) -> Callable[[np.ndarray], np.ndarray]:
    return lambda title: size + spread * np.random.default_rng(seed).standard_normal(200)[title]


def test_a_clear_gain_over_the_simple_method_promotes(panel: Panel) -> None:
    trial = hold_trial(panel, Origins(panel).holdout(noisy(1, 1.0, 0.1), noisy(2, 2.0, 0.1)), None, 1)
    assert trial.promoted
    duel = trial.duels[0]
    assert (duel.rival, duel.gain) == ("naive", pytest.approx(0.5, abs=0.05))
    assert (duel.error, duel.rival_error) == (pytest.approx(0.1, abs=0.01), pytest.approx(0.2, abs=0.01))


def test_equal_and_worse_challengers_stay_challengers(panel: Panel) -> None:
    for challenger in (flat(2.0), flat(2.1), flat(2.0 - 1e-10)):
        trial = hold_trial(panel, Origins(panel).holdout(challenger, flat(2.0)), None, 1)
        assert not trial.promoted
        assert "does not beat naive" in trial.reason


def test_noise_promotes_no_more_often_than_it_may(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two equally good methods, 400 times: a test at 5 % passes about 20 of them by chance, one at 16 % about 63."""
    origins = Origins(panel)

    def won() -> int:
        holdouts = (origins.holdout(noisy(i, 3.0, 0.8), noisy(i + 1000, 3.0, 0.8)) for i in range(400))
        return sum(hold_trial(panel, holdout, None, 1).promoted for holdout in holdouts)

    assert 30 <= won() <= 95
    monkeypatch.setattr("fillplan_models.trial.FIRST_CONFIDENCE", CONFIDENCE)
    assert won() <= 40


def test_a_champion_that_has_seen_every_origin_stays(panel: Panel) -> None:
    holdout = Origins(panel).holdout(flat(1.0), flat(9.0))
    trial = hold_trial(panel, holdout, (Correction(None, (1.0, 1.0, 1.0), 14), "2199-01-01"), 1)
    assert not trial.promoted
    assert "has seen every day" in trial.reason


def test_a_challenger_must_beat_the_champion_too(panel: Panel, quick_spec) -> None:
    """A challenger that forecasts exactly what the champion does gains nothing over it."""
    model = train(panel, quick_spec, seed=3)
    assert model.holdout is not None and model.twin is not None
    same = (model.rival, model.info.judged_from)
    trial = hold_trial(panel, model.holdout, same, 1)
    duel = next(d for d in trial.duels if d.rival == "champion")
    assert duel.gain == pytest.approx(0, abs=1e-12) and not trial.promoted
    assert duel.error == pytest.approx(model.info.accuracy["model"]["all"]["wape_day"])
