"""Frames on a stream socket: one structure (msgpack) and any number of raw blobs beside it.

    magic "viv1" | structure bytes: u32 | blobs: u32 | each blob's length: u64 ... | structure | blob | blob ...

All lengths are read and held against `Caps` before a byte of what they announce is allocated. Array data travels as
blobs, because packing 64 MB inside msgpack takes ten times as long as reading it straight into its buffer.
"""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from grader.errors import WireError
from grader.wire.budget import Budget, out_of_memory

MAGIC = b"viv1"
_HEADER = struct.Struct("!4sII")
_CHUNK = 64 * 1024  # bytes; blobs beyond it are read straight into their buffer, and written without a copy


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """Upper bounds of one frame: bytes, counts, and the nesting depth of its structure."""

    structure_bytes: int = 256 * 1024
    nodes: int = 50_000
    depth: int = 48
    blobs: int = 4_096
    blob_bytes: int = 256 * 1024 * 1024


class ConnectionLost(Exception):
    """The other side closed the stream, possibly in the middle of a frame."""


class DeadlineExceeded(Exception):
    """The other side did not answer in time."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One message: `structure` is what msgpack decodes to, `blobs` are raw bytes that it refers to by index."""

    structure: Any
    blobs: list[Any]


def send_frame(stream: socket.socket, frame: Frame, caps: Caps) -> None:
    """Write one frame; raise WireError when it is over the caps, ConnectionLost when nobody reads any more."""
    check_size(frame.structure, caps)
    try:
        body = msgspec.msgpack.encode(frame.structure)
    except (TypeError, ValueError, OverflowError) as error:
        raise WireError(f"a value cannot be written: {error}") from error
    lengths = [memoryview(blob).nbytes for blob in frame.blobs]
    _check_lengths(len(body), lengths, caps)
    head = _HEADER.pack(MAGIC, len(body), len(lengths)) + struct.pack(f"!{len(lengths)}Q", *lengths)
    small = sum(lengths) <= _CHUNK
    parts = [b"".join((head, body, *frame.blobs))] if small else [head + body, *frame.blobs]
    try:
        for part in parts:
            stream.sendall(part)
    except TimeoutError as error:
        raise DeadlineExceeded from error
    except OSError as error:
        raise ConnectionLost from error


class FrameReader:
    """Reads frames from one stream; `wait` is called before every read and blocks until there is something to read.

    It is where a judge drains the guest's output and enforces deadlines: it gets the monotonic deadline (or None) and
    raises DeadlineExceeded by itself. A small frame takes one read; what arrived early is kept for the next frame.
    What arrives is taken off `budget`, where there is one.
    """

    def __init__(
        self,
        stream: socket.socket,
        caps: Caps,
        wait: Callable[[float | None], None] | None = None,
        budget: Budget | None = None,
    ) -> None:
        self._stream = stream
        self._caps = caps
        self._budget = budget
        self._wait = wait or self._wait_for_stream
        self._chunk = memoryview(bytearray(_CHUNK))
        self._early = self._chunk[:0]  # read, and not yet asked for

    @property
    def has_early(self) -> bool:
        """Whether more than the last frame was read, so that waiting for the stream would miss it."""
        return bool(self._early)

    def read(self, deadline: float | None = None) -> Frame:
        """The next frame.

        Raises WireError on bytes that break the rules (OverBudget on too many), ConnectionLost, DeadlineExceeded.
        """
        head = self._exactly(_HEADER.size, deadline)
        if self._budget is not None:
            self._budget.heard()
        try:
            return self._rest(head, deadline)
        except MemoryError as error:
            raise out_of_memory() from error

    def _rest(self, head: bytearray, deadline: float | None) -> Frame:
        magic, body_length, blob_count = _HEADER.unpack(head)
        if magic != MAGIC:
            raise WireError("a frame does not start with its magic bytes")
        if blob_count > self._caps.blobs:
            raise WireError(f"a frame announces {blob_count} blobs, the cap is {self._caps.blobs}")
        lengths = struct.unpack(f"!{blob_count}Q", self._exactly(8 * blob_count, deadline))
        _check_lengths(body_length, lengths, self._caps)
        if self._budget is not None:
            self._budget.take_bytes(body_length + sum(lengths))
        body = self._exactly(body_length, deadline)
        blobs = [self._exactly(length, deadline) for length in lengths]
        structure, nodes = _decode(body, self._caps)
        if self._budget is not None:
            self._budget.take_nodes(nodes)
            self._budget.heard()
        return Frame(structure, blobs)

    def _exactly(self, count: int, deadline: float | None) -> bytearray:
        buffer = bytearray(count)
        view = memoryview(buffer)
        while view:
            if not self._early and len(view) < _CHUNK:
                self._early = self._chunk[: self._receive(self._chunk, deadline)]
            if self._early:
                taken = min(len(self._early), len(view))
                view[:taken] = self._early[:taken]
                self._early = self._early[taken:]
            else:
                taken = self._receive(view, deadline)
            view = view[taken:]
        return buffer

    def _receive(self, view: memoryview, deadline: float | None) -> int:
        """Read what there is into `view`, one byte at least."""
        self._wait(deadline)
        try:
            received = self._stream.recv_into(view)
        except (TimeoutError, BlockingIOError) as error:
            raise DeadlineExceeded from error
        except OSError as error:
            raise ConnectionLost from error
        if received == 0:
            raise ConnectionLost
        return received

    def _wait_for_stream(self, deadline: float | None) -> None:
        left = None if deadline is None else deadline - time.monotonic()
        if left is not None and left <= 0:
            raise DeadlineExceeded
        self._stream.settimeout(left)


def _check_lengths(body: int, blobs: Sequence[int], caps: Caps) -> None:
    if body > caps.structure_bytes:
        raise WireError(f"a value has a structure of {body} bytes, the cap is {caps.structure_bytes}")
    if len(blobs) > caps.blobs or sum(blobs) > caps.blob_bytes:
        raise WireError(f"a value has {sum(blobs)} bytes of data, the cap is {caps.blob_bytes}")


def _decode(body: bytearray, caps: Caps) -> tuple[Any, int]:
    """The structure, and how many nodes it has."""
    try:
        structure = msgspec.msgpack.decode(body)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise WireError(f"a frame's structure is not msgpack: {type(error).__name__}") from error
    return structure, check_size(structure, caps)


def check_size(structure: Any, caps: Caps) -> int:
    """The number of nodes of a structure; raises WireError when they are too many or nested too deeply."""
    level, depth, nodes = [structure], 0, 0
    while level:
        nodes += len(level)
        if depth > caps.depth or nodes > caps.nodes:
            raise WireError(f"a value is nested deeper than {caps.depth} or has more than {caps.nodes} parts")
        depth += 1
        level = [item for node in level if isinstance(node, list) for item in node]
    return nodes
