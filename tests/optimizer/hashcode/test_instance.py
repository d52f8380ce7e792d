"""The score, counted in whole numbers, against the problem's own worth and against plain loops."""

import numpy as np
import pytest

from fillplan_data.errors import VerificationFailed
from fillplan_optimizer.hashcode.instance import Instance
from fillplan_optimizer.result import Placement
from fillplan_optimizer.service import net_value
from tests.optimizer.hashcode.contest import make


def plain_saving(instance, files):
    saved = 0
    for video, endpoint, requests in zip(instance.video, instance.endpoint, instance.requests, strict=True):
        latency = far = int(instance.far_ms[endpoint])
        for link in range(instance.link_start[endpoint], instance.link_start[endpoint + 1]):
            if video in files[instance.link_cache[link]]:
                latency = min(latency, int(instance.link_ms[link]))
        saved += int(requests) * (far - latency)
    return saved


@pytest.mark.parametrize("seed", range(10))
def test_saved_time_three_ways(seed):
    instance = make(15, 6, 60, 4, 10_000, 30, (0, 4), seed=seed)
    rng = np.random.default_rng(seed)
    files = tuple(np.flatnonzero(rng.random(15) < 0.4) for _ in range(4))
    expected = plain_saving(instance, [set(held.tolist()) for held in files])
    assert instance.saved_ms(files) == expected
    assert net_value(instance.problem(), Placement(files)) == pytest.approx(expected, rel=1e-12)


def test_savings_beyond_64_bits_are_counted():
    """The largest numbers that an instance may have, twenty times: 2 x 10^19 does not fit."""
    rows, largest = 20, 10**9
    blank, one = np.zeros(rows, dtype=np.int64), np.ones(1, dtype=np.int64)
    instance = Instance(
        one, 1, 1, largest * one, np.array([0, 1]), 0 * one, 0 * one, blank, blank, np.full(rows, largest)
    )
    assert instance.saved_ms((np.array([0]),)) == rows * largest**2


def test_the_contest_example_by_hand():
    """Three requests save 100 ms each."""
    one, two = np.array([1]), np.array([0, 1])
    video = endpoint = np.zeros(2, dtype=np.int64)
    instance = Instance(
        size_mb=one,
        cache_count=1,
        capacity_mb=1,
        far_ms=np.array([150]),
        link_start=two,
        link_cache=np.array([0]),
        link_ms=np.array([50]),
        video=video,
        endpoint=endpoint,
        requests=np.array([2, 1]),
    )
    assert instance.score(instance.saved_ms((np.array([0]),))) == 100_000
    assert instance.score(instance.saved_ms((np.array([], dtype=np.int64),))) == 0


@pytest.mark.parametrize("files", [[0, 0], [0, 1]])
def test_too_much_and_twice_are_refused(files):
    instance = make(3, 2, 5, 1, 30, 30, (1, 1), seed=0)
    heavy = Instance(**{**vars(instance), "size_mb": np.array([20, 20, 20])})
    with pytest.raises(VerificationFailed, match="cache 0"):
        heavy.saved_ms((np.array(files),))
