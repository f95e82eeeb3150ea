"""What `viva doctor` tries beside the layers: what boxes could tell each other by, or take from each other.

This file is sent as a submission would be, like `attempts.py`, to a box without a network, to one with, and to one in
which native code is refused. It prints one JSON object: channel -> what was possible, empty where nothing was.
"""

from __future__ import annotations

import array
import errno
import fcntl
import json
import mmap
import os
import socket
import sys
from collections.abc import Callable
from typing import Any

_WIRE = 3
_F_SETPIPE_SZ, _F_SETLEASE, _F_NOTIFY, _F_SET_RW_HINT = 1031, 1024, 1026, 1036
_MADV_PAGEOUT = 21
_RWF_NOWAIT = 8
_MAP_HUGETLB = 0x40000
_SIGNAL = 23  # which is ignored
# Numbers of rt_sigqueueinfo, timer_create, mincore and sysinfo on machines that we know.
_NUMBERS = {"x86_64": (129, 222, 27, 99), "aarch64": (138, 107, 232, 179)}


def _possible(**attempts: Callable[[], object]) -> str:
    """What of these worked, in words; an attempt that the system or a guard refuses did not."""
    worked = []
    for name, attempt in attempts.items():
        try:
            attempt()
        except (OSError, RuntimeError, TypeError, AttributeError, ImportError, ValueError):
            continue
        worked.append(name.replace("_", " "))
    return f"it could use: {', '.join(worked)}" if worked else ""


def _call(place: int, *arguments: Any) -> None:
    """Make the system call whose number is at that place; raises OSError when it is refused."""
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    room = ctypes.create_string_buffer(4096)
    words = [ctypes.byref(room) if argument is None else ctypes.c_long(argument) for argument in arguments]
    if libc.syscall(_NUMBERS[os.uname().machine][place], *words) < 0:
        raise OSError(ctypes.get_errno(), "refused")


def _shared() -> int:
    """A file that all boxes have on their disks."""
    return os.open(os.__file__, os.O_RDONLY)


def _files() -> str:
    reading, writing = os.pipe()
    return _possible(
        leases=lambda: fcntl.fcntl(_shared(), _F_SETLEASE, fcntl.F_RDLCK),
        notices_of_folders=lambda: fcntl.fcntl(os.open("/tmp", os.O_RDONLY), _F_NOTIFY, 1),  # noqa: S108 - its own
        hints_on_files=lambda: fcntl.fcntl(_shared(), _F_SET_RW_HINT, bytes(8)),
        locks=lambda: fcntl.flock(_shared(), fcntl.LOCK_SH | fcntl.LOCK_NB),
        larger_pipes=lambda: (fcntl.fcntl(writing, _F_SETPIPE_SZ, 1 << 20), reading),
    )


def _descriptors() -> str:
    def send() -> None:
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0]))]
        socket.socket(fileno=os.dup(_WIRE)).sendmsg([b""], rights)

    return _possible(descriptors_in_flight=send)


def _buffers() -> str:
    def size(option: int) -> None:
        socket.socket(fileno=os.dup(_WIRE)).setsockopt(socket.SOL_SOCKET, option, 1 << 24)

    return _possible(
        datagrams=lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
        unix_sockets=lambda: socket.socket(socket.AF_UNIX),
        larger_buffers_for_sending=lambda: size(socket.SO_SNDBUF),
        larger_buffers_for_receiving=lambda: size(socket.SO_RCVBUF),
    )


def _names() -> str:
    def claim() -> None:
        try:
            socket.socket(fileno=os.dup(_WIRE)).bind("\0viva-was-here")
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return
            raise

    return _possible(a_name_for_the_wire=claim)


def _signals() -> str:
    return _possible(queued_signals=lambda: _call(0, os.getpid(), _SIGNAL, None), timers=lambda: _call(1, 0, 0, None))


def _cache() -> str:
    pages = mmap.mmap(_shared(), mmap.PAGESIZE, prot=mmap.PROT_READ, flags=mmap.MAP_PRIVATE)
    return _possible(
        advice_on_files=lambda: os.posix_fadvise(_shared(), 0, 0, os.POSIX_FADV_DONTNEED),
        reads_that_do_not_wait=lambda: os.preadv(_shared(), [bytearray(1)], 0, _RWF_NOWAIT),
        eviction=lambda: pages.madvise(_MADV_PAGEOUT),
        residence_of_pages=lambda: _call(2, 0, 0, None),
    )


def _host() -> str:
    return _possible(
        counters_of_the_host=lambda: _call(3, None),
        huge_pages=lambda: mmap.mmap(-1, 1 << 21, flags=_MAP_HUGETLB | 0x22),
    )


def _native() -> str:
    """Only where it is refused."""

    def call() -> None:
        ctypes = sys.modules["numpy"]._core._internal.ctypes
        ctypes.CDLL(None).getpid()

    return _possible(
        foreign_functions=call,
        memory_as_code=lambda: mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC),
    )


CHANNELS: dict[str, Callable[[], str]] = {
    "leases-and-locks": _files,
    "descriptors-in-flight": _descriptors,
    "socket-buffers": _buffers,
    "names-of-sockets": _names,
    "signals-and-timers": _signals,
    "page-cache": _cache,
    "host-counters": _host,
    "native-code": _native,
}

if __name__ == "solution":
    print(json.dumps({name: attempt() for name, attempt in CHANNELS.items()}))
