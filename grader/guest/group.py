"""The first processes of several boxes that share one network and nothing else: the ranks of a process group.

Theory of operation. A network namespace can be shared only from birth, by processes whose user namespace lies below
the one that owns it. So the branch clones a *holder*, which has a new user and network namespace and brings the
loopback up; the holder clones one init per rank, each with all other namespaces of its own (a user namespace too), as
children of the branch (CLONE_PARENT), says their pids and ends. The branch then waits for, watches and ends them like
the init of any other box.

    branch -- clone (user, net) --> holder -- clone (all but net), parent: branch --> init of rank 0, 1, ...

In each rank's own user namespace nothing of the shared one is to be had: no process of a rank may configure the
network, and none may enter the namespaces of another rank. What ranks share is the loopback, where they shall meet.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
from collections.abc import Callable, Sequence
from typing import NoReturn

from grader.guest import namespaces
from grader.guest.init import words_of
from grader.wire.packing import pack, unpack

MAX_RANKS = 8


def spawn(
    libc: ctypes.CDLL, cells: Sequence[int], identity: tuple[int, int], be_init: Callable[[int], NoReturn]
) -> list[int]:
    """The pids of one init per rank, each of which runs `be_init(rank)`; raises OSError, and then there is none.

    `cells` has, per rank, a descriptor of the control group to be born in, or -1; `identity` is this process's user
    and group.
    """
    heard, said = os.pipe()
    holder = namespaces.spawn(libc, kinds=namespaces.NETWORK)
    if holder == 0:
        _hold(libc, cells, identity, be_init, said)
    os.close(said)
    os.waitpid(holder, 0)
    os.set_blocking(heard, False)  # what a holder says fits into the pipe, so it is all there
    with open(heard, "rb") as stream:
        words = stream.read()
    born, problem = unpack(words) if words else ([], [0, "the holder of a group of boxes ended too early"])
    if problem is not None:
        for pid in born:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
        raise OSError(*problem)
    return list(born)


def _hold(
    libc: ctypes.CDLL,
    cells: Sequence[int],
    identity: tuple[int, int],
    be_init: Callable[[int], NoReturn],
    said: int,
) -> NoReturn:
    """The life of the holder."""
    born: list[int] = []
    problem = None
    try:
        namespaces.map_identity(*identity)
        namespaces.loopback_up()
        for rank, cell in enumerate(cells):
            pid = namespaces.spawn(libc, cell, kinds=namespaces.RANK)
            if pid == 0:
                os.close(said)
                be_init(rank)
            born.append(pid)
    except BaseException as error:  # noqa: BLE001 - nothing may escape into the branch's own loop
        problem = [getattr(error, "errno", None) or 0, words_of(error)]
    finally:
        with contextlib.suppress(OSError):
            os.write(said, pack([born, problem]))
        os._exit(0)
