"""Rungs: the rates themselves where titles share a ladder, steps where each has its own."""

import numpy as np
import pytest

from fillplan_models.shares.estimate import variant_shares
from fillplan_models.shares.evidence import MOST_RUNGS, RUNG_STEP, make_codes, rung_code
from tests.models.shares.test_estimate import REGIONS, TITLES, asset, ladder, watched
from tests.models.worlds import day, tables_of


def test_a_shared_ladder_keeps_its_rates():
    tables = tables_of(titles=TITLES, assets=ladder("a"), variant_views=[watched("a", 1000, "en", "", 1.0)])
    codes = make_codes(tables, REGIONS)
    assert codes.rungs == (500.0, 1000.0, 2000.0, 8000.0)
    assert rung_code(np.array([8000.0, np.nan, 500.0]), codes).tolist() == [3, -1, 0]


def test_ladders_of_their_own_are_taken_together_in_steps_and_lend_each_other_evidence():
    rates = {f"t{i:03d}": [round(rung * 1.001**i) for rung in (500, 2000, 8000)] for i in range(120)}
    titles = [{"title_id": t, "kind": "movie", "original_language": "en", "runtime_minutes": 60.0} for t in rates]
    assets = [
        asset(f"{t}v{k}", t, "video", float(kbps)) for t, ladder in rates.items() for k, kbps in enumerate(ladder)
    ]
    evidence = [watched(t, rates[t][1], "en", "", 100.0, start=s) for t in list(rates)[::2] for s in (0, 7)]
    tables = tables_of(titles=titles, assets=assets, variant_views=evidence)
    codes = make_codes(tables, REGIONS)
    assert len(codes.rungs) <= MOST_RUNGS < len({rate for ladder in rates.values() for rate in ladder})
    kbps = tables.assets["bitrate_kbps"].to_numpy()
    nearest = np.array(codes.rungs)[rung_code(kbps, codes)]
    assert np.abs(np.log(nearest / kbps)).max() <= np.log(RUNG_STEP) / 2 + 1e-9
    shares = variant_shares(tables, REGIONS, day(20))
    middle = [share for name, share in zip(shares.asset_ids, shares.share[0], strict=True) if name.endswith("v1")]
    assert min(middle) > 0.6  # also of the titles that nobody watched
    assert shares.share.reshape(2, -1, 3).sum(axis=2) == pytest.approx(1)
