"""Nodes to values: exact plain types from a fixed table, so no subclass, no proxy and no code can arrive.

Handles arrive through `inbound`.
"""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import eq, itemgetter
from typing import Any, Protocol, cast

import numpy as np

from grader.errors import WireError
from grader.wire.aliases import shared_array
from grader.wire.budget import Budget, out_of_memory
from grader.wire.dtypes import NUMPY_DTYPES, PLAIN_TYPES, loaded_torch, torch_dtypes
from grader.wire.memory import SMALL, small_tensor
from grader.wire.nodes import (
    BIG_INT_DIGITS,
    PACKED_ITEMS,
    RANGE_ITEMS,
    WRITABLE_BIT_GENERATORS,
    Node,
    is_record,
    is_short,
)
from grader.wire.tables import table_of

PHILOX_BUFFER = 4  # numbers that a Philox generator holds ready
# Members of one set, or keys of one dict, that may share a hash: -1 and -2 do, and so do 16 tuples of four of them.
EQUAL_HASHES = 16
# What building a value from malformed parts may raise.
MALFORMED = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, RuntimeError, MemoryError)


def no_handles(node: Node, decoder: Decoder) -> Any:
    """The `inbound` of a side that accepts nothing but data."""
    raise WireError("a handle arrived where only data may")


class Place(Protocol):
    """Where the tensors of this side live, if not on the CPU; `device` is torch's name of it."""

    device: str

    def put(self, tensor: Any) -> Any:
        """The tensor there."""


class _SeedOf(np.random.bit_generator.ISpawnableSeedSequence):
    """Stands for the seed of a generator of which only the state arrived: nothing is drawn from it to set that state.

    What the generator spawns follows from its state, so that a verdict can be repeated.
    """

    def __init__(self, state: dict[str, Any]) -> None:
        self._state = state
        self._sequence: np.random.SeedSequence | None = None

    def generate_state(self, n_words: int, dtype: Any = np.uint32) -> np.ndarray[Any, Any]:
        """Zeros, which the state that arrived replaces."""
        return np.zeros(n_words, dtype)

    def spawn(self, n_children: int) -> list[Any]:
        """Seeds of independent generators."""
        if self._sequence is None:
            words = [np.atleast_1d(np.asarray(value, dtype=object)) for _, value in sorted(self._state.items())]
            self._sequence = np.random.SeedSequence([int(word) for part in words for word in part])
        return self._sequence.spawn(n_children)


class Decoder:
    """Decodes the nodes of one frame into exact plain types; takes each blob out of `blobs` as it uses it.

    `inbound` receives every node with a tag that is not data (handles, callbacks, tensors that autograd knows), and
    this decoder. Values that share memory are taken where `aliases` says so: from a judge, never from a guest.
    What is made is taken off `budget`, where there is one. Each tensor is given to a `place`, which may move it to
    another device, and what is said of the CPU is meant of that device then; a judge has none. Raises WireError for
    everything that does not fit.
    """

    def __init__(
        self,
        blobs: list[Any],
        inbound: Callable[[Node, Decoder], Any] = no_handles,
        *,
        aliases: bool = False,
        budget: Budget | None = None,
        place: Place | None = None,
    ) -> None:
        self.mutables: list[Any] = []
        self._shared: dict[int, bytearray] = {}
        self._moved: dict[int, Any] = {}  # of those, the memory of tensors on another device
        self._place = place
        self._budget = budget
        self._in_frozenset = False
        self._blobs = blobs
        self._unpackable = PACKED_ITEMS
        self._inbound = inbound
        self._aliases = aliases

    def decode(self, node: Node) -> Any:
        """The value of one node."""
        if node is None or type(node) in (bool, int, float, str):
            return node
        if type(node) is not list or not node or type(node[0]) is not str:
            raise WireError("a node is neither a scalar nor a tagged list")
        make = _BY_TAG.get(node[0])
        try:
            return self._inbound(node, self) if make is None else make(self, node)
        except MemoryError as error:
            raise out_of_memory() from error
        except MALFORMED as error:
            raise WireError(f"a node of kind {node[0]!r} is malformed: {type(error).__name__}: {error}") from error

    def numbered(self, value: Any) -> Any:
        """A value that can be named by its number from now on."""
        self.mutables.append(value)
        return value

    def take(self, index: Any) -> bytearray:
        """A blob, which no other node can name any more."""
        blob = _item(self._blobs, index)
        if blob is None:
            raise WireError("two nodes name the same data")
        self._blobs[index] = None
        return blob if type(blob) is bytearray else bytearray(blob)

    def _big_int(self, node: list[Any]) -> int:
        text = node[1]
        if type(text) is not str or len(text) > BIG_INT_DIGITS:
            raise WireError("an integer is too long")
        return int(text, 16)

    def _unpacked(self, node: list[Any]) -> list[Any]:
        if node[1] not in ("d", "q"):
            raise WireError("a packed list is neither of floats nor of ints")
        values = array(node[1])
        values.frombytes(self.take(node[2]))
        self.count(len(values))
        return values.tolist()

    def count(self, numbers: int) -> None:
        """Before Python objects are made of so many packed numbers; raises WireError when they are too many."""
        self._unpackable -= numbers
        if self._unpackable < 0:
            raise WireError(f"packed lists of more than {PACKED_ITEMS} numbers arrived")
        if self._budget is not None:
            self._budget.take_numbers(numbers)

    def _range(self, node: list[Any]) -> range:
        result = range(*(_integer(self.decode(part)) for part in node[1:4]))
        if not is_short(result):
            raise WireError(f"a range of more than {RANGE_ITEMS} items arrived")
        return result

    def _list(self, node: list[Any]) -> list[Any]:
        result: list[Any] = self.numbered([])
        result.extend(map(self.decode, node[1:]))
        return result

    def _set(self, node: list[Any]) -> set[Any]:
        result: set[Any] = self.numbered(set())
        result.update(_scattered(list(map(self.decode, node[1:]))))
        return result

    def _frozenset(self, node: list[Any]) -> frozenset[Any]:
        """One may lie in a set or a key, but not in another: each level multiplies what one comparison costs."""
        if self._in_frozenset:
            raise WireError("a frozenset lies in a frozenset")
        self._in_frozenset = True
        try:
            return frozenset(_scattered(list(map(self.decode, node[1:]))))
        finally:
            self._in_frozenset = False

    def _dict(self, node: list[Any], result: dict[Any, Any]) -> dict[Any, Any]:
        self.numbered(result)
        parts = list(map(self.decode, node[1:]))
        result.update(zip(_scattered(parts[::2]), parts[1::2], strict=True))
        return result

    def _record(self, node: list[Any]) -> Any:
        kind, items = record_type(node[1], tuple(node[2])), list(map(self.decode, node[3]))
        if len(items) != len(node[2]):
            raise WireError("a named tuple has more or fewer items than fields")
        return kind(items)

    def _scalar(self, node: list[Any]) -> np.generic:
        scalar: Any = _from_bytes(NUMPY_DTYPES[node[1]], [], self.take(node[2]))[()]
        return cast(np.generic, scalar)

    def _array(self, node: list[Any]) -> np.ndarray[Any, Any]:
        result = _from_bytes(NUMPY_DTYPES[node[1]], node[2], self.take(node[3]))
        result.flags.writeable = node[4] is True
        self.mutables.append(result)
        return result

    def _generator(self, node: list[Any]) -> np.random.Generator:
        number = len(self.mutables)
        self.mutables.append(None)
        if node[1] not in WRITABLE_BIT_GENERATORS:
            raise WireError("an unknown kind of random generator arrived")
        state = self.decode(node[2])  # by this decoder, because its parts are numbered too
        if type(state) is not dict or type(state["state"]) is not dict:
            raise WireError("the state of a random generator is malformed")
        if not 0 <= _integer(state.get("buffer_pos", 0)) <= PHILOX_BUFFER:
            raise WireError("the state of a random generator is malformed")  # numpy would read beyond the buffer
        bits = getattr(np.random, node[1])(_SeedOf(state["state"]))
        bits.state = state
        generator = np.random.Generator(bits)
        self.mutables[number] = generator
        return generator

    def _alias(self, node: list[Any]) -> Any:
        """An array or tensor that shares its memory with others of the same message."""
        if not self._aliases:
            raise WireError("values that share memory arrived where each must have its own")
        if node[6] not in self._shared:
            self._shared[node[6]] = self.take(node[6])
        buffer = self._shared[node[6]]
        if node[1] == "A":
            return self.numbered(shared_array(buffer, node))
        torch, dtype = loaded_torch(), torch_dtypes()[node[2]]
        size = dtype.itemsize
        flat, layout = torch.frombuffer(buffer, dtype=torch.uint8), [stride // size for stride in node[5]]
        if self._place is not None:
            return self.numbered(self._moved_alias(flat, node, dtype, layout))
        empty: Any = torch.empty(0, dtype=dtype)
        return self.numbered(empty.set_(flat.untyped_storage(), node[4] // size, node[3], layout))

    def _moved_alias(self, flat: Any, node: list[Any], dtype: Any, layout: list[int]) -> Any:
        """The same on another device: all of them are views of one tensor there."""
        assert self._place is not None
        if node[6] not in self._moved:
            self._moved[node[6]] = self._place.put(flat)
        moved = self._moved[node[6]]
        items = moved[: len(moved) - len(moved) % dtype.itemsize].view(dtype)
        return items.as_strided(node[3], layout, node[4] // dtype.itemsize).detach()

    def tensor(self, data: Sequence[Any]) -> Any:
        """The tensor of `[dtype, shape, blob]`; it owns its memory. Raises WireError when it is malformed."""
        try:
            return self._tensor(data)
        except MemoryError as error:
            raise out_of_memory() from error
        except MALFORMED as error:
            raise WireError(f"a tensor is malformed: {type(error).__name__}: {error}") from error

    def _tensor(self, data: Sequence[Any]) -> Any:
        torch = loaded_torch()
        dtype = torch_dtypes()[data[0]]
        shape = checked_shape(data[1])
        raw = self.take(data[2])
        _check_bytes(shape, dtype.itemsize, raw, dtype is torch.bool)
        if len(raw) <= SMALL:
            return self._placed(small_tensor(dtype, shape, raw))
        # Not `reshape`: a leaf or a result that is a view may not be changed in place as freely as one that is not.
        empty: Any = torch.empty(0, dtype=dtype)
        return self._placed(empty.set_(torch.frombuffer(raw, dtype=dtype).untyped_storage(), 0, shape))

    def _placed(self, tensor: Any) -> Any:
        return tensor if self._place is None else self._place.put(tensor)

    def _sparse(self, node: list[Any]) -> Any:
        torch = loaded_torch()
        indices, values = self.tensor(node[2]), self.tensor(node[3])
        return self.numbered(
            torch.sparse_coo_tensor(indices, values, checked_shape(node[1]), check_invariants=True).coalesce()
        )

    def _size(self, node: list[Any]) -> Any:
        torch = loaded_torch()
        return torch.Size([_integer(extent) for extent in node[1:]])

    def _dtype(self, node: list[Any]) -> Any:
        return torch_dtypes()[node[1]]

    def _device(self, node: list[Any]) -> Any:
        torch = loaded_torch()
        if node[1] not in ("cpu", "meta") and not str(node[1]).startswith("cuda"):
            raise WireError("an unknown device arrived")
        if self._place is not None and node[1] == "cpu":
            return torch.device(self._place.device)
        return torch.device(node[1])

    def _torch_generator(self, node: list[Any]) -> Any:
        torch = loaded_torch()
        state = torch.frombuffer(self.take(node[1]), dtype=torch.uint8)
        return self.numbered(torch.Generator().set_state(state))


_BY_TAG: dict[str, Callable[[Decoder, list[Any]], Any]] = {
    "i": Decoder._big_int,
    "s": lambda d, n: d.take(n[1]).decode("utf-8", "surrogatepass"),
    "b": lambda d, n: bytes(d.take(n[1])),
    "y": lambda d, n: d.take(n[1]),
    "c": lambda d, n: complex(_number(n[1]), _number(n[2])),
    "l": lambda d, n: d.numbered(d._unpacked(n)),
    "t": lambda d, n: tuple(d._unpacked(n)),
    "L": Decoder._list,
    "T": lambda d, n: tuple(map(d.decode, n[1:])),
    "N": Decoder._record,
    "D": lambda d, n: d._dict(n, {}),
    "O": lambda d, n: d._dict(n, OrderedDict()),
    "S": Decoder._set,
    "F": Decoder._frozenset,
    "r": Decoder._range,
    "/": lambda d, n: slice(*(d.decode(part) for part in n[1:4])),
    ".": lambda d, n: ...,
    "n": Decoder._scalar,
    "A": Decoder._array,
    "G": Decoder._generator,
    "=": lambda d, n: _referable(_item(d.mutables, n[1])),
    "M": Decoder._alias,
    "e": lambda d, n: NUMPY_DTYPES[n[1]],
    "k": lambda d, n: PLAIN_TYPES[n[1]],
    "z": Decoder._size,
    "d": Decoder._dtype,
    "v": Decoder._device,
    "g": Decoder._torch_generator,
    "P": Decoder._sparse,
    "X": lambda d, n: d.numbered(d._tensor(n[1:])),
    "f": lambda d, n: d.numbered(table_of(d, n)),
    "u": lambda d, n: d.numbered(table_of(d, n)),
}


@lru_cache(maxsize=256)
def record_type(name: Any, fields: tuple[Any, ...]) -> type[tuple[Any, ...]]:
    """A tuple type whose items can also be read by name; `name` and `fields` are data from the other side."""
    if not is_record(name, fields):
        raise WireError("a named tuple has a malformed name or field")
    readers = {field: property(itemgetter(position)) for position, field in enumerate(fields)}
    return type(name, (tuple,), {"__slots__": (), "_fields": fields, **readers})


def _scattered(members: list[Any]) -> list[Any]:
    """What is to become a set's members or a dict's keys; raises WireError when many share a hash.

    Building the set would compare each with each, in C, where nobody looks at a clock.
    """
    if len(members) > EQUAL_HASHES:
        hashes = sorted(map(hash, members))
        if any(map(eq, hashes, hashes[EQUAL_HASHES:])):
            raise WireError(f"more than {EQUAL_HASHES} members of a set, or keys of a dict, share a hash")
    return members


def _item(items: Sequence[Any], index: Any) -> Any:
    if type(index) is not int or not 0 <= index < len(items):
        raise WireError("a reference points nowhere")
    return items[index]


def _referable(value: Any) -> Any:
    if isinstance(value, list | dict | set):
        raise WireError("a container may not be named a second time")
    return value


def _integer(value: Any) -> int:
    if type(value) is not int:
        raise WireError("an integer was expected")
    return value


def _number(value: Any) -> float:
    if type(value) not in (int, float):
        raise WireError("a number was expected")
    return float(value)


def checked_shape(value: Any) -> tuple[int, ...]:
    """A shape that arrived, as a tuple; raises WireError when it is none."""
    if type(value) is not list or len(value) > 32 or not all(type(n) is int and 0 <= n < 2**48 for n in value):
        raise WireError("a shape is malformed")
    return tuple(value)


def _check_bytes(shape: tuple[int, ...], itemsize: int, raw: Any, is_bool: bool) -> None:
    size = 1
    for extent in shape:
        size *= extent
    if size * itemsize != len(raw):
        raise WireError(f"an array of shape {shape} came with {len(raw)} bytes")
    if is_bool and len(raw) and int(np.frombuffer(raw, np.uint8).max()) > 1:
        raise WireError("a bool array holds something else than 0 and 1")


def _from_bytes(dtype: np.dtype[Any], shape: Any, raw: bytearray) -> np.ndarray[Any, Any]:
    shape = checked_shape(shape)
    _check_bytes(shape, dtype.itemsize, raw, dtype.kind == "b")
    return np.frombuffer(raw, dtype=dtype).reshape(shape)
