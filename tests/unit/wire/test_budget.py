"""What a guest sends is counted before it costs anything: bytes, parts, numbers, and members that share a hash."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from grader.errors import WireError
from grader.wire.budget import MIB, Budget, OverBudget
from grader.wire.decoder import EQUAL_HASHES, Decoder
from grader.wire.encoder import Encoder
from grader.wire.frame import Caps, Frame, FrameReader
from tests.unit.wire.frames import raw_frame

PRIME = 2**61 - 1  # Python's ints, floats and fractions hash modulo this
COUNT = 3_000


def read(data: bytes, budget: Budget) -> Frame:
    """The frame in `data`, as a judge reads it."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(data)
        return FrameReader(ours, Caps(), budget=budget).read(time.monotonic() + 5)


def small(**fields: int) -> Budget:
    """A budget of which a test needs only one part."""
    return Budget(**{"reply_bytes": 1_000, "all_bytes": 2_000, **fields})


@pytest.mark.parametrize(
    ("budget", "frames", "words"),
    [
        (small(), [raw_frame(["s", 0], [bytes(1_001)])], "an answer is larger"),
        (small(), [raw_frame(["s", 0], [bytes(990)])] * 3, "all answers together"),
        (small(nodes=11), [raw_frame([1, 2, 3])] * 3, "too many parts"),
    ],
    ids=["one reply", "all replies", "parts"],
)
def test_reading_stops_at_the_budget(budget: Budget, frames: list[bytes], words: str) -> None:
    """Of one reply, and of all of a verdict; the sentence is in both languages."""
    for frame in frames[:-1]:
        read(frame, budget)
    with pytest.raises(OverBudget, match=words) as caught:
        read(frames[-1], budget)
    assert any("\u4e00" <= character <= "\u9fff" for character in caught.value.chinese)


def test_a_reply_that_is_too_large_is_not_read() -> None:
    """What it announces is enough: nothing of that size is allocated or waited for."""
    announced = raw_frame(["s", 0], [b""])[:12] + (200 * MIB).to_bytes(8, "big")
    with pytest.raises(OverBudget):
        read(announced, Budget.of(64))


def test_the_numbers_of_packed_lists_are_counted_over_all_replies() -> None:
    """As Python objects they take four times what they took on the wire."""
    budget = small(numbers=250)
    blob = bytes(800)
    for _ in range(2):
        assert len(Decoder([bytearray(blob)], budget=budget).decode(["l", "q", 0])) == 100
    with pytest.raises(OverBudget, match="too many numbers"):
        Decoder([bytearray(blob)], budget=budget).decode(["l", "q", 0])


def test_the_budget_follows_the_exercise() -> None:
    """A guest cannot honestly answer with more than its own memory."""
    assert Budget.of(128).reply_bytes == 128 * MIB
    assert Budget.of(128).all_bytes == 512 * MIB
    assert Budget.of(4096).reply_bytes == 256 * MIB


def test_a_judge_hears_of_an_answer_when_it_begins_to_arrive() -> None:
    """Before it is decoded, so that whatever it does then is the candidate's."""
    heard: list[int] = []
    budget = small()
    budget.heard = lambda: heard.append(1)
    with pytest.raises(WireError):
        read(b"HTTP" + raw_frame([1])[4:], budget)
    assert heard == [1]


def _int(value: int) -> list[Any]:
    return ["i", format(value, "x")]


def _ints(count: int) -> list[Any]:
    return [_int(k * PRIME) for k in range(8, 8 + count)]


COLLIDING: dict[str, Callable[[], list[Any]]] = {
    "ints": lambda: _ints(COUNT),
    "tuples": lambda: [["T", node, "x"] for node in _ints(COUNT)],
    "records": lambda: [["N", "R", ["a"], [node]] for node in _ints(COUNT)],
    "frozensets": lambda: [["F", node, "x"] for node in _ints(COUNT)],
    "ranges": lambda: [["r", _int(k * PRIME), _int(k * PRIME + 1), 1] for k in range(8, COUNT)],
    "complex numbers": lambda: [["c", 2.0 ** (61 * k), float(2 ** (61 * j))] for k in range(5) for j in range(5)],
    "floats": lambda: [2.0 ** (61 * k) for k in range(-16, 17)],
    "tuples of tuples": lambda: [["T", ["T", ["T", node]]] for node in _ints(COUNT)],
}  # fmt: skip
HOLDERS: dict[str, Callable[[list[Any]], list[Any]]] = {
    "a set": lambda members: ["S", *members],
    "a frozenset": lambda members: ["F", *members],
    "a dict": lambda members: ["D", *(part for member in members for part in (member, 0))],
    "an ordered dict": lambda members: ["O", *(part for member in members for part in (member, 0))],
}


@pytest.mark.parametrize("members", COLLIDING.values(), ids=COLLIDING)
@pytest.mark.parametrize("holder", HOLDERS.values(), ids=HOLDERS)
def test_members_that_share_a_hash_are_never_compared(holder: Any, members: Callable[[], list[Any]]) -> None:
    """They are counted before the set is built, which would compare each with each, in C."""
    node = holder(members())
    started = time.process_time()
    with pytest.raises(WireError, match=r"share a hash|in a frozenset"):
        Decoder([]).decode(node)
    assert time.process_time() - started < 10  # comparing takes minutes


@pytest.mark.parametrize("levels", [2, 3, 12])
def test_frozensets_do_not_nest(levels: int) -> None:
    """Each level would multiply what one comparison costs by the members that share a hash."""
    node: Any = ["F", 1]
    for _ in range(levels - 1):
        node = ["F", ["T", node]]
    with pytest.raises(WireError, match="in a frozenset"):
        Decoder([]).decode(["S", node])


@pytest.mark.parametrize(
    "value",
    [
        set(range(-2, 9_000)),
        {(a, b, c, d) for a in (-1, -2) for b in (-1, -2) for c in (-1, -2) for d in (-1, -2)},
        {(x, y) for x in range(-40, 40) for y in range(-40, 40)},
        {frozenset({k, k + 1}) for k in range(-30, 3_000)},
        {f"word {k}": k for k in range(9_000)},
        {k / 7: None for k in range(9_000)},
        {(frozenset({1}), frozenset({2}))},
    ],
    ids=["ints", "-1 and -2", "a grid", "edges", "words", "floats", "frozensets in a tuple"],
)
def test_what_honest_code_answers_has_few_equal_hashes(value: Any) -> None:
    """-1 and -2 share one, in each place of a tuple, and that is all."""
    encoder = Encoder()
    assert Decoder([], budget=Budget.of(64)).decode(encoder.encode(value)) == value


def test_a_few_equal_hashes_are_allowed() -> None:
    """Up to the limit and no further."""
    assert len(Decoder([]).decode(["S", *_ints(EQUAL_HASHES)])) == EQUAL_HASHES
    with pytest.raises(WireError, match="share a hash"):
        Decoder([]).decode(["S", *_ints(EQUAL_HASHES + 1)])
