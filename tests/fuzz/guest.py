"""A guest whose honest answers are spoiled as a string of bytes says."""

from __future__ import annotations

import copy
import struct
from typing import Any

from grader.judge.handle import Bridge
from grader.judge.loopback import Loopback
from grader.wire.budget import Budget
from grader.wire.frame import Caps, Frame
from tests.unit.judge.puppet import JUNK, Puppet
from tests.unit.wire.frames import raw_frame

DTYPES = ("float32", "float64", "int64", "bool", "uint8", "complex128", "float16", "no such")
EXCEPTIONS = (
    *("ValueError", "KeyError", "SyntaxError", "UnicodeDecodeError", "UnicodeEncodeError", "OSError", "ImportError"),
    *("StopIteration", "ExceptionGroup", "MemoryError", "RecursionError", "AttributeError", "SystemExit", "IndexError"),
    *("AssertionError", "KeyboardInterrupt", "BaseException", "BlockingIOError", "TabError", "exec", "NameError"),
)
TEXTS = ("", "text", "values must not be empty", "x" * 9_000, "\n" * 3_000, "{0}", "\x1b[2J", "a\u202eb")
INTS = (0, 1, -1, 2, 7, 255, 2**31, 2**40, -(2**40), 2**62, -(2**63))


class Choices:
    """Numbers drawn from bytes; zeros when these are used up."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def used_up(self) -> bool:
        """Whether only zeros are left."""
        return self._at >= len(self._data)

    def below(self, count: int) -> int:
        """A number from 0 to `count - 1`; `count` is at most 256."""
        byte = self._data[self._at] if self._at < len(self._data) else 0
        self._at += 1
        return byte % count

    def of(self, items: Any) -> Any:
        """One of them."""
        return items[self.below(len(items))]


class Nodes:
    """Makes nodes, and the blobs that they name."""

    def __init__(self, choices: Choices, blobs: list[bytes]) -> None:
        self._choices = choices
        self.blobs = blobs

    def node(self, depth: int = 0) -> Any:
        """Any node, down to a depth."""
        makers = (*_LEAVES, *_CONTAINERS) if depth < 4 else _LEAVES
        return self._choices.of(makers)(self, depth)

    def calm(self, depth: int = 0) -> Any:
        """A node that breaks no rule: what an odd candidate might really answer."""
        makers = (*_CALM_LEAVES, *_CALM_CONTAINERS) if depth < 4 else _CALM_LEAVES
        return self._choices.of(makers)(self, depth)

    def calm_several(self, depth: int, most: int = 4) -> list[Any]:
        """A few of them."""
        return [self.calm(depth + 1) for _ in range(self._choices.below(most + 1))]

    def calm_array(self, tag: str) -> list[Any]:
        """An array or tensor whose bytes fit its shape."""
        c = self._choices
        dtype, size = c.of((("float64", 8), ("float32", 4), ("int64", 8), ("bool", 1), ("complex128", 16), ("int8", 1)))
        shape = c.of(([], [0], [1], [2], [3], [4], [6], [2, 3], [3, 0], [1] * 9, [3] * 7))
        for extent in shape:
            size *= extent
        self.blobs.append(bytes(size))
        return [tag, dtype, shape, len(self.blobs) - 1, *([True] if tag == "A" else [])]

    def named(self, data: bytes) -> int:
        """The number of a new blob."""
        self.blobs.append(data)
        return len(self.blobs) - 1

    def blob(self, data: bytes) -> int:
        """The number of a new blob; now and then of another."""
        self.blobs.append(data)
        return self._choices.of((len(self.blobs) - 1,) * 14 + (0, 99))

    def several(self, depth: int) -> list[Any]:
        """A few nodes; now and then many that are alike."""
        if self._choices.below(24) == 1:
            return [["i", format(k * (2**61 - 1), "x")] for k in range(8, 200)]
        return [self.node(depth + 1) for _ in range(self._choices.below(5))]

    def array(self, tag: str) -> list[Any]:
        """An array or tensor; now and then its shape or bytes do not fit."""
        c = self._choices
        dtype, shape = c.of(DTYPES), [c.of((0, 1, 2, 3, 3, 7)) for _ in range(c.below(4))]
        if c.below(30) == 1:
            dtype, shape = "uint8", [3] * 9
        size = {"float64": 8, "int64": 8, "complex128": 16, "float32": 4, "float16": 2}.get(dtype, 1)
        for extent in shape:
            size *= extent
        data = bytes(size + (c.below(16) == 1)) if c.below(3) else bytes([c.below(256)]) * size
        return [tag, dtype, shape, self.blob(data), *([True] if tag == "A" else [])]

    def error(self, depth: int = 0) -> list[Any]:
        """The description of an exception."""
        c = self._choices
        names = [c.of(EXCEPTIONS) for _ in range(1 + c.below(3))]
        args = c.of((None, []))
        if c.below(3):
            args = [c.of((self.node, self.details))(1) for _ in range(c.below(6))]
        parts = None
        if depth < 8 and c.below(3) == 1:
            parts = [self.error(depth + 1) for _ in range(c.below(4))]
        return [names, c.of(TEXTS), c.of(TEXTS), args, c.of(TEXTS), parts]

    def details(self, depth: int) -> list[Any]:
        """Of a SyntaxError: file, line, column and text, or not quite."""
        c = self._choices
        odd = (*INTS, None, "text", ["L"], ["D"], 1.5, ["i", "f" * 40])
        return ["T", *(c.of(odd) for _ in range(c.of((4, 6, 4, 6, 3, 5))))]

    def handle(self) -> list[Any]:
        """A handle."""
        c = self._choices
        return ["H", c.of((1, 2, 3, 3, 2**30, -1)), "Thing", "thing", c.below(3)]


_LEAVES = (
    lambda n, d: n._choices.of((None, True, False, 1.5, float("nan"), float("inf"), -0.0, 2.0, 4.0)),
    lambda n, d: n._choices.of(INTS),
    lambda n, d: n._choices.of(TEXTS),
    lambda n, d: n._choices.of(JUNK),
    lambda n, d: n.handle(),
    lambda n, d: ["s", n.blob(n._choices.of((b"\xed\xa0\x80", b"\xff", "é".encode(), b"x" * 50_000)))],
    lambda n, d: ["i", n._choices.of(("-1", "f" * 40, "f" * 3_400, "g", ""))],
    lambda n, d: ["b", n.blob(b"bytes")],
    lambda n, d: n.array("A"),
    lambda n, d: n.array("X"),
    lambda n, d: ["n", n._choices.of(DTYPES), n.blob(bytes(n._choices.of((1, 2, 4, 8, 16))))],
    lambda n, d: [n._choices.of("lt"), n._choices.of("dq"), n.blob(struct.pack("4d", 0, 1, 2.5, 3))],
    lambda n, d: ["c", n._choices.of(INTS), 1.5],
    lambda n, d: ["r", n._choices.of(INTS), n._choices.of(INTS), n._choices.of((1, -1, 0, 3))],
    lambda n, d: [n._choices.of("VY=@^W"), n._choices.of((0, 1, 2, 3, 8, -1))],
    lambda n, d: [n._choices.of("ekdvz"), n._choices.of(("float32", "int", "cpu", "cuda:0", "bool", 3))],
    lambda n, d: ["g", n.blob(bytes(5056))],
)
_CONTAINERS = (
    lambda n, d: ["L", *n.several(d)],
    lambda n, d: ["T", *n.several(d)],
    lambda n, d: [n._choices.of("SF"), *n.several(d)],
    lambda n, d: [n._choices.of("DO"), *n.several(d)],
    lambda n, d: ["D", "rows", n.node(d + 1), "names", n.node(d + 1), "shape", n.node(d + 1)],
    lambda n, d: ["D", "weight", n.node(d + 1), "steps", n.node(d + 1)],
    lambda n, d: ["N", "R", ["a", "b"], n.several(d)],
    lambda n, d: ["/", *n.several(d)],
    lambda n, d: ["G", n._choices.of(("PCG64", "Philox", "MT19937")), n.node(d + 1)],
    lambda n, d: ["P", [3, 3], *(n.array("X")[1:] for _ in "iv")],
)  # fmt: skip


def _deep(node: Any, levels: int) -> Any:
    for _ in range(levels):
        node = ["L", node]
    return node


_CALM_LEAVES = (
    lambda n, d: n._choices.of((None, True, False, 1.5, float("nan"), float("inf"), -0.0, 2.0, 4.0)),
    lambda n, d: n._choices.of(INTS),
    lambda n, d: n._choices.of(TEXTS),
    lambda n, d: n.calm_array("A"),
    lambda n, d: n.calm_array("X"),
    lambda n, d: ["H", n._choices.of((0, 1, 2, 3)), "Thing", "thing", n._choices.below(3)],
    lambda n, d: ["i", n._choices.of(("-1", "f" * 40, "f" * 3_400))],
    lambda n, d: ["s", n.named(n._choices.of((b"\xed\xa0\x80", b"x" * 50_000, b"\n" * 50_000)))],
    lambda n, d: ["b", n.named(b"bytes")],
    lambda n, d: [n._choices.of("lt"), n._choices.of("dq"), n.named(bytes(n._choices.of((8, 32, 24_000))))],
    lambda n, d: ["r", 0, n._choices.of((0, 3, 9_000_000)), 1],
    lambda n, d: ["c", 1.5, n._choices.of((0, 2.0, float("nan")))],
    lambda n, d: ["z", *[3] * n._choices.below(3)],
    lambda n, d: n._choices.of((["e", "float32"], ["k", "int"], ["d", "bool"], ["v", "meta"], ["."], ["V", 1])),
)
_CALM_CONTAINERS = (
    lambda n, d: ["L", *n.calm_several(d)],
    lambda n, d: ["T", *n.calm_several(d)],
    lambda n, d: [n._choices.of("SF"), *n._choices.of(([1, 2, 3], ["a", "b"], [], [["T", 1], None], [1.5]))],
    lambda n, d: ["D", "rows", n.calm(d + 1), "names", n.calm(d + 1), "shape", n.calm(d + 1)],
    lambda n, d: ["D", "weight", n.calm(d + 1), "steps", n.calm(d + 1)],
    lambda n, d: ["D", "value", n.calm(d + 1), "half", n.calm(d + 1)],
    lambda n, d: ["N", "R", ["a"], [n.calm(d + 1)]],
    lambda n, d: _deep(n.calm(d + 1), n._choices.of((20, 38))) if d == 0 else ["L"],
    lambda n, d: ["L", *[["L", *n.calm_several(d + 1, 2)]] * n._choices.of((3, 4, 400))],
)


class Spoiler:
    """Spoils the honest answers of a guest as `data` says; what comes when that is used up stays as it is."""

    def __init__(self, data: bytes) -> None:
        self._choices = Choices(data)

    def __call__(self, honest: Frame) -> bytes:
        """The bytes that the judge gets to read instead of a frame."""
        c = self._choices
        if c.used_up or c.below(4):  # most answers pass, so that a program comes far
            return raw_frame(honest.structure, honest.blobs)
        if c.below(24) == 1:
            return self._garbage(honest)
        nodes = Nodes(c, [bytes(blob) for blob in honest.blobs])
        structure = honest.structure
        if c.below(12) == 1 and len(structure) > 3:
            structure = [structure[0], "error", nodes.error(), *structure[3:]]
        if c.below(3):
            structure = self._odd(structure, nodes)
        else:
            for _ in range(c.of((1, 1, 2, 4))):
                structure = self._spoiled(structure, nodes)
        if c.below(8) == 1:
            self._spoil_blob(nodes.blobs)
        try:
            return raw_frame(structure, nodes.blobs)
        except (OverflowError, TypeError):  # not even msgpack can say this
            return raw_frame(honest.structure, honest.blobs)

    def _odd(self, structure: list[Any], nodes: Nodes) -> list[Any]:
        """A copy with another result, or other parts of it, that break no rule."""
        c = self._choices
        result = copy.deepcopy(structure)
        holder, place = result, min(2, len(result) - 1)
        while c.below(3) and type(holder[place]) is list and len(holder[place]) > 1:
            holder = holder[place]
            place = 1 + c.below(len(holder) - 1)
        holder[place] = nodes.calm()
        return result

    def _spoiled(self, structure: list[Any], nodes: Nodes) -> list[Any]:
        """A copy with one place changed; never the id, which would only end the guest."""
        c = self._choices
        result = copy.deepcopy(structure)
        holder, place = result, 1 + c.below(max(1, len(result) - 1))
        while c.below(6) and type(holder[place]) is list and holder[place]:
            holder = holder[place]
            place = c.below(len(holder))
        if place >= len(holder):
            return result
        changed = (
            lambda: [nodes.node(c.below(4))],
            lambda: [nodes.node(3)],
            lambda: [c.of(JUNK)],
            lambda: [nodes.error()],
            list,
            lambda: [holder[place]] * c.of((2, 2, 40)),
            lambda: [[c.of("LTSFDO"), *[holder[place]] * c.below(4)]],
            lambda: [c.of(holder)],
        )
        holder[place : place + 1] = c.of(changed)()
        return result

    def _spoil_blob(self, blobs: list[bytes]) -> None:
        c = self._choices
        if blobs:
            at = c.below(len(blobs))
            data = bytearray(blobs[at])
            if data:
                data[c.below(min(256, len(data)))] = c.below(256)
            blobs[at] = bytes(data)[: len(data) - c.of((0, 0, 1))]

    def _garbage(self, honest: Frame) -> bytes:
        c = self._choices
        whole = raw_frame(honest.structure, honest.blobs)
        return c.of(
            (
                whole[: c.below(256)] + b"\xc1" * 40,
                whole + whole,
                raw_frame([honest.structure[0] + 1, *honest.structure[1:]], honest.blobs),
                raw_frame([c.of(JUNK)] * 7),
                b"viv1" + b"\xff" * 24,
                bytes([c.below(256)]) * 64,
            )
        )


class SpoiledConnection(Loopback):
    """The judge's `Connection` to an honest session of this process, whose answers are spoiled on the way."""

    def __init__(self, spoiler: Spoiler, budget: Budget) -> None:
        super().__init__()
        self.bridge = Bridge(self, Caps(), budget)
        self._spoiler = spoiler
        self._stream = Puppet(lambda _: b"", budget)

    def receive(self, deadline: float) -> Frame:
        """Have the session answer and the answer spoiled, and read what is left of it as the judge does."""
        self._stream.say(self._spoiler(super().receive(deadline)))
        self.raised = None
        return self._stream.receive(deadline)

    def close(self) -> None:
        """End the stream; the session has no end."""
        self._stream.close()
