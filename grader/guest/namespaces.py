"""A child in namespaces of its own: user, pid, mount, net, ipc, uts and cgroup.

`spawn` clones with all flags at once, so that the child is the first process of its pid namespace without a process in
between (each fork of a process that has torch loaded costs about 10 ms).
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import platform
import signal
import socket
import struct
from collections.abc import Iterator, Mapping

_CLONE = {"x86_64": 56, "aarch64": 220}
_CLONE3 = 435  # the same number on every architecture
_INTO_CGROUP = 1 << 33
_PARENT = 0x00008000
_USER, _PID, _MOUNT, _NET = 0x10000000, 0x20000000, 0x00020000, 0x40000000
_IPC, _UTS, _CGROUP = 0x08000000, 0x04000000, 0x02000000
ALL = _USER | _PID | _MOUNT | _NET | _IPC | _UTS | _CGROUP
NETWORK = _USER | _NET  # of the holder of a group, which owns the network of its ranks
RANK = ALL & ~_NET | _PARENT  # born by that holder, as a sibling of it
_MS_BIND, _MS_REMOUNT = 4096, 32
_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_REC, _MS_PRIVATE = 1, 2, 4, 8, 0x4000, 0x40000
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1
HOSTNAME = "box"
# Below /proc/sys/net, of each network alone: bytes per connection (least, first, most), connections nobody accepted.
_BUFFERS = {
    "ipv4/tcp_rmem": "4096 65536 262144",
    "ipv4/tcp_wmem": "4096 16384 262144",
    "core/somaxconn": "128",
}


def load_libc() -> ctypes.CDLL:
    """The C library, with errno kept."""
    return ctypes.CDLL(None, use_errno=True)


@contextlib.contextmanager
def layer(name: str) -> Iterator[None]:
    """Say which layer is missing when the system refuses what it takes."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, f"the layer {name} is missing: {error.strerror or error}") from error


def spawn(libc: ctypes.CDLL, cgroup: int = -1, kinds: int = ALL) -> int:
    """Clone into fresh namespaces: 0 in the child, its pid in the caller. The caller must have one thread only.

    `cgroup` is a descriptor of the control group that the child shall be born in, if in another one than the caller's.
    `kinds` are the namespaces: ALL, NETWORK or RANK.
    Raises OSError when the kernel does not let this user make namespaces, or be born there.
    """
    # PyDLL keeps the interpreter's lock, so the child owns it; `fork` does the same around its own call.
    raw = ctypes.PyDLL(None, use_errno=True)
    ctypes.pythonapi.PyOS_BeforeFork()
    if cgroup < 0:
        pid = raw.syscall(_CLONE[platform.machine()], kinds | signal.SIGCHLD, 0, 0, 0, 0)
    else:
        ends_with = 0 if kinds & _PARENT else signal.SIGCHLD  # a sibling's is the caller's own
        wanted = struct.pack("11Q", kinds | _INTO_CGROUP, 0, 0, 0, ends_with, 0, 0, 0, 0, 0, cgroup)
        pid = raw.syscall(_CLONE3, wanted, ctypes.c_size_t(len(wanted)))
    if pid == 0:
        ctypes.pythonapi.PyOS_AfterFork_Child()
        return 0
    number = ctypes.get_errno()
    ctypes.pythonapi.PyOS_AfterFork_Parent()
    if pid < 0:
        what = "the layer user-namespace is missing: no namespace in a namespace" if cgroup < 0 else "no birth in it"
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return int(pid)


def map_identity(uid: int, gid: int) -> None:
    """Be in a new user namespace who this process was outside it."""
    with layer("user-namespace"):
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"{uid} {uid} 1")
        _write("/proc/self/gid_map", f"{gid} {gid} 1")


def loopback_up() -> None:
    """Bring up the only interface of this network; that of a group is up before its ranks are born."""
    with layer("net-namespace"), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        answer = fcntl.ioctl(probe, _SIOCGIFFLAGS, struct.pack("16sH14x", b"lo", 0))
        if not struct.unpack("16sH14x", answer)[1] & _IFF_UP:
            fcntl.ioctl(probe, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", _IFF_UP))
            _bound_buffers()


def _bound_buffers() -> None:
    """Let connections of this network hold little: gigabytes could be sent between two looks of the watch.

    Where /proc/sys cannot be written they stay as they are, and the watch alone limits them.
    """
    for name, value in _BUFFERS.items():
        with contextlib.suppress(OSError):
            _write(f"/proc/sys/net/{name}", value)


def enter(
    libc: ctypes.CDLL, uid: int, gid: int, scratch_mb: int, proc_texts: Mapping[str, bytes] | None = None
) -> None:
    """Finish the namespaces from inside: identity, hostname, loopback, and what may be seen of the file system.

    `proc_texts` are all that is below /proc afterwards: copies, by their paths there.
    """
    map_identity(uid, gid)
    with layer("uts-namespace"):
        socket.sethostname(HOSTNAME)
    loopback_up()
    with layer("mount-namespace"):
        _mount(libc, "none", "/", "", _MS_REC | _MS_PRIVATE, "")
    with layer("private-tmpfs"):
        _cover(libc, uid, gid, scratch_mb)
        if proc_texts:
            _show(libc, proc_texts)


def _cover(libc: ctypes.CDLL, uid: int, gid: int, scratch_mb: int) -> None:
    """Scratch space of the box's own, and nothing where the system's processes and terminals would be seen."""
    scratch = f"size={scratch_mb}m,nr_inodes=16384,mode=0700,uid={uid},gid={gid}"
    for path in ("/tmp", "/dev/shm"):  # noqa: S108 - the box's own
        _mount(libc, "tmpfs", path, "tmpfs", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC, scratch)
    for path in ("/proc", "/dev/pts"):
        if os.path.isdir(path):
            _mount(libc, "tmpfs", path, "tmpfs", _MS_RDONLY | _MS_NOSUID | _MS_NODEV | _MS_NOEXEC, "size=4k")
    hide_files(libc, ["/dev/zero"])  # a shared map of it is memory that no limit sees


def _show(libc: ctypes.CDLL, texts: Mapping[str, bytes]) -> None:
    """Put copies of texts below /proc, once more covered, and close it for good."""
    flags = _MS_NOSUID | _MS_NODEV | _MS_NOEXEC
    _mount(libc, "tmpfs", "/proc", "tmpfs", flags, "size=256k,nr_inodes=64,mode=0755")
    for name, text in texts.items():
        os.makedirs(os.path.dirname(f"/proc/{name}"), exist_ok=True)
        with open(f"/proc/{name}", "xb") as file:
            file.write(text)
    _mount(libc, "tmpfs", "/proc", "tmpfs", flags | _MS_RDONLY | _MS_REMOUNT, "size=256k,nr_inodes=64,mode=0755")


def hide_files(libc: ctypes.CDLL, paths: list[str]) -> None:
    """Put /dev/null in the place of files."""
    for path in paths:
        if os.path.exists(path):
            _mount(libc, "/dev/null", path, "", _MS_BIND, "")


def _write(path: str, text: str) -> None:
    handle = os.open(path, os.O_WRONLY)
    try:
        os.write(handle, text.encode())
    finally:
        os.close(handle)


def _mount(libc: ctypes.CDLL, source: str, target: str, kind: str, flags: int, data: str) -> None:
    if libc.mount(source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), data.encode()) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"mounting {kind or 'nothing'} on {target}: {os.strerror(number)}")
