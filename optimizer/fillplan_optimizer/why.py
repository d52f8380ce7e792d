"""Why a cache holds a file, or does not: the reason, what bound, and what would change it, as data.

The cache's choice is judged as the program judges it: what the file would add here, all other caches holding what they
hold, against the price of its bytes (storage; for new bytes also the fill window and the fill cost) and of the bytes it
would serve. One reason is named, the nearest at hand first; `binding` lists all that bound.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from fillplan_optimizer.case import Case
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.result import Placement, Prices

Reason = Literal[
    # held
    "pinned",
    "floor",
    "launch",
    "worth",
    "main_audio",
    "room",
    # not held
    "blocked",
    "rights",
    "too_large",
    "no_demand",
    "served_nearer",
    "served_farther",
    "fill_cost",
    "fill_window",
    "serve_limit",
    "needs_main_audio",
    "storage",
    # either
    "whole_files",
]

MEANING: dict[Reason, str] = {
    "pinned": "a pin asks for it, or for a video whose main audio it is",
    "floor": "the policy holds lowest rungs and main audio wherever they are watched",
    "launch": "the policy holds this part of the demand for launches before they start",
    "worth": "it is worth at least the price of its bytes",
    "main_audio": "videos that are held need it: it is their title's main audio",
    "room": "it was there, and nothing worth more needs its room",
    "blocked": "a block forbids it",
    "rights": "its title has no rights window in the horizon where this cache serves",
    "too_large": "it does not fit beside what is pinned, in storage or through tonight's fill window",
    "no_demand": "nobody who asks this cache is expected to watch it",
    "served_nearer": "caches nearer to the clients hold it and serve what would be asked here",
    "served_farther": "a cache farther up holds it, and a copy here adds too little",
    "fill_cost": "filling it costs more than serving it from here is worth",
    "fill_window": "tonight's fill window is worth more to other files; were it here already, it would stay",
    "serve_limit": "the serve limit is worth more to other files",
    "needs_main_audio": "it would be worth its own bytes, but not those of its title's main audio too",
    "storage": "other files are worth more per byte of storage",
    "whole_files": "it stands at the margin: files are whole, and what fitted there decided",
}
"""What each reason says, where it alone decides."""

_ROUNDING = 1e-5
"""Part of its worth under which what a file adds beyond its price, or that of serving it, is none: prices are as
exact as a solver's search for them."""

_PART: dict[Reason, str] = {
    "storage": "storage",
    "fill_window": "tonight's fill window",
    "fill_cost": "the cost of filling",
    "serve_limit": "the serve limit",
    "needs_main_audio": "its title's main audio",
}
"""What a price is made of."""


@dataclass(frozen=True)
class Why:
    """One pair of cache and file; worth in the units of `value_per_byte`, over the horizon."""

    held: bool
    held_before: bool
    reason: Reason
    binding: tuple[Reason, ...]
    """Everything that bound, the reason first; one entry where only one thing did."""
    alone: bool
    """Whether any one of `binding`, were it lifted, would turn the decision at these prices; else it takes several."""
    size_bytes: int
    requested_bytes: float
    """By all clients who ask this cache, at whatever place of their order."""
    reaching_bytes: float
    """What nearer caches leave of that."""
    worth: float
    """What holding it here adds, all other caches holding what they hold; fill cost not taken off."""
    price: float
    """Of its bytes (storage, fill window, fill cost) and of the serve limit that it would take."""
    storage_price: float
    """Per byte."""
    fill_price: float
    """Per byte."""
    fill_cost: float
    """Per byte."""
    serve_price: float
    """Per byte served."""
    needs: str | None
    """The main audio that it would have to bring."""
    needed_by: tuple[str, ...]
    """Held videos whose main audio it is."""
    nearer: tuple[str, ...]
    """Caches that hold it and are asked before this one."""
    farther: tuple[str, ...]
    """Caches that hold it and are asked after this one."""
    turning_factor: float | None
    """Times its demand at which worth is price, prices and all other caches' files as they are; None if no demand
    would turn the decision. An estimate: files are whole, so that a plan made anew may turn elsewhere."""

    @property
    def surplus(self) -> float:
        """Worth less price; the program holds what has a surplus, up to whole files."""
        return self.worth - self.price

    @property
    def meaning(self) -> str:
        """What the reason says, in words."""
        if self.alone or self.held or self.reason not in _PART:
            return MEANING[self.reason]
        price = f"it is worth less than its price, and {_PART[self.reason]} is the largest part of that"
        return f"{price}; to lift one limit alone would not bring it in"


def why(problem: PlacementProblem, placement: Placement, prices: Prices, cache: int, file: int) -> Why:
    """Explain one decision of a placement at its prices; prices that are unknown count as the cache's own."""
    case = Case.of(problem, placement, prices, cache, file)
    binding, alone = _held(case) if case.held else _not_held(case)
    storage, fill, serve = case.prices
    return Why(
        held=case.held,
        held_before=case.held_before,
        reason=binding[0],
        binding=tuple(binding),
        alone=alone,
        size_bytes=int(problem.size_bytes[file]),
        requested_bytes=case.flow(nearer=False)[1],
        reaching_bytes=case.flow()[1],
        worth=case.flow()[0],
        price=case.price,
        storage_price=storage,
        fill_price=fill,
        fill_cost=float(problem.fill_cost_per_byte[cache]),
        serve_price=serve,
        needs=problem.file_ids[case.audio] if case.brings else None,
        needed_by=tuple(problem.file_ids[video] for video in case.needed_by),
        nearer=case.holders(before=True),
        farther=case.holders(before=False),
        turning_factor=_turning_factor(case, binding[0]),
    )


def _held(case: Case) -> tuple[list[Reason], bool]:
    """Reasons for holding: what pins it, and what would hold it without."""
    earns = case.surplus >= 0 and case.flow()[0] > 0
    if case.forced:
        return ([_rule(case), "worth"], False) if earns else ([_rule(case)], True)
    if earns:
        return ["worth"], True
    if case.needed_by:
        return ["main_audio"], True
    return ["room" if case.held_before and case.flow()[0] <= 0 else "whole_files"], True


def _rule(case: Case) -> Reason:
    """Whose pin it is: the policy's, or one of the table."""
    ruled, files = case.problem.ruled, [case.file, *case.needed_by]
    if ruled is not None and np.isin(files, ruled.floor[case.cache]).any():
        return "floor"
    return "launch" if ruled is not None and np.isin(files, ruled.launches[case.cache]).any() else "pinned"


def _not_held(case: Case) -> tuple[list[Reason], bool]:
    """What stands against holding: what forbids it, and what would have to be otherwise besides."""
    problem, cache, file = case.problem, case.cache, case.file
    forbids: list[Reason] = []
    if file in problem.blocked[cache]:
        forbids.append("blocked")
    if not problem.rights[cache, problem.title[file]]:
        forbids.append("rights")
    if forbids and case.fits and _pays(case):
        return forbids, len(forbids) == 1
    against, alone = _against(case)
    return [*forbids, *against], alone and not forbids


def _against(case: Case) -> tuple[list[Reason], bool]:
    """What stands against holding a file that may be held."""
    pays = _pays(case)
    if not case.fits:
        return ["too_large"], pays
    if case.flow(nearer=False)[1] <= 0:
        return ["no_demand"], True
    if case.flow()[1] <= 0:
        return ["served_nearer"], _pays_without_nearer(case)
    if pays:
        return ["needs_main_audio" if case.brings and case.finds_room else "whole_files"], True
    enough = [reason for reason, lifted in _tests(case) if lifted()]
    return (enough, True) if enough else (_scarcest(case), False)


def _pays(case: Case) -> bool:
    """Whether it is worth its price, and that of the main audio it brings, by more than rounding."""
    return _gains(case.surplus - case.audio_lack, case.flow()[0])


def _gains(surplus: float, worth: float) -> bool:
    return surplus > _ROUNDING * worth


def _tests(case: Case) -> Iterator[tuple[Reason, Callable[[], bool]]]:
    """What, were it lifted alone, would bring the file in."""
    worth, lack = case.flow()[0], case.audio_lack
    size = float(case.problem.size_bytes[case.file])
    cost = 0.0 if case.held_before else float(case.problem.fill_cost_per_byte[case.cache]) * size
    first = case.flow(farther=False)[0]

    def at(price: float) -> bool:
        return _gains(worth - price - lack, worth)

    yield "fill_cost", lambda: worth <= cost and at(case.price - cost)
    yield "needs_main_audio", lambda: _gains(case.surplus, worth)
    yield "fill_window", lambda: not case.held_before and at(case.priced(fill=False))
    yield "serve_limit", lambda: case.prices[2] > 0 and at(case.priced(serve=False))
    yield "served_farther", lambda: _gains(first - case.price - lack, first)
    yield "served_nearer", lambda: _pays_without_nearer(case)
    yield "storage", lambda: case.prices[0] > 0 and at(case.price - case.prices[0] * size)


def _pays_without_nearer(case: Case) -> bool:
    """Whether it would come in if no nearer cache held it."""
    worth, load = case.flow(nearer=False)
    return _gains(worth - case.priced(serve=False) - case.prices[2] * load - case.audio_lack, worth)


def _scarcest(case: Case) -> list[Reason]:
    """No single thing would do: what its price is made of, the largest part first."""
    storage, window, limit = case.prices
    size = float(case.problem.size_bytes[case.file])
    new = 0.0 if case.held_before else 1.0
    parts: dict[Reason, float] = {
        "storage": storage * size,
        "fill_window": new * window * size,
        "fill_cost": new * float(case.problem.fill_cost_per_byte[case.cache]) * size,
        "serve_limit": limit * case.flow()[1],
        "needs_main_audio": case.audio_lack,
    }
    found = sorted((reason for reason, part in parts.items() if part > 0), key=lambda reason: -parts[reason])
    return found or ["whole_files"]


def _turning_factor(case: Case, reason: Reason) -> float | None:
    """Demand times this much has a surplus of zero: worth and served bytes grow with demand, the price of bytes not."""
    if reason in ("blocked", "rights", "too_large", "pinned", "floor", "launch", "main_audio", "room", "whole_files"):
        return None
    worth, load = case.flow()
    per_demand = worth - case.prices[2] * load
    needed = case.priced(serve=False) + case.audio_lack
    return needed / per_demand if per_demand > _ROUNDING * worth else None
