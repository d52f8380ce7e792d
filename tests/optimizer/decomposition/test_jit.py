"""Compilation where nothing can be cached, and where what is cached is no longer what the sources say."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fillplan_optimizer.decomposition import jit
from fillplan_optimizer.decomposition.jit import kernel


def test_functions_without_a_cache_folder_compile_all_the_same() -> None:
    """Source without a file has no place for a cache, like a read-only install without a home."""
    scope: dict[str, Callable[[float], float]] = {}
    exec(compile("def double(x):\n    return 2.0 * x\n", "<nowhere>", "exec"), scope)
    assert kernel(scope["double"])(1.5) == 3.0


def test_a_change_of_any_kernel_compiles_all_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel has what it calls compiled into it, and numba looks at its own file alone: old code would stay."""
    (tmp_path / "some.py").write_text("def double(x):\n    return 2.0 * x\n")

    def hits(sources: str) -> int:
        monkeypatch.setattr(jit, "sources", lambda: sources)
        spec = importlib.util.spec_from_file_location("some", tmp_path / "some.py")
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        compiled: Any = kernel(module.double)
        assert compiled(1.5) == 3.0
        return sum(compiled.stats.cache_hits.values())

    assert [hits("old"), hits("old"), hits("new"), hits("new")] == [0, 1, 0, 1]


def test_sources_are_those_of_all_kernels() -> None:
    assert len(jit.sources()) == 64
    package = Path(jit.__file__).parent.parent
    users = {path.parent.name for path in package.rglob("*.py") if "import kernel\n" in path.read_text()}
    assert users == {"decomposition", "mesh"}
