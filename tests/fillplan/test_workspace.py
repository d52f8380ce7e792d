"""Folders written whole or not at all, the lock, the switch, and errors of the disk."""

import errno
import os
import resource
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from fillplan.workspace import (
    Workspace,
    file_to_write,
    folder_in_one_piece,
    locked,
    open_workspace,
    set_aside,
    storage_errors,
    sweep,
    switch_link,
    synthetic_label,
    write_whole,
)
from fillplan_data.errors import NotFound, StorageFailure, WorkspaceBusy


def test_a_folder_without_input_is_no_workspace(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="fillplan init"):
        open_workspace(tmp_path)
    with pytest.raises(NotFound, match="no such folder"):
        open_workspace(tmp_path / "nowhere")


def test_folder_appears_whole(tmp_path: Path) -> None:
    with folder_in_one_piece(tmp_path / "run") as folder:
        (folder / "a").write_text("1")
        assert not (tmp_path / "run").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_an_error_leaves_nothing_new_and_the_old_in_place(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "old").touch()
    with pytest.raises(RuntimeError), folder_in_one_piece(tmp_path / "run", make_room=set_aside) as folder:
        (folder / "new").touch()
        raise RuntimeError
    assert [p.name for p in tmp_path.rglob("*")] == ["run", "old"]


def test_leftovers_of_a_killed_process_are_swept(tmp_path: Path) -> None:
    (tmp_path / ".run.partial").mkdir()
    (tmp_path / ".run.partial" / "half").touch()
    with folder_in_one_piece(tmp_path / "run"):
        pass
    assert [p.name for p in tmp_path.rglob("*")] == ["run"]


def test_only_one_command_writes(tmp_path: Path) -> None:
    holder = (
        "import sys; from pathlib import Path; from fillplan.workspace import *\n"
        "with locked(Workspace(Path(sys.argv[1]))): print('held', flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", holder, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    with pytest.raises(WorkspaceBusy, match="another fillplan command"), locked(Workspace(tmp_path)):
        pass
    process.kill()
    process.communicate()
    with locked(Workspace(tmp_path)):
        pass  # the lock died with its process


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.ESTALE])
def test_disk_errors_are_told_apart(code: int) -> None:
    with pytest.raises(StorageFailure, match="What stood before still stands"), storage_errors("writing"):
        raise OSError(code, os.strerror(code), "some/file")
    with pytest.raises(BlockingIOError), storage_errors("writing"):
        raise OSError(errno.EAGAIN, "not the disk")


def test_a_lock_that_is_a_link_is_refused_and_its_target_left_alone(tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("precious")
    (tmp_path / ".fillplan.lock").symlink_to("victim")
    with (
        pytest.raises(StorageFailure, match=r"\.fillplan\.lock"),
        storage_errors("writing"),
        locked(Workspace(tmp_path)),
    ):
        pass
    assert (tmp_path / "victim").read_text() == "precious"


def test_readers_never_see_a_mixture(tmp_path: Path) -> None:
    """A reader resolves the pointer once per reading, as a cache does, and always finds a complete set."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a").write_text(name)
        (tmp_path / name / "b").write_text(name)
    switch_link(tmp_path / "current", tmp_path / "one")
    seen, stop = [], threading.Event()

    def read() -> None:
        while not stop.is_set():
            folder = (tmp_path / "current").resolve(strict=True)
            seen.append(((folder / "a").read_text(), (folder / "b").read_text()))

    reader = threading.Thread(target=read)
    reader.start()
    for turn in range(300):
        switch_link(tmp_path / "current", tmp_path / ("two" if turn % 2 else "one"))
    stop.set()
    reader.join()
    assert seen
    assert set(seen) <= {("one", "one"), ("two", "two")}


def test_synthetic_workspaces_say_so(tmp_path: Path) -> None:
    assert synthetic_label(Workspace(tmp_path)) is None
    (tmp_path / "README.md").write_text("# hello\n\n## SYNTHETIC, seed 3\n")
    assert synthetic_label(Workspace(tmp_path)) == "SYNTHETIC, seed 3"


def test_a_run_that_was_being_replaced_comes_back(tmp_path: Path) -> None:
    """Killed between two renames: the old run is the only good copy."""
    (tmp_path / ".run.replaced").mkdir()
    (tmp_path / ".run.replaced" / "old").touch()
    with pytest.raises(RuntimeError), folder_in_one_piece(tmp_path / "run"):
        raise RuntimeError
    assert [p.name for p in tmp_path.rglob("*")] == ["run", "old"]


def test_what_was_moved_away_for_good_comes_back_on_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last rename fails: a published run that had made room under another name stands where it stood."""
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "old").touch()
    real = Path.rename

    def rename(path: Path, target: Path) -> Path:
        if path.name == ".run.partial":
            raise OSError(errno.EIO, "failing disk", str(path))
        return real(path, target)

    monkeypatch.setattr(Path, "rename", rename)
    keep = tmp_path / "run.published-1"
    with pytest.raises(OSError, match="failing"), folder_in_one_piece(tmp_path / "run", lambda t: t.rename(keep)):
        pass
    assert [p.name for p in tmp_path.rglob("*")] == ["run", "old"]


def test_sweeping_clears_leftovers_of_any_date(tmp_path: Path) -> None:
    for name in (".2026-01-01.partial", ".2026-01-02.replaced", "2026-01-02"):
        (tmp_path / name).mkdir()
    (tmp_path / ".current.next").symlink_to("nowhere")
    sweep(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["2026-01-02"]


def test_links_hold_where_folders_are_links_to_another_disk(tmp_path: Path) -> None:
    (tmp_path / "disk" / "a" / "b" / "published" / "sets" / "1").mkdir(parents=True)
    published = tmp_path / "workspace" / "published"
    published.parent.mkdir()
    published.symlink_to(tmp_path / "disk" / "a" / "b" / "published")
    for target in (published / "sets" / "1", (published / "sets" / "1").resolve()):
        switch_link(published / "current", target)
        assert (published / "current").readlink() == Path("sets/1")
        assert (published / "current").is_dir()


def test_a_folder_in_the_place_of_a_link_is_refused_and_stays(tmp_path: Path) -> None:
    for name in ("one", "current"):
        (tmp_path / name).mkdir()
    (tmp_path / "current" / "set.json").write_text("{}")
    with pytest.raises(StorageFailure, match=r"current: expected a link to one of the folders .* cp -a"):
        switch_link(tmp_path / "current", tmp_path / "one")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["current", "one", "set.json"]


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "folder" / "file"
    write_whole(path, b"one")
    monkeypatch.setattr(Path, "write_bytes", lambda *_: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
    with pytest.raises(OSError, match="full"):
        write_whole(path, b"two")
    assert path.read_bytes() == b"one"


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="no limit on the size of files")
def test_only_files_are_written_for_users(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for no_file in (tmp_path / "pipe", tmp_path, Path(os.devnull)):
        with pytest.raises(StorageFailure, match="expected a file"):
            file_to_write(no_file)
    (tmp_path / "link").symlink_to(tmp_path / "target")
    assert file_to_write(tmp_path / "link") == tmp_path / "target"
    assert file_to_write(tmp_path / "new") == tmp_path / "new"


def test_half_a_file_does_not_stay_on_a_full_disk(tmp_path: Path) -> None:
    """The kernel writes a part and then refuses, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    write_whole(tmp_path / "f", b"old")
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            write_whole(tmp_path / "f", b"x" * 5000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [path.name for path in tmp_path.iterdir()] == ["f"]
    assert (tmp_path / "f").read_bytes() == b"old"
