"""A guest whose every byte is decided by a test. It answers within `send`, over a real socket pair."""

from __future__ import annotations

import contextlib
import copy
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from grader.judge.handle import Bridge, Handle
from grader.model.text import Text
from grader.model.verdict import Status
from grader.wire.budget import Budget
from grader.wire.frame import Caps, Frame, FrameReader
from tests.unit.wire.frames import raw_frame

Answer = Callable[[list[Any]], bytes]
_HELD = 65_536  # bytes that a socket pair surely holds

JUNK: list[Any] = [
    *(None, True, False, 0, 1, -1, 7, 2**31, 2**62, -(2**63), 1.5, float("nan"), "", "L", "float32", b"", {}),
    *({"a": []}, [], [[]], [None], ["L"], ["L", ["L"]], ["=", 0], ["@", 0], ["Q", True, []], ["Y", 0], ["V", 0]),
    *(["V", 1], ["W", 0, True, True, None], ["K", 0], ["H", 0, "a", "b", 0], ["H", -1, "a", "b", 0], ["s", 0]),
    *(["A", "bool", [1], 0, True], ["M", "A", "bool", [1], 0, [1], 0, True]),
]  # fmt: skip


class Puppet:
    """The judge's `Connection` to it."""

    def __init__(self, answer: Answer, budget: Budget | None = None) -> None:
        self.raised: BaseException | None = None
        self._answer = answer
        self._ours, self._theirs = socket.socketpair()
        self._reader = FrameReader(self._ours, Caps(), budget=budget)
        self.closed = False
        self.requests: list[list[Any]] = []

    def send(self, frame: Frame, deadline: float) -> None:
        """Take a request and put the answer's bytes on the stream."""
        self.requests.append(frame.structure)
        self.say(self._answer(frame.structure))

    def receive(self, deadline: float) -> Frame:
        """Read a frame as the judge does."""
        return self._reader.read(deadline)

    def say(self, data: bytes) -> None:
        """Put bytes on the stream; more than it holds, while the judge reads them."""
        if len(data) < _HELD:
            self._theirs.sendall(data)
        else:
            threading.Thread(target=self._say_slowly, args=(data,), daemon=True).start()

    def _say_slowly(self, data: bytes) -> None:
        with contextlib.suppress(OSError):
            self._theirs.sendall(data)

    def hang_up(self) -> None:
        """Close the guest's end."""
        self._theirs.close()

    def close(self) -> None:
        """End the guest."""
        self.closed = True
        self._ours.close()
        self._theirs.close()

    def cause_of_death(self) -> tuple[Status, Text]:
        """As of a process that ended by itself."""
        return Status.RUNTIME_ERROR, Text.same("the code ended its own process")


def meet(answer: Answer, within_s: float = 5.0) -> tuple[Puppet, Bridge, Handle]:
    """A puppet, the bridge to it, and a handle to an object that it may or may not have."""
    puppet = Puppet(answer)
    bridge = Bridge(puppet, Caps())
    bridge.link.deadline = time.monotonic() + within_s
    return puppet, bridge, Handle(bridge.link, 0, "module", "solution", 0)


def reply(request: list[Any], *rest: Any, blobs: list[Any] | None = None) -> bytes:
    """A frame that answers a request."""
    return raw_frame([request[0], *rest], blobs or [])


def fine(request: list[Any], value: Any = None) -> bytes:
    """An honest answer."""
    return reply(request, "ok", value, [], [], None, [])


def spoiled(node: Any) -> Iterator[Any]:
    """Every tree that has junk, nothing or one more in one place of `node`; deep places take turns with the junk."""
    for turn, path in enumerate(_paths(node)):
        for junk in JUNK if len(path) < 3 else JUNK[turn % 4 :: 4]:
            yield _changed(node, path, [junk])
        if path:
            yield _changed(node, path, [])
            yield _changed(node, path, [_at(node, path)] * 2)


def _paths(node: Any, path: tuple[int, ...] = ()) -> Iterator[tuple[int, ...]]:
    yield path
    if isinstance(node, list):
        for i, item in enumerate(node):
            yield from _paths(item, (*path, i))


def _at(node: Any, path: tuple[int, ...]) -> Any:
    for step in path:
        node = node[step]
    return node


def _changed(node: Any, path: tuple[int, ...], instead: list[Any]) -> Any:
    if not path:
        return instead[0]
    result = copy.deepcopy(node)
    _at(result, path[:-1])[path[-1] : path[-1] + 1] = instead
    return result
