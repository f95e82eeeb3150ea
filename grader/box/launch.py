"""Runs a program in a prepared root, through bubblewrap; started in a fresh interpreter so that it may change itself.

As root, real privileges go first: in a private mount namespace everything that the root needs is bound below one tmpfs
(an interpreter under somebody's closed home folder stays reachable only through these binds), then the process becomes
an unprivileged user for good, and only then bubblewrap starts. As a plain user (and as a container's root, who may not
mount and is a plain user outside) bubblewrap binds from the paths themselves. Orders come as JSON on standard input.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import sys
from typing import Any

_CLONE_NEWNS = 0x00020000
_MS_BIND, _MS_REC, _MS_PRIVATE, _MS_NOSUID, _MS_NODEV = 4096, 0x4000, 0x40000, 2, 4
_CAP_SETGID, _CAP_SETUID, _CAP_SYS_ADMIN = 1 << 6, 1 << 7, 1 << 21
_STAGE = "/tmp"  # noqa: S108 - in a mount namespace of our own


def main() -> None:
    """Become the program; on failure, one line on standard error and exit status 3."""
    orders = json.load(sys.stdin)
    sys.stdin.close()
    null = os.open("/dev/null", os.O_RDONLY)
    os.dup2(null, 0)
    try:
        sources = [bind[0] for bind in orders["binds"]] + orders["nodes"]
        if os.geteuid() == 0:
            may = _capabilities()
            if may & _CAP_SYS_ADMIN:
                paths = [orders["bwrap"], orders["libraries"], *sources]
                orders["bwrap"], orders["libraries"], *sources = _stage(paths)
            if may & _CAP_SETUID and may & _CAP_SETGID:
                _become(orders["uids"], orders["cgroups"])
        environment = {"LD_LIBRARY_PATH": orders["libraries"]}
        os.execve(orders["bwrap"], _arguments(orders, sources), environment)  # noqa: S606 - becoming it is the purpose
    except OSError as error:
        print(f"the root of the box could not be prepared: {error}", file=sys.stderr)
        sys.exit(3)


def _stage(sources: list[str]) -> list[str]:
    """Bind every source below one tmpfs that anybody may read; returns the new paths."""
    libc = ctypes.CDLL(None, use_errno=True)
    _check(libc.unshare(_CLONE_NEWNS))
    _check(libc.mount(b"none", b"/", b"", ctypes.c_ulong(_MS_REC | _MS_PRIVATE), None))
    # Opened in the new namespace (a bind cannot cross two), and before the tmpfs hides what may lie below it.
    handles = [os.open(source, os.O_PATH | os.O_CLOEXEC) for source in sources]
    folders = [os.path.isdir(source) for source in sources]  # noqa: PTH112 - nothing but what is needed is imported
    _check(libc.mount(b"tmpfs", _STAGE.encode(), b"tmpfs", ctypes.c_ulong(_MS_NOSUID | _MS_NODEV), b"mode=0755"))
    staged = []
    for number, (handle, is_folder) in enumerate(zip(handles, folders, strict=True)):
        target = f"{_STAGE}/{number}"
        if is_folder:
            os.mkdir(target)  # noqa: PTH102
        else:
            os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o644))
        _check(
            libc.mount(
                f"/proc/self/fd/{handle}".encode(), target.encode(), b"", ctypes.c_ulong(_MS_BIND | _MS_REC), None
            )
        )
        os.close(handle)
        staged.append(target)
    return staged


def _capabilities() -> int:
    """The capabilities that this process has, as bits."""
    with open("/proc/self/status", encoding="ascii", errors="replace") as status:  # noqa: PTH123
        return next((int(line.split()[1], 16) for line in status if line.startswith("CapEff:")), 0)


def _become(uids: list[int], cgroups: int) -> None:
    """Give up root for good, and become the first of `uids` that exists: in a container only some do.

    Where none does, its root is already somebody unprivileged outside, and stays that. The folder `cgroups` goes along:
    who owns it and its list of processes may make groups in it and have processes born there, and no more.
    """
    uid = next((uid for uid in uids if _exists(uid, "uid_map") and _exists(uid, "gid_map")), None)
    if uid is not None:
        if cgroups >= 0:
            with contextlib.suppress(OSError):  # the branches then find that they can make none, and say so
                os.chown(cgroups, uid, uid)
                os.chown("cgroup.procs", uid, uid, dir_fd=cgroups)
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)


def _exists(number: int, table: str) -> bool:
    with open(f"/proc/self/{table}", encoding="ascii") as lines:  # noqa: PTH123
        ranges = [tuple(map(int, line.split())) for line in lines]
    return any(low <= number < low + count for low, _, count in ranges)


def _arguments(orders: dict[str, Any], sources: list[str]) -> list[str]:
    arguments = [
        "bwrap", "--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts",
        "--die-with-parent", "--new-session", "--clearenv", "--hostname", "box",
    ]  # fmt: skip
    # From a namespace of its own the parent could not reach the groups of its boxes; each box gets one in any case.
    if orders["cgroups"] < 0:
        arguments.append("--unshare-cgroup-try")
    binds = len(orders["binds"])
    for source, (_, target) in zip(sources[:binds], orders["binds"], strict=True):
        arguments += ["--ro-bind", source, target]
    for destination, link in orders["links"]:
        arguments += ["--symlink", destination, link]
    for folder in orders["covered"]:
        arguments += ["--tmpfs", folder, "--remount-ro", folder]
    arguments += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--chdir", "/tmp"]  # noqa: S108
    for source, target in zip(sources[binds:], orders["nodes"], strict=True):  # after /dev, which is made anew
        arguments += ["--dev-bind", source, target]
    for name, value in orders["environment"].items():
        arguments += ["--setenv", name, value]
    return [*arguments, "--remount-ro", "/", "--", *orders["command"]]


def _check(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


if __name__ == "__main__":
    main()
