"""Priors of the rung shares: region, kind and the title's top rung."""

from __future__ import annotations

import numpy as np

from fillplan_data.arrays import Bools, Floats, Ints
from fillplan_models.shares.bayes import posterior, table
from fillplan_models.shares.evidence import Evidence

USUAL_KBPS, SPREAD = 4500.0, 0.9
"""Without any evidence: shares fall off log-normally around this rung (a common HD stream)."""
STRENGTHS = (100.0, 300.0, 300.0)
"""Hours of prior for top rung, region x top rung, region x kind x top rung."""


def rung_prior(evidence: Evidence, kind: Ints, kinds: int, top: Ints) -> Floats:
    """[R, kinds, K tops, K rungs] shares of a title's rungs given its top rung; 0 above it.

    `kind` and `top` are per title, top -1 for titles without a rung.
    """
    rungs, regions = len(evidence.codes.rungs), len(evidence.codes.regions)
    shape = (regions, kinds, rungs, rungs)
    title = evidence.title
    hours = table(shape, (evidence.region, kind[title], top[title], evidence.rung), evidence.hours)
    hours *= _reachable(rungs)
    common = posterior(_capped(hours.sum(axis=(0, 1))), _built_in(evidence), STRENGTHS[0])
    by_top = posterior(hours.sum(axis=(0, 1)), common, STRENGTHS[0])
    by_region = posterior(_capped(hours.sum(axis=1)), by_top, STRENGTHS[1])
    by_region_and_top = posterior(hours.sum(axis=1), by_region, STRENGTHS[1])
    return posterior(hours, by_region_and_top[:, None], STRENGTHS[2])


def _capped(hours: Floats) -> Floats:
    """[..., tops, rungs] what all titles with at least that top rung would have shown with that top rung.

    Who watches a higher rung has the line for the top one, so what lies above the top counts there.
    """
    capped = np.zeros_like(hours)
    for top in range(hours.shape[-1]):
        seen = hours[..., top:, :].sum(axis=-2)
        capped[..., top, :top] = seen[..., :top]
        capped[..., top, top] = seen[..., top:].sum(axis=-1)
    return capped


def _reachable(rungs: int) -> Bools:
    """[tops, rungs] rungs not above the top."""
    return np.tri(rungs, dtype=np.bool_)


def _built_in(evidence: Evidence) -> Floats:
    """[tops, rungs]."""
    distance = (np.log(np.array(evidence.codes.rungs)) - np.log(USUAL_KBPS)) / SPREAD
    # distances are taken from the nearest, so that a ladder far from the usual one does not underflow
    weight = np.exp(-0.5 * (distance**2 - (distance**2).min(initial=np.inf))) + 1e-6
    weights = weight * _reachable(len(weight))
    return weights / weights.sum(axis=1, keepdims=True)
