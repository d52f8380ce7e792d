"""Kill a real process at every system call that changes files, one after the other, and see the next night recover.

`python -m tests.faults --stepping 1`. A child is forked from this process with everything imported; strace attaches to
it and delivers SIGKILL on entering its n-th call of one kind (strace counts each kind by itself), for n = 1, 2, ...
until a night outlives them all; then the next kind. Opening is not stepped: what it created is seen at the next call.
Needs strace and the right to trace (Linux).
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from fillplan.workflow.steps import nightly_step
from tests.faults.laboratory import check_rest
from tests.faults.promises import (
    Base,
    Broken,
    check_in_force,
    check_litter,
    check_published,
    copy_of,
    make_base,
    run_night,
)
from tests.faults.quick import quick_nights

CALLS = (
    *("write", "pwrite64", "writev", "ftruncate", "fsync", "fdatasync", "rename", "renameat", "renameat2", "mkdir"),
    *(
        "mkdirat",
        "unlink",
        "unlinkat",
        "rmdir",
        "symlink",
        "symlinkat",
        "link",
        "linkat",
        "sendfile",
        "copy_file_range",
    ),
)


def step_through(seed: int, folder: Path, stride: int = 1) -> Iterator[tuple[str, str | None]]:
    """(call at which the process was killed, what was broken then or None), every `stride`-th of each kind."""
    with quick_nights():
        base = make_base(seed, folder / "stepping")
        for call in CALLS:
            for at in count(1, stride):
                killed = _one(base, folder / "step", call, at)
                if killed is None:
                    break
                yield f"{call} {at}", killed or None


def _one(base: Base, root: Path, call: str, at: int) -> str | None:
    """None if the night outlived the n-th call; else what was broken, or nothing."""
    copy_of(base, root)
    try:
        if not _killed_at(base, root, call, at):
            return None
        check_in_force(root)
        if code := run_night(root, base.plan_date):
            raise Broken(f"the night after failed with exit code {code}")
        check_in_force(root)
        check_published(root)
        check_litter(root)
        check_rest(base, root)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    finally:
        shutil.rmtree(root)
    return ""


def _killed_at(base: Base, root: Path, call: str, at: int) -> bool:
    """Fork, trace, let go; whether the child died of SIGKILL. Raises Broken if its night failed otherwise."""
    ready, go = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(go)
        os.read(ready, 1)
        code = 1
        try:
            nightly_step(root, base.plan_date)
            code = 0
        finally:
            os._exit(code)
    os.close(ready)
    inject = f"inject={call}:signal=KILL:when={at}"
    command = ["strace", "-f", "-o", os.devnull, "-e", f"trace={call}", "-e", inject, "-p", str(child)]
    tracer = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert tracer.stderr is not None
    while "attached" not in (line := tracer.stderr.readline()):
        if not line:
            os.kill(child, signal.SIGKILL)
            raise Broken("strace could not attach")
    os.write(go, b"x")
    os.close(go)
    _, status = os.waitpid(child, 0)
    tracer.communicate()
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return True
    if os.waitstatus_to_exitcode(status):
        raise Broken(f"the traced night failed with {os.waitstatus_to_exitcode(status)}")
    return False
