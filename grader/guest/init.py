"""Process 1 of a box: builds what is left to build, starts the guest, and reaps until it ends."""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import socket
import sys

from grader.guest import confinement, foreign, gpu, namespaces, seccomp, watch
from grader.guest.placement import CPU, placement_on
from grader.guest.session import GuestSession
from grader.wire.frame import Caps, ConnectionLost
from grader.wire.packing import pack

SCRATCH = ("/tmp", "/dev/shm")  # noqa: S108 - the box's own
SCRATCH_MB = 64
_WIRE, _STATUS = 3, 4


class Init:
    """What happens between the clone and candidate code."""

    def __init__(
        self,
        libc: ctypes.CDLL,
        strict: bool,
        baseline: confinement.Baseline,
        identity: tuple[int, int],
        *,
        native: bool,
        device: str = CPU,
    ) -> None:
        """`native` says whether the candidate may load native code, `device` where its tensors live."""
        self._libc = libc
        self._identity = identity
        self._strict = strict
        self._baseline = baseline
        self._native = native
        self._device = device

    def run(self, limits: confinement.BoxLimits, hidden: list[str], wire: int, output: int, said: int) -> int:
        """Build the rest of the box, start the guest, reap until it ends; returns the guest's exit status, coded.

        `hidden` are files that the box shall not hold: the library's own source of what the exercise forbids.
        """
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        confinement.die_with_parent(self._libc)
        confinement.call_itself(self._libc, "viva-init")
        if self._strict:
            namespaces.enter(self._libc, *self._identity, SCRATCH_MB, gpu.texts() if self._has_gpu else None)
            namespaces.hide_files(self._libc, hidden)
            confinement.hide(self._libc)
        else:
            os.setsid()
            confinement.adopt_orphans(self._libc)
        guest = os.fork()
        if guest == 0:
            self._be_guest(limits, wire, output, said)
        confinement.keep_only({})
        code = _reap(guest)
        if not self._strict:
            end_processes(watch.family_of(os.getpid())[1:])
        return code

    def _be_guest(self, limits: confinement.BoxLimits, wire: int, output: int, said: int) -> None:
        """Never returns."""
        try:
            null = os.open("/dev/null", os.O_RDONLY)
            confinement.keep_only({0: null, 1: output, 2: output, _WIRE: wire, _STATUS: said})
            confinement.set_limits(limits, self._baseline, strict=self._strict, gpu=self._has_gpu)
            if not self._strict:
                confinement.die_with_parent(self._libc)
            if self._strict:
                os.setsid()
                confinement.clear_environment("/tmp")  # noqa: S108 - the box's own
                _claim_name_of(_WIRE)
                nodes = gpu.nodes() if self._has_gpu else []
                confinement.confine(self._libc, SCRATCH, network=limits.network, code=self._code(), gpu=nodes)
            if self._has_gpu:
                gpu.make_context()
            last = [] if self._native else foreign.plan(strict=self._strict)
            confinement.call_itself(self._libc, "viva-spare")
            os.write(_STATUS, pack({"layers": self._layers()}))
        except BaseException as error:  # noqa: BLE001 - told to the parent, which refuses to go on
            os.write(_STATUS, pack({"refused": words_of(error)}))
            os._exit(1)
        os.close(_STATUS)
        stream = socket.socket(fileno=_WIRE)
        select.select([stream], [], [])  # a spare waits here, until a judge has something to ask
        confinement.call_itself(self._libc, "viva-guest")
        foreign.carry_out(last)
        _serve(stream, self._device)
        os._exit(0)

    @property
    def _has_gpu(self) -> bool:
        return self._device != CPU

    def _layers(self) -> list[str]:
        if not self._strict:
            return ["rlimits"]
        return [*confinement.LAYERS, *([gpu.LAYER] if self._has_gpu else [])]

    def _code(self) -> seccomp.Code:
        """What may become code in the guest: torch's libraries write kernels for the sizes that they meet."""
        if self._native:
            return "any"
        return "memory" if "torch" in sys.modules else "none"


def _claim_name_of(descriptor: int) -> None:
    """Bind the wire to an address that nobody looks for.

    It was made outside the box, so a name that a guest gave it would be one among those of all boxes: a word to them.
    """
    stream = socket.socket(fileno=descriptor)
    stream.bind(b"\0" + os.urandom(16))
    stream.detach()


def _serve(stream: socket.socket, device: str) -> None:
    """Run the session with streams that reach the judge line by line."""
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - lives as long as the process
    sys.stdout = open(1, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
    for number in (signal.SIGINT, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    with contextlib.suppress(ConnectionLost):
        GuestSession(stream, Caps(), placement_on(device)).serve()


def _reap(guest: int) -> int:
    """Wait for `guest` and for whatever orphans it leaves; 128 + signal, or the exit code."""
    while True:
        pid, status = os.waitpid(-1, 0)
        if pid == guest:
            code = os.waitstatus_to_exitcode(status)
            return 128 - code if code < 0 else min(code, 127)


def end_processes(pids: list[int]) -> None:
    """Kill each, deepest first, so that none is adopted by a process outside while we are at it."""
    for pid in reversed(pids):
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)


def words_of(error: BaseException) -> str:
    """What an error says, for people."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return f"{type(error).__name__}: {error}"
