"""Control groups (version 2) for boxes, where some were delegated to this process.

Theory of operation. A group that holds processes cannot give controllers to groups below it (the machine's root group
can). So this process, and what it has started, move into a leaf below their own group; if anybody else is in there,
nobody is moved and there are no control groups. Below the group lie then:

    viva-engine/                    this process and its judges, where it had to make way; engines may share it
    viva-guests-<pid>-<n>/          one per guest parent; belongs to the user that the parent becomes
        parent/                     the parent and its branches: what a box merely inherited stays charged to it
        box-<pid>-<n>/              one per box, made and removed by its branch (see `grader.guest.cgroup`)

Whoever uses a subtree holds a lock on its folder, through the descriptor that the parent inherits. What an engine left
that was killed has no lock any more, and the next engine removes it.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import itertools
import os
import time
from collections.abc import Iterator
from pathlib import Path

from grader.guest.cgroup import put

ENGINE_LEAF = "viva-engine"
_GUESTS = "viva-guests-"
_PARENT_LEAF = "parent"
_NEEDED, _USEFUL = "memory", "pids"
_TRIES = 5
_EMPTY_WITHIN_S = 3.0
_PROC = Path("/proc")
_numbers = itertools.count()


class NotDelegated(Exception):
    """There are no control groups to be had; the sentence says why, for the doctor."""


class Subtree:
    """The control groups of one guest parent."""

    def __init__(self, folder: Path) -> None:
        """Make it; raises OSError, and then nothing is left of it."""
        self._folder = folder
        folder.mkdir()
        self.handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(self.handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _enable(folder)
            (folder / _PARENT_LEAF).mkdir()
        except OSError:
            self.close()
            raise

    def admit(self, pid: int) -> None:
        """Move a process, the parent to be, into it; raises OSError."""
        put(self.handle, f"{_PARENT_LEAF}/cgroup.procs", str(pid))

    def close(self) -> None:
        """End what is left in it, and remove it; what cannot be removed now is left to the next engine."""
        if self.handle < 0:
            return
        with contextlib.suppress(OSError):
            put(self.handle, "cgroup.kill", "1")
        ends = time.monotonic() + _EMPTY_WITHIN_S
        while not _removed(self._folder) and time.monotonic() < ends:
            time.sleep(0.005)  # killed processes take a moment to leave
        os.close(self.handle)
        self.handle = -1


def make_subtree(proc: Path = _PROC) -> Subtree:
    """A subtree for one guest parent; raises NotDelegated. `proc` is where the kernel tells of processes."""
    try:
        above = _prepared(proc)
        _sweep(above)
        for _ in range(_TRIES - 1):
            with contextlib.suppress(FileNotFoundError, BlockingIOError):  # somebody's sweep came between
                return Subtree(_new_name(above))
        return Subtree(_new_name(above))
    except OSError as error:
        raise NotDelegated(f"not delegated: {error.strerror or error} ({error.filename})") from error


def _new_name(above: Path) -> Path:
    return above / f"{_GUESTS}{os.getpid()}-{next(_numbers)}"


def _prepared(proc: Path) -> Path:
    """The group below which there may be others with controllers; raises NotDelegated or OSError."""
    own = _own_group(proc)
    above = own.parent if own.name == ENGINE_LEAF else own
    if not os.access(above, os.W_OK) or not os.access(above / "cgroup.procs", os.W_OK):
        raise NotDelegated(f"not delegated: the control group {above} belongs to somebody else")
    if _NEEDED not in _words(above / "cgroup.controllers"):
        raise NotDelegated(f"the control group {above} has no controller of memory")
    for _ in range(_TRIES):
        try:
            _enable(above)
        except OSError as error:
            if error.errno != errno.EBUSY or not _made_way(above, proc):
                raise
        else:
            return above
    raise NotDelegated(f"the control group {above} does not get empty")


def _own_group(proc: Path) -> Path:
    """The folder of the group that this process is in; raises NotDelegated where it has none that can be seen."""
    lines = (proc / "self/cgroup").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    own = next((line[3:] for line in lines if line.startswith("0::")), "")
    for mounted, root in _mounts(proc) if own and ".." not in own else ():  # it may lie outside our namespace
        if Path(own).is_relative_to(root):
            return mounted / Path(own).relative_to(root)
    raise NotDelegated("there is no hierarchy of control groups of version 2 here")


def _mounts(proc: Path) -> Iterator[tuple[Path, str]]:
    """Where control groups are mounted, and which group is seen there; what can be written to comes first."""
    lines = (proc / "self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    found = [line.split() for line in lines if " - cgroup2 " in line]
    for fields in sorted(found, key=lambda fields: "rw" not in fields[5].split(",")):
        yield Path(fields[4]), fields[3]


def _enable(folder: Path) -> None:
    """Let the groups below `folder` have controllers; raises OSError."""
    control = folder / "cgroup.subtree_control"
    wanted = [name for name in (_NEEDED, _USEFUL) if name in _words(folder / "cgroup.controllers")]
    missing = [name for name in wanted if name not in _words(control)]
    if missing:
        put(None, str(control), " ".join(f"+{name}" for name in missing))


def _made_way(above: Path, proc: Path) -> bool:
    """Whether this process and its children were moved out of `above`; raises NotDelegated where others are in it."""
    inside = _words(above / "cgroup.procs")
    for pid in inside:
        if not _is_ours(int(pid), proc):
            advice = "start viva alone in one: `systemd-run --user --scope -p Delegate=yes viva …`"
            raise NotDelegated(
                f"in the control group {above} runs process {pid} too, which viva did not start; {advice}"
            )
    leaf = above / ENGINE_LEAF
    leaf.mkdir(exist_ok=True)
    for pid in inside:
        with contextlib.suppress(ProcessLookupError):
            put(None, str(leaf / "cgroup.procs"), pid)
    return bool(inside)


def _is_ours(pid: int, proc: Path) -> bool:
    """Whether a process is this one or below it; one that has ended harms nobody."""
    while pid > 1 and pid != os.getpid():
        try:
            stat = (proc / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            return True
        pid = int(stat.rpartition(")")[2].split()[1])
    return pid == os.getpid()


def _sweep(above: Path) -> None:
    """Remove what engines left that were killed: subtrees that nobody holds and nobody is in."""
    for folder in above.glob(f"{_GUESTS}*"):
        with contextlib.suppress(OSError):
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _removed(folder)
            finally:
                os.close(handle)


def _removed(folder: Path) -> bool:
    """Whether a subtree is gone, tried from its leaves up."""
    try:
        for below in [path for path in folder.iterdir() if path.is_dir()]:
            below.rmdir()
        folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _words(path: Path) -> list[str]:
    return path.read_text(encoding="ascii").split()
