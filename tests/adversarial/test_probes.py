"""What candidate code can see and do from inside the box: it looks by itself, and says what it saw.

Each probe is Python source that defines `look()`, whose result comes back as data. It runs as a submission of f1_auc,
so in the very box that is used for verdicts.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import socket
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.grading.grade import Options, grade_all
from grader.model.submission import Submission
from grader.model.verdict import Verdict

from .conftest import Bench, exercise_with

REPOSITORY = Path(__file__).resolve().parents[2]
_MARK = "SEEN>"
_FRAME = """
import json as _json

def _tell():
    global _told
    if not _told:
        _told = True
        print("{mark}" + _json.dumps(look()))

_told = False

def f1_score(y_true, y_pred, average="binary"):
    _tell()
    return 0.0

def roc_auc(y_true, y_score):
    return 0.0
"""


def _source(probe: str) -> str:
    return textwrap.dedent(probe) + _FRAME.replace("{mark}", _MARK)


def _seen_in(verdict: Verdict) -> Any:
    output = "".join(case.output for case in verdict.cases)
    found = [line.removeprefix(_MARK) for line in output.splitlines() if line.startswith(_MARK)]
    assert found, (
        f"the probe said nothing: {verdict.status} {verdict.message} {[c.message.en for c in verdict.cases][:2]}"
    )
    return json.loads(found[0])


def _look(bench: Bench, probe: str) -> Any:
    """What the probe sees in a box that holds by itself: native code is allowed there."""
    exercise = exercise_with("f1_auc", None, native=True)
    return _seen_in(bench.grade(exercise, Submission(name="probe", source=_source(probe))))


def _look_with(bench: Bench, probe: str, **allowed: bool) -> Any:
    exercise = exercise_with("f1_auc", None, **allowed)
    return _seen_in(bench.grade(exercise, Submission(name="probe", source=_source(probe))))


# Files and programs

_WALK = """
import os

def files():
    for folder, _, names in os.walk("/", onerror=None):
        for name in names:
            yield os.path.join(folder, name)
"""


def test_no_file_of_the_repository_or_of_an_exercise_is_there(numpy_bench: Bench) -> None:
    """Neither tests, references, statements, manifests, a git folder nor the judge's sources are anywhere on disk."""
    seen = _look(
        numpy_bench,
        _WALK
        + """
WORDS = ("test_hidden", "test_public", "exercise.yaml", "statement.", "syllabus", "mutants", "/.git/",
         "pyproject.toml", "/reference/", "/exercises/", "/bank/", "solution.py", "stub.py", "driver.py", "/judge/",
         "/grading/", "/engine/")

def look():
    ours = (path for path in files() if not path.startswith(("/site/", "/python/")))
    return [path for path in ours if any(word in path for word in WORDS)]
""",
    )
    assert seen == []


def test_only_the_guest_s_own_part_of_the_grader_is_there(numpy_bench: Bench) -> None:
    """Of the grader's package the box holds `guest`, `wire`, the errors and the package's own file."""
    seen = _look(numpy_bench, "import os\ndef look(): return sorted(os.listdir('/viva/grader'))")
    assert set(seen) <= {"__init__.py", "errors.py", "guest", "wire", "__pycache__"}


def test_no_file_names_the_repository(numpy_bench: Bench) -> None:
    """No file of ours, compiled ones included, holds the path of the repository on the host."""
    seen = _look(
        numpy_bench,
        f"""
        import os
        WANTED = {str(REPOSITORY).encode()[::-1]!r}[::-1]

        def look():
            found = []
            for folder, _, names in os.walk("/viva"):
                for name in names:
                    with open(os.path.join(folder, name), "rb") as file:
                        if WANTED in file.read():
                            found.append(os.path.join(folder, name))
            return found[:20]
        """,
    )
    assert seen == []


def test_only_allowed_packages_can_be_imported(numpy_bench: Bench) -> None:
    """Beside the standard library there is what the exercise allows and what the wire needs, and nothing else."""
    seen = _look(
        numpy_bench,
        """
        import pkgutil, sys

        def look():
            return sorted({m.name for m in pkgutil.iter_modules()} - set(sys.stdlib_module_names) - {"solution"})
        """,
    )
    # The interpreter's examples of how to write a module, and a hook that Debian keeps beside the standard library.
    harmless = {"xxlimited", "xxlimited_35", "xxsubtype", "sitecustomize"}
    assert {name for name in seen if not name.startswith("_")} - harmless == {"grader", "msgspec", "numpy"}


def test_there_is_no_shell_and_no_compiler(numpy_bench: Bench) -> None:
    """No shell, compiler, linker, version control or download program lies on disk."""
    seen = _look(
        numpy_bench,
        _WALK
        + """
NAMES = {"sh", "bash", "dash", "busybox", "gcc", "cc", "cc1", "ld", "as", "clang", "tcc", "git", "curl", "wget", "nc",
         "ssh", "perl", "gdb", "strace", "sudo", "su", "mount", "newuidmap", "python3", "python", "pip", "env", "bwrap",
         "collect2"}

def look():
    return [path for path in files() if os.path.basename(path) in NAMES and os.access(path, os.X_OK)]
""",
    )
    assert seen == []


def test_nothing_can_be_executed(numpy_bench: Bench) -> None:
    """Not even the interpreter itself can be started, nor a copy of it."""
    seen = _look(
        numpy_bench,
        """
        import os, shutil, sys

        def attempt(path):
            pid = os.fork()
            if pid == 0:
                try:
                    os.execv(path, [path, "-c", "import os; os._exit(77)"])
                except BaseException:
                    os._exit(1)
            return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

        def look():
            shutil.copy(sys.executable, "/tmp/copy")
            os.chmod("/tmp/copy", 0o755)
            return [attempt(sys.executable), attempt("/tmp/copy"), attempt("/lib64/ld-linux-x86-64.so.2")]
        """,
    )
    assert 77 not in seen


def test_only_scratch_space_can_be_written(numpy_bench: Bench) -> None:
    """Files can be made in /tmp and /dev/shm, and in no other folder."""
    seen = _look(
        numpy_bench,
        """
        import os

        def look():
            made = []
            for folder, folders, _ in os.walk("/"):
                if folder.count("/") > 4:
                    folders.clear()
                try:
                    os.close(os.open(os.path.join(folder, "made"), os.O_CREAT | os.O_WRONLY))
                    made.append(folder)
                except OSError:
                    pass
            return made
        """,
    )
    assert sorted(seen) == ["/dev/shm", "/tmp"]


def test_proc_sys_and_devices_say_nothing(numpy_bench: Bench) -> None:
    """/proc is empty, /sys is not there, and /dev has only devices that hold nothing of the host."""
    proc, has_sys, devices = _look(
        numpy_bench,
        "import os\ndef look(): return os.listdir('/proc'), os.path.exists('/sys'), sorted(os.listdir('/dev'))",
    )
    assert (proc, has_sys) == ([], False)
    harmless = {"null", "zero", "full", "random", "urandom", "tty", "console", "ptmx", "pts", "shm", "fd", "core"}
    assert set(devices) <= harmless | {"stdin", "stdout", "stderr"}


def test_scratch_space_starts_empty(numpy_bench: Bench) -> None:
    """What one submission leaves in /tmp and /dev/shm is not there for the next."""
    probe = """
    import os

    def look():
        found = [name for folder in ("/tmp", "/dev/shm") for name in os.listdir(folder)]
        for folder in ("/tmp", "/dev/shm"):
            open(folder + "/left", "w").close()
        return found
    """
    assert [_look(numpy_bench, probe) for _ in range(2)] == [[], []]


# The process itself


def test_the_environment_is_empty(numpy_bench: Bench) -> None:
    """Only five harmless variables are set; the process's own memory holds none that Python does not show."""
    seen = _look(
        numpy_bench,
        """
        import ctypes, os

        def look():
            block = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), "environ")
            names, position = set(os.environ), 0
            while block and block[position]:
                names.add(block[position].split(b"=")[0].decode())
                position += 1
            return sorted(names)
        """,
    )
    assert set(seen) <= {"HOME", "TMPDIR", "LANG", "LC_CTYPE", "OMP_NUM_THREADS", "GLOO_SOCKET_IFNAME"}


def test_only_four_descriptors_are_open(numpy_bench: Bench) -> None:
    """There are standard input from nowhere, two ends of one pipe for output, and the wire."""
    seen = _look(
        numpy_bench,
        """
        import os, stat

        def look():
            found = {}
            for number in range(1024):
                try:
                    mode = os.fstat(number).st_mode
                except OSError:
                    continue
                found[number] = ("chr" if stat.S_ISCHR(mode) else "fifo" if stat.S_ISFIFO(mode)
                                 else "socket" if stat.S_ISSOCK(mode) else oct(mode))
            return found
        """,
    )
    assert seen == {"0": "chr", "1": "fifo", "2": "fifo", "3": "socket"}


def test_the_wire_does_not_say_who_is_at_its_other_end(numpy_bench: Bench) -> None:
    """The wire is an unnamed socket; its peer's process and groups are not visible from here."""
    seen = _look(
        numpy_bench,
        """
        import socket, struct

        def look():
            wire = socket.socket(fileno=3)
            pid, uid, gid = struct.unpack("3i", wire.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
            names = wire.getsockname(), wire.getpeername()
            wire.detach()
            return pid, uid, [str(name) for name in names]
        """,
    )
    pid, uid, names = seen
    assert (pid, names[1]) == (0, "")
    assert "viva" not in names[0]
    assert uid != 0


def test_no_privilege_is_left(numpy_bench: Bench) -> None:
    """Not root, no capability in any set, no new privileges, and a system-call filter."""
    seen = _look(
        numpy_bench,
        """
        import ctypes, os

        libc = ctypes.CDLL(None, use_errno=True)

        def look():
            header, data = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
            libc.syscall(125, ctypes.byref(header), ctypes.byref(data))
            return {
                "root": 0 in (*os.getresuid(), *os.getresgid()),
                "capabilities": list(data),
                "bounding": [c for c in range(41) if libc.prctl(23, c, 0, 0, 0) > 0],
                "ambient": [c for c in range(41) if libc.prctl(47, 1, c, 0, 0) > 0],
                "no_new_privs": libc.prctl(39, 0, 0, 0, 0),
                "seccomp": libc.prctl(21, 0, 0, 0, 0),
                "hostname": os.uname().nodename,
                "pid": os.getpid() < 10,
            }
        """,
    )
    assert seen == {
        "root": False,
        "capabilities": [0] * 6,
        "bounding": [],
        "ambient": [],
        "no_new_privs": 1,
        "seccomp": 2,
        "hostname": "box",
        "pid": True,
    }


def test_memory_holds_nothing_of_the_judge(numpy_bench: Bench) -> None:
    """Neither modules, objects of the collector, frames nor code belong to pytest, to the judge or to a suite."""
    seen = _look(
        numpy_bench,
        """
        import gc, sys, types

        NAMES = ("pytest", "_pytest", "pluggy", "sklearn", "test_hidden", "test_public", "reference",
                 "reference_f1_auc", "grader.judge", "grader.engine", "grader.grading", "grader.content", "grader.box",
                 "grader.model")
        WORDS = ("_pytest/", "test_hidden", "test_public", "reference/", "grader/judge")

        def is_theirs(name):
            return any(name == their or name.startswith(their + ".") for their in NAMES)

        def look():
            gc.unfreeze()
            found = {name for name in sys.modules if is_theirs(name)}
            for thing in gc.get_objects():
                if isinstance(thing, (types.FunctionType, type)) and is_theirs(str(thing.__module__)):
                    found.add(f"{thing.__module__}.{thing.__qualname__}")
            frame = sys._getframe()
            while frame is not None:
                path, frame = frame.f_code.co_filename, frame.f_back
                found |= {path for word in WORDS if word in path}
            return sorted(found)
        """,
    )
    assert seen == []


def test_no_loaded_code_names_the_repository(numpy_bench: Bench) -> None:
    """Paths in modules, code, the module search path and the command line are those of the box."""
    seen = _look(
        numpy_bench,
        f"""
        import gc, sys, types
        WANTED = {str(REPOSITORY)[::-1]!r}[::-1]

        def look():
            gc.unfreeze()
            texts = [*sys.path, *sys.argv, *sys.orig_argv, sys.prefix, sys.base_prefix, sys.executable]
            texts += [str(getattr(module, "__file__", "")) for module in list(sys.modules.values())]
            texts += [f.__code__.co_filename for f in gc.get_objects() if isinstance(f, types.FunctionType)]
            return [text for text in texts if WANTED in text][:10]
        """,
    )
    assert seen == []


# Other processes and the network


@pytest.fixture
def listeners() -> Iterator[list[tuple[int, Any]]]:
    """Sockets of this machine that wait for somebody: on loopback in both families, and in the abstract namespace."""
    with contextlib.ExitStack() as stack:
        addresses: list[tuple[int, Any]] = []
        for family, address in (
            (socket.AF_INET, ("127.0.0.1", 0)),
            (socket.AF_INET6, ("::1", 0)),
            (socket.AF_UNIX, f"\0viva-adversarial-{os.getpid()}"),
        ):
            server = stack.enter_context(socket.socket(family, socket.SOCK_STREAM))
            try:
                server.bind(address)
            except OSError:
                continue  # a machine without IPv6
            server.listen()
            name = server.getsockname()
            addresses.append((int(family), name.decode() if isinstance(name, bytes) else list(name[:2])))
        yield addresses


def test_the_host_s_sockets_cannot_be_reached(numpy_bench: Bench, listeners: list[tuple[int, Any]]) -> None:
    """A listener on the host's loopback, or in its abstract namespace, cannot be connected to."""
    seen = _look_with(
        numpy_bench,
        f"""
        import socket
        ADDRESSES = {listeners!r}

        def look():
            reached = []
            for family, address in ADDRESSES:
                try:
                    with socket.socket(family, socket.SOCK_STREAM) as stream:
                        stream.settimeout(0.5)
                        stream.connect(tuple(address) if isinstance(address, list) else address)
                        reached.append(address)
                except OSError:
                    pass
            return reached
        """,
        native=True,
        network=True,
    )
    assert seen == []


_SOCKETS = """
        import socket

        def look():
            made = []
            kinds = [(family, kind, 0) for family in range(1, 46) for kind in (1, 2, 3, 5)]
            kinds += [(16, kind, protocol) for kind in (2, 3) for protocol in range(1, 24)]
            for family, kind, protocol in kinds:
                try:
                    socket.socket(family, kind, protocol).close()
                    made.append((family, kind, protocol))
                except OSError:
                    pass
            for family in (1, 30):
                try:
                    socket.socketpair(family)
                    made.append(family)
                except OSError:
                    pass
            return made
"""


def test_there_are_no_sockets_but_the_wire(numpy_bench: Bench) -> None:
    """Of no family, kind or protocol, where an exercise has no network."""
    assert _look(numpy_bench, _SOCKETS) == []


def test_only_local_kinds_of_sockets_exist_where_there_is_a_network(numpy_bench: Bench) -> None:
    """TCP, netlink's interface list, and pairs; vsock, packet, raw, datagrams, unix and all the others are refused."""
    seen = _look_with(numpy_bench, _SOCKETS, native=True, network=True)
    assert seen
    assert seen.pop() == 1
    assert {(family, kind, protocol) for family, kind, protocol in seen} <= {
        (2, 1, 0), (10, 1, 0), (16, 1, 0), (16, 2, 0), (16, 3, 0), (16, 5, 0),
    }  # fmt: skip


def test_no_other_process_can_be_seen_or_signalled(numpy_bench: Bench) -> None:
    """Of all process numbers only the box's own two answer, and init obeys no signal."""
    seen = _look(
        numpy_bench,
        """
        import os, signal

        def look():
            answering = []
            for pid in range(1, 5000):
                try:
                    os.kill(pid, 0)
                    answering.append(pid)
                except PermissionError:
                    answering.append(pid)
                except ProcessLookupError:
                    pass
            for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGSTOP, signal.SIGSEGV, signal.SIGALRM):
                try:
                    os.kill(1, number)
                except PermissionError:
                    pass
            return answering
        """,
    )
    assert len(seen) == 2
    assert seen[0] == 1


def test_only_loopback_is_there(numpy_bench: Bench) -> None:
    """The box has one interface, its own loopback."""
    probe = "import socket\ndef look(): return [n for _, n in socket.if_nameindex()]"
    assert _look_with(numpy_bench, probe, native=True, network=True) == ["lo"]


_MEET = """
import errno, fcntl, os, socket, struct, time

def taken(path, make):
    try:
        stream = make()
        try:
            stream.bind(path)
        finally:
            kept.append(stream)
    except OSError as error:
        return error.errno == errno.EADDRINUSE

kept = []

def look():
    number = 1000 + int.from_bytes(os.urandom(2), "big")
    try:
        file = open(os.__file__)
        found = []
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            found.append("a file lock of another box")
        except OSError:
            pass
        try:
            fcntl.fcntl(file, fcntl.F_SETLK, struct.pack("hhqqi", fcntl.F_RDLCK, 0, number, 1, 0))
            time.sleep(1.0)
            kind, _, start, _, _ = struct.unpack("hhqqi", fcntl.fcntl(
                file, fcntl.F_GETLK, struct.pack("hhqqi", fcntl.F_WRLCK, 0, 0, 0, 0)))
            if kind != fcntl.F_UNLCK:
                found.append("a record lock of another box")
        except OSError:
            time.sleep(1.0)
        for path in ("\\0meet", "\\0fourteen_bytes", "/tmp/meet", "/dev/shm/meet"):
            if taken(path, lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)):
                found.append(path)
            if taken(path, lambda: socket.socket(fileno=os.dup(3))):
                found.append("the wire as " + path)
        for port in (7777, 7778):
            if taken(("127.0.0.1", port), lambda: socket.socket(socket.AF_INET)):
                found.append(port)
        time.sleep(0.5)
        return found
    except Exception as error:
        return [repr(error)]
"""


@pytest.mark.parametrize("network", [False, True], ids=["without a network", "with a network"])
def test_two_boxes_at_a_time_do_not_see_each_other(network: bool, numpy_bench: Bench) -> None:
    """Neither file locks, record locks, ports, names of sockets (of the wire too) nor files lead from box to box."""
    exercise = exercise_with("f1_auc", None, native=True, network=network)
    submissions = [Submission(name=f"box {number}", source=_source(_MEET)) for number in range(2)]
    verdicts = grade_all(exercise, submissions, numpy_bench.engine, Options(seed=1, diagnose=False), jobs=2)
    seen = [_seen_in(verdict) for verdict in verdicts]
    numpy_bench.settle()
    assert seen == [[], []]


# System calls

_DENIED = """
mount=165 umount2=166 pivot_root=155 chroot=161 unshare=272 setns=308 ptrace=101 process_vm_readv=310
process_vm_writev=311 bpf=321 perf_event_open=298 userfaultfd=323 io_uring_setup=425 io_uring_enter=426
io_uring_register=427 keyctl=250 add_key=248 request_key=249 memfd_create=319 memfd_secret=447 shmget=29 shmat=30
semget=64 msgget=68 mq_open=240 execve=59 execveat=322 personality=135 open_by_handle_at=304 name_to_handle_at=303
kexec_load=246 kexec_file_load=320 init_module=175 finit_module=313 delete_module=176 quotactl=179
sched_setaffinity=203 sched_setscheduler=144 setpriority=141 ioprio_set=251 reboot=169 sethostname=170
setdomainname=171 swapon=167 acct=163 settimeofday=164 clock_settime=227 adjtimex=159 syslog=103 iopl=172 ioperm=173
move_pages=279 migrate_pages=256 mbind=237 set_mempolicy=238 fanotify_init=300 inotify_init1=294 pidfd_open=434
pidfd_getfd=438 pidfd_send_signal=424 process_madvise=440 kcmp=312 seccomp=317 landlock_create_ruleset=444
fsopen=430 fsmount=432 move_mount=429 open_tree=428 mount_setattr=442 setuid=105 setgid=106 setgroups=116
setresuid=117 setresgid=119 setfsuid=122 capset=126 mknod=133 mknodat=259 clone3=435 setxattr=188 lookup_dcookie=212
uselib=134 vhangup=153 modify_ldt=154 splice=275 tee=276 vmsplice=278 remap_file_pages=216 rt_tgsigqueueinfo=297
sysfs=139 ustat=136 flock=73 fadvise64=221 mincore=27 readahead=187 cachestat=451 preadv2=327 pwritev2=328 sysinfo=99
sendmsg=46 sendmmsg=307 rt_sigqueueinfo=129 timer_create=222 membarrier=324 inotify_init=253 io_setup=206 socket=41
socketpair=53 bind=49 connect=42 listen=50 accept=43 setsockopt=54 epoll_create1=291 eventfd2=290 mlock=149
"""


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the numbers of the calls are those of x86_64")
def test_dangerous_system_calls_fail(numpy_bench: Bench) -> None:
    """Calls that change the machine, reach other processes or take uncounted memory answer with an error."""
    numbers = dict(item.split("=") for item in _DENIED.split())
    seen = _look(
        numpy_bench,
        f"""
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        NUMBERS = {numbers!r}

        def look():
            worked = {{}}
            for name, number in NUMBERS.items():
                ctypes.set_errno(0)
                result = libc.syscall(int(number), 0, 0, 0, 0, 0, 0)
                if result >= 0 or ctypes.get_errno() not in (1, 38):
                    worked[name] = (result, ctypes.get_errno())
            return worked
        """,
    )
    assert seen == {}


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the numbers of the calls are those of x86_64")
def test_permitted_system_calls_have_no_dangerous_arguments(numpy_bench: Bench) -> None:
    """No namespace comes from `clone`, limits are only the caller's own, and nobody's terminal can be typed into."""
    seen = _look(
        numpy_bench,
        """
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)

        def look():
            worked = []
            for bit in (0x80, 1 << 17, 1 << 25, 1 << 26, 1 << 27, 1 << 28, 1 << 29, 1 << 30):
                pid = libc.syscall(56, bit | 17, 0, 0, 0, 0)
                if pid == 0:
                    os._exit(0)
                if pid > 0:
                    worked.append(hex(bit))
            room = (ctypes.c_uint64 * 2)(2**40, 2**40)
            if libc.syscall(302, 1, 7, ctypes.byref(room), None) == 0:
                worked.append("prlimit of init")
            if libc.syscall(302, 0, 7, ctypes.byref(room), None) == 0:
                worked.append("a higher limit of its own")
            for path in ("/dev/tty", "/dev/console", "/dev/ptmx"):
                try:
                    descriptor = os.open(path, os.O_RDWR | os.O_NOCTTY)
                except OSError:
                    continue
                if libc.ioctl(descriptor, 0x5412, ctypes.c_char_p(b"x")) == 0:
                    worked.append(path)
            return worked
        """,
    )
    assert seen == []


_COMMANDS = """
        import fcntl, mmap, os, socket

        def attempt(what, do):
            try:
                do()
                worked.append(what)
            except (OSError, ValueError):
                pass

        worked = []

        def look():
            file = os.open(os.__file__, os.O_RDONLY)
            own = os.open("/tmp/own", os.O_CREAT | os.O_RDWR)
            reading, writing = os.pipe()
            # locks, owner and signal, leases, notices, pipe sizes, seals, hints, queries of leases and locks
            for command in (5, 6, 7, 8, 9, 10, 11, 15, 16, 36, 37, 38, 1024, 1025, 1026, 1027, 1028, 1031, 1033, 1034,
                            1035, 1036, 1037, 1038, 1039):
                for descriptor in (file, own, reading, writing, 3):
                    attempt(f"fcntl {command}", lambda: fcntl.fcntl(descriptor, command, 0))
            # FIOASYNC, FIBMAP, FIGETBSZ, FIEMAP, FICLONE, TIOCSTI, SIOCGSTAMP, SIOCOUTQNSD, GETFLAGS
            for request in (0x5452, 1, 2, 0xC020660B, 0x40049409, 0x5412, 0x8906, 0x894B, 0x80086601):
                for descriptor in (file, own, 3):
                    attempt(f"ioctl {request:#x}", lambda: fcntl.ioctl(descriptor, request, bytes(64)))
            pages = mmap.mmap(file, 4096, prot=mmap.PROT_READ, flags=mmap.MAP_PRIVATE)
            for advice in (3, 9, 12, 20, 21, 22, 23, 25):  # fetch, remove, merge, cool, evict, populate, collapse
                attempt(f"madvise {advice}", lambda: pages.madvise(advice))
            attempt("huge pages", lambda: mmap.mmap(-1, 1 << 21, flags=0x40022))
            wire = socket.socket(fileno=os.dup(3))
            for option in (7, 8, 32, 33, 26, 50, 60):
                attempt(f"setsockopt {option}", lambda: wire.setsockopt(socket.SOL_SOCKET, option, 1 << 20))
            return worked
"""


@pytest.mark.parametrize("network", [False, True], ids=["without a network", "with a network"])
def test_no_command_reaches_beyond_the_box(network: bool, numpy_bench: Bench) -> None:
    """Of fcntl, ioctl, madvise, mmap and setsockopt, those that others on the machine would feel are refused."""
    assert _look_with(numpy_bench, _COMMANDS, native=True, network=network) == []


def test_nothing_becomes_code_where_no_native_code_is_allowed(numpy_bench: Bench) -> None:
    """Neither memory nor a file, an extension of one's own included; the standard library's own can be imported."""
    seen = _look_with(
        numpy_bench,
        """
        import importlib.machinery, importlib.util, mmap, os, shutil

        def attempt(what, do):
            try:
                do()
                worked.append(what)
            except (OSError, ValueError, ImportError):
                pass

        worked = []

        def load(path):
            loader = importlib.machinery.ExtensionFileLoader("fresh", path)
            importlib.util.module_from_spec(importlib.util.spec_from_loader("fresh", loader))

        def look():
            import _csv, _bisect, _elementtree
            attempt("memory", lambda: mmap.mmap(-1, 4096, prot=7))
            attempt("private memory", lambda: mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE, prot=4))
            file = os.open(_csv.__file__, os.O_RDONLY)
            attempt("a file", lambda: mmap.mmap(file, 4096, flags=mmap.MAP_PRIVATE, prot=5))
            shutil.copy(_csv.__file__, "/tmp/fresh.so")
            attempt("a library", lambda: load("/tmp/fresh.so"))
            return worked
        """,
    )
    assert seen == []


def test_ctypes_is_out_of_reach_by_every_road(numpy_bench: Bench) -> None:
    """Whoever holds its types calls nothing with them: by name, through the collector, subclasses, or made afresh."""
    seen = _look_with(
        numpy_bench,
        """
        import gc, importlib, importlib.util, sys, types

        def attempt(what, do):
            try:
                worked.append((what, repr(do())))
            except (TypeError, RuntimeError, ImportError, AttributeError, KeyError, StopIteration) as error:
                held.append(what)

        worked, held = [], []

        def below(kind):
            return [kind, *(far for near in type.__subclasses__(kind) for far in below(near))]

        def look():
            gc.unfreeze()
            name = "ctypes"
            spaces = [thing for thing in gc.get_objects() if type(thing) is dict and thing.get("__name__") == name]
            real = next(space for space in spaces if "CDLL" in space)
            call = next(kind for kind in below(object) if kind is real["_CFuncPtr"])
            function = type("Mine", (call,), {"_flags_": 1, "_restype_": real["c_int"]})
            attempt("by name", lambda: importlib.import_module(name).CDLL(None).getpid())
            attempt("by sys.modules", lambda: sys.modules["_" + name].dlopen(None, 0))
            attempt("through numpy", lambda: sys.modules["numpy"]._core._internal.ctypes.CDLL(None))
            attempt("a class of it", lambda: real["CDLL"](None))
            attempt("an address", lambda: function(id(function))())
            attempt("its method", lambda: call.__call__(function(id(function))))
            attempt("pythonapi", lambda: real["pythonapi"].Py_GetVersion())
            attempt("memory", lambda: real["string_at"](id(function), 8))
            attempt("a function that was made", lambda: real["_memmove_addr"] and real["memmove"](0, 0, 0))
            attempt("an object of memory", lambda: real["c_char"].from_address(id(function)))
            afresh = importlib.util.find_spec("_" + name) or types.SimpleNamespace(origin=real["_FUNCFLAG_CDECL"])
            attempt("made afresh", lambda: importlib.util.module_from_spec(afresh).dlopen(None, 0))
            return worked, sorted(set(held))
        """,
    )
    worked, held = seen
    assert worked == []
    assert len(held) >= 10


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the other tables of system calls are those of x86_64")
@pytest.mark.parametrize(
    "code",
    [
        pytest.param(r"\xb8\x14\x00\x00\x00\xcd\x80\xc3", id="32-bit calls"),  # mov eax, getpid; int 0x80; ret
        pytest.param(r"\xb8\x27\x00\x00\x40\x0f\x05\xc3", id="x32 calls"),  # mov eax, 0x40000027; syscall; ret
    ],
)
def test_calls_of_another_architecture_end_the_process(numpy_bench: Bench, code: str) -> None:
    """The numbers of other tables mean other calls, so whoever uses them is ended."""
    seen = _look(
        numpy_bench,
        f"""
        import ctypes, mmap, os

        def look():
            pid = os.fork()
            if pid == 0:
                page = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=7)
                page.write(b"{code}")
                ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()
                os._exit(0)
            return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        """,
    )
    assert seen < 0


def test_the_filter_cannot_be_taken_off(numpy_bench: Bench) -> None:
    """A process that a probe starts is confined alike, and a further filter only adds to the first."""
    seen = _look(
        numpy_bench,
        """
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)

        def look():
            libc.prctl(22, 0, 0, 0, 0)
            libc.prctl(38, 0, 0, 0, 0)
            reading, writing = os.pipe()
            if os.fork() == 0:
                os.setsid()
                done = libc.syscall(272, 0x10000000) == 0 or libc.prctl(39, 0, 0, 0, 0) != 1
                os.write(writing, b"free" if done else b"held")
                os._exit(0)
            return os.read(reading, 4).decode()
        """,
    )
    assert seen == "held"


def test_the_host_is_not_named(numpy_bench: Bench) -> None:
    """Neither the host's name nor the user's home folder can be found through names and accounts."""
    seen = _look(
        numpy_bench,
        """
        import os, pwd, socket

        def look():
            accounts = [account.pw_name for account in pwd.getpwall()]
            return {"host": socket.gethostname(), "home": os.path.expanduser("~"), "accounts": accounts}
        """,
    )
    assert seen["host"] == "box"
    assert seen["home"] == "/tmp"
    assert seen["accounts"] == []


def test_version_of_the_interpreter_is_ours(numpy_bench: Bench) -> None:
    """The probes above looked into the same interpreter that runs these tests."""
    assert _look(numpy_bench, "import sys\ndef look(): return list(sys.version_info[:2])") == list(sys.version_info[:2])
