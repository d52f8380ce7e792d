"""Kernels that are spliced into their callers: a call would copy and count every array of a mesh and its state."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., object])


def inlined(function: Function) -> Function:
    """Compile as part of whatever compiled function calls it."""
    return cast(Function, numba.njit(inline="always", nogil=True)(function))
