"""Memory and CPU time of a box, read from outside it in /proc.

rlimits alone miss shared maps and count every process apart; a memory cgroup is not delegated everywhere. So the guest
parent, which sees the processes of all boxes below its own pid namespace, adds them up. What lies in the buffers of TCP
counts too, where a box has a network; ranks that share one are each charged with all of it.
"""

from __future__ import annotations

import os
import resource
from dataclasses import dataclass, field
from typing import Any

from grader.guest.confinement import BoxLimits

_TICKS = os.sysconf("SC_CLK_TCK")
_MIB = 1024 * 1024
_QUEUES = 4  # field of /proc/<pid>/net/tcp: what waits to be sent and to be read, in bytes
_SOCKET_BYTES = 4096  # a socket's own records
_UTIME, _STIME, _CSTIME = 11, 12, 14  # fields of /proc/<pid>/stat, counted after the name


@dataclass(slots=True)
class Usage:
    """CPU time in milliseconds, and the highest memory above the parent's own in bytes."""

    cpu_ms: float = 0.0
    peak_bytes: int = 0
    detail: str = ""
    begun_ms: float = (
        0.0  # CPU time and memory that a box had spent before it was given to anybody: on a GPU, a context
    )
    begun_bytes: int = 0
    ticks: dict[int, int] = field(default_factory=dict)  # the most that each process was seen with

    def finish(self, total: resource.struct_rusage) -> None:
        """Take over the kernel's own account, which is complete when the box ended by itself."""
        self.cpu_ms = max(self.cpu_ms, 1000.0 * (total.ru_utime + total.ru_stime) - self.begun_ms)


def allocated_bytes(pid: int) -> int:
    """Private writable memory that a process has asked for, in bytes: what RLIMIT_DATA counts."""
    return _status(pid, (b"VmData:",))


def mapped_bytes(pid: int) -> int:
    """All that a process has mapped, touched or not, in bytes: what RLIMIT_AS counts."""
    return _status(pid, (b"VmSize:",))


def resident_bytes(pid: int) -> int:
    """Anonymous and shared memory that a process has touched and its page tables, in bytes; not file pages."""
    return _status(pid, (b"RssAnon:", b"RssShmem:", b"VmPTE:"))


def buffered_bytes(pid: int) -> int:
    """The memory of the kernel that the TCP sockets of a process's network hold, those of nobody included.

    Packets are joined in a buffer, so it holds about as much as is in them, however small each was.
    """
    count = queued = 0
    for family in ("tcp", "tcp6"):
        try:
            lines = _read(f"/proc/{pid}/net/{family}").splitlines()[1:]
        except OSError:
            continue  # it ended while we looked, or there is no IPv6
        count += len(lines)
        queued += sum(int(half, 16) for line in lines for half in line.split()[_QUEUES].split(b":"))
    return _SOCKET_BYTES * count + queued


def _status(pid: int, names: tuple[bytes, ...]) -> int:
    try:
        lines = _read(f"/proc/{pid}/status").splitlines()
    except OSError:
        return 0  # it ended while we looked
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(names))


def _read(path: str) -> bytes:
    """All of a file of /proc: without the layers of `open`, for a branch reads thousands of them in a second."""
    descriptor, parts = os.open(path, os.O_RDONLY), []
    try:
        while part := os.read(descriptor, 65536):
            parts.append(part)
    finally:
        os.close(descriptor)
    return b"".join(parts)


def look(init: int, usage: Usage, limits: BoxLimits, baseline: int, buffered: int = 0) -> str:
    """Add up the tree below `init`; returns `cpu` or `memory` when it is over a limit, else an empty string.

    `baseline` is the parent's own resident memory: every process of the box starts as a copy of it. `buffered` is what
    the sockets of its network hold (`buffered_bytes`).
    """
    family = family_of(init)
    stats = {pid: _stat(pid) for pid in family}
    waited_for = sum(sum(stat[_UTIME : _CSTIME + 1]) for stat in stats.values())
    # A process whose parent ignores its end is waited for by nobody, so what was seen of it is kept.
    for pid, stat in stats.items():
        usage.ticks[pid] = max(usage.ticks.get(pid, 0), sum(stat[_UTIME : _STIME + 1]))
    cpu = max(waited_for, sum(usage.ticks.values())) / _TICKS - usage.begun_ms / 1000.0
    own = sum(max(0, resident_bytes(pid) - baseline) for pid in family[1:]) - usage.begun_bytes + buffered
    usage.cpu_ms = max(usage.cpu_ms, 1000.0 * cpu)
    usage.peak_bytes = max(usage.peak_bytes, own)
    if cpu > limits.cpu_s:
        return "cpu"
    return "memory" if own > limits.memory_mb * _MIB else ""


def begin(init: int, usage: Usage, limits: BoxLimits, baseline: int) -> tuple[int, float]:
    """Take what a box has spent by now off its account, for good; the guest's pid, and its CPU time in seconds.

    Raises OSError when there is no guest any more.
    """
    look(init, usage, limits, baseline)
    family = family_of(init)
    if len(family) < 2:
        raise OSError("the box ended while it was being built")
    usage.begun_ms, usage.begun_bytes = usage.cpu_ms, max(0, usage.peak_bytes)
    usage.cpu_ms, usage.peak_bytes = 0.0, 0
    return family[1], sum(_stat(family[1])[_UTIME : _STIME + 1]) / _TICKS


def family_of(init: int) -> list[int]:
    """`init` and every process below it; orphans inside the box are init's children."""
    found, todo = [init], [init]
    while todo:
        children = _children(todo.pop())
        found += children
        todo += children
    return found


def _children(pid: int) -> list[int]:
    children: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            children += map(int, _read(f"/proc/{pid}/task/{thread}/children").split())
    except OSError:
        return children  # it ended while we looked
    return children


def _stat(pid: int) -> list[int]:
    try:
        fields = _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
    except OSError:
        return []
    return [0, *map(int, fields[1:])]


def obituary(verdict: str, status: int, usage: Usage) -> dict[str, Any]:
    """The last message about a box: its usage and its cause.

    The cause is `exit` or `signal` (of the guest, with its code), `cpu`, `memory`, `gpu-memory`, `closed`, `refused`
    or `lost`: init, which no process of the box can harm, was killed and not by us.
    """
    code = os.waitstatus_to_exitcode(status)
    return {
        "event": "end",
        "cause": verdict or ("lost" if code < 0 else "signal" if code > 128 else "exit"),
        "code": code - 128 if code > 128 else code,
        "detail": usage.detail,
        "cpu_ms": usage.cpu_ms,
        "peak_rss_bytes": usage.peak_bytes,
    }
