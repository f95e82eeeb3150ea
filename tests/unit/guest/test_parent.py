"""How many branches a guest parent keeps: each has a spare, and on a GPU that is a context."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from grader.guest.parent import MAX_BRANCHES, Parent
from grader.wire.passing import receive_message


class Branches:
    """The other ends of the branches that a parent has forked, by what they forbid."""

    def __init__(self) -> None:
        self.ends: dict[tuple[str, ...], socket.socket] = {}

    def fork(self, _: Parent, forbid: tuple[str, ...]) -> socket.socket:
        """In the place of `Parent._fork_branch`: no process."""
        ours, self.ends[forbid] = socket.socketpair()
        self.ends[forbid].setblocking(False)
        return ours

    def retired(self) -> list[str]:
        """Those that were told to end."""
        return [forbid[0] for forbid, end in self.ends.items() if "retire" in _heard(end)]

    def close(self) -> None:
        """Let go of all."""
        for end in self.ends.values():
            end.close()


def _heard(end: socket.socket) -> list[str]:
    events: list[str] = []
    while True:
        try:
            message = receive_message(end, descriptors=1)
        except BlockingIOError:
            return events
        if message is None:
            return events
        events.append(message[0]["event"])
        for descriptor in message[1]:
            socket.close(descriptor)


@pytest.fixture
def branches(monkeypatch: pytest.MonkeyPatch) -> Iterator[Branches]:
    """No branch is a process here."""
    branches = Branches()
    monkeypatch.setattr(Parent, "_fork_branch", lambda parent, forbid: branches.fork(parent, forbid))
    yield branches
    branches.close()


@pytest.mark.parametrize(
    ("device", "lanes", "lists", "retired"),
    [
        ("cuda", 1, "a", ""),
        ("cuda", 1, "ab", "a"),
        ("cuda", 2, "ab", ""),
        ("cuda", 2, "abac", "b"),
        ("cuda", 3, "abcd", "a"),
        ("cpu", 1, "abcdef", ""),
    ],
)
def test_as_many_branches_stay_as_there_are_lanes(
    branches: Branches, device: str, lanes: int, lists: str, retired: str
) -> None:
    """On a GPU; the longest unused is retired. On the CPU a spare costs little, and lanes mean nothing."""
    control, theirs = socket.socketpair()
    with control, theirs:
        parent = Parent(control, -1, "", strict=True, device=device, gpu_lanes=lanes)
        for forbidden in lists:
            client, end = socket.socketpair()
            with client, end:
                parent._hand_over(client.fileno(), (forbidden,))
        assert len(set(lists)) <= MAX_BRANCHES
        assert branches.retired() == list(retired)
