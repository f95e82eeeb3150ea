"""The judge parent: a process that has collected one exercise's suite and forks one judge per submission.

Theory of operation. The engine starts this module with one socket, `control`, and sends the exercise's spec. The parent
imports the reference, collects the suite once and says `ready`. For every job it gets two descriptors: `results`, on
which the forked judge streams outcomes, and `guests`, a client socket of a guest parent. After its first job it keeps
one judge forked ahead, which waits for the next one. A judge asks for a box, runs each case over the wire, and ends
with one `done` message. The parent keeps its clock (`Watch`): a judge that is late is killed, and of one that did not
end by itself the parent says on `results` what it was doing. The parent itself never sees a submission. When it ends,
the kernel ends its judges, and their mutants.
"""

from __future__ import annotations

import ctypes
import gc
import os
import select
import shutil
import signal
import socket
import sys
from dataclasses import asdict, replace
from typing import Any

from grader.guest.confinement import call_itself, die_with_parent
from grader.guest.environments import named
from grader.guest.namespaces import load_libc
from grader.judge.job import SCRATCH_PREFIX, Job, Proof, SuiteSpec
from grader.judge.outcome import describe
from grader.judge.phase import Board, Phase
from grader.judge.plugin import LocalProvider
from grader.judge.proof import be_prover
from grader.judge.provider import load_reference
from grader.judge.run import Suite, collect, run_locally
from grader.judge.trial import Trial, be_judge, printable, words_of
from grader.judge.watch import Spare, Watch, oom_kills
from grader.model.verdict import Status
from grader.wire.passing import answer_ping, receive_message, send_message

_WARM_CASE_S = 60.0  # a first use may import much; an import that is broken off leaves half a module to all judges


def main(control: int) -> None:
    """Load the suite named by the first message on `control`, then fork a judge per job until it closes."""
    try:
        _be_parent(control)
    finally:
        _tidy()


def _be_parent(control: int) -> None:
    stream = socket.socket(fileno=control)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the engine decides when to end
    message = receive_message(stream)
    if message is None:
        return
    spec = SuiteSpec.from_data(message[0]["spec"])
    try:
        suite, reference = _load(spec, warm=message[0]["warm"])
    except BaseException as error:  # noqa: BLE001 - told to the engine as ours, whatever it was
        send_message(stream, {"event": "broken", "message": printable(words_of(error))})
        return
    gc.collect()
    gc.freeze()  # the collector must not touch pages that the forks share
    cases = [asdict(describe(item, Status.ACCEPTED)) for item in suite.items]
    send_message(stream, {"event": "ready", "cases": cases})
    _serve(stream, spec, suite, reference)


def _load(spec: SuiteSpec, *, warm: bool) -> tuple[Suite, Any]:
    named(spec.environment).load()  # on one thread: a parent that used two makes its children hang
    reference = load_reference(spec)
    suite = collect(spec.suites)
    if warm:
        provider = LocalProvider(spec.reference_path, seed=0, tolerance=spec.tolerance)
        for _ in run_locally(suite, provider, _WARM_CASE_S):
            pass
    return suite, reference


def _serve(stream: socket.socket, spec: SuiteSpec, suite: Suite, reference: Any) -> None:
    libc = load_libc()
    call_itself(libc, "viva-judges")
    poll = select.poll()
    poll.register(stream, select.POLLIN)
    watch = Watch(poll)
    forker = _Forker(stream, libc, (spec, suite, reference), watch, poll)
    while True:
        ready = {descriptor for descriptor, _ in poll.poll(watch.wait_ms())}
        watch.look(ready)
        forker.look(ready)
        if stream.fileno() not in ready:
            continue
        message = receive_message(stream, descriptors=2)
        if message is None:
            return
        data, descriptors = message
        if "proof" in data:
            forker.prove(data["proof"], descriptors[0])
        elif "job" in data:
            forker.pass_on(data, (descriptors[0], descriptors[1]))
        else:
            answer_ping(descriptors)
        for descriptor in descriptors:
            os.close(descriptor)  # before there is a spare, which would hold the streams of this verdict open
        forker.make_spare()


class _Forker:
    """Forks judges; one is always forked ahead, and waits for its job."""

    def __init__(
        self,
        control: socket.socket,
        libc: ctypes.CDLL,
        knowledge: tuple[SuiteSpec, Suite, Any],
        watch: Watch,
        poll: select.poll,
    ) -> None:
        """`knowledge` is what every judge has from the start: spec, suite and reference. `poll` wakes the parent."""
        self._control = control
        self._libc = libc
        self._knowledge = knowledge
        self._watch = watch
        self._poll = poll
        self._spare: Spare | None = None
        self._provers: dict[socket.socket, int] = {}

    def make_spare(self) -> None:
        """Fork a judge that waits."""
        if self._spare is not None:
            return
        ours, theirs = socket.socketpair()
        board, kills = Board(), oom_kills()
        pid = os.fork()
        if pid == 0:
            self._control.close()
            ours.close()
            self._watch.forget()
            die_with_parent(self._libc)
            self._be_spare(theirs, board)
        theirs.close()
        self._spare = Spare(pid=pid, life=ours, board=board, oom_kills=kills)
        self._poll.register(ours, select.POLLIN)

    def look(self, ready: set[int]) -> None:
        """Bury a spare that died while it waited, and provers; `ready` are the descriptors that woke the parent."""
        if self._spare is not None and self._spare.life.fileno() in ready:
            self._bury(self._take())
        for life in [life for life in self._provers if life.fileno() in ready]:
            self._poll.unregister(life)
            life.close()
            os.waitpid(self._provers.pop(life), 0)

    def prove(self, order: dict[str, Any], results: int) -> None:
        """Fork a prover, which ends with its order or with this parent."""
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            self._control.close()
            ours.close()
            self._watch.forget()
            die_with_parent(self._libc)
            spec, suite, _ = self._knowledge
            be_prover(spec, suite, Proof(**{**order, "solutions": tuple(map(tuple, order["solutions"]))}), results)
        theirs.close()
        self._provers[ours] = pid
        self._poll.register(ours, select.POLLIN)

    def _take(self) -> Spare:
        assert self._spare is not None
        spare, self._spare = self._spare, None
        self._poll.unregister(spare.life)
        return spare

    def _bury(self, spare: Spare) -> None:
        os.waitpid(spare.pid, 0)
        spare.close()

    def pass_on(self, data: dict[str, Any], descriptors: tuple[int, int]) -> None:
        """Give a job to the judge that waits, or to a new one if that has died."""
        limits = self._knowledge[0].limits
        for _ in range(2):
            self.make_spare()
            spare = self._take()
            spare.board.enter(Phase.SUITE)
            try:
                send_message(spare.life, data, descriptors)
            except OSError:
                self._bury(spare)
            else:
                self._watch.add(spare, descriptors[0], data["wall_s"], limits.case_wall_s)
                return

    def _be_spare(self, orders: socket.socket, board: Board) -> None:
        """Never returns; `orders` stays open, because its end tells the parent of this process's end."""
        call_itself(self._libc, "viva-spare")
        message = receive_message(orders, descriptors=2)
        if message is None:
            os._exit(0)
        call_itself(self._libc, "viva-judge")
        data, (results, guests) = message
        spec, suite, reference = self._knowledge
        spec = replace(spec, limits=replace(spec.limits, wall_s=data["wall_s"]))  # a second attempt gets what is left
        be_judge(Trial(spec, suite, Job(**data["job"]), board), reference, results, guests)


def _tidy() -> None:
    """Remove this parent's own temporary folder: an engine that was killed cannot do it any more."""
    folder = os.environ.get("TMPDIR", "")
    if os.path.basename(folder).startswith(SCRATCH_PREFIX):  # noqa: PTH119 - a name, compared as text
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
