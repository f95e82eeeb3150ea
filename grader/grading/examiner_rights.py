"""What an examiner, and each child that looks at a source, gives up: for good, and before there is a source.

A layer that this system does not have is left out: unlike in a box, no code of a candidate runs here.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import sys

from grader.guest import landlock, seccomp

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

CPU_S = 2
MEMORY_BYTES = 512 * 1024**2  # on top of the examiner's own
_PR_SET_PDEATHSIG, _PR_SET_NAME, _PR_SET_NO_NEW_PRIVS = 1, 15, 38
_SIGKILL = 9
# All that a child still needs: to be given its one stream, memory, and an end.
_CALLS = (
    "recvmsg read write close mmap munmap mremap brk madvise mprotect futex rt_sigaction rt_sigprocmask rt_sigreturn "
    "sigaltstack clock_gettime gettimeofday getrandom exit exit_group restart_syscall"
)


class Rights:
    """Made in the examiner, which from then on writes no file and gains no privilege; `give_up` is for its children."""

    def __init__(self) -> None:
        self._libc: ctypes.CDLL | None = None
        self._filter: bytes | None = None
        self._mapped_bytes = 0
        if sys.platform == "linux":
            self._libc = ctypes.CDLL(None, use_errno=True)
            self._libc.prctl(_PR_SET_NAME, b"viva-examiner", 0, 0, 0)
            self._libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
            with contextlib.suppress(OSError):
                landlock.restrict(self._libc, ())
            with contextlib.suppress(KeyError):  # a machine whose calls we have no numbers of
                self._filter = seccomp.build_only(platform.machine(), _CALLS)
            with contextlib.suppress(OSError), open("/proc/self/statm", "rb") as sizes:  # noqa: PTH123 - no pathlib here
                self._mapped_bytes = int(sizes.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")

    def give_up(self) -> None:
        """From now on: two seconds of CPU, so much memory, no file and no other process."""
        if self._libc is not None:
            self._libc.prctl(_PR_SET_NAME, b"viva-examining", 0, 0, 0)
            self._libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
        self._limit()
        if self._libc is not None and self._filter is not None:
            with contextlib.suppress(OSError):
                seccomp.install(self._libc, self._filter)

    def _limit(self) -> None:
        if resource is None:
            return
        wanted = {"RLIMIT_CPU": CPU_S, "RLIMIT_CORE": 0, "RLIMIT_FSIZE": 0}
        if self._mapped_bytes:
            wanted["RLIMIT_AS"] = self._mapped_bytes + MEMORY_BYTES
        for name, value in wanted.items():
            kind = getattr(resource, name)
            _, hard = resource.getrlimit(kind)
            allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
            with contextlib.suppress(ValueError, OSError):  # macOS refuses some
                resource.setrlimit(kind, (allowed, allowed))
