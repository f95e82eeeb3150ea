"""A control group (version 2) for each box, where the engine was given some to make.

Theory of operation. Outside, `grader.box.delegation` makes a subtree per guest parent and passes in a descriptor of its
folder, which is the only way to it: no file system of control groups is mounted in here. A branch makes one *cell* in
it for each box and clones the box's first process right into it, because moving a process there later makes the kernel
wait for all processors. What the box touches from then on is charged to its cell, of whatever kind it is and however
many processes share it; what it merely inherited stays charged to the parent. Beyond the limit the kernel ends the box.

The first failure makes a branch go on without cells: then the watch alone limits memory, as where there are none.
"""

from __future__ import annotations

import contextlib
import os
import time

from grader.guest.confinement import BoxLimits

LAYER = "cgroup"
# What a guest touches before and beside the candidate's own data: pages that it shared with the parent until one of
# them wrote to them, its page tables, the kernel's own records of its processes.
FRESH_MIB = 24
FRESH_MIB_PER_PROCESS = 4
_MIB = 1024 * 1024


class Cell:
    """The control group of one box, until `remove`."""

    def __init__(self, above: int, name: str, limits: BoxLimits, extra_bytes: int = 0) -> None:
        """Make it below the folder `above` and set its limits; raises OSError, and then nothing is left of it.

        `extra_bytes` are allowed until `begin`.
        """
        self._above = above
        self._name = name
        os.mkdir(name, 0o755, dir_fd=above)
        self.handle = -1
        try:
            self.handle = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=above)
            self._limit(limits, extra_bytes)
        except OSError:
            self.remove()
            raise

    def _limit(self, limits: BoxLimits, extra_bytes: int) -> None:
        put(self.handle, "memory.max", str(allowed_bytes(limits) + extra_bytes))
        put(self.handle, "memory.oom.group", "1")
        with contextlib.suppress(FileNotFoundError):  # without swap there is nothing to forbid
            put(self.handle, "memory.swap.max", "0")
        with contextlib.suppress(FileNotFoundError):  # memory alone may have been delegated
            put(self.handle, "pids.max", str(limits.processes + 1))  # the init process counts too

    def begin(self, limits: BoxLimits) -> None:
        """Allow what a box has been charged with by now beside what it may take; raises OSError."""
        put(self.handle, "memory.max", str(int(get(self.handle, "memory.current")) + allowed_bytes(limits)))

    def overran(self) -> bool:
        """Whether the kernel ended processes of it because there was no more memory for them."""
        try:
            events = dict(line.split() for line in get(self.handle, "memory.events").splitlines())
        except OSError:
            return False
        return int(events.get("oom_kill", 0)) > 0

    def kill(self) -> None:
        """End every process in it at once; before Linux 5.14 the end of its pid namespace does that."""
        with contextlib.suppress(OSError):
            put(self.handle, "cgroup.kill", "1")

    def remove(self) -> bool:
        """Give it back; False while the kernel still has processes in it."""
        try:
            os.rmdir(self._name, dir_fd=self._above)
        except FileNotFoundError:
            pass  # the engine was quicker
        except OSError:
            return False
        if self.handle >= 0:
            os.close(self.handle)
            self.handle = -1
        return True


class Cells:
    """The cells of one branch, below the folder that was passed in as `above`; none where that is negative."""

    def __init__(self, above: int, reason: str = "", *, extra_bytes: int = 0) -> None:
        """`reason` says why there are none; `extra_bytes` are what a box may take while it is being built."""
        self._above = above
        self._extra_bytes = extra_bytes
        self.reason = reason
        self._left: list[Cell] = []

    def make(self, limits: BoxLimits) -> Cell | None:
        """A new cell; None, for good, as soon as one cannot be had."""
        if self._above < 0:
            return None
        self._left = [cell for cell in self._left if not cell.remove()]
        try:
            return self._cell(f"box-{os.getpid()}-{time.monotonic_ns()}", limits)  # no dead branch's name
        except OSError as error:
            self.give_up(error)
            return None

    def _cell(self, name: str, limits: BoxLimits) -> Cell:
        return Cell(self._above, name, limits, self._extra_bytes)

    def give_up(self, error: OSError) -> None:
        """Make no more of them."""
        self._above = -1
        where = f" ({error.filename})" if error.filename else ""
        self.reason = f"a box could not have a control group: {error.strerror or error}{where}"

    def give_back(self, cell: Cell) -> None:
        """Remove a cell whose box has ended, now or when the next is made."""
        if not cell.remove():
            cell.kill()
            self._left.append(cell)


def allowed_bytes(limits: BoxLimits) -> int:
    """What may be charged to a box: the candidate's own memory, and what a fresh guest touches."""
    return (limits.memory_mb + FRESH_MIB + FRESH_MIB_PER_PROCESS * limits.processes) * _MIB


def put(folder: int | None, name: str, text: str) -> None:
    """Write to a control file in one go, as the kernel wants it; it exists, or its controller is not there."""
    handle = os.open(name, os.O_WRONLY | os.O_CLOEXEC, dir_fd=folder)
    try:
        os.write(handle, text.encode())
    except OSError as error:
        error.filename = name
        raise
    finally:
        os.close(handle)


def get(folder: int, name: str) -> str:
    """Read a control file."""
    handle = os.open(name, os.O_RDONLY | os.O_CLOEXEC, dir_fd=folder)
    try:
        return os.read(handle, 65536).decode("ascii")
    finally:
        os.close(handle)
