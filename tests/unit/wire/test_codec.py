"""Values cross the wire as what they are, to the bit, and everything else is refused in words."""

from __future__ import annotations

import collections
import enum
import gc
import sys
import typing
import weakref
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings

from grader.errors import WireError
from grader.wire import nodes
from grader.wire.decoder import Decoder, record_type
from grader.wire.encoder import Encoder, Unsendable
from tests.unit.wire.plain_values import VALUES, arrays, same, tables, tensors


def cross(value: Any) -> Any:
    """A value as it is on the other side, by way of real msgpack."""
    encoder = Encoder()
    node = msgspec.msgpack.decode(msgspec.msgpack.encode(encoder.encode(value)))
    decoder = Decoder([bytearray(blob) for blob in encoder.blobs])
    result = decoder.decode(node)
    assert len(decoder.mutables) == len(encoder.mutables)
    return result


@settings(max_examples=200, deadline=None)
@given(VALUES)
def test_every_value_survives_the_round_trip(value: Any) -> None:
    """Types are exact, bits are kept, and both sides count the same mutable parts."""
    assert same(cross(value), value)


@settings(max_examples=100, deadline=None)
@given(arrays())
def test_an_array_survives(array: Any) -> None:
    """Whatever its dtype, shape, memory order and flags."""
    assert same(cross(array), array)


@settings(max_examples=100, deadline=None)
@given(tensors())
def test_a_tensor_survives(tensor: Any) -> None:
    """Whatever its dtype, shape and strides."""
    assert same(cross(tensor), tensor)


@settings(max_examples=200, deadline=None)
@given(tables())
def test_a_table_survives(table: Any) -> None:
    """Whatever its dtypes, labels and index, and what is missing in it."""
    assert same(cross(table), table)


def test_a_table_is_refused_where_nothing_uses_pandas(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a guest sends imports nothing into a judge."""
    encoder = Encoder()
    node = encoder.encode(pd.Series([1]))
    monkeypatch.delitem(sys.modules, "pandas")
    with pytest.raises(WireError, match="nothing uses pandas"):
        Decoder(list(encoder.blobs)).decode(node)
    assert "pandas" not in sys.modules


def test_a_table_is_its_own_after_the_journey() -> None:
    """It can be changed in place, and is no view of what arrived."""
    frame = cross(pd.DataFrame({"a": [1, 2], "b": ["x", None]}))
    frame.loc[0, "a"], frame["c"] = 5, [True, False]
    assert frame["a"].tolist() == [5, 2]


def test_mutable_parts_are_numbered_alike_on_both_sides() -> None:
    """A generator's state has parts of its own; what follows it keeps its number."""
    rng, items = np.random.Generator(np.random.Philox(3)), [1]
    encoder = Encoder()
    nodes = [encoder.encode(rng), encoder.encode(items), encoder.encode({"a": np.ones(2)})]
    decoder = Decoder(list(encoder.blobs))
    values = [decoder.decode(node) for node in nodes]
    here = [next((i for i, m in enumerate(encoder.mutables) if m is value), None) for value in (rng, items)]
    there = [next((i for i, m in enumerate(decoder.mutables) if m is value), None) for value in values[:2]]
    assert here == there


@pytest.mark.parametrize("kind", [np.random.PCG64, np.random.PCG64DXSM, np.random.Philox])
def test_what_a_generator_spawns_follows_from_its_state(kind: Callable[[int], np.random.BitGenerator]) -> None:
    """Only the state crosses; so a verdict that was drawn from the children can be repeated."""

    def children(seed: int) -> list[float]:
        arrived = cross(np.random.Generator(kind(seed)))
        return [child.random() for _ in range(2) for child in arrived.spawn(2)]

    assert children(1) == children(1)
    assert len({*children(1), *children(2)}) == 8


def test_the_same_array_twice_is_the_same_array() -> None:
    """Identity of arrays, tensors, tables and generators is kept within a frame."""
    a, t, g = np.ones(2), torch.ones(2), np.random.default_rng(1)
    f = pd.DataFrame({"a": [1]})
    one, two, three, four, *rest = cross([a, t, g, f, [a], (t,), {"g": g}, f])
    assert rest[3] is four
    assert rest[0][0] is one
    assert rest[1][0] is two
    assert rest[2]["g"] is three


@pytest.mark.parametrize(
    ("value", "arrives"),
    [
        (collections.Counter("aab"), {"a": 2, "b": 1}),
        (collections.defaultdict(list, a=[1]), {"a": [1]}),
        (np.str_("é"), "é"),
        (np.bytes_(b"x"), b"x"),
        (type("Text", (str,), {})("t"), "t"),
        (type("Items", (list,), {})([1]), [1]),
        (collections.namedtuple("R", ["a", "def"], rename=True)(1, 2), (1, 2)),
    ],
    ids=["Counter", "defaultdict", "numpy str", "numpy bytes", "str", "list", "renamed"],
)
def test_an_honest_subclass_arrives_as_what_it_extends(value: Any, arrives: Any) -> None:
    """Nothing but exact plain types comes out."""
    result = cross(value)
    assert type(result) is type(arrives)
    assert result == arrives


def test_a_named_tuple_arrives_with_its_fields() -> None:
    """It is a tuple that can be read by name; its class is not the candidate's."""

    class Point(typing.NamedTuple):
        x: int
        y: list[int]

    point = cross(Point(1, [2]))
    assert (point, point.x, point.y, point._fields) == ((1, [2]), 1, [2], ("x", "y"))
    assert type(point).__name__ == "Point"
    assert type(point) is not Point


class Shade(enum.IntEnum):
    DARK = 1


UNSENDABLE: dict[str, Callable[[], Any]] = {
    "object": lambda: object(),
    "function": lambda: len,
    "class": lambda: ValueError,
    "module": lambda: np,
    "enum": lambda: Shade.DARK,
    "object array": lambda: np.array([None], dtype=object),
    "text array": lambda: np.array(["a"]),
    "structured array": lambda: np.zeros(1, dtype=[("a", "i4")]),
    "swapped array": lambda: np.zeros(1, dtype=">f8"),
    "masked array": lambda: np.ma.array([1]),
    "long double": lambda: np.longdouble(1),
    "date": lambda: np.datetime64("2020-01-01"),
    "record scalar": lambda: np.zeros(1, dtype=[("a", "i4")])[0],
    "long int": lambda: 1 << 20_000,
    "long range": lambda: range(10**12),
    "Mersenne twister": lambda: np.random.Generator(np.random.MT19937(1)),
    "csr": lambda: torch.eye(2).to_sparse_csr(),
    "nested tensor": lambda: torch.nested.nested_tensor([torch.ones(1), torch.ones(2)]),
    "long packed list": lambda: [0] * (nodes.PACKED_ITEMS + 1),
    "slice of objects": lambda: slice(object()),
    "dtype": lambda: np.dtype("datetime64[D]"),
    "a column of lists": lambda: pd.DataFrame({"a": [[1]]}),
    "a column of long ints": lambda: pd.Series([1 << 80], dtype=object),
    "a column that may lack ints": lambda: pd.Series([1, None], dtype="Int64"),
    "times in a zone": lambda: pd.Series(pd.date_range("2020", periods=1, tz="UTC")),
    "an index of intervals": lambda: pd.Series([1], index=pd.interval_range(0, 1)),
    "a name that is a time": lambda: pd.Series([1], name=pd.Timestamp("2020")),
    "a table of a class of its own": lambda: type("Mine", (pd.DataFrame,), {})({"a": [1]}),
    "a grouping": lambda: pd.DataFrame({"a": [1]}).groupby("a"),
    "a point in time": lambda: pd.Timestamp("2020"),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("make", UNSENDABLE.values(), ids=UNSENDABLE.keys())
def test_what_is_not_plain_data_is_refused(make: Callable[[], Any]) -> None:
    """Also within containers, and never as something else."""
    value = make()
    for wrapped in (value, [value], {"k": (value,)}):
        with pytest.raises(Unsendable):
            Encoder().encode(wrapped)


def test_a_value_that_contains_itself_is_refused() -> None:
    """So is one that is nested too deeply; the encoder's own stack is safe."""
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(Unsendable, match="nested deeper"):
        Encoder().encode(loop)


def test_every_int_that_arrives_can_be_printed() -> None:
    """Python refuses to print ints of more than 4,300 digits; those that cross are shorter."""
    largest = (1 << 4 * (nodes.BIG_INT_DIGITS - 1)) - 1
    assert str(cross(-largest)) == str(-largest)


def test_values_die_with_their_frame() -> None:
    """Neither encoder nor decoder is part of a cycle, so a large array does not wait for the collector."""
    gc.disable()
    try:
        array = np.ones(3)
        encoder = Encoder(tensor=lambda tensor, own: None)
        node = encoder.encode([array])
        decoder = Decoder([bytearray(blob) for blob in encoder.blobs])
        arrived = decoder.decode(node)[0]
        here, there = weakref.ref(array), weakref.ref(arrived)
        del array, arrived, encoder, decoder
        assert (here(), there()) == (None, None)
    finally:
        gc.enable()


def test_a_tensor_that_arrived_is_not_a_view() -> None:
    """In-place work on views is restricted by autograd."""
    assert not cross(torch.ones(2, 3))._is_view()


@pytest.mark.parametrize("name", ["", "1x", "a b", "class\0", "a" * 300, 3, None, ["x"]])
def test_a_record_type_needs_a_plain_name(name: Any) -> None:
    """The other side names it."""
    with pytest.raises((WireError, TypeError)):
        record_type(name, ("x",))


@pytest.mark.parametrize("fields", [("__class__",), ("_x",), ("a", "a"), ("a b",), (1,), ("__eq__", "x")])
def test_a_record_type_has_no_private_fields(fields: tuple[Any, ...]) -> None:
    """A field could otherwise stand in for `__class__` or `__eq__`."""
    with pytest.raises(WireError):
        record_type("R", fields)
