"""One door to judges and boxes: give it an exercise and a job, get the outcomes.

Theory of operation. Two kinds of parents are kept: a judge parent per exercise version (keyed by the suite's digest, so
that a changed file gets a new one, and by where its files are) and a guest parent per environment and package list.
Both are started side by side and stay until the engine is closed, or they are the least recently used when there are
too many or they take too much memory. A verdict forks one judge and one box from them (both wait forked ahead, mostly).
A parent that died is replaced; the verdict in flight is tried once more (so is one whose guest was killed, perhaps not
by its own code), then the failure is reported as ours. Before it is, both parents are asked whether they still answer.
Both attempts share the exercise's wall time: the second gets what the first left. The judge parent keeps that clock and
kills a judge that is late; here only a parent that does not is given up.

Every parent is started by one thread that lives as long as the engine, because the kernel ends a boxed parent together
with the thread that started it, and callers' threads come and go. Waiting for a parent holds that parent's own lock
only, so that a slow start does not keep other exercises waiting.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

from grader.box.parent import GuestParent, ParentSpec
from grader.engine import memory
from grader.engine.cancellation import Cancellation, Cancelled
from grader.engine.ending import settle
from grader.engine.judges import JudgeParent, JudgeProcess, SuiteError, findings_of, results_of
from grader.engine.news import FirstLate, Late
from grader.engine.order import Order
from grader.errors import BoxError, JudgeError
from grader.guest.placement import CPU
from grader.judge.job import Job, Proof
from grader.model.exercise import Exercise

MAX_PARENTS = 16
SHARE_OF_MEMORY = 0.25  # of what the machine has: what all parents together may take
ATTEMPTS = 2
GPU_LANES = 1  # verdicts on a GPU at a time, by default: what two tenants could tell each other nobody has tried
_SLACK_S = 2.0  # on top of the exercise's wall time; the judge parent ends a judge earlier
_LEAST_S = 0.5  # of wall time: with less left, a second attempt would say nothing


class _Parent(Protocol):
    @property
    def pid(self) -> int: ...

    def alive(self) -> bool: ...

    def dismiss(self) -> None: ...

    def close(self) -> None: ...


_K = TypeVar("_K")
_P = TypeVar("_P", bound=_Parent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a judge said of one submission, as plain data: outcomes in the suite's order, and the closing account."""

    cases: tuple[dict[str, Any], ...]
    expected_cases: int
    account: dict[str, Any]
    versions: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proved:
    """What came of trusted solutions: of each its name, outcomes and how it ended, and what the diagnosis names it.

    `told` is what a driver was told and the suite compared later: (case, what).
    """

    solutions: tuple[dict[str, Any], ...]
    named: dict[str, list[tuple[str, str]]]
    told: list[tuple[str, str]]
    cpu_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One parent: of judges (named after its exercise) or of guests (after its environment), and what it takes."""

    kind: str
    name: str
    pid: int
    memory_bytes: int


class _Clock:
    """The wall time of one verdict; it runs while a judge does, not while a parent is being built."""

    def __init__(self, wall_s: float) -> None:
        self.left_s = wall_s

    @contextmanager
    def running(self) -> Iterator[None]:
        """Take the time that the block takes off what is left."""
        started = time.monotonic()
        try:
            yield
        finally:
            self.left_s = max(0.0, self.left_s - (time.monotonic() - started))

    @property
    def is_over(self) -> bool:
        """Whether too little is left for another attempt."""
        return self.left_s < _LEAST_S


@dataclass(frozen=True, slots=True)
class _Waiting:
    """What is shared by both attempts at one verdict: who waits for it, and for how long."""

    cancellation: Cancellation
    first_late: FirstLate
    clock: _Clock


class Engine:
    """Warm parents behind `judge`; safe to use from several threads."""

    def __init__(
        self,
        *,
        strict: bool = True,
        warm: bool = False,
        early: bool = False,
        budget_bytes: int | None = None,
        gpu_lanes: int = GPU_LANES,
    ) -> None:
        """`warm` pays in advance for first uses, which is worth it for several verdicts.

        `early` begins to start a judge parent before it is known for which exercise. `budget_bytes` is what the
        parents may take in memory together; by default a share of the machine's. At most `gpu_lanes` verdicts are on a
        GPU at a time, and as many spares wait there with a context; further verdicts wait for their turn.
        """
        self._budget = memory.of_machine(SHARE_OF_MEMORY) if budget_bytes is None else budget_bytes
        self._strict = strict
        self._warm = warm
        self._lock = threading.Lock()
        self._judges: OrderedDict[tuple[str, str], JudgeParent] = OrderedDict()
        self._guests: OrderedDict[ParentSpec, GuestParent] = OrderedDict()
        self._busy: dict[int, int] = {}
        self._fresh: JudgeProcess | None = JudgeProcess() if early else None
        self._closed = False
        self._gpu_lanes = gpu_lanes
        self._gpu_turns = threading.BoundedSemaphore(gpu_lanes)
        self._starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="viva-starter")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self, exercise: Exercise, device: str = CPU) -> None:
        """Begin to start both parents for an exercise, without waiting."""
        self.begin(Order.of(exercise, device))

    def begin(self, order: Order) -> None:
        """The same, given what is to be known of the exercise."""
        self._parents(order)

    def judge(
        self, exercise: Exercise, job: Job, cancellation: Cancellation | None = None, *, late: Late | None = None
    ) -> Judged:
        """Run one submission; after a failure of ours, or a death that may be one, once more.

        `late` is told of the first case that its time limit ends, while the others are still to come.

        Raises BoxError when the box cannot be built, SuiteError when the suite does not load, JudgeError when a judge
        failed twice, and Cancelled.
        """
        return self.carry_out(Order.of(exercise, job.device), job, cancellation, late)

    def carry_out(
        self, order: Order, job: Job, cancellation: Cancellation | None = None, late: Late | None = None
    ) -> Judged:
        """The same, given what is to be known of the exercise."""
        clock = _Clock(order.suite.limits.wall_s)
        waiting = _Waiting(cancellation or Cancellation(), FirstLate(late), clock)
        for _ in range(ATTEMPTS - 1):
            with self._in_use(order) as parents:
                try:
                    judged = self._judge_once(parents, order, job, waiting)
                except (SuiteError, Cancelled):
                    raise
                except (BoxError, JudgeError):
                    if clock.is_over:
                        raise
                else:
                    if not judged.account["disturbed"] or clock.is_over:
                        return judged
            self._drop_silent(parents)
        with self._in_use(order) as parents:
            return self._judge_once(parents, order, job, waiting)

    def prove(self, exercise: Exercise, proof: Proof) -> Proved:
        """Run trusted solutions in forks of the exercise's judge parent. Raises SuiteError and JudgeError."""
        order = Order.of(exercise)
        with self._in_use(order) as (judges, _), judges.prove(proof) as stream:
            *solutions, last = findings_of(stream, 2 * proof.patience * order.suite.limits.wall_s + _SLACK_S)
        return Proved(solutions=tuple(solutions), named=last["named"], told=last["told"], cpu_ms=last["cpu_ms"])

    def standing(self) -> list[Standing]:
        """The parents that there are now, the least recently used first."""
        with self._lock:
            judges = [("judge", parent.name, parent.pid) for parent in self._judges.values()]
            guests = [("guest", parent.spec.environment, parent.pid) for parent in self._guests.values()]
        return [
            Standing(kind=kind, name=name, pid=pid, memory_bytes=memory.of_tree(pid))
            for kind, name, pid in (*judges, *guests)
        ]

    def standing_bytes(self) -> int:
        """Memory of all parents and of what waits below them."""
        return sum(parent.memory_bytes for parent in self.standing())

    def in_flight_bytes(self) -> int:
        """Memory that judges and boxes at work share with nobody."""
        with self._lock:
            parents: list[_Parent] = [*self._judges.values(), *self._guests.values()]
        return sum(memory.private_bytes(pid) for parent in parents for pid in memory.at_work(parent.pid))

    def bury(self) -> None:
        """Let go of parents that have died and that nobody uses: it may be long until somebody asks for them again."""
        with self._lock:
            dead: list[_Parent] = [*self._take_dead(self._judges), *self._take_dead(self._guests)]
        for parent in dead:
            parent.close()

    def _take_dead(self, parents: OrderedDict[_K, _P]) -> list[_P]:
        dead = [key for key, one in parents.items() if not self._busy.get(id(one)) and not one.alive()]
        return [parents.pop(key) for key in dead]

    def close(self) -> None:
        """End every parent, and with them every judge and box; verdicts in flight fail with JudgeError."""
        with self._lock:
            self._closed = True
            parents: list[_Parent] = [*self._judges.values(), *self._guests.values()]
            self._judges.clear()
            self._guests.clear()
            fresh = self._take_fresh()
        if fresh is not None:
            fresh.close()
        for parent in parents:
            parent.dismiss()  # all at once, so that they end side by side
        for parent in parents:
            parent.close()
        self._starter.shutdown()

    def _judge_once(
        self,
        parents: tuple[JudgeParent, GuestParent],
        order: Order,
        job: Job,
        waiting: _Waiting,
    ) -> Judged:
        judges, guests = parents
        clock, messages = waiting.clock, []
        with self._lane(order):
            with guests.client(order.suite.forbid) as client:
                results = judges.submit(job, client, clock.left_s)
            with results, waiting.cancellation.over(results), clock.running():
                for message in results_of(results, clock.left_s + _SLACK_S):
                    waiting.first_late.hear(message)
                    messages.append(message)
        outcomes, account = settle(messages, judges.cases, order.suite.limits)
        return Judged(cases=outcomes, expected_cases=len(judges.cases), account=account, versions=guests.versions)

    def _lane(self, order: Order) -> AbstractContextManager[Any]:
        """A turn on the device: a GPU has so many tenants at a time, the CPU any number."""
        return nullcontext() if order.device == CPU else self._gpu_turns

    @contextmanager
    def _in_use(self, order: Order) -> Iterator[tuple[JudgeParent, GuestParent]]:
        """Both parents of an exercise, kept from being retired while they are used."""
        pair = self._parents(order, claim=True)
        try:
            yield pair
        finally:
            with self._lock:
                for parent in pair:
                    self._busy[id(parent)] -= 1

    def _parents(self, order: Order, *, claim: bool = False) -> tuple[JudgeParent, GuestParent]:
        spec = ParentSpec(
            environment=order.environment,
            packages=order.packages,
            strict=self._strict,
            warm=self._warm,
            device=order.device,
            gpu_lanes=self._gpu_lanes,
        )
        with self._lock:
            if self._closed:
                raise JudgeError("the engine has been closed")
            guests = self._current(self._guests, spec, lambda: GuestParent(spec))
            judges = self._current(
                self._judges,
                order.key,
                lambda: JudgeParent(order.suite, warm=self._warm, fresh=self._take_fresh()),
            )
            if claim:
                for parent in (judges, guests):
                    self._busy[id(parent)] = self._busy.get(id(parent), 0) + 1
        return judges, guests

    def _current(self, parents: OrderedDict[_K, _P], key: _K, make: Callable[[], _P]) -> _P:
        """The living parent for `key`, made if need be; the least recently used idle one over the limit is ended."""
        parent = parents.get(key)
        if parent is not None and not parent.alive():
            parents.pop(key).close()
            parent = None
        if parent is None:
            self._make_room(parents)
            parent = parents[key] = self._starter.submit(make).result()
        parents.move_to_end(key)
        return parent

    def _drop_silent(self, parents: tuple[JudgeParent, GuestParent]) -> None:
        """Let go of those that no longer answer: the next attempt must not be given one that is on its way out."""
        for parent in [parent for parent in parents if not parent.answers()]:
            with self._lock:
                self._judges = OrderedDict((key, kept) for key, kept in self._judges.items() if kept is not parent)
                self._guests = OrderedDict((key, kept) for key, kept in self._guests.items() if kept is not parent)
            parent.close()

    def _take_fresh(self) -> JudgeProcess | None:
        fresh, self._fresh = self._fresh, None
        return fresh

    def _make_room(self, parents: OrderedDict[_K, _P]) -> None:
        """Before a parent is started: end the least recently used idle ones of its kind that are over the limits."""
        idle = [key for key, parent in parents.items() if not self._busy.get(id(parent))]
        everyone: list[_Parent] = [*self._judges.values(), *self._guests.values()]
        taken = sum(memory.of_tree(parent.pid) for parent in everyone) if idle else 0
        for key in idle:
            if len(parents) < MAX_PARENTS and taken <= self._budget:
                return
            parent = parents.pop(key)
            taken -= memory.of_tree(parent.pid)
            parent.close()
