"""The one way in which functions are compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., object])


def kernel(function: Function) -> Function:
    """Compile with numba, outside the interpreter's lock; cached on disk where a folder can be written.

    numba refuses `cache=True` if neither the package's folder nor the user's cache folder is writable
    (a read-only install without a home); such installs compile once per process instead. Its cache looks only at the
    file of the function itself: after changing a kernel that kernels of other modules call, remove `__pycache__`.
    """
    compile_cached: Callable[[Function], Any] = numba.njit(cache=True, nogil=True)
    compile_plain: Callable[[Function], Any] = numba.njit(nogil=True)
    try:
        return cast(Function, compile_cached(function))
    except RuntimeError:
        return cast(Function, compile_plain(function))
