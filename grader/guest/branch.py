"""A branch of the guest parent: forks the boxes of all exercises that forbid the same names.

Theory of operation. The parent forks a branch once per list of forbidden names; the branch puts them out of reach for
good, which takes too long to be done in every box. It gets one client socket per judge. For every message on it, the
client is given three descriptors: `wire` (the stream of frames), `output` (what the candidate prints) and `report`
(ours alone); three for each box where it asks for a group of `ranks`, which share a network (see `group`) and their CPU
time. For each box there are two processes:

    branch -- clone into new namespaces --> init (pid 1 there) -- fork --> guest (confined; loads the submission)

The guest finishes its confinement and says so through a pipe before any candidate code runs; the branch then reports
`ready` with the layers that hold. One box is always built ahead, a spare that waits for the next client with the same
limits. From the moment that a box has a client, the branch watches memory and CPU time of its process tree from
outside, about a hundred times a second (less often when many boxes run, so that looking never takes most of its time),
and kills init (and with it the whole pid namespace) when a limit is passed or when the other end of `report` is closed.
Where control groups are to be had, each box is in one of its own too, which the kernel ends when its memory runs out.
The last message on `report` says how the box ended. A judge that dies closes its ends, so its boxes end too.

This process has exactly one thread and never runs candidate code. Its children share its memory copy-on-write.
"""

from __future__ import annotations

import contextlib
import gc
import os
import select
import signal
import socket
import time
from typing import Any, NoReturn

from grader.guest import cgroup, confinement, gpu, gpu_memory, group, namespaces, watch
from grader.guest.boxes import Box, Ends, death_of
from grader.guest.guard import forbid_names, refuses_native, sources_of
from grader.guest.init import Init, end_processes, words_of
from grader.guest.placement import CPU
from grader.guest.warm import warm_once
from grader.wire.packing import pack, unpack
from grader.wire.passing import receive_message, send_message

_TICK_S = 0.01
_MIB = 1024 * 1024
_NO_RANKS = "the layer gpu-nodes is missing: several ranks on a GPU are not supported; use --device cpu"


class Branch:
    """The event loop: clients, boxes, and the clock that looks at them."""

    def __init__(
        self, control: socket.socket, forbid: list[str], cells: cgroup.Cells, *, strict: bool, device: str = CPU
    ) -> None:
        self._control = control
        self._device = device
        self._cells = cells
        self._strict = strict
        self._hidden = sources_of(forbid)
        self._native = not refuses_native(forbid)
        forbid_names(forbid)
        gpu.require_none()
        self._libc = namespaces.load_libc()
        confinement.call_itself(self._libc, "viva-branch")
        self._gpu_memory = gpu_memory.NONE if device == CPU else gpu_memory.GpuMemory.begin()
        self._clients: dict[int, socket.socket] = {}
        self._boxes: dict[int, Box] = {}
        self._spare: Box | None = None
        self._retired = False
        self._settle()
        self._identity = (os.getuid(), os.getgid())  # a child in a new user namespace cannot see it
        self._poll = select.poll()
        self._poll.register(control, select.POLLIN)

    def _settle(self) -> None:
        """What is here now is what every box starts with."""
        gc.collect()
        gc.freeze()  # the collector must not touch pages that the children share
        self._baseline = confinement.Baseline(
            data_bytes=watch.allocated_bytes(os.getpid()), mapped_bytes=watch.mapped_bytes(os.getpid())
        )
        self._resident = watch.resident_bytes(os.getpid())

    def run(self) -> None:
        """Serve until the parent closes `control`, or has retired this branch and the last client is gone."""
        look_at = 0.0
        while not (self._retired and not self._clients):
            deaths = {box.death for box in self._boxes.values()}
            for descriptor, event in self._poll.poll(_TICK_S * 1000 if self._watches() else None):
                if descriptor == self._control.fileno():
                    if not self._hear_parent():
                        self._end_all()
                        return
                elif descriptor in self._clients:
                    self._serve_client(descriptor)
                elif descriptor not in deaths:  # those are reaped below
                    self._serve_box(descriptor, event)
            for box in list(self._boxes.values()):
                self._reap(box)
            started = time.monotonic()
            if started >= look_at:
                self._look_at_all()
                look_at = started + max(_TICK_S, 3 * (time.monotonic() - started))
        self._end_all()

    def _watches(self) -> bool:
        """Whether some box has a client, and must be looked at again and again."""
        return any(not box.ends for box in self._boxes.values())

    def _end_all(self) -> None:
        for box in self._boxes.values():
            self._kill(box)
        for box in self._boxes.values():
            if box.cell is not None:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(box.init, 0)
                box.cell.remove()

    def _hear_parent(self) -> bool:
        message = received(self._control)
        if message is None:
            return False
        if message[0]["event"] == "retire":
            self._retire()
            return True
        client = socket.socket(fileno=message[1][0])
        self._clients[client.fileno()] = client
        self._poll.register(client, select.POLLIN)
        return True

    def _retire(self) -> None:
        """No new client will come. On a GPU the place of the spare's context is wanted for another branch's."""
        self._retired = True
        if self._spare is not None and self._device != CPU:
            spare, self._spare = self._spare, None
            self._kill(spare)

    def _serve_client(self, descriptor: int) -> None:
        client = self._clients[descriptor]
        message = received(client)
        if message is None:
            self._poll.unregister(descriptor)
            self._clients.pop(descriptor).close()
            return
        limits, ranks = confinement.BoxLimits(**message[0]["limits"]), message[0].get("ranks", 0)
        if ranks:
            self._hand_over(self._build_group(limits, ranks), client)
            return
        box = self._spare if self._spare is not None and self._spare.limits == limits else self._build(limits)
        if box is self._spare:
            self._spare = None
        self._hand_over([box], client)
        if self._spare is None and not self._retired:
            self._keep(self._build(limits))

    def _keep(self, spare: Box) -> None:
        """Have it wait for a client; one that could not be started is none: the next client may have more luck."""
        if spare.init > 0:
            self._spare = spare
        else:
            for end in spare.ends:
                os.close(end)

    def _hand_over(self, boxes: list[Box], client: socket.socket) -> None:
        with contextlib.suppress(OSError):  # the judge may have gone; then the closed report ends the box
            send_message(client, {"event": "box"}, tuple(end for box in boxes for end in box.ends))
        for box in boxes:
            for end in box.ends:
                os.close(end)
            box.ends = ()

    def _build(self, limits: confinement.BoxLimits) -> Box:
        """Start a box. One that cannot even be started says so on its report, and is not kept."""
        ends = Ends.make()
        try:
            init, cell = self._spawn(limits) if self._strict else (os.fork(), None)
        except OSError as error:
            return self._refuse(limits, ends, error)
        if init == 0:
            self._be_init(limits, ends)
        return self._watch_over(init, limits, ends, cell)

    def _build_group(self, limits: confinement.BoxLimits, ranks: int) -> list[Box]:
        """Start a box per rank, in one network. Either all start or none does, and then each says so."""
        if self._device != CPU:
            return [self._refuse(limits, Ends.make(), OSError(_NO_RANKS)) for _ in range(ranks)]
        if warm_once():
            self._settle()
        ends = [Ends.make() for _ in range(ranks)]
        try:
            born = self._spawn_group(limits, ends)
        except OSError as error:
            return [self._refuse(limits, each, error) for each in ends]
        boxes = [self._watch_over(init, limits, each, cell) for (init, cell), each in zip(born, ends, strict=True)]
        kin = [box.usage for box in boxes]
        for box in boxes:
            box.kin = kin
        return boxes

    def _refuse(self, limits: confinement.BoxLimits, ends: Ends, error: OSError) -> Box:
        """A box that could not be started, and whose client is told why."""
        tell(ends.report, {"event": "end", "cause": "refused", "detail": words_of(error)})
        ends.let_go()
        ends.report.close()
        os.close(ends.status)
        return Box(init=-1, report=ends.report, status=-1, death=-1, limits=limits, ends=ends.client, cell=None)

    def _watch_over(self, init: int, limits: confinement.BoxLimits, ends: Ends, cell: cgroup.Cell | None) -> Box:
        """A box that has been started."""
        ends.let_go()
        box = Box(
            init=init,
            report=ends.report,
            status=ends.status,
            death=death_of(init),
            limits=limits,
            ends=ends.client,
            cell=cell,
        )
        self._boxes[init] = box
        for descriptor in (box.report.fileno(), box.status, box.death):
            if descriptor >= 0:
                self._poll.register(descriptor, select.POLLIN)
        return box

    def _spawn(self, limits: confinement.BoxLimits) -> tuple[int, cgroup.Cell | None]:
        """A process in new namespaces, 0 in itself, and its control group if there is one; raises OSError."""
        cell = self._cells.make(limits)
        if cell is None:
            return namespaces.spawn(self._libc), None
        try:
            return namespaces.spawn(self._libc, cell.handle), cell
        except OSError as error:
            self._cells.give_back(cell)
            init = namespaces.spawn(self._libc)  # if this fails too, it was not for the control group
            self._cells.give_up(error)
            return init, None

    def _spawn_group(self, limits: confinement.BoxLimits, ends: list[Ends]) -> list[tuple[int, cgroup.Cell | None]]:
        """As `_spawn` for each rank; it returns only in the branch itself."""
        if not self._strict:
            return [(os.fork() or self._be_init(limits, each), None) for each in ends]

        def be_init(rank: int) -> NoReturn:
            self._be_init(limits, ends[rank])

        cells = [self._cells.make(limits) for _ in ends]
        try:
            handles = [-1 if cell is None else cell.handle for cell in cells]
            return list(zip(group.spawn(self._libc, handles, self._identity, be_init), cells, strict=True))
        except OSError as error:
            given = [cell for cell in cells if cell is not None]
            for cell in given:
                self._cells.give_back(cell)
            if not given:
                raise
            inits = group.spawn(self._libc, [-1] * len(ends), self._identity, be_init)
            self._cells.give_up(error)
            return [(init, None) for init in inits]

    def _be_init(self, limits: confinement.BoxLimits, ends: Ends) -> NoReturn:
        """Never returns: pid 1 of the box; reaps, and ends when the guest does."""
        status = 1
        try:
            init = Init(
                self._libc, self._strict, self._baseline, self._identity, native=self._native, device=self._device
            )
            status = init.run(limits, self._hidden, ends.wire, ends.output, ends.said)
        except BaseException as error:  # noqa: BLE001 - nothing may escape into the branch's own loop
            with contextlib.suppress(OSError):
                os.write(ends.said, pack({"refused": words_of(error)}))
        finally:
            os._exit(status)

    def _serve_box(self, descriptor: int, event: int) -> None:
        box = next((b for b in self._boxes.values() if descriptor in (b.report.fileno(), b.status)), None)
        if box is None:
            self._poll.unregister(descriptor)
        elif descriptor == box.status:
            self._hear(box)
        elif not box.verdict:
            self._close(box)
            self._poll.unregister(descriptor)

    def _close(self, box: Box) -> None:
        """The judge has let go of the box, and need not wait while the kernel takes its processes down."""
        over = self._look_at(box, _buffered(box))
        if box.cell is not None and box.cell.overran():
            over = "memory"
        box.verdict = over or "closed"
        self._kill(box)
        self._report_end(box, 0)

    def _report_end(self, box: Box, status: int) -> None:
        """Say how the box ended, once."""
        if not box.reported:
            tell(box.report, watch.obituary(box.verdict, status, box.usage))
            box.reported = True

    def _hear(self, box: Box) -> None:
        """What init and the guest say before candidate code runs, and then end of file."""
        data = os.read(box.status, 65536)
        if data:
            box.said += data
            return
        self._poll.unregister(box.status)
        self._understand(box)
        if box.verdict == "refused":
            self._kill(box)

    def _understand(self, box: Box) -> None:
        message = unpack(box.said) if box.said else {"refused": "the box ended while it was being built"}
        if "refused" not in message and self._device != CPU:
            message = self._begin(box) or message
        if "refused" in message:
            box.verdict = "refused"
            box.usage.detail = message["refused"]
        else:
            box.ready = True
            layers = [*message["layers"], *([cgroup.LAYER] if box.cell is not None else [])]
            layers += [gpu_memory.LAYER] if box.gpu_begun >= 0 else []
            tell(box.report, {"event": "ready", "layers": layers, "without_cgroup": self._cells.reason})

    def _begin(self, box: Box) -> dict[str, Any] | None:
        """A guest has made its context and waits: from here on it is limited; a refusal where it cannot be."""
        try:
            guest, cpu_s = watch.begin(box.init, box.usage, box.limits, self._resident)
            confinement.limit_after_context(guest, box.limits, watch.allocated_bytes(guest), cpu_s)
            if box.cell is not None:
                box.cell.begin(box.limits)
            if self._gpu_memory.sees(guest):
                box.gpu_begun = self._gpu_memory.bytes_of([guest]) or 0
            else:
                self._gpu_memory.give_up()  # what it says means nothing here, for the next box either
        except OSError as error:
            return {"refused": f"a box with a GPU could not be limited: {words_of(error)}"}
        return None

    def _look_at_all(self) -> None:
        buffered: dict[int, int] = {}  # by group: ranks share a network, and reading all of it takes 10 ms
        for box in self._boxes.values():
            if box.ready and not box.ends and not box.verdict:
                if id(box.kin) not in buffered:
                    buffered[id(box.kin)] = _buffered(box)
                box.verdict = self._look_at(box, buffered[id(box.kin)])
                if box.verdict:
                    self._kill(box)

    def _look_at(self, box: Box, buffered: int) -> str:
        """The limit that a box, or its group as a whole, is over: `cpu`, `memory`, or an empty string."""
        over = watch.look(box.init, box.usage, box.limits, self._resident, buffered)
        together_ms = sum(usage.cpu_ms for usage in box.kin)
        return over or ("cpu" if together_ms > 1000 * box.limits.cpu_s else "") or self._look_at_gpu(box)

    def _look_at_gpu(self, box: Box) -> str:
        """Whether a box is over its limit of the GPU's memory, where that can be known."""
        if box.gpu_begun < 0:
            return ""
        held = self._gpu_memory.bytes_of(watch.family_of(box.init)) or 0
        return "gpu-memory" if held - box.gpu_begun > box.limits.gpu_memory_mb * _MIB else ""

    def _reap(self, box: Box) -> None:
        pid, status, usage = os.wait4(box.init, os.WNOHANG)
        if pid == 0:
            return
        box.usage.finish(usage)
        if not box.ready and not box.verdict:  # what it said last may still be in the pipe
            with contextlib.suppress(BlockingIOError):
                while data := os.read(box.status, 65536):
                    box.said += data
            self._understand(box)
        if box.cell is not None and box.cell.overran() and box.verdict in ("", "closed"):
            box.verdict = "memory"
        self._report_end(box, status)
        self._forget(box)

    def _kill(self, box: Box) -> None:
        with contextlib.suppress(OSError):
            if not self._strict:  # no namespace ends with init, so its descendants go first
                end_processes(watch.family_of(box.init)[1:])
                os.killpg(box.init, signal.SIGKILL)
            os.kill(box.init, signal.SIGKILL)
        if box.cell is not None:
            box.cell.kill()

    def _forget(self, box: Box) -> None:
        for descriptor in (box.report.fileno(), box.status, box.death):
            with contextlib.suppress(KeyError, ValueError):
                self._poll.unregister(descriptor)
        box.report.close()
        for descriptor in (box.status, box.death, *box.ends):
            if descriptor >= 0:
                os.close(descriptor)
        box.ends = ()
        if box.cell is not None:
            self._cells.give_back(box.cell)
        if box is self._spare:
            self._spare = None
        del self._boxes[box.init]


def _buffered(box: Box) -> int:
    return watch.buffered_bytes(box.init) if box.limits.network else 0


def received(stream: socket.socket) -> tuple[Any, list[int]] | None:
    """The next message between our own processes, or None when the other side is gone."""
    try:
        return receive_message(stream, descriptors=1)
    except OSError:
        return None


def tell(report: socket.socket, message: dict[str, Any]) -> None:
    """Say something to a judge that may have gone; then nobody needs to know."""
    with contextlib.suppress(OSError):
        send_message(report, message)
