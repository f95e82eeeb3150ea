"""What a guest gives up, for good, just before it runs candidate code."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import os
import platform
import resource
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from grader.guest import landlock, seccomp
from grader.guest.namespaces import layer

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NAME, _PR_CAPBSET_DROP, _PR_SET_SECUREBITS = 1, 4, 15, 24, 28
_PR_CAPBSET_READ, _PR_SET_CHILD_SUBREAPER = 23, 36
_PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 38, 47, 4
_CAPABILITY_VERSION_3 = 0x20080522
_SECURE_BITS = 0x2F  # no privileges for uid 0, no set-uid fix-ups, no ambient capabilities; all locked
_SIGKILL = 9
_MAX_DESCRIPTOR = 1 << 20  # close_range(2) does not care how many of them are open
_MIB = 1024 * 1024
_MIB_PER_THREAD = 72
_FILES, _FILES_WITH_NETWORK = 256, 64  # a socket holds more of the kernel's memory than another file
_QUEUED_SIGNALS = 64

LAYERS = (
    "user-namespace", "pid-namespace", "mount-namespace", "net-namespace", "ipc-namespace", "uts-namespace",
    "cgroup-namespace", "minimal-root", "private-tmpfs", "no-new-privs", "no-capabilities", "landlock", "seccomp",
    "rlimits", "memory-watch", "empty-environment", "closed-descriptors",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxLimits:
    """What one box may use: seconds of CPU, MiB of memory above the parent's own, processes and threads, KiB.

    Without `network` it has no sockets but the wire. On a GPU its memory is limited too, above that of a context.
    """

    cpu_s: float
    memory_mb: int
    processes: int
    output_kb: int
    network: bool = False
    gpu_memory_mb: int = 4096


def call_itself(libc: ctypes.CDLL, name: str) -> None:
    """Take a name of 15 characters at most, by which this process is told from the others in the process table."""
    if sys.platform == "linux":
        libc.prctl(_PR_SET_NAME, name.encode(), 0, 0, 0)


def die_with_parent(libc: ctypes.CDLL) -> None:
    """Have the kernel kill this process when its parent ends; only Linux can."""
    if sys.platform == "linux":
        libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)


def adopt_orphans(libc: ctypes.CDLL) -> None:
    """Become the parent of every orphan below, as the first process of a pid namespace is; only Linux can."""
    if sys.platform == "linux":
        libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def hide(libc: ctypes.CDLL) -> None:
    """Let no process of the same user read this one's memory."""
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What every process of a box starts with as a copy of the warm parent, in bytes: private data, and all maps."""

    data_bytes: int
    mapped_bytes: int


def set_limits(limits: BoxLimits, baseline: Baseline, *, strict: bool, gpu: bool = False) -> None:
    """rlimits, on top of what the warm parent already has.

    With a `gpu` there is none of address space, of which CUDA reserves far more than it uses; those of data and CPU
    time wait for the context (`limit_after_context`).
    """
    data = baseline.data_bytes + limits.memory_mb * _MIB
    # Reserving is cheap, but page tables are not, so it is bounded: each thread may reserve a stack and a heap.
    mapped = baseline.mapped_bytes + (limits.memory_mb + 1024 + _MIB_PER_THREAD * limits.processes) * _MIB
    cpu = int(limits.cpu_s) + 2  # the watch is exact; this is the net under it
    files = _FILES_WITH_NETWORK if limits.network else _FILES
    for kind, value in (
        *([] if gpu else [(resource.RLIMIT_DATA, data), (resource.RLIMIT_AS, mapped)]),
        (resource.RLIMIT_NOFILE, files),
        (resource.RLIMIT_FSIZE, 64 * _MIB),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_STACK, 8 * _MIB),
    ):
        _limit(kind, value, value)
    if not gpu:
        _limit(resource.RLIMIT_CPU, cpu, cpu + 2)  # first a signal with a name, then a plain kill
    if strict:  # elsewhere all of the person's own processes would count
        _limit(resource.RLIMIT_NPROC, limits.processes + 1, limits.processes + 1)  # the init process counts too
        _limit(resource.RLIMIT_MSGQUEUE, 0, 0)
        _limit(resource.RLIMIT_SIGPENDING, _QUEUED_SIGNALS, _QUEUED_SIGNALS)


def limit_after_context(pid: int, limits: BoxLimits, data_bytes: int, cpu_s: float) -> None:
    """The limits of data and CPU time of a guest that has made its context, set by its branch; raises OSError.

    `data_bytes` and `cpu_s` are what it has by now.
    """
    data, cpu = data_bytes + limits.memory_mb * _MIB, int(cpu_s + limits.cpu_s) + 2
    for kind, soft, hard in ((resource.RLIMIT_DATA, data, data), (resource.RLIMIT_CPU, cpu, cpu + 2)):
        _, most = resource.prlimit(pid, kind)
        if most != resource.RLIM_INFINITY:
            soft, hard = min(soft, most), min(hard, most)
        resource.prlimit(pid, kind, (soft, hard))


def _limit(kind: int, soft: int, hard: int) -> None:
    """Set a limit; where the host allows less than that, less it is."""
    _, most = resource.getrlimit(kind)
    if most != resource.RLIM_INFINITY:
        soft, hard = min(soft, most), min(hard, most)
    resource.setrlimit(kind, (soft, hard))


def drop_capabilities(libc: ctypes.CDLL) -> None:
    """No capability in any set, and no way to get one back; raises OSError when one stays."""
    if libc.prctl(_PR_SET_SECUREBITS, _SECURE_BITS, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the secure bits could not be locked")
    if libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the ambient capabilities could not be cleared")
    for capability in range(64):
        libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
        if libc.prctl(_PR_CAPBSET_READ, capability, 0, 0, 0) > 0:  # negative beyond the last one that the kernel has
            raise OSError(errno.EPERM, f"capability {capability} stays in the bounding set")
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    if libc.capset(ctypes.byref(header), ctypes.byref(nothing)) != 0:
        raise OSError(ctypes.get_errno(), "capabilities could not be dropped")


def confine(
    libc: ctypes.CDLL, scratch: tuple[str, ...], *, network: bool, code: seccomp.Code, gpu: Sequence[str] = ()
) -> None:
    """no_new_privs, capabilities, Landlock and seccomp, in the order in which each still can be set.

    `gpu` are the nodes of a GPU that the box may use.
    """
    with layer("no-capabilities"):
        drop_capabilities(libc)
    with layer("no-new-privs"):
        if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "no_new_privs could not be set")
    with layer("landlock"):
        landlock.restrict(libc, scratch, gpu)
    with layer("seccomp"):
        seccomp.install(libc, seccomp.build(platform.machine(), network=network, code=code, gpu=bool(gpu)))


def keep_only(descriptors: dict[int, int]) -> None:
    """Arrange descriptors as `wanted number -> present one`, and close every other."""
    above = max(descriptors, default=0) + 1  # parked there, none can hit another that is still to be moved
    parked = {wanted: fcntl.fcntl(present, fcntl.F_DUPFD, above) for wanted, present in descriptors.items()}
    for wanted, present in parked.items():
        os.dup2(present, wanted, inheritable=wanted < 3)
    kept = sorted(descriptors)
    for low, high in zip([-1, *kept], [*kept, _MAX_DESCRIPTOR], strict=True):
        if low + 1 < high:  # an empty range would reach close_range(2) as "up to the last"
            os.closerange(low + 1, high)


def clear_environment(home: str) -> None:
    """Leave only what libraries need to behave."""
    keep = {"HOME": home, "TMPDIR": home, "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"}
    os.environ.clear()
    os.environ.update(keep)
    with contextlib.suppress(OSError):
        os.chdir(home)
