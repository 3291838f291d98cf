"""One file of a drop folder: claimed so that nobody else takes it, then moved to where it ended.

A claim is a lock on the open file plus a rename into ``working/``. The lock ends with the process, however it ends, so
a file that lies in ``working/`` without a lock was left behind by a crash and is simply taken again: if it had been
stored already, that is a duplicate by digest, never a loss.
"""

import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

WORKING, DONE, REJECTED = "working", "done", "rejected"
UNFINISHED = (".part", ".tmp")
REASON = ".reason.txt"


@dataclass(frozen=True, slots=True)
class ClaimedFile:
    """A file that is ours until its claim ends; ``name`` is what its sender called it."""

    name: str
    path: Path
    folder: Path
    stream: BinaryIO

    @property
    def status(self) -> os.stat_result:
        """Size and time as the sender left them."""
        return os.fstat(self.stream.fileno())

    def finish(self) -> None:
        """Move it to ``done/``."""
        self.path.rename(free_path(self.folder / DONE, self.name))

    def reject(self, sentence: str) -> None:
        """Move it to ``rejected/``, a text with the reason beside it."""
        target = free_path(self.folder / REJECTED, self.name)
        target.with_name(target.name + REASON).write_text(f"{sentence}\n")
        self.path.rename(target)


def is_finished(name: str) -> bool:
    """Whether a name says that its sender is done with the file."""
    return not name.startswith(".") and not name.endswith(UNFINISHED)


def make_folders(folder: Path) -> None:
    """Make a feed's drop folder and what belongs in it, unreadable for strangers."""
    for each in (folder, *(folder / name for name in (WORKING, DONE, REJECTED))):
        each.mkdir(mode=0o750, parents=True, exist_ok=True)


def left_behind(folder: Path) -> list[Path]:
    """Files that were claimed and not moved on, oldest claim first; some may still be in work elsewhere."""
    return sorted(path for path in (folder / WORKING).iterdir() if not path.is_symlink() and path.is_file())


def waiting_files(folder: Path) -> list[Path]:
    """Finished files in order of their times, then names. Links are not followed: a sender decides on bytes only."""
    paths = [path for path in folder.iterdir() if is_finished(path.name) and not path.is_symlink() and path.is_file()]
    return sorted(paths, key=lambda path: (modified_ns(path), path.name))


def modified_ns(path: Path) -> int:
    """When a file was last written, 0 if somebody took it meanwhile."""
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


@contextmanager
def claimed(path: Path, folder: Path) -> Iterator[ClaimedFile | None]:
    """Claim a file of a drop folder for the length of the block; None where another watcher has it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        yield None
        return
    with os.fdopen(descriptor, "rb") as stream:
        yield _claim(path, folder, stream)


def _claim(path: Path, folder: Path, stream: BinaryIO) -> ClaimedFile | None:
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        ours, named = os.fstat(stream.fileno()), path.lstat()
    except (BlockingIOError, FileNotFoundError):
        return None
    if (ours.st_dev, ours.st_ino) != (named.st_dev, named.st_ino) or not stat.S_ISREG(ours.st_mode):
        return None  # moved on, or replaced by a newer file of the same name, after we opened it
    if path.parent.name == WORKING:
        return ClaimedFile(path.name.split(".", 2)[2], path, folder, stream)
    working = folder / WORKING / f"{time.time_ns()}.{os.getpid()}.{path.name}"
    path.rename(working)
    return ClaimedFile(path.name, working, folder, stream)


def free_path(folder: Path, name: str) -> Path:
    """A path in the folder that is not taken, the name itself where possible."""
    target = folder / name
    return folder / f"{time.time_ns()}.{name}" if target.exists() else target


def remove_older(folder: Path, *, before: float) -> int:
    """Delete files that were last written before a moment (seconds of the epoch); returns how many."""
    old = [path for path in folder.iterdir() if path.is_file() and path.stat().st_mtime < before]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
