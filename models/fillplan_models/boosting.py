"""LightGBM behind two functions: fit a correction of the baseline, and apply it.

Same rows and seed give the same booster wherever it is fitted: on one thread, for bundled features are summed in an
order that depends on the number of threads even under `deterministic` and `force_col_wise`. Rows are sampled to a
bounded number, so that one thread is enough, and on a busy machine threads that wait for each other take longer.
No bagging (rows are sampled by us); features are drawn per tree by a fixed seed.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from fillplan_data.arrays import Floats, Singles
from fillplan_data.errors import ModelError
from fillplan_models.features import FeatureRows
from fillplan_models.sampling import TrainingRows
from fillplan_models.spec import ModelSpec

LARGEST_CORRECTION = np.log(1.5)
"""No booster moves the baseline by more than this factor either way: where it means to, it is out of its depth (after a
surge such as none before), and what it has learnt elsewhere is no guide."""


def fit_booster(rows: TrainingRows, spec: ModelSpec, seed: int) -> Any:
    """A lightgbm.Booster whose raw score is the log of actual mean / baseline.

    Raises ModelError where nothing was watched in any row: LightGBM cannot learn from that.
    """
    import lightgbm

    check_learnable(rows)
    chosen, values = seen_features(rows, spec)
    parameters = {
        **spec.booster.model_dump(exclude={"rounds"}),
        "min_data_in_leaf": leaf_rows(spec.booster.min_data_in_leaf, rows),
        **repeatable(seed),
    }
    data = lightgbm.Dataset(
        values,
        label=rows.hours,
        weight=row_weights(rows, spec),
        init_score=np.log(rows.baseline),
        feature_name=chosen,
        free_raw_data=True,
    )
    return lightgbm.train(parameters, data, num_boost_round=spec.booster.rounds)


def check_learnable(rows: TrainingRows) -> None:
    """Raises ModelError where nothing was watched in any row."""
    if not (rows.hours > 0).any():
        raise ModelError(
            f"expected hours watched after past plan dates to learn from, found {len(rows.hours)} rows without any "
            "(short history, long gap, titles not open yet): use the best simple method until there are more"
        )


def repeatable(seed: int) -> dict[str, Any]:
    """LightGBM's parameters under which the same rows give the same trees everywhere, without a word."""
    return {"seed": seed, "num_threads": 1, "deterministic": True, "force_col_wise": True, "verbose": -1}


def leaf_rows(wanted: int, rows: TrainingRows) -> int:
    """Least rows of a leaf: fewer than wanted where there are few rows in all."""
    return min(wanted, max(5, len(rows.hours) // 200))


def seen_features(rows: TrainingRows, spec: ModelSpec) -> tuple[list[str], Singles]:
    """Names and [n, features] values of those that the spec does not leave out."""
    chosen = [name for name in rows.names if name not in spec.features.without]
    return chosen, rows.values[:, [rows.names.index(name) for name in chosen]]


def booster_text(booster: Any) -> str:
    """The booster in LightGBM's text form, without the number of threads it was fitted on."""
    text: str = booster.model_to_string()
    return re.sub(r"^\[num_threads: \d+\]\n", "", text, flags=re.MULTILINE)


def row_weights(rows: TrainingRows, spec: ModelSpec) -> Floats:
    """[n] sampling weight x quasi-likelihood weight for a variance of noise x mean + variance x mean^2.

    Scaled so that a row's second derivative counts independent pieces of evidence: leaves and their shrinkage
    then know that a thousand rows of one launch are one surprise.
    """
    young = ~rows.cold & (rows.age < spec.weights.young_days)
    titles = int(rows.title.max(initial=0)) + 1
    variance = np.full(len(rows.hours), spec.weights.warm_variance)
    for members, per_row in ((young, spec.weights.young_variance), (rows.cold, spec.weights.cold_variance)):
        same_title = np.bincount(rows.title[members], minlength=titles)[rows.title[members]]
        variance[members] = per_row * same_title
    power = spec.booster.tweedie_variance_power if spec.booster.objective == "tweedie" else 1.0
    mean = rows.baseline
    return rows.weight * mean**power / (rows.noise * mean + variance * mean**2)


def correction(booster: Any, rows: FeatureRows, threads: int) -> Floats:
    """[n] factor on the baseline."""
    return np.exp(np.clip(raw_scores(booster, rows, threads), -LARGEST_CORRECTION, LARGEST_CORRECTION))


def raw_scores(booster: Any, rows: FeatureRows, threads: int) -> Floats:
    """[n] what the trees add up to; features are matched by name, those that are not there count as unknown."""
    place = {name: i for i, name in enumerate(rows.names)}
    values = rows.values
    wanted = booster.feature_name()
    aligned = np.full((len(values), len(wanted)), np.nan, dtype=np.float32)
    for column, name in enumerate(wanted):
        if name in place:
            aligned[:, column] = values[:, place[name]]
    raw: Floats = booster.predict(aligned, raw_score=True, num_threads=threads)
    return raw
