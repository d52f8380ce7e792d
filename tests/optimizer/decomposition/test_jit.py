"""Compilation where nothing can be cached."""

from __future__ import annotations

from collections.abc import Callable

from fillplan_optimizer.decomposition.jit import kernel


def test_functions_without_a_cache_folder_compile_all_the_same() -> None:
    """Source without a file has no place for a cache, like a read-only install without a home."""
    scope: dict[str, Callable[[float], float]] = {}
    exec(compile("def double(x):\n    return 2.0 * x\n", "<nowhere>", "exec"), scope)
    assert kernel(scope["double"])(1.5) == 3.0
