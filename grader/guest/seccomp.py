"""The system-call filter: an allow-list compiled to BPF and installed for good.

See seccomp(2). Calls from another architecture (or the x32 ABI) kill the process; calls that are not on the list
answer ENOSYS; a few are let through only with harmless arguments.
"""

from __future__ import annotations

import ctypes
import errno
import struct
from typing import Literal

from grader.guest.syscalls import MACHINES, NETWORK, PURPOSES

# What may become code after the filter: nothing, memory but no file (the kernels that torch compiles), or anything.
Code = Literal["none", "memory", "any"]

_LD, _JEQ, _JGE, _JSET, _RET, _AND = 0x20, 0x15, 0x35, 0x45, 0x06, 0x54
_NUMBER, _ARCH, _ARGS = 0, 4, 16  # offsets in struct seccomp_data; each argument has 8 bytes, low word first
_ALLOW = 0x7FFF0000
_KILL = 0x80000000
_ERRNO = 0x00050000
_X32_BIT = 0x40000000
_NEW_NAMESPACES = 0x7E020000 | 0x00000080  # every CLONE_NEW* flag (CLONE_NEWTIME is 0x80)
_NETLINK = 16
_STREAMS = (0x1, 0x801, 0x80001, 0x80801)  # SOCK_STREAM, with or without SOCK_NONBLOCK and SOCK_CLOEXEC
_PROT_EXEC = 0x4
# What CUDA asks of its driver, after the list that gVisor's nvproxy passes on; not on ours are access to the memory of
# other GPUs, exported memory, and the tools that read a process's memory. Of nvidia0 and nvidiactl the lower half of a
# request counts, which is its kind and number; the driver ignores the kind, so that it is ours that keeps out the rest.
_NVIDIA = (
    *(0x46C8, 0x46C9, 0x46CE, 0x46CF, 0x46D2, 0x46D4, 0x46D6, 0x46DA),  # cards, events, versions, opening
    *(0x4627, 0x4629, 0x462A, 0x462B, 0x4634, 0x4635, 0x464A, 0x464E, 0x464F, 0x465E),  # objects and memory
)
# UVM_INITIALIZE and its like, range groups, address spaces, channels, allocations, this GPU, hints, semaphores.
_NVIDIA_UVM = (0x30000001, 0x30000002, 75, 23, 24, 25, 26, 27, 28, 33, 34, 37, 38, 39, 42, 45, 65, 68, 72, 73)
_MAP_SHARED, _MAP_ANONYMOUS, _MAP_HUGETLB = 0x01, 0x20, 0x40000
_PR_SET_SECCOMP, _MODE_FILTER = 22, 2

# F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC. The others are for more than one process, and many reach
# beyond the box: a lease or a record lock on a file that boxes share is felt by all who open it.
_FCNTL = (0, 1, 2, 3, 4, 1030)
# TCGETS and its successor (is it a terminal?), TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX.
_IOCTL = (0x5401, 0x802C542A, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
# SIOCGIFNAME, SIOCGIFCONF, SIOCGIFFLAGS, SIOCGIFADDR, SIOCGIFINDEX: the names and addresses of the own interfaces.
_IOCTL_NETWORK = (0x8910, 0x8912, 0x8913, 0x8915, 0x8933)
# PR_SET_PDEATHSIG and its getter, PR_GET_DUMPABLE, PR_SET_NAME and its getter, PR_GET_SECCOMP, PR_CAPBSET_READ,
# PR_GET_NO_NEW_PRIVS.
_PRCTL = (1, 2, 3, 15, 16, 21, 23, 39)
# Hints on one's own pages. Others evict or fetch pages of files that boxes share, or merge pages with those of others.
_MADVISE = (0, 1, 2, 4, 8, 10, 11, 14, 15, 16, 17, 18, 19)
# Options of sockets by level; none sizes a buffer, which would be memory that nobody counts.
_SOCKET_OPTIONS = {
    1: (2, 3, 4, 9, 13, 15, 20, 21, 66, 67),  # REUSEADDR, TYPE, ERROR, KEEPALIVE, LINGER, REUSEPORT, timeouts
    6: (1, 4, 5, 6, 12, 18),  # TCP_NODELAY, what goes with KEEPALIVE, TCP_QUICKACK, TCP_USER_TIMEOUT
    41: (26,),  # IPV6_V6ONLY
}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def _op(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)


def _answer(number: int) -> int:
    return _ERRNO | number


def build(machine: str, *, network: bool = False, code: Code = "none", gpu: bool = False) -> bytes:
    """The filter for a box on a machine (`platform.machine()`); raises KeyError for one that we have no numbers of.

    With `gpu` the requests of CUDA to its driver pass; which files they may be made of is Landlock's to say.
    """
    purposes = (*PURPOSES.values(), *([NETWORK] if network else []))
    rules = _rules(network=network, code=code)
    if gpu:
        rules["ioctl"] = [*_driver_requests(), *rules["ioctl"]]
    return _compiled(machine, " ".join(purposes), rules)


def build_only(machine: str, names: str) -> bytes:
    """A filter for a process of ours that makes no other calls than these, with any arguments; KeyError as above."""
    return _compiled(machine, names, {})


def _compiled(machine: str, names: str, rules: dict[str, list[bytes]]) -> bytes:
    arch, numbers = MACHINES[machine]
    program = [_op(_LD, _ARCH), _op(_JEQ, arch, 1, 0), _op(_RET, _KILL), _op(_LD, _NUMBER)]
    if machine == "x86_64":
        program += [_op(_JGE, _X32_BIT, 0, 1), _op(_RET, _KILL)]
    for name in names.split():
        if name in numbers:
            program += [_op(_JEQ, numbers[name], 0, 1), _op(_RET, _ALLOW)]
    # Arguments overwrite the accumulator, so each of these ends in a return.
    for name, body in rules.items():
        program += [_op(_JEQ, numbers[name], 0, len(body)), *body]
    return b"".join([*program, _op(_RET, _answer(errno.ENOSYS))])


def _rules(*, network: bool, code: Code) -> dict[str, list[bytes]]:
    """What decides on a call by its arguments; each jumps nowhere but in itself."""
    rules = {
        "clone": _without(0, _NEW_NAMESPACES),
        "prlimit64": _one_of(0, (0,), errno.EPERM),  # only of oneself
        "mmap": _only_own_memory(code),
        "mprotect": _without(2, _PROT_EXEC if code == "none" else 0),
        "madvise": _one_of(2, _MADVISE, errno.EINVAL),
        "fcntl": _one_of(1, _FCNTL, errno.EPERM),
        "ioctl": _one_of(1, (*_IOCTL, *_IOCTL_NETWORK) if network else _IOCTL, errno.ENOTTY),
        "prctl": _one_of(0, _PRCTL, errno.EPERM),
    }
    if network:
        rules |= {
            "socket": _only_local_streams(),
            "socketpair": _only_local_pairs(),
            "setsockopt": _only_small_options(),
        }
    return rules


def _load(argument: int) -> bytes:
    return _op(_LD, _ARGS + 8 * argument)


def _refuse(number: int) -> bytes:
    return _op(_RET, _answer(number))


def _any_of(argument: int, values: tuple[int, ...]) -> list[bytes]:
    """Allow these values of an argument; go on after any other."""
    return [_load(argument), *(op for value in values for op in (_op(_JEQ, value, 0, 1), _op(_RET, _ALLOW)))]


def _driver_requests() -> list[bytes]:
    """Allow what CUDA asks of its driver; go on after anything else."""
    exact = _any_of(1, _NVIDIA_UVM)
    lower = [
        _load(1),
        _op(_AND, 0xFFFF),
        *(op for value in _NVIDIA for op in (_op(_JEQ, value, 0, 1), _op(_RET, _ALLOW))),
    ]
    return [*exact, *lower]


def _one_of(argument: int, values: tuple[int, ...], number: int) -> list[bytes]:
    """Allow these values of an argument, and answer any other with an error."""
    return [*_any_of(argument, values), _refuse(number)]


def _where(argument: int, value: int, body: list[bytes]) -> list[bytes]:
    """`body` for one value of an argument; go on after any other."""
    return [_load(argument), _op(_JEQ, value, 0, len(body)), *body]


def _without(argument: int, flags: int) -> list[bytes]:
    return [_load(argument), _op(_JSET, flags, 0, 1), _refuse(errno.EPERM), _op(_RET, _ALLOW)]


def _streams() -> list[bytes]:
    """Sockets of this kind with the protocol that is usual for it."""
    body = [_load(2), _op(_JEQ, 0, 2, 0), _op(_JEQ, 6, 1, 0), _refuse(errno.EPROTONOSUPPORT)]  # 6 is TCP
    return [*body, *_one_of(1, _STREAMS, errno.EPROTONOSUPPORT)]


def _only_local_streams() -> list[bytes]:
    """TCP, whose buffers the watch can count, and netlink's protocol 0, which lists interfaces: gloo asks for it."""
    internet = [*_where(0, 2, _streams()), *_where(0, 10, _streams())]
    return [*internet, *_where(0, _NETLINK, _one_of(2, (0,), errno.EAFNOSUPPORT)), _refuse(errno.EAFNOSUPPORT)]


def _only_local_pairs() -> list[bytes]:
    return [*_where(0, 1, _streams()), _refuse(errno.EAFNOSUPPORT)]


def _only_small_options() -> list[bytes]:
    body = []
    for level, options in _SOCKET_OPTIONS.items():
        body += _where(1, level, _one_of(2, options, errno.ENOPROTOOPT))
    return [*body, _refuse(errno.ENOPROTOOPT)]


def _only_own_memory(code: Code) -> list[bytes]:
    """No memory that the limits miss, and no code but what there is.

    Shared anonymous memory stays when its pages are dropped; huge pages are of a pool that all users share.
    """
    body = [_load(3), _op(_JSET, _MAP_HUGETLB, 0, 1), _refuse(errno.EPERM)]
    body += [_op(_JSET, _MAP_ANONYMOUS, 0, 2), _op(_JSET, _MAP_SHARED, 0, 1), _refuse(errno.EPERM)]
    if code == "memory":
        body += [_op(_JSET, _MAP_ANONYMOUS, 0, 1), _op(_RET, _ALLOW)]
    return [*body, *_without(2, 0 if code == "any" else _PROT_EXEC)]


def install(libc: ctypes.CDLL, program: bytes) -> None:
    """Install a filter for this process and all that it starts; raises OSError when the kernel refuses."""
    buffer = ctypes.create_string_buffer(program, len(program))
    described = _Program(len(program) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    if libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(described), 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, "the kernel refused the seccomp filter")
