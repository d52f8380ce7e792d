"""One cache's choice: which files to hold, given what each would be worth here.

Storage and tonight's fill are two knapsacks with the same sizes, so the best fractional choice takes new
files by falling density as far as the fill goes, merges them with the files already held, and stops where
the storage ends. The integer choice skips what no longer fits. A video and its main audio are ranked as
what they are, a bundle: otherwise the audio of a popular video (worth little by itself where everyone
listens to a dub) would be left out and strand the video.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from fillplan_data.arrays import Bools, Floats, Ints

_SERVE_PRICE_FACTORS = (1.0, 0.98, 0.85, 0.5, 0.0)
"""Parts of the fractional serve price to try where a serve limit binds."""

_PASSES = 3
"""Times that room left by what did not fit is offered again."""


@dataclass(frozen=True, eq=False)
class Offer:
    """What one cache may choose from; arrays are [F]."""

    gain: Floats
    """Worth that holding the file here adds, fill cost not taken off; may be negative."""
    load_bytes: Floats
    """Bytes that the cache would serve of the file."""
    size_bytes: Ints
    held: Bools
    allowed: Bools
    forced: Bools
    """Must be held; within `allowed`."""
    companion: Ints
    """File that must come along, -1 for none (or none allowed here)."""
    storage_bytes: int
    fill_budget_bytes: int
    serve_limit_bytes: float
    fill_cost_per_byte: float

    @property
    def net(self) -> Floats:
        """[F] gain less the fill cost of files not held yet."""
        return self.gain - np.where(self.held, 0.0, self.fill_cost_per_byte * self.size_bytes)


def choose(offer: Offer) -> Bools:
    """[F] files to hold: within all limits of the cache, forced files in, companions complete."""
    unlimited = _choose(replace(offer, serve_limit_bytes=np.inf))
    if offer.load_bytes[unlimited].sum() <= offer.serve_limit_bytes:
        return unlimited
    price = _serve_price(offer, unlimited)
    priced = (replace(offer, gain=offer.gain - part * price * offer.load_bytes) for part in _SERVE_PRICE_FACTORS)
    choices = [_choose(changed) for changed in priced]
    return max(choices, key=lambda mask: _limited_worth(offer, mask))


def pack(size_bytes: Ints, room: int) -> Bools:
    """Which files of a ranking fit, one after the other, those that no longer fit being skipped."""
    take = np.zeros(len(size_bytes), dtype=np.bool_)
    rest = np.flatnonzero(size_bytes <= room)
    while rest.size:
        filled = np.cumsum(size_bytes[rest])
        count = int(np.searchsorted(filled, room, side="right"))
        take[rest[:count]] = True
        room -= int(filled[count - 1]) if count else 0
        rest = rest[count + 1 :]
        rest = rest[size_bytes[rest] <= room]
    return take


def bundle_density(density: Floats, size_bytes: Ints, companion: Ints, usable: Bools) -> Floats:
    """Density at which a file enters when videos and their main audio enter together.

    An audio gets the best mean density of itself with its densest videos, these videos at most that
    (the closure of a one-level precedence, so that the ranking is the parametric fractional optimum).
    """
    result = density.copy()
    video = np.flatnonzero(usable & (companion >= 0))
    video = video[density[video] > density[companion[video]]]
    if not video.size:
        return result
    video = video[np.lexsort((-density[video], companion[video]))]
    audio = companion[video]
    first = np.flatnonzero(np.r_[True, audio[1:] != audio[:-1]])
    lead = audio[first]
    count = np.diff(np.r_[first, len(video)])
    gain, size = np.cumsum(density[video] * size_bytes[video]), np.cumsum(size_bytes[video].astype(np.float64))
    offset = np.repeat(first, count)
    gain -= np.r_[0.0, gain][offset]
    size -= np.r_[0.0, size][offset]
    mean = (gain + (density * size_bytes)[audio]) / (size + size_bytes[audio])
    result[lead] = np.maximum(density[lead], np.maximum.reduceat(mean, first))
    result[video] = np.minimum(density[video], result[audio])
    return result


def prices(offer: Offer) -> tuple[float, float, float]:
    """Storage, fill and serve price per byte at which the fractional choice just fills all three."""
    serve = 0.0
    if np.isfinite(offer.serve_limit_bytes):
        unlimited = _choose(replace(offer, serve_limit_bytes=np.inf))
        if offer.load_bytes[unlimited].sum() > offer.serve_limit_bytes:
            serve = _serve_price(offer, unlimited)
    net = offer.net - serve * offer.load_bytes
    density = np.where(offer.forced, np.inf, net / offer.size_bytes)
    return *_byte_prices(offer, density), serve


def _byte_prices(offer: Offer, density: Floats) -> tuple[float, float]:
    usable = offer.allowed & (density > 0)
    new = usable & ~offer.held
    storage = _quantile(density, offer.size_bytes, usable, offer.storage_bytes)
    if offer.size_bytes[new & (density > storage)].sum() <= offer.fill_budget_bytes:
        return storage, 0.0
    entry = _quantile(density, offer.size_bytes, new, offer.fill_budget_bytes)
    room = offer.storage_bytes - offer.fill_budget_bytes
    storage = min(entry, _quantile(density, offer.size_bytes, usable & offer.held, room))
    return storage, entry - storage


def _choose(offer: Offer) -> Bools:
    density, companion = offer.net / offer.size_bytes, offer.companion
    hold = offer.forced.copy()
    for _ in range(_PASSES):
        reach = _within_reach(offer, hold)
        alone = np.where(hold[companion], -1, companion)
        rank_density = bundle_density(density, offer.size_bytes, alone, reach)
        candidate = np.flatnonzero(reach & (rank_density > 0))
        dependent = alone[candidate] >= 0
        key = np.where(dependent, np.nextafter(rank_density[candidate], 0.0), rank_density[candidate])
        taken = _admit(offer, hold, candidate[np.argsort(-key, kind="stable")], rank_density)
        if not taken.size:
            break
        hold[taken] = True
        hold &= (companion < 0) | hold[companion]
        hold &= _earning(offer, hold, density)
    return hold


def _within_reach(offer: Offer, hold: Bools) -> Bools:
    """[F] files not held yet that still fit by themselves and whose main audio is held or fits too."""
    room = offer.storage_bytes - int(offer.size_bytes[hold].sum())
    budget = offer.fill_budget_bytes - int(offer.size_bytes[hold & ~offer.held].sum())
    fits = offer.allowed & (offer.size_bytes <= room) & (offer.held | (offer.size_bytes <= budget)) | hold
    return fits & ~hold & ((offer.companion < 0) | fits[offer.companion])


def _earning(offer: Offer, hold: Bools, density: Floats) -> Bools:
    """[F] all but main audio that came for videos which then did not fit."""
    needed = np.zeros_like(hold)
    needed[offer.companion[hold & (offer.companion >= 0)]] = True
    return (density > 0) | needed | offer.forced


def _admit(offer: Offer, hold: Bools, candidate: Ints, rank_density: Floats) -> Ints:
    """One pass over the ranked candidates: those that the fill lets in, then those that storage takes."""
    size = offer.size_bytes
    room = offer.storage_bytes - int(size[hold].sum())
    budget = offer.fill_budget_bytes - int(size[hold & ~offer.held].sum())
    if np.isfinite(offer.serve_limit_bytes):
        spare = offer.serve_limit_bytes - offer.load_bytes[hold].sum()
        before = np.cumsum(offer.load_bytes[candidate]) - offer.load_bytes[candidate]
        candidate = candidate[before < spare]
    new = ~offer.held[candidate]
    fresh = candidate[new]
    urgency = _fill_urgency(offer, fresh, rank_density)
    order = np.argsort(-urgency, kind="stable")
    enters = np.ones(len(candidate), dtype=np.bool_)
    enters[np.flatnonzero(new)[order]] = pack(size[fresh[order]], budget)
    candidate = candidate[enters]
    return candidate[pack(size[candidate], room)]


def _fill_urgency(offer: Offer, fresh: Ints, rank_density: Floats) -> Floats:
    """Rank of new files for the fill: a main audio also carries the worth of the held videos that need it."""
    needs = np.flatnonzero(offer.held & offer.allowed & (offer.companion >= 0) & (rank_density > 0))
    carried = np.bincount(
        offer.companion[needs], weights=(rank_density * offer.size_bytes)[needs], minlength=len(rank_density)
    )
    urgency: Floats = rank_density[fresh] + carried[fresh] / offer.size_bytes[fresh]
    return urgency


def _serve_price(offer: Offer, mask: Bools) -> float:
    """Worth of one more byte of serve limit in a fractional choice among the files of `mask`."""
    chosen = np.flatnonzero(mask & (offer.load_bytes > 0))
    rate = offer.gain[chosen] / offer.load_bytes[chosen]
    order = np.argsort(-rate, kind="stable")
    last = int(np.searchsorted(np.cumsum(offer.load_bytes[chosen[order]]), offer.serve_limit_bytes))
    return float(max(rate[order[min(last, len(order) - 1)]], 0.0))


def _limited_worth(offer: Offer, mask: Bools) -> float:
    """Worth of a choice when the cache serves its best bytes up to the limit, less the fill cost."""
    chosen = np.flatnonzero(mask & (offer.load_bytes > 0))
    rate = offer.gain[chosen] / offer.load_bytes[chosen]
    order = np.argsort(-rate, kind="stable")
    load = offer.load_bytes[chosen[order]]
    served = np.clip(offer.serve_limit_bytes - (np.cumsum(load) - load), 0.0, load)
    cost = offer.fill_cost_per_byte * offer.size_bytes[mask & ~offer.held].sum()
    return float((served * rate[order]).sum() - cost)


def _quantile(density: Floats, size_bytes: Ints, mask: Bools, room: int) -> float:
    """Density of the file that no longer fits when files enter by falling density; 0 if all fit."""
    index = np.flatnonzero(mask & (density > 0))
    order = index[np.argsort(-density[index], kind="stable")]
    last = int(np.searchsorted(np.cumsum(size_bytes[order]), room, side="right"))
    return float(density[order[last]]) if last < len(order) else 0.0
