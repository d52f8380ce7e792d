"""One cache's choice of whole files, given a worth per file: an integer program of two rows, by HiGHS.

Only files whose other choice loses less than is left between bound and best known choice can matter; all others
are settled beforehand, which loses nothing. What remains is a few hundred files in a narrow gap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np

from fillplan_data.arrays import Bools, Floats, Ints
from fillplan_optimizer.decomposition.tree import Tree
from fillplan_optimizer.exact.pulp_highs import Silent, adds_up

_SCALE = 1e4
"""What the loss limit becomes in the objective."""
_TOLERANCE = 1e-6
"""Part of the loss limit by which HiGHS's bound is not trusted."""


@dataclass(frozen=True)
class Search:
    """When HiGHS may stop; never by the clock."""

    gap: float = 0.2
    """Part of the loss limit that may stay open."""
    nodes: int = 20
    """Nodes of the search tree."""
    files: int = 6000
    """Most files to choose from; with more open ones whole files cost next to nothing, and the search takes long."""


@dataclass(frozen=True, eq=False)
class Choice:
    """The files among which a node still chooses, all others being settled."""

    free: Ints
    """Files to choose from."""
    taken: Bools
    """[F] files held in any case."""
    least: Bools
    """[free] must be held: main audio of a file that is."""
    most: Bools
    """[free] may be held: not without its main audio."""
    ties: tuple[Ints, Ints]
    """Places in `free` of videos, and of their main audio."""


def choice_of(tree: Tree, node: int, reduced: Floats, loss_limit: float) -> Choice:
    """Settle what a better choice than the best known one cannot have otherwise.

    reduced: [F] worth less all prices; whatever is not chosen by its sign loses as much.
    """
    may = tree.allowed[node] & ~tree.pinned[node]
    open_ = may & (np.abs(reduced) <= loss_limit * (1 + _TOLERANCE))
    taken = tree.pinned[node] | (may & ~open_ & (reduced > 0))
    free = np.flatnonzero(open_)
    place = np.full(tree.file_count + 1, -1, dtype=np.int64)
    place[free] = np.arange(len(free))
    audio = np.where(tree.companion >= 0, tree.companion, tree.file_count)
    needs = (tree.companion >= 0) & tree.allowed[node][tree.companion]
    least = np.zeros(len(free), dtype=np.bool_)
    least[place[audio[np.flatnonzero(taken & needs & (place[audio] >= 0))]]] = True
    settled_audio = needs[free] & (place[audio[free]] < 0)
    most = ~settled_audio | taken[np.minimum(audio[free], tree.file_count - 1)]
    tied = np.flatnonzero(needs[free] & (place[audio[free]] >= 0))
    return Choice(free, taken, least, most, (tied, place[audio[free[tied]]]))


def best_choice(
    tree: Tree, node: int, worth: Floats, choice: Choice, known: Bools, loss_limit: float, search: Search
) -> tuple[float, Bools | None]:
    """No choice of whole files is worth more than this; and the best one found, [F], where HiGHS has one.

    worth: [F] of holding each file, fill cost taken off. known: [F] a choice that keeps all limits.
    """
    settled = float(worth[choice.taken].sum())
    scale = _SCALE / loss_limit
    model = Silent()  # type: ignore[no-untyped-call]
    for option, value in _options(search).items():
        model.setOptionValue(option, value)
    model.passModel(_program(tree, node, choice, scale * worth[choice.free]))
    count = len(choice.free)
    model.setSolution(count, np.arange(count, dtype=np.int32), known[choice.free].astype(np.float64))
    model.run()
    if not adds_up(model):
        model.clearSolver()
        model.run()
    bound = settled - float(model.getInfo().mip_dual_bound) / scale + _TOLERANCE * loss_limit
    values = np.array(model.getSolution().col_value)
    hold = choice.taken.copy()
    hold[choice.free] = values > 0.5 if len(values) == count else False
    return bound, hold if len(values) == count and _fits(tree, node, hold) else None


def _options(search: Search) -> dict[str, bool | int | float | str]:
    """Without presolve and inner programs, which take longer than the search; a good choice is known already."""
    return {
        "output_flag": False,
        "threads": 1,
        "presolve": "off",
        "mip_detect_symmetry": False,
        "mip_heuristic_run_rins": False,
        "mip_heuristic_run_rens": False,
        "mip_heuristic_run_root_reduced_cost": False,
        "mip_rel_gap": 0.0,
        "mip_abs_gap": search.gap * _SCALE,
        "mip_max_nodes": search.nodes,
    }


def _program(tree: Tree, node: int, choice: Choice, objective: Floats) -> Any:
    """Rows: storage, fill window, companions."""
    free, size = choice.free, tree.size[choice.free]
    unit = 10.0 ** np.floor(np.log10(max(1.0, float(tree.size.max(initial=1.0)))))
    fresh = np.flatnonzero(~tree.held[node][free])
    room = tree.storage[node] - tree.size[choice.taken].sum()
    window = tree.fill[node] - tree.size[choice.taken & ~tree.held[node]].sum()
    video, audio = choice.ties
    ones = np.ones(len(video))
    tie = np.repeat(np.arange(2, 2 + len(video)), 2)
    rows = np.concatenate([np.zeros(len(free), dtype=np.int64), np.ones(len(fresh), dtype=np.int64), tie])
    columns = np.concatenate([np.arange(len(free)), fresh, np.column_stack([video, audio]).ravel()])
    values = np.concatenate([size / unit, size[fresh] / unit, np.column_stack([ones, -ones]).ravel()])
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = len(free), 2 + len(video)
    program.col_cost_ = -objective
    program.col_lower_, program.col_upper_ = choice.least.astype(np.float64), choice.most.astype(np.float64)
    program.row_lower_ = np.full(2 + len(video), -highspy.kHighsInf)
    program.row_upper_ = np.concatenate([[room / unit, window / unit], np.zeros(len(video))])
    program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    program.a_matrix_.start_ = np.searchsorted(rows, np.arange(3 + len(video))).astype(np.int32)
    program.a_matrix_.index_ = columns.astype(np.int32)
    program.a_matrix_.value_ = values
    program.integrality_ = [highspy.HighsVarType.kInteger] * len(free)
    return program


def _fits(tree: Tree, node: int, hold: Bools) -> bool:
    """In whole bytes, which HiGHS's tolerances may pass over."""
    fresh = hold & ~tree.held[node]
    if tree.size[hold].sum() > tree.storage[node] or tree.size[fresh].sum() > tree.fill[node]:
        return False
    needs = np.flatnonzero(hold & (tree.companion >= 0))
    audio = tree.companion[needs]
    return bool((hold[audio] | ~tree.allowed[node][audio]).all())
