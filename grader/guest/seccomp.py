"""The system-call filter: an allow-list compiled to BPF and installed for good.

See seccomp(2). Calls from another architecture (or the x32 ABI) kill the process; calls that are not on the list
answer ENOSYS; a few are let through only with harmless arguments.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct

from grader.guest.syscalls import MACHINES, PURPOSES

_LD, _JEQ, _JGE, _JSET, _RET = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCH, _ARGS = 0, 4, 16  # offsets in struct seccomp_data; each argument has 8 bytes, low word first
_ALLOW = 0x7FFF0000
_KILL = 0x80000000
_ERRNO = 0x00050000
_X32_BIT = 0x40000000
_NEW_NAMESPACES = 0x7E020000 | 0x00000080  # every CLONE_NEW* flag (CLONE_NEWTIME is 0x80)
_FAMILIES = (1, 2, 10)  # unix, inet, inet6
_NETLINK = 16
_MAP_SHARED, _MAP_ANONYMOUS = 0x01, 0x20
_LOCK_COMMANDS = (5, 6, 7, 36, 37, 38)  # F_GETLK, F_SETLK, F_SETLKW and their open-file-description kin
_PR_SET_SECCOMP, _MODE_FILTER = 22, 2


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def _op(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)


def _answer(number: int) -> int:
    return _ERRNO | number


def build(machine: str) -> bytes:
    """The filter for a machine (`platform.machine()`); raises KeyError for one that we have no numbers of."""
    arch, numbers = MACHINES[machine]
    program = [_op(_LD, _ARCH), _op(_JEQ, arch, 1, 0), _op(_RET, _KILL), _op(_LD, _NUMBER)]
    if machine == "x86_64":
        program += [_op(_JGE, _X32_BIT, 0, 1), _op(_RET, _KILL)]
    for names in PURPOSES.values():
        for name in names.split():
            if name in numbers:
                program += [_op(_JEQ, numbers[name], 0, 1), _op(_RET, _ALLOW)]
    # Arguments overwrite the accumulator, so each of these ends in a return.
    program += _when(numbers["clone"], _only_without(_NEW_NAMESPACES))
    program += _when(numbers["socket"], _only_families())
    program += _when(numbers["prlimit64"], _only_self())
    program += _when(numbers["mmap"], _not_shared_and_anonymous())
    program += _when(numbers["fcntl"], _no_locks())
    program.append(_op(_RET, _answer(errno.ENOSYS)))
    return b"".join(program)


def build_only(machine: str, names: str) -> bytes:
    """A filter for a process of ours that makes no other calls than these, with any arguments; KeyError as above."""
    arch, numbers = MACHINES[machine]
    program = [_op(_LD, _ARCH), _op(_JEQ, arch, 1, 0), _op(_RET, _KILL), _op(_LD, _NUMBER)]
    for name in names.split():
        if name in numbers:
            program += [_op(_JEQ, numbers[name], 0, 1), _op(_RET, _ALLOW)]
    return b"".join([*program, _op(_RET, _answer(errno.ENOSYS))])


def _when(number: int, body: list[bytes]) -> list[bytes]:
    return [_op(_JEQ, number, 0, len(body)), *body]


def _only_without(flags: int) -> list[bytes]:
    return [_op(_LD, _ARGS), _op(_JSET, flags, 0, 1), _op(_RET, _answer(errno.EPERM)), _op(_RET, _ALLOW)]


def _only_families() -> list[bytes]:
    body = [_op(_LD, _ARGS)]
    for family in _FAMILIES:
        body += [_op(_JEQ, family, 0, 1), _op(_RET, _ALLOW)]
    refuse = _op(_RET, _answer(errno.EAFNOSUPPORT))
    # Netlink only for its protocol 0, which lists interfaces; gloo asks for it.
    body += [_op(_JEQ, _NETLINK, 1, 0), refuse, _op(_LD, _ARGS + 16), _op(_JEQ, 0, 0, 1), _op(_RET, _ALLOW), refuse]
    return body


def _only_self() -> list[bytes]:
    return [_op(_LD, _ARGS), _op(_JEQ, 0, 0, 1), _op(_RET, _ALLOW), _op(_RET, _answer(errno.EPERM))]


def _not_shared_and_anonymous() -> list[bytes]:
    """Shared anonymous memory stays when its pages are dropped, so neither rlimits nor the watch would see it."""
    return [
        _op(_LD, _ARGS + 24),
        _op(_JSET, _MAP_ANONYMOUS, 0, 2),
        _op(_JSET, _MAP_SHARED, 0, 1),
        _op(_RET, _answer(errno.EPERM)),
        _op(_RET, _ALLOW),
    ]


def _no_locks() -> list[bytes]:
    """Record locks on files that all boxes can read would be a way for boxes to talk to each other."""
    body = [_op(_LD, _ARGS + 8)]
    for command in _LOCK_COMMANDS:
        body += [_op(_JEQ, command, 0, 1), _op(_RET, _answer(errno.EPERM))]
    return [*body, _op(_RET, _ALLOW)]


def install(libc: ctypes.CDLL, code: bytes | None = None) -> None:
    """Install the filter for this process and all that it starts; raises OSError when the kernel refuses."""
    code = code or build(platform.machine())
    buffer = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(code) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    if libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program), 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, "the kernel refused the seccomp filter")
