"""The one way in which functions are compiled."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., object])


def kernel(function: Function) -> Function:
    """Compile with numba, outside the interpreter's lock; cached on disk where a folder can be written.

    numba refuses `cache=True` if neither the package's folder nor the user's cache folder is writable
    (a read-only install without a home); such installs compile once per process instead. Its cache looks only at the
    file of the function itself, though what that calls, and constants from elsewhere, are compiled into it: after an
    upgrade old code would go on running. So the cache is told of all files of the folders that have kernels.
    """
    compile_cached: Callable[[Function], Any] = numba.njit(cache=True, nogil=True)
    compile_plain: Callable[[Function], Any] = numba.njit(nogil=True)
    try:
        compiled = compile_cached(function)
    except RuntimeError:
        return cast(Function, compile_plain(function))
    with suppress(AttributeError):  # numba's own; should it be called otherwise one day, its stamp stands
        index = compiled._cache._cache_file
        index._source_stamp = (index._source_stamp, sources())
    return cast(Function, compiled)


@cache
def sources() -> str:
    """Digest of all that can be compiled into a kernel of this package."""
    package, digest = Path(__file__).parent.parent, sha256()
    for path in sorted((*package.glob("decomposition/*.py"), *package.glob("mesh/*.py"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()
