"""The guest parent: a warm process inside the prepared root that forks one box per submission.

Theory of operation. The engine starts this module in a fresh interpreter and holds `control`, a socket over which it
passes one client socket per judge. A client asks for a box with a message and three descriptors: `wire` (the stream of
frames), `output` (what the candidate prints) and `report` (ours alone). For each box there are two processes:

    parent -- clone into new namespaces --> init (pid 1 there) -- fork --> guest (confined; loads the submission)

The guest finishes its confinement and says so through a pipe before any candidate code runs; the parent then reports
`ready` with the layers that hold. From then on the parent watches memory and CPU time of the box's process tree from
outside, about a hundred times a second (less often when many boxes run, so that looking never takes most of its time),
and kills init (and with it the whole pid namespace) when a limit is passed or when the other end of `report` is closed.
The last message on `report` says how the box ended. A judge that dies closes its ends, so its boxes end too; when the
engine dies, `control` ends, and everything here ends with it.

This process has exactly one thread and never runs candidate code. Its children share its memory copy-on-write.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import select
import signal
import socket
import sys
import time
from dataclasses import dataclass, field
from typing import Any

from grader.guest import confinement, namespaces, watch
from grader.guest.guard import forbid_names, sources_of
from grader.guest.session import GuestSession
from grader.guest.warm import prepare
from grader.wire.codec import pack, unpack
from grader.wire.frame import Caps, ConnectionLost
from grader.wire.passing import receive_message, send_message

SCRATCH = ("/tmp", "/dev/shm")  # noqa: S108 - the box's own
SCRATCH_MB = 64
_TICK_S = 0.01
_WIRE, _STATUS = 3, 4


@dataclass(slots=True, kw_only=True)
class Box:
    """One running box, as the parent sees it."""

    init: int
    report: socket.socket
    status: int
    limits: confinement.BoxLimits
    usage: watch.Usage = field(default_factory=watch.Usage)
    verdict: str = ""
    ready: bool = False
    said: bytes = b""


class Parent:
    """The event loop: clients, boxes, and the clock that looks at them."""

    def __init__(self, control: socket.socket, *, strict: bool) -> None:
        self._control = control
        self._strict = strict
        self._libc = namespaces.load_libc()
        self._clients: dict[int, socket.socket] = {}
        self._boxes: dict[int, Box] = {}
        self._baseline = confinement.Baseline(
            data_bytes=watch.allocated_bytes(os.getpid()), mapped_bytes=watch.mapped_bytes(os.getpid())
        )
        self._resident = watch.resident_bytes(os.getpid())
        self._identity = (os.getuid(), os.getgid())  # a child in a new user namespace cannot see it
        self._poll = select.poll()
        self._poll.register(control, select.POLLIN)

    def run(self) -> None:
        """Serve until the engine closes `control`."""
        look_at = 0.0
        while True:
            events = self._poll.poll(_TICK_S * 1000 if self._boxes else None)
            for descriptor, event in events:
                if descriptor == self._control.fileno():
                    if not self._add_client():
                        self._end_all()
                        return
                elif descriptor in self._clients:
                    self._serve_client(descriptor)
                else:
                    self._serve_box(descriptor, event)
            for box in list(self._boxes.values()):
                self._reap(box)
            started = time.monotonic()
            if started >= look_at:
                self._look_at_all()
                look_at = started + max(_TICK_S, 3 * (time.monotonic() - started))

    def _end_all(self) -> None:
        for box in self._boxes.values():
            self._kill(box)

    def _add_client(self) -> bool:
        message = _received(self._control)
        if message is None:
            return False
        client = socket.socket(fileno=message[1][0])
        self._clients[client.fileno()] = client
        self._poll.register(client, select.POLLIN)
        return True

    def _serve_client(self, descriptor: int) -> None:
        message = _received(self._clients[descriptor])
        if message is None:
            self._poll.unregister(descriptor)
            self._clients.pop(descriptor).close()
            return
        request, (wire, output, report) = message
        self._start_box(request, wire, output, socket.socket(fileno=report))
        os.close(wire)
        os.close(output)

    def _start_box(self, request: dict[str, Any], wire: int, output: int, report: socket.socket) -> None:
        limits = confinement.BoxLimits(**request["limits"])
        heard, said = os.pipe()
        try:
            init = namespaces.spawn(self._libc) if self._strict else os.fork()
        except OSError as error:
            os.close(heard)
            os.close(said)
            _tell(report, {"event": "end", "cause": "refused", "detail": _words(error)})
            report.close()
            return
        if init == 0:
            self._be_init(limits, request["forbid"], wire, output, said)
        os.close(said)
        os.set_blocking(heard, False)
        box = Box(init=init, report=report, status=heard, limits=limits)
        self._boxes[init] = box
        self._poll.register(report, select.POLLIN)
        self._poll.register(heard, select.POLLIN)

    def _be_init(self, limits: confinement.BoxLimits, forbid: list[str], wire: int, output: int, said: int) -> None:
        """Never returns: pid 1 of the box; reaps, and ends when the guest does."""
        status = 1
        try:
            init = Init(self._libc, self._strict, self._baseline, self._identity)
            status = init.run(limits, sources_of(forbid), wire, output, said)
        except BaseException as error:  # noqa: BLE001 - nothing may escape into the parent's own loop
            with contextlib.suppress(OSError):
                os.write(said, pack({"refused": _words(error)}))
        finally:
            os._exit(status)

    def _serve_box(self, descriptor: int, event: int) -> None:
        box = next((b for b in self._boxes.values() if descriptor in (b.report.fileno(), b.status)), None)
        if box is None:
            self._poll.unregister(descriptor)
        elif descriptor == box.status:
            self._hear(box)
        elif not box.verdict:  # the judge has let go of the box
            box.verdict = "closed"
            self._kill(box)
            self._poll.unregister(descriptor)

    def _hear(self, box: Box) -> None:
        """What init and the guest say before candidate code runs, and then end of file."""
        data = os.read(box.status, 65536)
        if data:
            box.said += data
            return
        self._poll.unregister(box.status)
        message = unpack(box.said) if box.said else {"refused": "the box ended while it was being built"}
        if "refused" in message:
            box.verdict = "refused"
            box.usage.detail = message["refused"]
            self._kill(box)
        else:
            box.ready = True
            _tell(box.report, {"event": "ready", "layers": message["layers"]})

    def _look_at_all(self) -> None:
        for box in self._boxes.values():
            if box.ready and not box.verdict:
                box.verdict = watch.look(box.init, box.usage, box.limits, self._resident)
                if box.verdict:
                    self._kill(box)

    def _reap(self, box: Box) -> None:
        pid, status, usage = os.wait4(box.init, os.WNOHANG)
        if pid == 0:
            return
        box.usage.finish(usage)
        _tell(box.report, watch.obituary(box.verdict, status, box.usage))
        self._forget(box)

    def _kill(self, box: Box) -> None:
        with contextlib.suppress(OSError):
            if not self._strict:  # no namespace ends with init, so its descendants go first
                end_processes(watch.family_of(box.init)[1:])
                os.killpg(box.init, signal.SIGKILL)
            os.kill(box.init, signal.SIGKILL)

    def _forget(self, box: Box) -> None:
        for descriptor in (box.report.fileno(), box.status):
            with contextlib.suppress(KeyError):
                self._poll.unregister(descriptor)
        box.report.close()
        os.close(box.status)
        del self._boxes[box.init]


class Init:
    """What happens between the clone and candidate code."""

    def __init__(
        self, libc: ctypes.CDLL, strict: bool, baseline: confinement.Baseline, identity: tuple[int, int]
    ) -> None:
        self._libc = libc
        self._identity = identity
        self._strict = strict
        self._baseline = baseline

    def run(self, limits: confinement.BoxLimits, hidden: list[str], wire: int, output: int, said: int) -> int:
        """Build the rest of the box, start the guest, reap until it ends; returns the guest's exit status, coded.

        `hidden` are files that the box shall not hold: the library's own source of what the exercise forbids.
        """
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        confinement.die_with_parent(self._libc)
        if self._strict:
            namespaces.enter(self._libc, *self._identity, SCRATCH_MB)
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
            confinement.set_limits(limits, self._baseline, strict=self._strict)
            if not self._strict:
                confinement.die_with_parent(self._libc)
            if self._strict:
                os.setsid()
                confinement.clear_environment("/tmp")  # noqa: S108 - the box's own
                confinement.confine(self._libc, SCRATCH)
            os.write(_STATUS, pack({"layers": list(confinement.LAYERS) if self._strict else ["rlimits"]}))
        except BaseException as error:  # noqa: BLE001 - told to the parent, which refuses to go on
            os.write(_STATUS, pack({"refused": _words(error)}))
            os._exit(1)
        os.close(_STATUS)
        _serve(socket.socket(fileno=_WIRE))
        os._exit(0)


def _serve(stream: socket.socket) -> None:
    """Run the session with streams that reach the judge line by line."""
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - lives as long as the process
    sys.stdout = open(1, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
    for number in (signal.SIGINT, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    with contextlib.suppress(ConnectionLost):
        GuestSession(stream, Caps(), forbid_names).serve()


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


def _words(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return f"{type(error).__name__}: {error}"


def _received(stream: socket.socket) -> tuple[Any, list[int]] | None:
    try:
        return receive_message(stream)
    except OSError:
        return None


def _tell(report: socket.socket, message: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):  # the judge may have gone; then nobody needs to know
        send_message(report, message)


def main(control: int, environment: str, *, strict: bool, warm: bool) -> None:
    """Import and warm what `environment` needs, say `ready` on `control`, and serve."""
    stream = socket.socket(fileno=control)
    started = time.monotonic()
    versions = prepare(environment, warm=warm)
    if strict:
        _check_surroundings()
    gc.collect()
    gc.freeze()  # the collector must not touch pages that the children share
    send_message(stream, {"event": "ready", "versions": versions, "seconds": time.monotonic() - started})
    Parent(stream, strict=strict).run()
    os._exit(0)  # there is nothing to tidy, and taking torch apart takes a second


def _check_surroundings() -> None:
    """Raises RuntimeError where children would hang, or could not be watched."""
    threads = os.listdir("/proc/self/task")
    if len(threads) != 1:
        raise RuntimeError(f"the guest parent has {len(threads)} threads; its children would hang")
    if not os.path.exists(f"/proc/self/task/{threads[0]}/children"):
        raise RuntimeError("the layer memory-watch is missing: this kernel does not list a process's children in /proc")
