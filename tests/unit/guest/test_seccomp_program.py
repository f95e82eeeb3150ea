"""The filter as the kernel would run it: an interpreter of classic BPF looks at every kind of call."""

from __future__ import annotations

import errno
import struct
from functools import cache

import pytest

from grader.guest.seccomp import Code, build
from grader.guest.syscalls import MACHINES, NETWORK, PURPOSES, RULED, RULED_NETWORK

ALLOW, KILL, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN, AND = 0x20, 0x15, 0x35, 0x45, 0x06, 0x54
MACHINE_NAMES = sorted(MACHINES)
CALLS = [name for names in PURPOSES.values() for name in names.split()]
# By number on x86_64; the names are not in the table, which is the point.
FORBIDDEN = {
    "execve": 59, "execveat": 322, "ptrace": 101, "mount": 165, "umount2": 166, "pivot_root": 155, "chroot": 161,
    "unshare": 272, "setns": 308, "bpf": 321, "perf_event_open": 298, "userfaultfd": 323, "io_uring_setup": 425,
    "keyctl": 250, "add_key": 248, "memfd_create": 319, "shmget": 29, "init_module": 175, "finit_module": 313,
    "kexec_load": 246, "reboot": 169, "swapon": 167, "process_vm_readv": 310, "process_vm_writev": 311,
    "open_by_handle_at": 304, "setuid": 105, "setgid": 106, "setresuid": 117, "capset": 126, "personality": 135,
    "seccomp": 317, "mount_setattr": 442, "move_mount": 429, "fsopen": 430, "quotactl": 179, "settimeofday": 164,
    "clock_settime": 227, "sethostname": 170, "acct": 163, "iopl": 172, "ioperm": 173, "clone3": 435, "mknod": 133,
    "pidfd_getfd": 438, "sched_setscheduler": 144, "syslog": 103, "flock": 73, "fadvise64": 221, "mincore": 27,
    "readahead": 187, "cachestat": 451, "preadv2": 327, "pwritev2": 328, "sysinfo": 99, "sendmsg": 46, "sendmmsg": 307,
    "rt_sigqueueinfo": 129, "rt_tgsigqueueinfo": 297, "timer_create": 222, "membarrier": 324, "inotify_init1": 294,
    "io_setup": 206, "pkey_mprotect": 329, "memfd_secret": 447,
}  # fmt: skip


@cache
def program_of(machine: str, network: bool = False, code: Code = "none") -> list[tuple[int, int, int, int]]:
    """Its instructions: code, jump if true, jump if false, value."""
    return list(struct.iter_unpack("HBBI", build(machine, network=network, code=code)))


def run(
    machine: str,
    number: int,
    args: tuple[int, ...] = (),
    arch: int | None = None,
    *,
    network: bool = False,
    code: Code = "none",
) -> int:
    """The filter's answer to one call."""
    return answer_of(program_of(machine, network, code), machine, number, args, arch)


def answer_of(
    program: list[tuple[int, int, int, int]], machine: str, number: int, args: tuple[int, ...], arch: int | None
) -> int:
    """What a program returns for one call."""
    padded = (*args, *[0] * 6)[:6]
    data = struct.pack("<IIQ6Q", number & 0xFFFFFFFF, MACHINES[machine][0] if arch is None else arch, 0, *padded)
    place, accumulator = 0, 0
    for _ in range(10_000):
        code, if_true, if_false, value = program[place]
        place += 1
        if code == LOAD:
            (accumulator,) = struct.unpack_from("<I", data, value)
        elif code == RETURN:
            return value
        elif code == AND:
            accumulator &= value
        else:
            holds = {EQUAL: accumulator == value, AT_LEAST: accumulator >= value, ANY_BIT: bool(accumulator & value)}
            place += if_true if holds[code] else if_false
    raise AssertionError("the program does not end")


def number_of(machine: str, name: str) -> int:
    """A call's number."""
    return MACHINES[machine][1][name]


@pytest.mark.parametrize("machine", MACHINE_NAMES)
def test_the_program_is_one_that_the_kernel_takes(machine: str) -> None:
    """At most 4,096 instructions, of five kinds, with every jump inside and a return at the end."""
    program = program_of(machine, network=True)
    assert len(build(machine)) % 8 == 0
    assert 0 < len(program) <= 4096
    for place, (code, if_true, if_false, value) in enumerate(program):
        assert code in (LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN)
        assert code == RETURN or place + 1 + max(if_true, if_false) < len(program)
        assert code != LOAD or (value % 4 == 0 and value < 64)
    assert program[-1][0] == RETURN


@pytest.mark.parametrize("machine", MACHINE_NAMES)
def test_every_listed_call_is_allowed(machine: str) -> None:
    """That this machine has."""
    numbers = MACHINES[machine][1]
    assert [name for name in CALLS if name in numbers and run(machine, numbers[name]) != ALLOW] == []


@pytest.mark.parametrize("machine", MACHINE_NAMES)
def test_everything_else_answers_enosys(machine: str) -> None:
    """Every number up to 600 that is neither listed nor looked at, with and without a network."""
    numbers = MACHINES[machine][1]
    for network in (False, True):
        more = (*NETWORK.split(), *RULED_NETWORK) if network else ()
        known = {numbers[name] for name in (*CALLS, *RULED, *more) if name in numbers}
        answers = {run(machine, number, network=network) for number in range(600) if number not in known}
        assert answers == {ERRNO | errno.ENOSYS}


@pytest.mark.parametrize("name", FORBIDDEN)
def test_a_dangerous_call_answers_enosys(name: str) -> None:
    """As on a kernel that does not have it."""
    assert run("x86_64", FORBIDDEN[name]) == ERRNO | errno.ENOSYS
    assert name not in CALLS


@pytest.mark.parametrize("machine", MACHINE_NAMES)
def test_a_call_of_another_architecture_kills(machine: str) -> None:
    """32-bit numbers mean other calls."""
    assert run(machine, number_of(machine, "read"), arch=0x40000003) == KILL
    assert run(machine, number_of(machine, "read"), arch=0) == KILL


def test_the_x32_numbers_kill() -> None:
    """They are aliases that a list of numbers would miss."""
    for number in (0x40000000, 0x40000000 + 59, 0xFFFFFFFF):
        assert run("x86_64", number) == KILL


@pytest.mark.parametrize("machine", MACHINE_NAMES)
@pytest.mark.parametrize("flag", [0x80, 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000])
def test_no_new_namespace_can_be_made(machine: str, flag: int) -> None:
    """A thread or a fork can."""
    clone = number_of(machine, "clone")
    assert run(machine, clone, (flag | 0x11,)) == ERRNO | errno.EPERM
    assert run(machine, clone, (0x3D0F00,)) == ALLOW
    assert run(machine, clone, (17,)) == ALLOW


@pytest.mark.parametrize("machine", MACHINE_NAMES)
@pytest.mark.parametrize("family", range(50))
def test_only_some_families_of_sockets_can_be_made(machine: str, family: int) -> None:
    """TCP of both internets, and netlink's protocol 0, which lists interfaces; none where there is no network."""
    socket = number_of(machine, "socket")
    assert run(machine, socket, (family, 1, 0)) == ERRNO | errno.ENOSYS
    answer = run(machine, socket, (family, 1, 0), network=True)
    assert answer == (ALLOW if family in (2, 10, 16) else ERRNO | errno.EAFNOSUPPORT)
    if family == 16:
        answers = {run(machine, socket, (16, 3, protocol), network=True) for protocol in (1, 9, 15, 16)}
        assert answers == {ERRNO | errno.EAFNOSUPPORT}


@pytest.mark.parametrize("machine", MACHINE_NAMES)
@pytest.mark.parametrize("family", [2, 10])
def test_only_tcp_is_spoken(machine: str, family: int) -> None:
    """No datagrams, raw packets, SCTP, MPTCP or the like."""
    socket = number_of(machine, "socket")
    for kind in (1, 0x801, 0x80001, 0x80801):
        assert {run(machine, socket, (family, kind, protocol), network=True) for protocol in (0, 6)} == {ALLOW}
        for protocol in (1, 17, 33, 132, 136, 255, 256, 262):
            assert run(machine, socket, (family, kind, protocol), network=True) != ALLOW
    assert ALLOW not in {run(machine, socket, (family, kind, 0), network=True) for kind in (2, 3, 4, 5, 6, 10, 0x802)}


@pytest.mark.parametrize("machine", MACHINE_NAMES)
def test_pairs_of_sockets_are_local_streams(machine: str) -> None:
    """Only unix ones, where there is a network."""
    pair = number_of(machine, "socketpair")
    assert run(machine, pair, (1, 1, 0)) == ERRNO | errno.ENOSYS
    assert run(machine, pair, (1, 0x80001, 0), network=True) == ALLOW
    assert ALLOW not in {run(machine, pair, args, network=True) for args in ((1, 2, 0), (30, 1, 0), (1, 5, 0))}


@pytest.mark.parametrize("machine", MACHINE_NAMES)
def test_no_option_sizes_a_buffer(machine: str) -> None:
    """Nor attaches a program, nor takes a copy out of the way; the usual ones of TCP can be set."""
    option = number_of(machine, "setsockopt")
    for level, name in ((1, 2), (1, 9), (1, 20), (6, 1), (41, 26)):
        assert run(machine, option, (3, level, name), network=True) == ALLOW
    for level, name in ((1, 7), (1, 8), (1, 32), (1, 33), (1, 26), (1, 50), (1, 60), (6, 31), (0, 1), (255, 1)):
        assert run(machine, option, (3, level, name), network=True) == ERRNO | errno.ENOPROTOOPT


@pytest.mark.parametrize("machine", MACHINE_NAMES)
def test_only_commands_that_stay_in_the_box_are_given(machine: str) -> None:
    """To fcntl, ioctl, prctl and madvise: of all others, unknown ones included, each is answered with an error."""
    fcntl, ioctl = number_of(machine, "fcntl"), number_of(machine, "ioctl")
    prctl, madvise = number_of(machine, "prctl"), number_of(machine, "madvise")
    commands = {command for command in range(2000) if run(machine, fcntl, (3, command)) == ALLOW}
    assert commands == {0, 1, 2, 3, 4, 1030}
    requests = {request for request in range(0x10000) if run(machine, ioctl, (3, request)) == ALLOW}
    assert requests == {0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451}
    assert {option for option in range(100) if run(machine, prctl, (option,)) == ALLOW} == {1, 2, 3, 15, 16, 21, 23, 39}
    advice = {each for each in range(120) if run(machine, madvise, (0, 0, each)) == ALLOW}
    assert not advice & {3, 5, 9, 12, 20, 21, 22, 23, 24, 25, 100, 101, 102, 103}


@pytest.mark.parametrize("machine", MACHINE_NAMES)
@pytest.mark.parametrize(
    ("code", "private", "file", "later"),
    [("none", False, False, False), ("memory", True, False, True), ("any", True, True, True)],
)
def test_what_may_become_code(machine: str, code: Code, private: bool, file: bool, later: bool) -> None:
    """Private memory, a file, and what was mapped without that right; each is plain memory in any case."""
    mmap, mprotect = number_of(machine, "mmap"), number_of(machine, "mprotect")
    anonymous, of_file, executable = 0x22, 0x2, 0x7
    assert (run(machine, mmap, (0, 1, executable, anonymous), code=code) == ALLOW) is private
    assert (run(machine, mmap, (0, 1, executable, of_file), code=code) == ALLOW) is file
    assert (run(machine, mprotect, (0, 1, executable), code=code) == ALLOW) is later
    for flags in (anonymous, of_file, 0x1):
        assert run(machine, mmap, (0, 1, 0x3, flags), code=code) == ALLOW
    assert run(machine, mprotect, (0, 1, 0x3), code=code) == ALLOW
    for flags in (0x21, 0x40022, 0x40002):  # shared and anonymous, huge pages
        assert run(machine, mmap, (0, 1, 0x3, flags), code=code) == ERRNO | errno.EPERM


@pytest.mark.parametrize("machine", MACHINE_NAMES)
def test_limits_of_other_processes_cannot_be_set(machine: str) -> None:
    """Only one's own, which are hard already."""
    prlimit = number_of(machine, "prlimit64")
    assert run(machine, prlimit, (0, 7)) == ALLOW
    assert run(machine, prlimit, (1, 7)) == ERRNO | errno.EPERM


def test_an_unknown_machine_has_no_filter() -> None:
    """The box then refuses to start."""
    with pytest.raises(KeyError):
        build("sparc")


def ask_driver(request: int, *, gpu: bool = True) -> int:
    """The filter's answer to an ioctl."""
    program = list(struct.iter_unpack("HBBI", build("x86_64", code="memory", gpu=gpu)))
    return answer_of(program, "x86_64", number_of("x86_64", "ioctl"), (5, request), None)


# NV_ESC_RM_CONTROL, NV_ESC_RM_ALLOC, NV_ESC_CARD_INFO, UVM_INITIALIZE, UVM_REGISTER_GPU.
ASKED_BY_CUDA = (0xC020462A, 0xC030462B, 0xC90046C8, 0x30000001, 37)
# Memory that is exported, a wrapped command that no filter sees into, tools that read a process's memory, other GPUs,
# the same numbers under another kind (which the driver ignores), and what changes terminals and files.
NEVER_ASKED = (0xC8E046D9, 0xC01046D3, 62, 63, 29, 30, 0xC020452A, 0xC0300029, 0x5412, 0x40086602, 0x5457)


@pytest.mark.parametrize("request_", ASKED_BY_CUDA, ids=hex)
def test_requests_of_cuda_pass_only_where_there_is_a_gpu(request_: int) -> None:
    """Elsewhere they are answered as before."""
    assert ask_driver(request_) == ALLOW
    assert ask_driver(request_, gpu=False) == ERRNO | errno.ENOTTY


@pytest.mark.parametrize("request_", NEVER_ASKED, ids=hex)
def test_no_other_request_passes_because_there_is_a_gpu(request_: int) -> None:
    """The list is short, and by kind and number."""
    assert ask_driver(request_) == ERRNO | errno.ENOTTY


@pytest.mark.parametrize("network", [False, True])
def test_a_gpu_changes_nothing_but_ioctl(network: bool) -> None:
    """Every other call has the answer that it has without one, and without one the program is the same to the byte."""
    with_gpu = list(struct.iter_unpack("HBBI", build("x86_64", network=network, code="memory", gpu=True)))
    without = program_of("x86_64", network, "memory")
    for number in (number for number in range(470) if number != number_of("x86_64", "ioctl")):
        for args in ((0,), (1, 3, 7, 0x21), (2, 1030, 5, 0x40022)):
            assert answer_of(with_gpu, "x86_64", number, args, None) == answer_of(without, "x86_64", number, args, None)
    assert build("x86_64", network=network, code="memory") == build("x86_64", network=network, code="memory", gpu=False)


@pytest.mark.parametrize("machine", MACHINE_NAMES)
def test_the_program_with_a_gpu_is_one_that_the_kernel_takes(machine: str) -> None:
    """It is longer, and its jumps still fit in a byte and stay inside."""
    program = list(struct.iter_unpack("HBBI", build(machine, network=True, code="memory", gpu=True)))
    assert len(program) <= 4096
    for place, (code, if_true, if_false, _) in enumerate(program):
        if code in (EQUAL, AT_LEAST, ANY_BIT):
            assert place + 1 + max(if_true, if_false) < len(program)
