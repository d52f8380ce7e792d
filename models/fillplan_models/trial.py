"""Champion and challenger: whether a retrained model is better than its rivals by more than chance.

All forecast the same rolling origins, on days that none has seen: the challenger and the champion through twins that
knew nothing from the first origin on. Errors are compared title by title, for the errors of one title go together over
regions and days; the difference counts only if it is some standard errors of those sums above zero (Diebold
and Mariano, Comparing predictive accuracy, Journal of Business & Economic Statistics 13, 1995; here with titles as
clusters).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import partial
from typing import Any

import numpy as np

from fillplan_data.arrays import Floats
from fillplan_models.abreast import each
from fillplan_models.accuracy import Outcome
from fillplan_models.backtest import outcome_at
from fillplan_models.panel import Panel
from fillplan_models.scoring import Correction, predict_hours

CONFIDENCE = 1.645
"""Standard errors by which a champion in service must be beaten: one-sided 95 %."""
FIRST_CONFIDENCE = 1.0
"""Against the best simple method while no model is in service: a wrong choice among equals costs nothing then, and
waiting costs what the model would gain on every night."""

LEAST_GAIN = 1e-9
"""Less is a matter of rounding: the same model is not better than itself."""


@dataclass(frozen=True, eq=False)
class Holdout:
    """What the challenger and the simple methods made of the rolling origins."""

    cuts: tuple[int, ...]
    challenger: tuple[Outcome, ...]
    simple: tuple[Mapping[str, Outcome], ...]


@dataclass(frozen=True)
class Duel:
    """The challenger against one rival."""

    rival: str
    error: float
    """The challenger's sum of absolute errors / hours."""
    rival_error: float
    gain: float
    """Share of the rival's error that the challenger avoids."""
    noise: float
    """Standard error of the gain."""
    beaten: bool


@dataclass(frozen=True)
class Trial:
    """Whether a challenger becomes champion, and why."""

    promoted: bool
    reason: str
    duels: tuple[Duel, ...] = field(default=())

    def as_data(self) -> dict[str, Any]:
        """For trial.json."""
        return asdict(self)


def hold_trial(
    panel: Panel, holdout: Holdout, champion: tuple[Correction, str] | None, threads: int, name: str = "champion"
) -> Trial:
    """Let the challenger meet the best simple method and the present champion.

    champion: its twin and the first day (ISO) that the twin has not seen; origins before that day are left
    out of their duel, and without any the champion stays.
    """
    errors = {m: sum(_total(at_cut[m]) for at_cut in holdout.simple) for m in holdout.simple[0]}
    best = min(errors, key=lambda method: errors[method])
    least = FIRST_CONFIDENCE if champion is None else CONFIDENCE
    everywhere = range(len(holdout.cuts))
    duels = [_duel(best, panel, holdout, everywhere, [at_cut[best] for at_cut in holdout.simple], least)]
    if champion is not None:
        twin, unseen = champion
        first = (date.fromisoformat(unseen) - panel.first_day).days
        fair = [i for i, cut in enumerate(holdout.cuts) if cut >= first]
        if not fair:
            return Trial(False, f"{name} has seen every day that it could be judged on; it stays", tuple(duels))
        forecast = partial(predict_hours, twin, threads=1)
        outcomes = each(lambda i: outcome_at(panel, holdout.cuts[i], forecast), fair, threads)
        duels.append(_duel(name, panel, holdout, fair, outcomes, CONFIDENCE))
    lost = [duel for duel in duels if not duel.beaten]
    said = "; ".join(f"{d.rival}: error {d.error:.3f} against {d.rival_error:.3f}, noise {d.noise:.3f}" for d in duels)
    verdict = f"does not beat {' and '.join(d.rival for d in lost)} by more than chance" if lost else "beats all rivals"
    return Trial(not lost, f"{verdict} ({said})", tuple(duels))


def _duel(
    rival: str, panel: Panel, holdout: Holdout, origins: Sequence[int], outcomes: Sequence[Outcome], least: float
) -> Duel:
    mine, theirs, hours = (np.zeros(len(panel.titles)) for _ in range(3))
    for i, other in zip(origins, outcomes, strict=True):
        past = panel.cut(holdout.cuts[i])
        title = past.title[past.live]
        np.add.at(mine, title, _errors(holdout.challenger[i]))
        np.add.at(theirs, title, _errors(other))
        np.add.at(hours, title, np.where(other.counted, other.actual, 0.0).sum(axis=1))
    total, watched = float(theirs.sum()), float(hours.sum())
    gain, noise = _gain(theirs - mine, total)
    beaten = gain > least * noise
    error, rival_error = (float(e.sum()) / watched if watched else 0.0 for e in (mine, theirs))
    return Duel(rival, error, rival_error, gain, noise, bool(beaten and gain > LEAST_GAIN))


def _gain(difference: Floats, total: float) -> tuple[float, float]:
    """Mean gain and its standard error, titles as independent clusters; titles without any error are no evidence."""
    seen = difference[difference != 0]
    if total <= 0 or len(seen) < 2:
        return 0.0, 0.0
    spread = float(seen.std(ddof=1)) * np.sqrt(len(seen))
    return float(seen.sum()) / total, float(spread) / total


def _errors(outcome: Outcome) -> Floats:
    errors: Floats = np.where(outcome.counted, np.abs(outcome.mean - outcome.actual), 0.0).sum(axis=1)
    return errors


def _total(outcome: Outcome) -> float:
    return float(_errors(outcome).sum())
