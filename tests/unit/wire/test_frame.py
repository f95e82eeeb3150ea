"""Frames arrive whole, or end in the error that says whose fault it is."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import WireError
from grader.wire.frame import Caps, ConnectionLost, DeadlineExceeded, Frame, FrameReader, check_size, send_frame
from tests.unit.wire.frames import raw_frame

STRUCTURES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Two ends of a stream."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@settings(max_examples=80, deadline=None)
@given(STRUCTURES, st.lists(st.binary(max_size=2_000), max_size=5))
def test_a_frame_survives(structure: Any, blobs: list[bytes]) -> None:
    """Structure and blobs, in order."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        send_frame(ours, Frame(structure, list(blobs)), Caps())
        frame = FrameReader(theirs, Caps()).read()
    assert (frame.structure, [bytes(blob) for blob in frame.blobs]) == (structure, blobs)


def test_a_frame_may_come_byte_by_byte(pair: Any) -> None:
    """A stream has no borders."""
    ours, theirs = pair

    def drip() -> None:
        for byte in raw_frame([1, "x"], [b"abc"]):
            ours.sendall(bytes([byte]))

    sender = threading.Thread(target=drip)
    sender.start()
    frame = FrameReader(theirs, Caps()).read()
    sender.join()
    assert (frame.structure, frame.blobs) == ([1, "x"], [bytearray(b"abc")])


def test_frames_that_lie_in_one_another_are_told_apart(pair: Any) -> None:
    """What is read is exactly one frame."""
    ours, theirs = pair
    ours.sendall(raw_frame(1, [raw_frame(9)]) + raw_frame(2))
    reader = FrameReader(theirs, Caps())
    assert [reader.read().structure, reader.read().structure] == [1, 2]


@pytest.mark.parametrize("cut", range(0, 30, 3))
def test_a_stream_that_ends_within_a_frame_is_lost(pair: Any, cut: int) -> None:
    """Wherever it ends."""
    ours, theirs = pair
    whole = raw_frame([1, 2, 3], [b"abcd"])
    ours.sendall(whole[: min(cut, len(whole) - 1)])
    ours.close()
    with pytest.raises(ConnectionLost):
        FrameReader(theirs, Caps()).read()


def test_silence_ends_at_the_deadline(pair: Any) -> None:
    """Also within a frame, and at once when it is over already."""
    ours, theirs = pair
    ours.sendall(raw_frame([1])[:-1])
    started = time.monotonic()
    for deadline in (started + 0.1, started - 1.0):
        with pytest.raises(DeadlineExceeded):
            FrameReader(theirs, Caps()).read(deadline)
    assert time.monotonic() - started < 1.0


@pytest.mark.parametrize(
    ("structure", "blobs", "caps"),
    [
        ("x" * 200, [], Caps(structure_bytes=100)),
        (None, [b"x" * 200], Caps(blob_bytes=100)),
        (None, [b""] * 11, Caps(blobs=10)),
        ([0] * 50, [], Caps(nodes=40)),
        ([[[[[]]]]], [], Caps(depth=3)),
        ([2**70], [], Caps()),
        (["\ud800"], [], Caps()),
        ([object()], [], Caps()),
    ],
    ids=["structure", "blobs", "number of blobs", "nodes", "depth", "a long int", "a lone surrogate", "an object"],
)
def test_a_frame_over_the_caps_is_not_sent(pair: Any, structure: Any, blobs: list[bytes], caps: Caps) -> None:
    """Nothing of it reaches the stream."""
    ours, theirs = pair
    with pytest.raises(WireError):
        send_frame(ours, Frame(structure, blobs), caps)
    theirs.setblocking(False)
    with pytest.raises(BlockingIOError):
        theirs.recv(1)


@pytest.mark.parametrize(
    ("structure", "blobs", "caps"),
    [
        ("x" * 200, [], Caps(structure_bytes=100)),
        (None, [b"x" * 200], Caps(blob_bytes=100)),
        (None, [b"x" * 60, b"x" * 60], Caps(blob_bytes=100)),
        (None, [b""] * 11, Caps(blobs=10)),
        ([0] * 50, [], Caps(nodes=40)),
        ([[[[[]]]]], [], Caps(depth=3)),
    ],
    ids=["structure", "one blob", "blobs together", "number of blobs", "nodes", "depth"],
)
def test_a_frame_over_the_caps_is_refused(pair: Any, structure: Any, blobs: list[bytes], caps: Caps) -> None:
    """From its announcement, where that is enough."""
    ours, theirs = pair
    ours.sendall(raw_frame(structure, blobs))
    with pytest.raises(WireError):
        FrameReader(theirs, caps).read()


def test_a_reader_that_is_gone_is_told(pair: Any) -> None:
    """Sending to nobody is a lost connection, not a broken pipe."""
    ours, theirs = pair
    theirs.close()
    with pytest.raises(ConnectionLost):
        send_frame(ours, Frame(None, [b"x" * 1_000_000]), Caps())


def test_a_reader_that_does_not_read_runs_into_the_timeout(pair: Any) -> None:
    """A guest that never reads cannot block the judge."""
    ours, _ = pair
    ours.settimeout(0.1)
    with pytest.raises(DeadlineExceeded):
        send_frame(ours, Frame(None, [b"x" * 10_000_000]), Caps())


@pytest.mark.parametrize("depth", [0, 5, 48])
def test_depth_is_counted_from_the_top(depth: int) -> None:
    """The cap itself is allowed."""
    structure: Any = 0
    for _ in range(depth):
        structure = [structure]
    check_size(structure, Caps(depth=depth))
    with pytest.raises(WireError):
        check_size([structure], Caps(depth=depth))
