"""Instances in the manner of Google Hash Code 2017, "Streaming videos", made here; none is the contest's own."""

from __future__ import annotations

import numpy as np

from fillplan_optimizer.hashcode.instance import Instance

SHAPES = {
    "zoo": (100, 10, 100, 10, 100, 50, (1, 5)),
    "spreading": (10_000, 100, 100_000, 100, 10_000, 1_000, (5, 60)),
    "kittens": (10_000, 1_000, 200_000, 500, 6_000, 1_000, (10, 100)),
    "kittens-dense": (10_000, 1_000, 200_000, 500, 6_000, 1_000, (100, 500)),
}
"""Videos, endpoints, request rows, caches, capacity, largest video, caches per endpoint."""


def contest(shape: str, seed: int = 0) -> Instance:
    """An instance of one of SHAPES."""
    return make(*SHAPES[shape], seed=seed)


def make(
    videos: int,
    endpoints: int,
    rows: int,
    caches: int,
    capacity: int,
    largest: int,
    degree: tuple[int, int],
    seed: int = 0,
    skew: float = 0.8,
) -> Instance:
    """Popularity falls as rank ** -skew; caches are nearer than the data centre by far."""
    rng = np.random.default_rng(seed)
    popularity = rng.permutation((np.arange(videos) + 3.0) ** -skew)
    video = rng.choice(videos, rows, p=popularity / popularity.sum())
    far = rng.integers(300, 2_500, endpoints)
    links = [np.sort(rng.permutation(caches)[: rng.integers(degree[0], degree[1] + 1)]) for _ in range(endpoints)]
    start = np.concatenate([[0], np.cumsum([len(link) for link in links])])
    cache = np.concatenate(links).astype(np.int64)
    near = rng.integers(5, np.repeat(far, np.diff(start)) // 3 + 10)
    return Instance(
        size_mb=rng.integers(1, largest + 1, videos),
        cache_count=caches,
        capacity_mb=capacity,
        far_ms=far,
        link_start=start,
        link_cache=cache,
        link_ms=near,
        video=video,
        endpoint=rng.integers(0, endpoints, rows),
        requests=rng.integers(1, 1_000, rows),
    )


def text(instance: Instance) -> str:
    """The instance as a file."""
    lines = [
        f"{len(instance.size_mb)} {len(instance.far_ms)} {len(instance.video)} {instance.cache_count} "
        f"{instance.capacity_mb}",
        " ".join(map(str, instance.size_mb)),
    ]
    for endpoint, far in enumerate(instance.far_ms):
        cut = slice(instance.link_start[endpoint], instance.link_start[endpoint + 1])
        lines.append(f"{far} {cut.stop - cut.start}")
        lines += [f"{c} {ms}" for c, ms in zip(instance.link_cache[cut], instance.link_ms[cut], strict=True)]
    rows = zip(instance.video, instance.endpoint, instance.requests, strict=True)
    lines += [f"{video} {endpoint} {count}" for video, endpoint, count in rows]
    return "\n".join(lines) + "\n"
