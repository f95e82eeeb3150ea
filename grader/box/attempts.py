"""What `viva doctor` runs inside a box: for each layer, attempts at what it forbids. Standard library only.

This file is sent as a submission would be. It prints one JSON object: layer -> what was possible, empty where nothing
was. It looks at the system directly, without what pathlib would put in between.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import resource
import socket
from collections.abc import Callable
from functools import partial

_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_GET_SECCOMP, _PR_CAPBSET_READ, _PR_GET_NO_NEW_PRIVS = 21, 23, 39
_CAPABILITY_VERSION_3 = 0x20080522
_SHOULD_BE_ABSENT = (
    "/home",
    "/root",
    "/etc/passwd",
    "/sys",
    "/var",
    "/usr/bin",
    "/bin/sh",
    "/proc/self",
    "/site/pytest",
)
_MAY_BE_SET = {"HOME", "TMPDIR", "LANG", "OMP_NUM_THREADS", "GLOO_SOCKET_IFNAME", "LC_CTYPE"}


def _possible(what: Callable[[], object], text: str) -> str:
    try:
        what()
    except OSError:
        return ""
    return text


def _user() -> str:
    given = _possible(lambda: os.chown("/tmp", 0, 0), "it could give files to root")  # noqa: S108 - the box's own
    return _possible(lambda: os.setuid(0), "it could become user 0") or given


def _pid() -> str:
    return "" if os.getppid() == 1 else f"its parent is process {os.getppid()} and not a process 1 of its own"


def _mount() -> str:
    made = _LIBC.mount(b"none", b"/tmp", b"tmpfs", 0, None)  # the box's own
    return "it could mount" if made == 0 else ""


def _net() -> str:
    try:
        names = [name for _, name in socket.if_nameindex()]
    except OSError:
        return ""  # it has no sockets at all
    if names != ["lo"]:
        return f"it sees the interfaces {names}"
    with socket.socket(socket.AF_INET) as probe:
        probe.setblocking(False)
        route = probe.connect_ex(("192.0.2.1", 9)) != errno.ENETUNREACH
        return "it has a route to other machines" if route else ""


def _ipc() -> str:
    return "it could make shared memory of System V" if _LIBC.shmget(0, 4096, 0o1600) >= 0 else ""


def _uts() -> str:
    return "" if os.uname().nodename == "box" else f"it sees the name of the host, {os.uname().nodename}"


def _cgroup() -> str:
    return "".join(f"it sees {path}" for path in ("/sys/fs/cgroup", "/proc/self/cgroup") if os.path.exists(path))  # noqa: PTH110


def _root() -> str:
    seen = [path for path in _SHOULD_BE_ABSENT if os.path.exists(path)]  # noqa: PTH110
    if seen:
        return f"it sees {', '.join(seen)}"
    return _possible(lambda: os.mkdir("/viva-was-here"), "it could write to its root")  # noqa: PTH102


def _tmpfs() -> str:
    for folder in ("/tmp", "/dev/shm"):  # noqa: S108 - the box's own
        room = os.statvfs(folder)
        if room.f_blocks * room.f_frsize > 1 << 27 or os.listdir(folder):  # noqa: PTH208
            return f"{folder} is not small, empty and its own"
    return ""


def _capabilities() -> str:
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    sets = (ctypes.c_uint32 * 6)()
    if _LIBC.capget(ctypes.byref(header), ctypes.byref(sets)) != 0 or any(sets):
        return "it has capabilities"
    left = [number for number in range(41) if _LIBC.prctl(_PR_CAPBSET_READ, number, 0, 0, 0) > 0]
    return f"its bounding set holds {left}" if left else ""


def _landlock() -> str:
    """The mount of /dev is writable; nothing but Landlock forbids it."""
    return _possible(
        lambda: os.close(os.open("/dev/viva-was-here", os.O_CREAT | os.O_WRONLY)), "it could write to /dev"
    )


def _seccomp() -> str:
    if _LIBC.prctl(_PR_GET_SECCOMP, 0, 0, 0, 0) != 2:
        return "it has no filter"
    if _LIBC.unshare(0x10000000) == 0:
        return "it could unshare"
    return _possible(lambda: os.execv("/python/bin/python3", ["python3"]), "it could run a program")  # noqa: S606


def _rlimits() -> str:
    for kind, name in (
        (resource.RLIMIT_DATA, "memory"),
        (resource.RLIMIT_NPROC, "processes"),
        (resource.RLIMIT_CPU, "CPU"),
    ):
        _, hard = resource.getrlimit(kind)
        if hard == resource.RLIM_INFINITY:
            return f"its {name} is not limited"
        try:
            resource.setrlimit(kind, (hard + 1, hard + 1))
        except (OSError, ValueError):
            continue
        return f"it could raise its limit of {name}"
    return ""


def _environment() -> str:
    extra = set(os.environ) - _MAY_BE_SET
    return f"it sees the variables {sorted(extra)}" if extra else ""


def _descriptors() -> str:
    extra = [number for number in range(4, 1024) if _possible(partial(os.fstat, number), "open")]
    return f"it was given the descriptors {extra}" if extra else ""


def _no_new_privs() -> str:
    return "" if _LIBC.prctl(_PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 else "a set-uid program would give it privileges"


ATTEMPTS: dict[str, Callable[[], str]] = {
    "user-namespace": _user,
    "pid-namespace": _pid,
    "mount-namespace": _mount,
    "net-namespace": _net,
    "ipc-namespace": _ipc,
    "uts-namespace": _uts,
    "cgroup-namespace": _cgroup,
    "minimal-root": _root,
    "private-tmpfs": _tmpfs,
    "no-new-privs": _no_new_privs,
    "no-capabilities": _capabilities,
    "landlock": _landlock,
    "seccomp": _seccomp,
    "rlimits": _rlimits,
    "empty-environment": _environment,
    "closed-descriptors": _descriptors,
}

if __name__ == "solution":
    print(json.dumps({name: attempt() for name, attempt in ATTEMPTS.items()}))
