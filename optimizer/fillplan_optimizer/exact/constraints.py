"""The constraints of FORMULATION.md, one function each, in its order.

Every function adds its rows to the program and returns how many. `blocked` alone adds none: a pair that
must not be held gets no variable at all, which keeps the program small.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from fillplan_data.arrays import Bools
from fillplan_optimizer.exact.pulp_highs import Program, Variable, linear
from fillplan_optimizer.exact.variables import Variables
from fillplan_optimizer.feasibility import forced_files, local_companion
from fillplan_optimizer.problem import PlacementProblem

Terms = list[tuple[Variable, float]]


def add_all(program: Program, problem: PlacementProblem, variables: Variables) -> int:
    """Every constraint, in the order of FORMULATION.md; returns the number of rows."""
    return sum(
        add(program, problem, variables)
        for add in (storage, fill_window, serve_limit, service, assignment, order, companion, pinned)
    )


def storage(program: Program, problem: PlacementProblem, variables: Variables) -> int:
    """sum_f size_f hold[n,f] <= S_n."""
    unit = byte_unit(problem)
    rows = _by_cache(variables, problem.size_bytes / unit)
    for cache, terms in rows.items():
        program.addConstraint(linear(terms) <= float(problem.storage_bytes[cache] / unit), f"storage_{cache}")
    return len(rows)


def fill_window(program: Program, problem: PlacementProblem, variables: Variables) -> int:
    """sum_f size_f hold[n,f] over the files not held now <= B_n."""
    unit = byte_unit(problem)
    held = [problem.held_mask(cache) for cache in range(problem.cache_count)]
    rows = {
        cache: [term for term, file in zip(terms, files, strict=True) if not held[cache][file]]
        for cache, (terms, files) in _with_files(variables, problem.size_bytes / unit).items()
    }
    rows = {cache: terms for cache, terms in rows.items() if terms}
    for cache, terms in rows.items():
        program.addConstraint(linear(terms) <= float(problem.fill_budget_bytes[cache] / unit), f"fill_window_{cache}")
    return len(rows)


def serve_limit(program: Program, problem: PlacementProblem, variables: Variables) -> int:
    """sum of bytes served at n <= T_n; and at least T_n where n counts as full (see `order`)."""
    unit = demand_unit(problem)
    rows: dict[int, Terms] = defaultdict(list)
    for (point, place, file), part in variables.serve.items():
        cache = int(problem.options(point)[0][place])
        if np.isfinite(problem.serve_limit_bytes[cache]):
            rows[cache].append((part, _demand(problem, point, file) / unit))
    for cache, terms in rows.items():
        limit = float(problem.serve_limit_bytes[cache] / unit)
        program.addConstraint(linear(terms) <= limit, f"serve_limit_{cache}")
        if cache in variables.full:
            program.addConstraint(linear([*terms, (variables.full[cache], -limit)]) >= 0, f"full_{cache}")
    for cache in variables.full.keys() - rows.keys():
        program.addConstraint(linear([(variables.full[cache], 1.0)]) <= 0, f"full_{cache}")
    return len(rows) + len(variables.full)


def service(program: Program, problem: PlacementProblem, variables: Variables) -> int:
    """serve[p,k,f] <= hold[n,f]: only a holder serves."""
    for (point, place, file), part in variables.serve.items():
        holder = variables.hold[int(problem.options(point)[0][place]), file]
        program.addConstraint(linear([(part, 1.0), (holder, -1.0)]) <= 0, f"service_{point}_{place}_{file}")
    return len(variables.serve)


def assignment(program: Program, problem: PlacementProblem, variables: Variables) -> int:
    """Parts served of a point's demand for a file add up to 1 at most; a nearest holder without limit takes all."""
    rows: dict[tuple[int, int], Terms] = defaultdict(list)
    for (point, _, file), part in variables.serve.items():
        rows[point, file].append((part, 1.0))
    for (point, file), place in variables.direct.items():
        if (point, file) in rows:
            holder = variables.hold[int(problem.options(point)[0][place]), file]
            rows[point, file].append((holder, 1.0))
    rows = {key: terms for key, terms in rows.items() if len(terms) > 1}
    for (point, file), terms in rows.items():
        program.addConstraint(linear(terms) <= 1, f"assignment_{point}_{file}")
    return len(rows)


def order(program: Program, problem: PlacementProblem, variables: Variables) -> int:
    """serve[p,k,f] <= 1 - hold[n,f] + full[n] for every nearer cache n that is worth less: clients ask it first."""
    count = 0
    for (point, place, file), part in variables.serve.items():
        caches, values = problem.options(point)
        for nearer in range(place):
            cache = int(caches[nearer])
            if values[nearer] >= values[place] or variables.direct.get((point, file)) == nearer:
                continue
            if (cache, file) not in variables.hold:
                continue
            terms = [(part, 1.0), (variables.hold[cache, file], 1.0)]
            if cache in variables.full:
                terms.append((variables.full[cache], -1.0))
            program.addConstraint(linear(terms) <= 1, f"order_{point}_{nearer}_{place}_{file}")
            count += 1
    return count


def companion(program: Program, problem: PlacementProblem, variables: Variables) -> int:
    """hold[n,video] <= hold[n,main audio] wherever the audio may be held."""
    count = 0
    for cache in range(problem.cache_count):
        needed = local_companion(problem, problem.allowed(cache))
        for file in np.flatnonzero(needed >= 0).tolist():
            if (cache, file) in variables.hold:
                terms = [(variables.hold[cache, file], 1.0), (variables.hold[cache, int(needed[file])], -1.0)]
                program.addConstraint(linear(terms) <= 0, f"companion_{cache}_{file}")
                count += 1
    return count


def pinned(program: Program, problem: PlacementProblem, variables: Variables) -> int:
    """hold[n,f] = 1 for pinned files that may be held; their companions follow by `companion`."""
    count = 0
    for cache in range(problem.cache_count):
        for file in problem.pinned[cache][forced_files(problem, cache)[problem.pinned[cache]]].tolist():
            program.addConstraint(linear([(variables.hold[cache, file], 1.0)]) == 1, f"pinned_{cache}_{file}")
            count += 1
    return count


def blocked(problem: PlacementProblem, cache: int) -> Bools:
    """[F] hold[n,f] = 0: blocked or outside the rights window; such pairs get no variable."""
    return ~problem.allowed(cache)


def byte_unit(problem: PlacementProblem) -> float:
    """Bytes per unit of the storage and fill rows: a power of ten near the largest file, for the solver's sake."""
    return _power_of_ten(float(problem.size_bytes.max(initial=1)), 1e4)


def demand_unit(problem: PlacementProblem) -> float:
    """Bytes per unit of the serve rows: a power of ten near the largest demand."""
    return _power_of_ten(float(problem.demand_bytes.max(initial=0.0)), 1e4)


def _power_of_ten(largest: float, untouched: float) -> float:
    return 1.0 if largest <= untouched else 10.0 ** np.floor(np.log10(largest))


def _demand(problem: PlacementProblem, point: int, file: int) -> float:
    return float(problem.demand_bytes[problem.points.region[point], file] * problem.points.share[point])


def _by_cache(variables: Variables, factor: np.ndarray[tuple[int], np.dtype[np.float64]]) -> dict[int, Terms]:
    return {cache: terms for cache, (terms, _) in _with_files(variables, factor).items()}


def _with_files(
    variables: Variables, factor: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> dict[int, tuple[Terms, list[int]]]:
    rows: dict[int, tuple[Terms, list[int]]] = {}
    for (cache, file), hold in variables.hold.items():
        terms, files = rows.setdefault(cache, ([], []))
        terms.append((hold, float(factor[file])))
        files.append(file)
    return rows
