"""Makes this interpreter look like one on another system, as far as it goes: what is not there cannot be imported.

`VIVA_TEST_PLATFORM` is the `sys.platform` to show. The libraries that look at it themselves are imported before: they
are made for every system, and would look for Windows' own modules.
"""

from __future__ import annotations

import importlib.abc
import os
import sys

GONE_MODULES = frozenset("fcntl resource pwd grp termios tty pty syslog readline posixpath_ spwd".split())
# What is of Unix alone, by module. macOS has most of it, and none of Linux's own.
OF_UNIX = {
    "os": "fork forkpty getuid geteuid getgid getegid getgroups setsid setuid setgid killpg getpgid uname chown fchown "
    "fchmod mkfifo mknod wait wait3 wait4 waitid WNOHANG WUNTRACED O_NONBLOCK O_NOFOLLOW O_NOCTTY O_DIRECTORY "
    "O_CLOEXEC pread pwrite sched_yield register_at_fork statvfs ttyname openpty nice",
    "signal": "SIGKILL SIGHUP SIGALRM SIGCHLD SIGUSR1 SIGUSR2 SIGSTOP SIGCONT SIGQUIT SIGTSTP SIGPIPE SIGXCPU alarm "
    "setitimer ITIMER_REAL pthread_sigmask pause sigwait",
    "socket": "AF_UNIX send_fds recv_fds SCM_RIGHTS CMSG_SPACE",
    "select": "poll epoll",
}
OF_LINUX = {
    "os": "sched_getaffinity sched_setaffinity memfd_create pidfd_open eventfd splice copy_file_range setns unshare "
    "posix_fadvise prlimit SCHED_IDLE",
    "signal": "pidfd_send_signal sigtimedwait",
    "select": "epoll",
    "socket": "SO_PEERCRED AF_NETLINK",
}


class Gone(importlib.abc.MetaPathFinder):
    """Has not what only Unix has."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """Refuse it."""
        if name in GONE_MODULES:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def become(platform: str) -> None:
    """Take away what that system lacks."""
    import asyncio  # noqa: F401
    import io
    import subprocess  # noqa: F401
    import sysconfig
    import tempfile  # noqa: F401
    import urllib.request  # noqa: F401

    import numpy as np  # noqa: F401
    import platformdirs  # noqa: F401
    import prompt_toolkit.shortcuts  # noqa: F401
    import questionary  # noqa: F401
    import rich.console
    import rich.progress  # noqa: F401
    import typer
    import typer.main  # noqa: F401

    sysconfig.get_config_vars()  # it reads a file of this system's
    kinds = [OF_LINUX, OF_UNIX] if platform == "win32" else [OF_LINUX]
    for names in kinds:
        for module, attributes in names.items():
            for attribute in attributes.split():
                sys.modules[module].__dict__.pop(attribute, None)
    if platform == "win32":
        io._WindowsConsoleIO = type("_WindowsConsoleIO", (), {})  # type: ignore[attr-defined]
        for name in GONE_MODULES & set(sys.modules):
            del sys.modules[name]
        sys.meta_path.insert(0, Gone())
    sys.platform = platform


if os.environ.get("VIVA_TEST_PLATFORM"):
    import select  # noqa: F401
    import signal  # noqa: F401
    import socket  # noqa: F401

    become(os.environ["VIVA_TEST_PLATFORM"])
