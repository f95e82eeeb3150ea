"""A group asks all ranks before it waits for any, and what goes wrong is told by its cause and its rank."""

from __future__ import annotations

import select
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from grader.judge.failure import GuestFailure, RemoteError
from grader.judge.handle import Handle
from grader.judge.ranks import GRACE_S, Group, Rank
from grader.model.verdict import Status
from grader.wire.frame import Caps, Frame
from tests.unit.judge.puppet import Answer, Puppet, fine, reply

_FAR_S = 30.0


class Member(Puppet):
    """A puppet that can be waited for beside others."""

    hang_up_after = False

    def send(self, frame: Frame, deadline: float) -> None:
        super().send(frame, deadline)
        if self.hang_up_after:
            self.hang_up()

    def awaited(self) -> Iterator[tuple[int, int]]:
        yield self._ours.fileno(), select.POLLIN

    def attend(self, events: Mapping[int, int]) -> bool:
        return self._ours.fileno() in events or self._reader.has_early


def group_of(*answers: Answer, within_s: float = _FAR_S) -> tuple[Group, list[Member]]:
    """A group whose ranks answer so."""
    members = [Member(answer) for answer in answers]
    ranks = [Rank(member, Caps()) for member in members]
    for rank in ranks:
        rank.candidate = Handle(rank.bridge.link, 0, "module", "solution", 0)
    return Group(ranks, case_wall_s=within_s), members


def silent(_: list[Any]) -> bytes:
    return b""


def failing(name: str) -> Answer:
    """An answer that describes an exception."""
    return lambda request: reply(
        request, "error", [["ValueError", "Exception"], name, "no", None, "", None], [], [], None, []
    )


def test_all_are_asked_before_any_is_awaited() -> None:
    """Rank 0 answers only because rank 1 was asked too, as in a collective."""
    asked: list[list[Any]] = []

    def last(request: list[Any]) -> bytes:
        members[0].say(fine(asked[0], "first"))
        return fine(request, "second")

    group, members = group_of(lambda request: asked.append(request) or b"", last)
    assert group.call("candidate.f") == ["first", "second"]


def test_each_rank_gets_its_own_arguments() -> None:
    """`args` has those of each rank; of another length it is the suite's mistake, and nobody is asked."""
    group, members = group_of(fine, fine)
    group.call("candidate.f", [(1,), (2,)])
    assert [member.requests[0][3] for member in members] == [["f", 1], ["f", 2]]
    with pytest.raises(ValueError, match="2 ranks, and arguments for 1"):
        group.call("candidate.f", [(1,)])


def test_a_death_counts_before_the_exception_that_it_caused() -> None:
    """Rank 0 tells of a broken connection first; the cause is rank 1, which ended."""

    def die(_: list[Any]) -> bytes:
        members[1].hang_up_after = True
        return b""

    group, members = group_of(failing("RuntimeError"), die)
    with pytest.raises(GuestFailure, match="rank 1: the code ended its own process"):
        group.call("candidate.f")
    assert [member.closed for member in members] == [True, True]
    assert group.failure is not None


def test_an_exception_ends_those_who_wait_in_vain() -> None:
    """The others get a moment to answer, not the whole time of the case; the message is that of the exception."""
    group, members = group_of(failing("Oops"), silent)
    started = time.monotonic()
    with pytest.raises(GuestFailure, match="Oops: rank 0: no") as caught:
        group.call("candidate.f")
    assert GRACE_S <= time.monotonic() - started < GRACE_S + 1.0
    assert (caught.value.status, members[1].closed) == (Status.RUNTIME_ERROR, True)


def test_an_exception_that_all_outlive_can_be_expected() -> None:
    """When every rank has answered the suite gets the exception itself; the next case gets another group."""
    group, members = group_of(failing("ValueError"), fine)
    with pytest.raises(ValueError, match="rank 0: no") as caught:
        group.call("candidate.f")
    assert isinstance(caught.value, RemoteError)
    assert (group.failure, group.spent, members[1].closed) == (None, True, False)


def test_ranks_that_wait_for_ever_are_named() -> None:
    """At the deadline the group is ended, and the message names those who did not answer."""
    group, members = group_of(fine, silent, silent, within_s=0.2)
    with pytest.raises(GuestFailure, match=r"ranks \[1, 2\] of 3 did not finish in time") as caught:
        group.call("candidate.f")
    assert caught.value.status is Status.TIME_LIMIT
    assert all(member.closed for member in members)


@pytest.mark.parametrize("early", [True, False], ids=["with the first answer", "alone"])
def test_a_second_answer_is_nobodys(early: bool) -> None:
    """What a rank says without having been asked breaks its next question, at once."""
    group, members = group_of(fine, lambda request: fine(request) * (2 if early else 1))
    group.call("candidate.f")
    if not early:
        members[1].say(fine([1]))
    started = time.monotonic()
    with pytest.raises(GuestFailure, match=r"rank 1: .*does not belong to the question"):
        group.call("candidate.f")
    assert time.monotonic() - started < 1.0
    with pytest.raises(GuestFailure, match="rank 1"):
        group.call("candidate.f")


def test_a_call_that_the_suite_gives_up_ends_the_group() -> None:
    """An alarm in the middle leaves answers on their way, which no later question may take for its own."""

    def ring(_: list[Any]) -> bytes:
        raise KeyboardInterrupt

    group, members = group_of(fine, ring)
    with pytest.raises(KeyboardInterrupt):
        group.call("candidate.f")
    assert all(member.closed for member in members)
