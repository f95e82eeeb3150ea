"""Several guests that work together: the ranks of a process group, as a suite sees them.

    group = ranks(2)
    port = group[0].driver.open_store(2)
    group.call("driver.join", [(0, 2, port), (1, 2, port)])
    losses = group.call("driver.step", shards)  # shards[rank] are the arguments of that rank

Each rank is a guest of its own, behind a wire of its own, and knows what the suite told it and what the other ranks
sent. `group[i].candidate` and `group[i].driver` are used like the fixtures of those names, one after the other;
`group.call` asks all ranks before it waits for any, as collectives need it.

Theory of operation. One thread waits for all wires at once. When a rank fails, the others have `GRACE_S` to answer or
to fail as well, so that the cause is not mistaken for one of its consequences: a guest that ended or broke the rules
counts before an exception, and what came first before what came later. A rank that then still waits is ended, and with
it the group. Whatever goes wrong names its rank.
"""

from __future__ import annotations

import select
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar

from grader.judge.failure import GuestFailure, RemoteError
from grader.judge.handle import Bridge
from grader.judge.link import Connection, Question
from grader.judge.outcome import explain_remote
from grader.model.text import Text
from grader.model.verdict import Status
from grader.wire.budget import Budget
from grader.wire.frame import Caps, DeadlineExceeded

MAX_RANKS = 8
GRACE_S = 0.3
_ON_RANK = Text(en="rank {rank}: {what}", zh="rank {rank}：{what}")
_AWAITED = Text(
    en="ranks {waiting} of {count} did not finish in time;"
    " does every rank call the same collectives in the same order?",
    zh="共 {count} 个 rank，其中 {waiting} 未在时限内完成；各 rank 是否以相同的顺序调用了相同的集合通信？",
)


class GroupConnection(Connection, Protocol):
    """A connection that can be waited for beside others."""

    def awaited(self) -> Iterator[tuple[int, int]]:
        """Descriptors to wait for, and the events of each (see poll(2))."""

    def attend(self, events: Mapping[int, int]) -> bool:
        """See to the events of its descriptors; whether `receive` has something to say, be it a failure."""


C = TypeVar("C", bound=GroupConnection)


class Rank(Generic[C]):
    """One guest: handles to its submission and to its driver once they are loaded, and what is behind them."""

    def __init__(self, connection: C, caps: Caps, budget: Budget | None = None, *, on_device: bool = False) -> None:
        self.connection = connection
        self.bridge = Bridge(connection, caps, budget, on_device=on_device)
        self.candidate: Any = None
        self.driver: Any = None

    def load(self, source: str, driver: str | None, modules: Sequence[Sequence[str]] = ()) -> None:
        """Execute the submission and, where there is one, the driver; raises what they raise.

        `modules` are paths and sources that the submission may import.
        """
        candidate = self.bridge.load("solution", source, modules=modules)
        if driver is not None:
            self.driver = self.bridge.load("driver", driver)
        self.candidate = candidate

    @property
    def is_whole(self) -> bool:
        """Whether it has loaded and nothing has ended it."""
        return self.candidate is not None and self.bridge.link.failure is None

    def function(self, path: str) -> tuple[int, str]:
        """The place of the module and the name in `driver.name` or `candidate.name`."""
        module, _, name = path.partition(".")
        handle = {"candidate": self.candidate, "driver": self.driver}.get(module)
        if handle is None or not name:
            raise ValueError(f"{path!r} names no function; write driver.NAME or candidate.NAME")
        return handle._place(), name


class Group:
    """The ranks that a case has asked for, in their order."""

    def __init__(self, ranks: Sequence[Rank[Any]], case_wall_s: float | None = None) -> None:
        """Where no judge keeps the clock, each call gets `case_wall_s`."""
        self._ranks = list(ranks)
        self._case_wall_s = case_wall_s
        self._failure: GuestFailure | None = None
        self.spent = False  # something went wrong: the next case gets another group

    def __len__(self) -> int:
        return len(self._ranks)

    def __getitem__(self, rank: int) -> Rank[Any]:
        return self._ranks[rank]

    @property
    def failure(self) -> GuestFailure | None:
        """What ended the group, or the first of its guests that ended by itself."""
        failures = ((rank, member.bridge.link.failure) for rank, member in enumerate(self._ranks))
        return self._failure or next((_on_rank(rank, failure) for rank, failure in failures if failure), None)

    def load(self, source: str, driver: str | None, modules: Sequence[Sequence[str]] = ()) -> None:
        """Have every rank execute the submission and the driver; raises what the first to fail raises."""
        self._start_clock()
        for rank, member in enumerate(self._ranks):
            try:
                member.load(source, driver, modules)
            except GuestFailure as failure:
                raise self._end(_on_rank(rank, failure)) from failure

    def call(self, function: str, args: Sequence[Sequence[Any]] | None = None, /, **kwargs: Any) -> list[Any]:
        """Call `driver.NAME` or `candidate.NAME` on all ranks at once; what each returned.

        `args[rank]` are the positional arguments on that rank, none without `args`; `kwargs` are the same on all.
        Raises what a rank raised when all have answered, and GuestFailure (after ending the group) when not.
        """
        if args is not None and len(args) != len(self):
            raise ValueError(f"there are {len(self)} ranks, and arguments for {len(args)}")
        if self.failure is not None:
            raise self.failure
        self._start_clock()
        try:
            return self._gather(self._ask(function, args or [()] * len(self), kwargs))
        except GuestFailure as failure:
            raise self._end(failure) from failure
        except RemoteError:
            self.spent = True
            raise
        except BaseException:  # of the suite's, or of an alarm: the answers to come would belong to no question
            self._end(GuestFailure(Status.RUNTIME_ERROR, Text.same("the call was given up")))
            raise

    def _start_clock(self) -> None:
        if self._case_wall_s is not None:
            for member in self._ranks:
                member.bridge.link.deadline = time.monotonic() + self._case_wall_s

    def _ask(self, path: str, args: Sequence[Sequence[Any]], kwargs: dict[str, Any]) -> dict[int, Question]:
        asked = {}
        for rank, (member, given) in enumerate(zip(self._ranks, args, strict=True)):
            place, name = member.function(path)
            try:
                asked[rank] = member.bridge.link.begin("method", place, name, *given, **kwargs)
            except GuestFailure as failure:
                raise _on_rank(rank, failure) from failure
        return asked

    def _gather(self, asked: dict[int, Question]) -> list[Any]:
        answers: dict[int, Any] = {}
        failed: list[tuple[int, GuestFailure | RemoteError]] = []
        patience = self._ranks[0].bridge.link.deadline
        while asked:
            try:
                ready = await_any([(rank, self._ranks[rank].connection) for rank in asked], patience)
            except DeadlineExceeded:
                break
            for rank in ready:
                try:
                    answer = self._ranks[rank].bridge.link.advance(asked[rank])
                except (GuestFailure, RemoteError) as error:
                    failed.append((rank, error))
                    patience = min(patience, time.monotonic() + GRACE_S)
                    del asked[rank]
                else:
                    if answer is not None:
                        answers[rank] = answer[0]
                        del asked[rank]
        self._raise_cause(failed, list(asked))
        return [answers[rank] for rank in range(len(self))]

    def _raise_cause(self, failed: list[tuple[int, GuestFailure | RemoteError]], waiting: list[int]) -> None:
        """Raise the first cause, if anything failed; `waiting` are the ranks that have not answered."""
        for rank, error in failed:
            if isinstance(error, GuestFailure):
                raise _on_rank(rank, error)
        for rank, error in failed:
            assert isinstance(error, RemoteError)
            error.remote_message = _ON_RANK.filled(rank=rank, what=error.remote_message).en
            if waiting:
                raise GuestFailure(*explain_remote(error)) from error
            raise error
        if waiting:
            raise GuestFailure(Status.TIME_LIMIT, _AWAITED.filled(waiting=waiting, count=len(self)))

    def _end(self, failure: GuestFailure) -> GuestFailure:
        self._failure = self._failure or failure
        for member in self._ranks:
            if member.bridge.link.failure is None:
                member.bridge.link.fail(failure.status, failure.message)
        return self._failure


def await_any(connections: Sequence[tuple[int, GroupConnection]], deadline: float) -> list[int]:
    """Block until some of the numbered connections have something to say; their numbers. Raises DeadlineExceeded."""
    events: Mapping[int, int] = {}
    while True:
        if ready := [number for number, connection in connections if connection.attend(events)]:
            return ready
        left = deadline - time.monotonic()
        if left <= 0:
            raise DeadlineExceeded
        poll = select.poll()
        for _, connection in connections:
            for descriptor, awaited in connection.awaited():
                poll.register(descriptor, awaited)
        events = dict(poll.poll(None if left == float("inf") else left * 1000 + 1))


def _on_rank(rank: int, failure: GuestFailure) -> GuestFailure:
    return GuestFailure(failure.status, _ON_RANK.filled(rank=rank, what=failure.message))
