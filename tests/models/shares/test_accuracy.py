"""Shares against the maker's truth: what the model is held to, on a workspace that nothing was tuned to."""

import pandas as pd
import pytest

from fillplan_data.synthetic import make_workspace
from tests.benchmarks.shares import measure

SEED = 11


@pytest.fixture(scope="module")
def errors(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """Mean absolute errors [kind of file and class of pair, method]."""
    folder = tmp_path_factory.mktemp("shares")
    make_workspace(folder, "tiny", SEED, truth=True)
    return measure(folder).pivot(index=["kind", "known"], columns="method", values="error").dropna()


def test_at_most_half_the_error_of_global_shares(errors: pd.DataFrame) -> None:
    assert len(errors) > 15
    assert (errors["ours"] <= 0.5 * errors["global"]).all()


def test_better_than_the_pairs_own_shares_where_little_or_nothing_is_known(errors: pd.DataFrame) -> None:
    little = errors[errors.index.get_level_values("known").isin(["thin", "unlisted", "cold"])]
    assert (little.loc["all", "ours"] < 0.6 * little.loc["all", "own, last month"]).all()
    assert (little["ours"] < 1.05 * little["own, last month"]).all()
