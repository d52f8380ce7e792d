"""Evidence and habits small enough to reckon shares by hand."""

import numpy as np

from fillplan_models.shares.evidence import Codes, Evidence
from fillplan_models.shares.split import Habit


def evidence_of(codes, *rows):
    """Rows of region, title, rung, hours and, if need be, period; audio and subtitle are not told."""
    region, title, rung, hours, period = (np.array([(*row, 0)[i] for row in rows]) for i in range(5))
    untold = np.full(len(rows), -1, dtype=np.int64)
    whole = [column.astype(np.int64) for column in (region, title, rung, period)]
    return Evidence(codes, *whole[:3], untold, untold, hours.astype(np.float64), whole[3], hours.astype(np.float64))


def codes_of(regions=2, titles=2, rungs=(500.0, 2000.0, 8000.0), languages=("de", "en")):
    return Codes(tuple(f"R{r}" for r in range(regions)), tuple(f"t{t}" for t in range(titles)), rungs, languages)


def rung_habit(prior, off=None, boosted=None):
    """The same prior share of each value in every region and title; `prior` [values]."""
    usual = np.asarray(prior, dtype=np.float64)

    def prior_of(evidence):
        regions = len(evidence.codes.regions)
        return lambda title, value: np.repeat(usual[value][None], regions, axis=0)

    return Habit(column=lambda evidence: evidence.rung, prior=prior_of, boosted=boosted, off=off)
