"""Search over the values of a model spec by rolling origins: optuna proposes, past plan dates judge.

A trial fits the booster of a candidate at every origin, on rows that had happened by then, and forecasts the days that
came, trusting the booster by half, as usual. Its score is the geometric mean, over origins and over errors by day and
by horizon, of its error / the error of the baseline alone on the same days: below 1 the booster earns its place, and
origins of large and small workspaces count alike. The proposals are those of the tree-structured Parzen estimator
(Bergstra et al., Algorithms for hyper-parameter optimization, NIPS 2011).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from fillplan_data.errors import ModelError
from fillplan_models.accuracy import Outcome, by_class
from fillplan_models.backtest import outcome_at
from fillplan_models.boosting import fit_booster
from fillplan_models.panel import Panel
from fillplan_models.sampling import TrainingRows, training_rows
from fillplan_models.scoring import CLASSES, Correction, predict_hours
from fillplan_models.spec import ModelSpec, Sampling

REFUSED = "refused"
"""Attribute of a trial whose values do not go together: why."""
JUDGED_POWER = 0.5
"""Power of the correction that trials are judged with: no held-out weeks are left to choose it by."""


@dataclass(eq=False)
class Origin:
    """One past plan date of one workspace, with what does not depend on the booster."""

    name: str
    panel: Panel
    """Its views reach over the horizon that is judged."""
    cut: int
    """The day of the panel that is forecast first."""
    errors: tuple[float, float]
    """Of the baseline alone, by day and by horizon."""
    _rows: dict[Sampling, TrainingRows] = field(default_factory=dict)

    def rows(self, sampling: Sampling, seed: int) -> TrainingRows:
        """Rows that had happened by the origin, sampled once for all trials that sample alike."""
        if sampling not in self._rows:
            self._rows = {sampling: training_rows(self.panel.cut(self.cut), sampling, seed)}
        return self._rows[sampling]


@dataclass(frozen=True)
class Tried:
    """A finished trial."""

    number: int
    score: float
    values: dict[str, float | str]
    by_origin: dict[str, float]


def is_installed() -> bool:
    """Whether optuna can be imported."""
    return find_spec("optuna") is not None


def make_origin(name: str, panel: Panel, cut: int, threads: int) -> Origin:
    """Judge the baseline at a cut-off. Raises ModelError where nothing was watched after it."""
    errors = _errors(outcome_at(panel, cut, partial(predict_hours, None, threads=threads)))
    if min(errors) <= 0:
        raise ModelError(f"expected hours and errors in the days after {name}, found none: choose other origins")
    return Origin(name, panel, cut, errors)


def score(spec: ModelSpec, origins: Sequence[Origin], seed: int, threads: int) -> dict[str, float]:
    """Origin -> error of the spec's model / error of the baseline."""
    ratios = {}
    for origin in origins:
        booster = fit_booster(origin.rows(spec.sampling, seed), spec, seed)
        corrected = Correction(booster, (JUDGED_POWER,) * CLASSES, spec.calibration.young_days)
        forecast = partial(predict_hours, corrected, threads=threads)
        ratio = np.array(_errors(outcome_at(origin.panel, origin.cut, forecast))) / origin.errors
        ratios[origin.name] = float(np.sqrt(ratio.prod()))
    return ratios


def _opened(file: Path, name: str) -> Any:
    """The study of that name in a file of trials, new where there is none."""
    import optuna
    from optuna.storages.journal import JournalFileBackend

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    _drop_torn_line(file)
    try:
        storage = optuna.storages.JournalStorage(JournalFileBackend(str(file)))
        return optuna.create_study(study_name=name, storage=storage, load_if_exists=True, direction="minimize")
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"{file}: expected the trials of earlier searches, found what cannot be read ({error}): mend the file, "
            "or delete it to search anew"
        ) from error


def search(
    spec: ModelSpec,
    origins: Sequence[Origin],
    study: tuple[Path, str],
    trials: int,
    seed: int = 0,
    threads: int = 1,
    progress: Callable[[str], None] | None = None,
) -> list[Tried]:
    """Try values of `spec.search` until the study holds `trials` trials; the finished ones, the best first.

    study: the file that trials are kept in as they end, and the study's name in it: a search that was stopped, or
    whose budget was raised, goes on where it ended; the trial that it was stopped in does not count. The spec as it is
    comes first. Needs the extra `search`. Raises ModelError where the file cannot be read, or no trial has a score.
    """
    import optuna

    kept = _opened(*study)
    ended, present = _ended(kept), {name: spec.value(name) for name in spec.search}
    done = len(ended)
    kept.sampler = optuna.samplers.TPESampler(seed=seed + done, multivariate=True)
    waiting = kept.get_trials(deepcopy=False, states=[optuna.trial.TrialState.WAITING])
    if present not in [trial.system_attrs.get("fixed_params") for trial in (*ended, *waiting)]:
        kept.enqueue_trial(present)

    def objective(trial: Any) -> float:
        try:
            candidate = spec.with_values(_suggested(trial, spec))
        except ValueError as error:
            trial.set_user_attr(REFUSED, str(error))
            raise optuna.TrialPruned from error  # known by optuna as worse than any score, so that it looks elsewhere
        ratios = score(candidate, origins, seed, threads)
        trial.set_user_attr("by_origin", ratios)
        value = float(np.exp(np.mean(np.log(list(ratios.values())))))
        if progress:
            progress(f"trial {len(_ended(kept)) + 1} of {trials}: {value:.4f}")
        return value

    kept.optimize(objective, n_trials=max(0, trials - done))
    found = [
        Tried(t.number, t.value, dict(t.params), t.user_attrs["by_origin"])
        for t in kept.get_trials(deepcopy=False)
        if t.value is not None
    ]
    if not found:
        raise ModelError(f"expected trials with a score, found none of {len(_ended(kept))}: widen [search] or --trials")
    return sorted(found, key=lambda tried: (tried.score, tried.number))


def _drop_torn_line(log: Path) -> None:
    """Cut off the end of a line whose writing was interrupted: what is appended to it could not be read any more."""
    content = log.read_bytes() if log.exists() else b""
    if content and not content.endswith(b"\n"):
        os.truncate(log, content.rfind(b"\n") + 1)


def _ended(study: Any) -> list[Any]:
    """Trials with a score, and those whose values do not go together; not those that a search was stopped in."""
    trials = study.get_trials(deepcopy=False)
    return [trial for trial in trials if trial.value is not None or REFUSED in trial.user_attrs]


def _suggested(trial: Any, spec: ModelSpec) -> dict[str, float | str]:
    values: dict[str, float | str] = {}
    for name, span in spec.search.items():
        if span.choices:
            values[name] = trial.suggest_categorical(name, span.choices)
        elif isinstance(spec.value(name), int):
            values[name] = trial.suggest_int(name, int(span.low or 0), int(span.high or 0), log=span.log)
        else:
            values[name] = trial.suggest_float(name, span.low, span.high, log=span.log)
    return values


def _errors(outcome: Outcome) -> tuple[float, float]:
    found = by_class(outcome)["all"]
    return found.wape_day or 0.0, found.wape_week or 0.0
