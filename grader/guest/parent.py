"""The guest parent: a warm process inside the prepared root, from which every box is forked in the end.

Theory of operation. The engine starts this module in a fresh interpreter and holds `control`, a socket over which it
passes one client socket per judge, with the names that the judge's exercise forbids. The parent forks a branch per such
list (see `branch`), which forks the boxes; it hands each client to its branch and does nothing else, so that it stays
as it was after warming. A branch that died is replaced when the next client comes. When the engine dies, `control`
ends; then the parent closes its branches' own, waits until they have ended their boxes, and ends.

This process has exactly one thread and never runs candidate code. Its children share its memory copy-on-write.
"""

from __future__ import annotations

import contextlib
import gc
import os
import select
import socket
import sys
import time
from collections import OrderedDict

from grader.guest import gpu
from grader.guest.branch import Branch, received
from grader.guest.cgroup import Cells
from grader.guest.confinement import call_itself
from grader.guest.extensions import open_all
from grader.guest.init import words_of
from grader.guest.namespaces import load_libc
from grader.guest.placement import CPU
from grader.guest.warm import prepare
from grader.wire.passing import answer_ping, send_message

MAX_BRANCHES = 16
_REAP_AGAIN_MS = 20
_CONTEXT_BYTES = 4 << 30  # of the host's memory: what making a context may take in a control group

Forbidden = tuple[str, ...]


class Parent:
    """The event loop: clients in, each passed on to the branch for what its exercise forbids."""

    def __init__(
        self,
        control: socket.socket,
        cgroups: int,
        without_cgroup: str,
        *,
        strict: bool,
        device: str = CPU,
        gpu_lanes: int = 1,
    ) -> None:
        """On a GPU there are at most `gpu_lanes` branches: each keeps a spare, and there that is a context."""
        self._control = control
        self._cgroups = (cgroups, without_cgroup)
        self._strict = strict
        self._device = device
        self._most = MAX_BRANCHES if device == CPU else gpu_lanes
        self._branches: OrderedDict[Forbidden, socket.socket] = OrderedDict()
        self._retired: list[socket.socket] = []
        self._dying = 0  # branches that are gone and not yet waited for
        self._poll = select.poll()
        self._poll.register(control, select.POLLIN)

    def run(self) -> None:
        """Serve until the engine closes `control`."""
        while True:
            ready = [descriptor for descriptor, _ in self._poll.poll(_REAP_AGAIN_MS if self._dying else None)]
            self._reap()
            for descriptor in ready:
                if descriptor != self._control.fileno():
                    self._bury(descriptor)
            # Last: no client is handed to a branch that is known to be dead, nor its number used again before.
            if self._control.fileno() in ready and not self._pass_on():
                self._end_all()
                return

    def _pass_on(self) -> bool:
        message = received(self._control)
        if message is None:
            return False
        order, (client,) = message
        try:
            if order["event"] == "ping":
                answer_ping([client])
            else:
                self._hand_over(client, tuple(order["forbid"]))
        finally:
            os.close(client)
        return True

    def _hand_over(self, client: int, forbid: Forbidden) -> None:
        """Give a client to its branch, or to a new one where that turns out to have died."""
        for _ in range(2):
            branch = self._branch(forbid)
            try:
                send_message(branch, {"event": "client"}, (client,))
                return
            except OSError:
                self._bury(branch.fileno())

    def _branch(self, forbid: Forbidden) -> socket.socket:
        branch = self._branches.get(forbid)
        if branch is None:
            branch = self._branches[forbid] = self._fork_branch(forbid)
            self._poll.register(branch, select.POLLIN)
        self._branches.move_to_end(forbid)
        if len(self._branches) > self._most:
            _, oldest = self._branches.popitem(last=False)
            self._retired.append(oldest)
            with contextlib.suppress(OSError):
                send_message(oldest, {"event": "retire"})
        return branch

    def _fork_branch(self, forbid: Forbidden) -> socket.socket:
        ours, theirs = socket.socketpair()
        if os.fork() == 0:
            self._be_branch(theirs, [ours, *self._branches.values(), *self._retired], forbid)
        theirs.close()
        return ours

    def _be_branch(self, control: socket.socket, inherited: list[socket.socket], forbid: Forbidden) -> None:
        """Never returns."""
        status = 1
        try:
            for stream in (self._control, *inherited):
                stream.close()
            cells = Cells(*self._cgroups, extra_bytes=0 if self._device == CPU else _CONTEXT_BYTES)
            Branch(control, list(forbid), cells, strict=self._strict, device=self._device).run()
            status = 0
        except BaseException as error:  # noqa: BLE001 - the engine shows what a parent said last
            with contextlib.suppress(OSError):
                os.write(2, f"a branch of the guest parent failed: {words_of(error)}\n".encode(errors="replace"))
        finally:
            os._exit(status)

    def _bury(self, descriptor: int) -> None:
        """A branch has closed its end: it is dead, or was retired and has done its work."""
        self._poll.unregister(descriptor)
        for forbid, branch in list(self._branches.items()):
            if branch.fileno() == descriptor:
                self._branches.pop(forbid).close()
        for branch in [branch for branch in self._retired if branch.fileno() == descriptor]:
            self._retired.remove(branch)
            branch.close()
        self._dying += 1

    def _reap(self) -> None:
        """A process closes its streams a moment before it can be waited for."""
        try:
            while self._dying and os.waitpid(-1, os.WNOHANG)[0]:
                self._dying -= 1
        except ChildProcessError:
            self._dying = 0

    def _end_all(self) -> None:
        for branch in (*self._branches.values(), *self._retired):
            branch.close()
        with contextlib.suppress(ChildProcessError):
            while True:
                os.wait()


def main(
    control: int,
    environment: str,
    packages: tuple[str, ...] = (),
    *,
    strict: bool,
    warm: bool,
    cgroups: int = -1,
    without_cgroup: str = "",
    device: str = CPU,
    gpu_lanes: int = 1,
) -> None:
    """Import and warm what `environment` needs and `packages` allow, say `ready` on `control`, and serve.

    `cgroups` is a descriptor of the folder for the boxes' control groups, or `without_cgroup` why there is none. On a
    `device` other than the CPU each guest makes a context for itself, and this process none; at most `gpu_lanes` spares
    wait there.
    """
    stream = socket.socket(fileno=control)
    call_itself(load_libc(), "viva-guests")
    started = time.monotonic()
    versions = prepare(environment, packages, warm=warm)
    if strict:
        open_all(sys.path)
        if device != CPU:
            gpu.load_libraries(sys.path)
        _check_surroundings()
    gc.collect()
    gc.freeze()  # the collector must not touch pages that the children share
    send_message(stream, {"event": "ready", "versions": versions, "seconds": time.monotonic() - started})
    Parent(stream, cgroups, without_cgroup, strict=strict, device=device, gpu_lanes=gpu_lanes).run()
    os._exit(0)  # there is nothing to tidy, and taking torch apart takes a second


def _check_surroundings() -> None:
    """Raises RuntimeError where children would hang, or could not be watched."""
    threads = os.listdir("/proc/self/task")
    if len(threads) != 1:
        raise RuntimeError(f"the guest parent has {len(threads)} threads; its children would hang")
    if not os.path.exists(f"/proc/self/task/{threads[0]}/children"):
        raise RuntimeError("the layer memory-watch is missing: this kernel does not list a process's children in /proc")
