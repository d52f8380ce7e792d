"""An instance as a placement problem, and the score of a placement.

Each request is served by the nearest holder, the data centre holds everything, and the score is
floor(1000 x milliseconds saved / requests). That is a mesh without fill limits: a video is a file, an endpoint
a region, a request counts as one byte of demand, worth the milliseconds that a cache saves, so that a
placement's value is in requests x milliseconds and exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fillplan_data.arrays import Ints
from fillplan_data.errors import VerificationFailed
from fillplan_optimizer.problem import DemandPoints, FilesPerCache, PlacementProblem

_BYTES_PER_MB = 1_000_000


@dataclass(frozen=True, eq=False)
class Instance:
    """One instance as it was read: V videos, E endpoints, L links, R request rows; everything is an integer."""

    size_mb: Ints
    """[V] >= 1."""
    cache_count: int
    capacity_mb: int
    """Of every cache."""
    far_ms: Ints
    """[E] latency to the data centre."""
    link_start: Ints
    """[E + 1] endpoint e reaches `link_cache[link_start[e]:link_start[e + 1]]`."""
    link_cache: Ints
    """[L]."""
    link_ms: Ints
    """[L] latency to that cache."""
    video: Ints
    """[R]; a pair of video and endpoint may stand in several rows."""
    endpoint: Ints
    """[R]."""
    requests: Ints
    """[R] >= 1."""

    @property
    def total_requests(self) -> int:
        """All requests."""
        return int(self.requests.sum())

    def score(self, saved_ms: int) -> int:
        """The score of so many requests x milliseconds saved."""
        return saved_ms * 1000 // self.total_requests if self.total_requests else 0

    def problem(self) -> PlacementProblem:
        """The instance as a mesh; caches no faster than the data centre are left out of an endpoint's order."""
        videos, endpoints, caches = len(self.size_mb), len(self.far_ms), self.cache_count
        demand = np.zeros((endpoints, videos))
        np.add.at(demand, (self.endpoint, self.video), self.requests.astype(np.float64))
        storage = np.full(caches, self.capacity_mb * _BYTES_PER_MB, dtype=np.int64)
        blank = tuple(np.zeros(0, dtype=np.int64) for _ in range(caches))
        return PlacementProblem(
            cache_ids=tuple(str(cache) for cache in range(caches)),
            file_ids=tuple(str(video) for video in range(videos)),
            size_bytes=self.size_mb * _BYTES_PER_MB,
            title=np.arange(videos),
            companion=np.full(videos, -1),
            storage_bytes=storage,
            fill_budget_bytes=storage,
            serve_limit_bytes=np.full(caches, np.inf),
            fill_cost_per_byte=np.zeros(caches),
            parent=np.full(caches, -1),
            points=self._points(),
            demand_bytes=demand,
            rights=np.ones((caches, videos), dtype=np.bool_),
            held=blank,
            pinned=blank,
            blocked=blank,
        )

    def _points(self) -> DemandPoints:
        endpoints = len(self.far_ms)
        owner = np.repeat(np.arange(endpoints), np.diff(self.link_start))
        saved = self.far_ms[owner] - self.link_ms
        keep = np.flatnonzero(saved > 0)
        keep = keep[np.lexsort((self.link_cache[keep], -saved[keep], owner[keep]))]
        count = np.bincount(owner[keep], minlength=endpoints)
        return DemandPoints(
            region=np.arange(endpoints),
            share=np.ones(endpoints),
            start=np.concatenate([[0], np.cumsum(count)]).astype(np.int64),
            cache=self.link_cache[keep],
            value_per_byte=saved[keep].astype(np.float64),
        )

    def saved_ms(self, files: FilesPerCache) -> int:
        """Requests x milliseconds saved, in whole numbers and with no solver's arithmetic.

        Raises VerificationFailed if a cache holds more than its capacity or a video twice.
        """
        holds = self._holds(files)
        by_endpoint = np.argsort(self.endpoint, kind="stable")
        cut = np.searchsorted(self.endpoint[by_endpoint], np.arange(len(self.far_ms) + 1))
        saved = 0
        for endpoint, far in enumerate(self.far_ms):
            rows = by_endpoint[cut[endpoint] : cut[endpoint + 1]]
            links = slice(self.link_start[endpoint], self.link_start[endpoint + 1])
            held = holds[self.link_cache[links]][:, self.video[rows]]
            latency = np.where(held, self.link_ms[links, None], far)
            nearest = latency.min(axis=0, initial=far)
            saved += _whole_sum(self.requests[rows] * (far - nearest))
        return saved

    def _holds(self, files: FilesPerCache) -> np.ndarray:
        holds = np.zeros((self.cache_count, len(self.size_mb)), dtype=np.bool_)
        for cache, videos in enumerate(files):
            used, different = int(self.size_mb[videos].sum()), len(np.unique(videos))
            if used > self.capacity_mb or different != len(videos):
                raise VerificationFailed(
                    f"cache {cache}: expected at most {self.capacity_mb} MB, each video once; found "
                    f"{len(videos)} videos with {used} MB, {different} of them different"
                )
            holds[cache, videos] = True
        return holds


def _whole_sum(terms: Ints) -> int:
    """The sum of numbers up to 2^62, which together may not fit 64 bits."""
    return (int((terms >> 31).sum()) << 31) + int((terms & (1 << 31) - 1).sum())
