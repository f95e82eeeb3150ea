"""Whatever bytes arrive, decoding them ends in a plain value or in WireError, in bounded time and memory."""

from __future__ import annotations

import builtins
import resource
import socket
import time
import tracemalloc
from collections import OrderedDict
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grader.errors import WireError
from grader.wire import decoder
from grader.wire.decoder import Decoder
from grader.wire.dtypes import NUMPY_DTYPES, PLAIN_TYPES, torch_dtypes
from grader.wire.encoder import Encoder
from grader.wire.frame import Caps, ConnectionLost, FrameReader
from grader.wire.tables import TIMES
from tests.unit.wire.frames import raw_frame
from tests.unit.wire.plain_values import VALUES

MIB = 1024 * 1024
PLAIN = (
    *(type(None), bool, int, float, complex, str, bytes, bytearray, list, tuple, dict, OrderedDict, set, frozenset),
    *(range, slice, type(...), np.ndarray, np.random.Generator, torch.Tensor, torch.Size, torch.dtype, torch.device),
    *(torch.Generator, pd.DataFrame, pd.Series),
)
CELLS = (type(None), bool, int, float, str, tuple)
ALLOWED_CLASSES = set(PLAIN_TYPES.values())
TAGS = sorted(decoder._BY_TAG)
NAMES = ["d", "q", "PCG64", "Philox", "MT19937", "cpu", "cuda:9", "mps", "int", "eval", "numpy.float64", "load", "-ff"]
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 6),
    st.sampled_from([2**31, 2**47, 2**62, -(2**63), 2**63]),
    st.floats(),
    st.sampled_from([*NAMES, *NUMPY_DTYPES, *torch_dtypes()]),
    st.text(max_size=5),
    st.binary(max_size=5),
)
INDEX_NODES = st.one_of(
    st.builds(lambda *parts: ["r", *parts], *[st.integers(-3, 9)] * 3, JUNK),
    st.builds(lambda *parts: ["i", *parts], st.integers(-1, 4), st.deferred(lambda: COLUMN_NODES), JUNK),
    st.builds(
        lambda *parts: ["m", *parts],
        st.integers(-1, 4),
        st.lists(st.deferred(lambda: COLUMN_NODES), max_size=3),
        st.lists(JUNK, max_size=3),
    ),
)
_BLOB = st.integers(-1, 3)
COLUMN_NODES = st.one_of(
    st.builds(lambda *parts: ["n", *parts], st.sampled_from([*NUMPY_DTYPES, "object", "M8[ns]"]), _BLOB),
    st.builds(lambda *parts: ["t", *parts], st.sampled_from([*TIMES, "datetime64[D]", "int64"]), _BLOB),
    st.builds(lambda *parts: ["s", *parts], st.sampled_from(["str", "object", "int64"]), _BLOB, _BLOB),
    st.builds(lambda items: ["o", items], st.lists(JUNK, max_size=4)),
    st.builds(
        lambda *parts: ["c", *parts],
        st.builds(lambda name, blob: ["n", name, blob], st.sampled_from(["int8", "int64", "float32"]), _BLOB),
        st.deferred(lambda: INDEX_NODES),
        st.booleans(),
    ),
    JUNK,
)
TABLE_NODES = st.one_of(
    st.builds(lambda name, rows, column: ["u", name, rows, column], JUNK, INDEX_NODES, COLUMN_NODES),
    st.builds(lambda *parts: ["f", *parts], INDEX_NODES, INDEX_NODES, st.lists(COLUMN_NODES, max_size=3)),
)
ARRAY_DTYPES, TENSOR_DTYPES = (st.sampled_from(sorted(names)) for names in (NUMPY_DTYPES, torch_dtypes()))
NODES = st.recursive(
    JUNK,
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.builds(lambda tag, rest: [tag, *rest], st.sampled_from(TAGS), st.lists(inner, max_size=5)),
        st.builds(lambda key, value: {key: value}, st.text(max_size=3), inner),
        st.builds(lambda name, shape, blob: ["A", name, shape, blob, True], ARRAY_DTYPES, inner, inner),
        st.builds(lambda name, shape, blob: ["X", name, shape, blob], TENSOR_DTYPES, inner, inner),
    ),
    max_leaves=25,
)
BLOBS = st.lists(st.binary(max_size=48), max_size=4)


def decode(node: Any, blobs: list[bytes]) -> Any:
    """What the judge does with a node; None when it was refused."""
    try:
        return Decoder([bytearray(blob) for blob in blobs]).decode(node)
    except WireError:
        return None


def assert_plain(value: Any, depth: int = 0) -> None:
    """Only exact types of the table, however deep."""
    if isinstance(value, type):
        assert value in ALLOWED_CLASSES
    elif isinstance(value, tuple) and hasattr(value, "_fields"):
        assert type(value).__mro__[1:] == (tuple, object)
    else:
        assert type(value) in PLAIN or isinstance(value, np.generic | np.dtype)
    if isinstance(value, pd.DataFrame | pd.Series):
        cells = [*value.items()] if isinstance(value, pd.DataFrame) else [(value.name, value)]
        assert all(type(item) in CELLS for _, held in cells if held.dtype == object for item in held)
        assert all(type(name) in CELLS for name, _ in cells if not isinstance(name, np.generic))
    if isinstance(value, list | tuple | set | frozenset):
        for item in value:
            assert_plain(item, depth + 1)
    if isinstance(value, dict):
        for key, item in value.items():
            assert_plain(key, depth + 1)
            assert_plain(item, depth + 1)


@settings(max_examples=1_500, deadline=None)
@given(NODES, BLOBS)
@example(["A", "bool", [2], 0, True], [b"\x00\x02"])
@example(["X", "bool", [1], 0], [b"\x02"])
@example(["A", "float64", [2**47, 2**47, 0], 0, True], [b""])
@example(["X", "float32", [0, 2**47, 2**47], 0], [b""])
@example(["z", 2**62, 2**62], [])
@example(["P", [2**47, 2**47], ["int64", [2, 1], 0], ["float32", [1], 1]], [bytes(16), bytes(4)])
@example(["P", [2], ["float32", [1, 1], 0], ["float32", [1], 1]], [bytes(4), bytes(4)])
@example(["g", 0], [bytes(5056)])
@example(["g", 0], [bytes(10)])
@example(["N", "R", ["a"], [["L"]]], [])
def test_random_nodes_are_plain_values_or_refused(node: Any, blobs: list[bytes]) -> None:
    """Never another exception, and never a class that was named by the other side."""
    assert_plain(decode(node, blobs))


@settings(max_examples=800, deadline=None)
@given(TABLE_NODES, BLOBS)
@example(["u", None, ["r", 0, 2, 1, None], ["n", "bool", 0]], [b"\x00\x02"])
@example(["u", None, ["r", 0, 1, 1, None], ["s", "str", 0, 1]], [bytes([255, 255, 255, 255]), b""])
@example(["u", None, ["r", 0, 1, 1, None], ["s", "object", 0, 1]], [bytes([251, 255, 255, 255]), b""])
@example(["u", ["L"], ["r", 0, 0, 1, None], ["o", []]], [])
@example(["f", ["r", 0, 0, 1, None], ["r", 0, 9, 0, None], []], [])
@example(["u", None, ["i", 2**40, ["n", "int8", 0], None], ["n", "int8", 1]], [b"", b""])
def test_random_tables_are_plain_or_refused(node: Any, blobs: list[bytes]) -> None:
    """Their cells and labels are text, numbers, bools, times or nothing."""
    assert_plain(decode(node, blobs))


@settings(max_examples=300, deadline=None)
@given(VALUES, st.data())
def test_damaged_frames_are_plain_values_or_refused(value: Any, data: st.DataObject) -> None:
    """Bytes of an honest frame changed, inserted and cut out."""
    encoder = Encoder()
    frame = bytearray(raw_frame(encoder.encode(value), encoder.blobs))
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, max(0, len(frame) - 1)))
        match data.draw(st.sampled_from(["set", "insert", "cut"])):
            case "set":
                frame[place : place + 1] = bytes([data.draw(st.integers(0, 255))])
            case "insert":
                frame[place:place] = data.draw(st.binary(max_size=9))
            case "cut":
                del frame[place : place + data.draw(st.integers(1, 9))]
    assert_plain(_receive(bytes(frame)))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["noise", "framed"]))
def test_random_bytes_are_refused(noise: bytes, how: str) -> None:
    """On the stream, and as the structure of a frame that is otherwise right."""
    assert_plain(_receive(noise if how == "noise" else raw_frame(noise)))


def _receive(stream: bytes) -> Any:
    """The value of a stream that holds one frame and then ends; None when it is refused."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(stream[:100_000])
        theirs.close()
        try:
            frame = FrameReader(ours, Caps()).read()
            return Decoder(frame.blobs).decode(frame.structure)
        except (WireError, ConnectionLost):
            return None


def _chain(length: int, link: Any) -> list[Any]:
    """A list whose every item is a pair of the one before."""
    return ["L", ["L"], *(["L", link(i), link(i)] for i in range(1, length))]


BOMBS: dict[str, tuple[Any, list[int]]] = {
    "each list holds the one before twice": (_chain(40, lambda i: ["=", i]), []),
    "a list that holds itself": (["L", ["=", 0]], []),
    "an array named a thousand times": (["L", *([["A", "uint8", [8 * MIB], 0, True]] * 1_000)], [8 * MIB]),
    "a tensor named a thousand times": (["L", *([["X", "uint8", [8 * MIB], 0]] * 1_000)], [8 * MIB]),
    "a text named a thousand times": (["L", *([["s", 0]] * 1_000)], [8 * MIB]),
    "a packed list named a thousand times": (["L", *([["l", "d", 0]] * 1_000)], [8 * MIB]),
    "packed lists over the cap": (["L", ["l", "q", 0], ["l", "q", 1]], [16 * MIB, 20 * MIB]),
    "a shape of petabytes": (["A", "float64", [2**47], 0, True], [8]),
    "a shape that overflows": (["X", "float64", [2**40, 2**40, 2**40], 0], [8]),
    "a range of years": (["r", 0, ["i", "f" * 40], 1], []),
    "an int of a million digits": (["i", "f" * 200_000], []),
    "rows without a column": (["L", *([["f", ["r", 0, 0, 1, None], ["r", 0, 10**7, 1, None], []]] * 9)], []),
    "an index of years": (["f", ["r", 0, 0, 1, None], ["r", 0, 10**12, 1, None], []], []),
    "a column named by two tables": (["L", *([["u", None, ["r", 0, MIB, 1, None], ["n", "int64", 0]]] * 2)], [8 * MIB]),
    "text that is empty": (["u", None, ["r", 0, 3 * MIB, 1, None], ["s", "str", 0, 1]], [12 * MIB, 0]),
    "categories of categories": (
        ["u", None, ["r", 0, 0, 1, None], ["c", ["n", "int8", 0], ["i", 0, ["c", ["n", "int8", 1], [], 0], None], 0]],
        [0, 0],
    ),
    "a long list of dimensions": (["A", "bool", [1] * 5_000, 0, True], [1]),
}  # fmt: skip


@pytest.mark.parametrize(("node", "sizes"), BOMBS.values(), ids=BOMBS.keys())
def test_a_small_frame_cannot_describe_a_large_value(node: Any, sizes: list[int]) -> None:
    """What expands is refused, having taken no more than a few times what was sent."""
    blobs = [bytearray(size) for size in sizes]
    tracemalloc.start()
    started = time.monotonic()
    try:
        with pytest.raises(WireError):
            Decoder(blobs).decode(node)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16 * MIB + 6 * sum(sizes)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    "body",
    [
        b"\x90" * (8 * MIB),
        b"\xdd\x00\x03\xff\xf0" + b"\x90" * 0x3FFF0,
        b"\x91" * 200_000,
        b"\x81" * 200_000,
        b"\x81\xa1a" * 60_000,
        b"\xdd\xff\xff\xff\xff",
        b"\xdf\xff\xff\xff\xff",
        b"\xc6\xff\xff\xff\xff",
        b"\xdb\xff\xff\xff\xff",
        b"\xc9\x7f\xff\xff\xff\x05",
        b"\xd6\xff\x00\x00\x00\x00",
        b"\x81\x90\x90",
        b"\xc1",
    ],
    ids=[
        "8 MB of empty lists", "262,128 empty lists", "nested lists", "nested maps", "nested named maps",
        "a list that claims 4 billion items", "a map that claims so", "bytes that claim so", "a text that claims so",
        "an extension that claims so", "a timestamp", "a list as a key", "an unused byte",
    ],
)  # fmt: skip
def test_a_structure_is_refused_before_it_grows(body: bytes) -> None:
    """The caps on bytes, parts and depth hold for msgpack's own lengths."""
    ours, theirs = socket.socketpair()
    tracemalloc.start()
    with ours, theirs:
        theirs.settimeout(0.2)
        try:
            theirs.sendall(raw_frame(body)[:190_000] if len(body) < MIB else raw_frame(body)[:1_000])
            theirs.close()
            with pytest.raises((WireError, ConnectionLost)):
                Decoder([]).decode(FrameReader(ours, Caps()).read().structure)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 40 * MIB


@pytest.mark.parametrize("body", [b"\xdd\x00\x03\xff\xf0" + b"\x90" * 0x3FFF0, b"\x91" * 262_000], ids=["wide", "deep"])
def test_the_largest_structure_that_is_read_stays_small(body: bytes) -> None:
    """A quarter of a megabyte of the most expensive bytes takes some tens of megabytes for a moment."""
    from grader.wire.frame import _decode

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(WireError):
        _decode(bytearray(body), Caps())
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


@pytest.mark.parametrize("name", ["eval", "exec", "type", "object", "numpy.ndarray", "torch.load", "load", 3, None])
def test_no_class_is_looked_up_by_name(name: Any) -> None:
    """Types, dtypes and devices come from tables."""
    for tag in ("k", "e", "d", "v"):
        with pytest.raises(WireError):
            Decoder([]).decode([tag, name])


def test_the_types_of_the_table_are_numbers_and_containers() -> None:
    """Nothing among them does more than hold data."""
    unsafe = {builtins.type, builtins.object, builtins.property, builtins.super, np.ndarray, torch.Tensor}
    assert not unsafe & ALLOWED_CLASSES
    assert all(issubclass(kind, np.generic) or kind.__module__ == "builtins" for kind in ALLOWED_CLASSES)


def test_the_whole_table_of_tags_was_fuzzed() -> None:
    """A tag that is added is part of the fuzzing without further ado."""
    assert set(TAGS) >= set("isbyclLtTNDOSFr/.nAG=MekzdvgPXfu")
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(TAGS)) == TAGS
