"""Landlock: the file system as rules that hold even if a mount were wrong. See landlock(7)."""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Sequence

# The same numbers on every architecture.
_CREATE, _ADD, _RESTRICT = 444, 445, 446
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_DIR, _REMOVE_FILE = 1 << 4, 1 << 5
_MAKE_DIR, _MAKE_REG, _MAKE_SOCK, _MAKE_FIFO, _MAKE_SYM = 1 << 7, 1 << 8, 1 << 9, 1 << 10, 1 << 12
_REFER, _TRUNCATE = 1 << 13, 1 << 14
_RIGHTS_BY_ABI = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
_SCOPE_ABSTRACT_SOCKETS, _SCOPE_SIGNALS = 1, 2
_READ = _READ_FILE | _READ_DIR
_SCRATCH = (
    _READ | _WRITE_FILE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG | _MAKE_SOCK | _MAKE_FIFO
    | _MAKE_SYM | _REFER | _TRUNCATE
)  # fmt: skip
_IOCTL_DEVICE, GPU_ABI = 1 << 15, 5  # the version from which it decides on ioctl, by the device
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


def abi(libc: ctypes.CDLL) -> int:
    """The version that the kernel speaks; 0 when it has no Landlock."""
    return max(0, int(libc.syscall(_CREATE, None, ctypes.c_size_t(0), 1)))


def restrict(libc: ctypes.CDLL, scratch: tuple[str, ...], gpu: Sequence[str] = ()) -> None:
    """From now on: read anywhere, write only below `scratch` and to harmless devices, execute nothing.

    The nodes of a `gpu` may be written to and asked with ioctl, and no other device. Raises OSError when the kernel has
    no Landlock, or for a GPU too old a one, or refuses.
    """
    version = abi(libc)
    if gpu and version < GPU_ABI:
        raise OSError(f"a GPU needs version {GPU_ABI} of Landlock (Linux 6.10 or newer), and this is version {version}")
    if version == 0:
        raise OSError("the kernel has no Landlock (5.13 or newer, with `landlock` among its security modules)")
    handled = _RIGHTS_BY_ABI[min(version, 5)]
    scoped = _SCOPE_ABSTRACT_SOCKETS | _SCOPE_SIGNALS if version >= 6 else 0
    attributes = struct.pack("QQQ", handled, 0, scoped)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = _checked(libc.syscall(_CREATE, attributes, ctypes.c_size_t(size), 0))
    try:
        _allow(libc, ruleset, "/", _READ & handled)
        for path in scratch:
            _allow(libc, ruleset, path, _SCRATCH & handled)
        for path in _DEVICES:
            if os.path.exists(path):
                _allow(libc, ruleset, path, (_READ_FILE | _WRITE_FILE) & handled)
        for path in gpu:
            _allow(libc, ruleset, path, (_READ_FILE | _WRITE_FILE | _IOCTL_DEVICE) & handled)
        _checked(libc.syscall(_RESTRICT, ruleset, 0))
    finally:
        os.close(ruleset)


def _allow(libc: ctypes.CDLL, ruleset: int, path: str, rights: int) -> None:
    handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = struct.pack("=Qi", rights, handle)
        _checked(libc.syscall(_ADD, ruleset, 1, rule, 0))
    finally:
        os.close(handle)


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"Landlock: {os.strerror(number)}")
    return result
