"""Values to nodes and back.

A node is None, a bool, an int of 64 bits, a float, a short str, or a list whose first item is a one-character tag. The
decoder rebuilds exact plain types from a fixed table, so no subclass, no proxy and no code can arrive. What is not data
(modules, classes, instances, functions) is handed to `outbound`, which may make a handle of it, and handles arrive
through `inbound`.

Arrays, tensors, lists, dicts, sets and generators are numbered in order of appearance (`mutables`), alike on both
sides: a second occurrence of the same array is sent as a reference, and changes made in place can be named by number.
Containers are never sent as references: a few hundred bytes could then describe a value that takes years to print.
A blob belongs to one node, for the same reason.
"""

from __future__ import annotations

import sys
from array import array
from collections import OrderedDict
from collections.abc import Callable, Sequence
from enum import Enum
from functools import lru_cache
from operator import itemgetter
from typing import Any, cast

import numpy as np

from grader.errors import WireError
from grader.wire.dtypes import (
    NUMPY_DTYPES,
    PLAIN_TYPE_NAMES,
    PLAIN_TYPES,
    loaded_torch,
    torch_dtype_names,
    torch_dtypes,
)
from grader.wire.frame import Caps

Node = Any

PACK_FROM = 32  # lists of at least so many plain floats or ints travel as one blob
LONG_TEXT = 4096  # characters from which a str travels as a blob
PHILOX_BUFFER = 4  # numbers that a Philox generator holds ready
BIG_INT_DIGITS = 3500  # hexadecimal digits; more is refused, because Python would refuse to print it
PACKED_ITEMS = 4_000_000  # numbers in all packed lists of one frame: as Python objects they take 40 bytes each
RANGE_ITEMS = 10_000_000  # a range costs nothing until a suite makes a list of it
_EXTENDABLE: tuple[type[Any], ...] = (
    *(OrderedDict, dict, list, tuple, set, frozenset),
    *(bool, int, float, complex, str, bytes),
)
WRITABLE_BIT_GENERATORS = ("PCG64", "PCG64DXSM", "Philox")
# What building a value from malformed parts may raise.
MALFORMED = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, RuntimeError, MemoryError)
_INT64 = range(-(2**63), 2**63)


class Unsendable(WireError):
    """A value of this kind cannot cross; the message says what to return or pass instead."""


def no_objects(value: Any) -> Node:
    """The `outbound` of a side that sends nothing but data."""
    raise Unsendable(f"a value of type {type(value).__module__}.{type(value).__qualname__} is not plain data")


def no_handles(node: Node, decoder: Decoder) -> Any:
    """The `inbound` of a side that accepts nothing but data."""
    raise WireError("a handle arrived where only data may")


class Encoder:
    """Encodes the values of one frame. `tensor` may claim a tensor (autograd) by returning a node for it.

    It gets this encoder with the tensor, so that it need not hold it: values would otherwise outlive their frame until
    the collector looks for cycles, and a few large arrays are over a box's memory long before.
    """

    def __init__(
        self,
        outbound: Callable[[Any], Node] = no_objects,
        tensor: Callable[[Any, Encoder], Node] | None = None,
        caps: Caps | None = None,
    ) -> None:
        self.blobs: list[Any] = []
        self.mutables: list[Any] = []
        self.known: dict[int, Node] = {}  # id of an array, tensor or generator -> the reference to send instead
        self._outbound = outbound
        self._tensor = tensor
        self._depth = (caps or Caps()).depth

    def encode(self, value: Any, depth: int = 0) -> Node:
        """The node for `value`; raises Unsendable for what cannot cross."""
        if depth > self._depth:
            raise Unsendable(f"a value is nested deeper than {self._depth} levels (or contains itself)")
        make = _BY_TYPE.get(type(value))
        if make is not None:
            return make(self, value, depth)
        if isinstance(value, np.generic) and not isinstance(value, str | bytes):
            return self._scalar(value)
        if isinstance(value, np.dtype | type):
            return self._type(value)
        torch = sys.modules.get("torch")
        if torch is not None:
            node = self._torch(torch, value, depth)
            if node is not None:
                return node
        return self._subclass(value, depth)

    def _subclass(self, value: Any, depth: int) -> Node:
        """Honest subclasses of data (a Counter, a namedtuple) become the plain type they extend."""
        # Of nothing else: of an object in the guest it would be a question to the guest.
        fields = getattr(value, "_fields", None) if isinstance(value, tuple) else None
        if fields is not None and _is_record(type(value).__name__, fields):
            items = [self.encode(item, depth + 1) for item in tuple.__iter__(value)]
            return ["N", type(value).__name__, list(fields), items]
        if isinstance(value, np.ndarray):
            kind = f"{type(value).__module__}.{type(value).__qualname__}"
            raise Unsendable(f"an array of the subclass {kind} cannot cross; use a plain numpy.ndarray")
        for base in _EXTENDABLE:
            if isinstance(value, base) and not isinstance(value, Enum):
                return _BY_TYPE[base](self, base(value), depth)
        return self._outbound(value)

    def _blob(self, data: Any) -> int:
        self.blobs.append(data)
        return len(self.blobs) - 1

    def _text(self, value: str) -> Node:
        if len(value) < LONG_TEXT and value.isascii():
            return value
        return ["s", self._blob(value.encode("utf-8", "surrogatepass"))]

    def _list(self, value: list[Any], depth: int) -> Node:
        self.mutables.append(value)
        packed = self._packed(value)
        return ["l", *packed] if packed else ["L", *(self.encode(item, depth + 1) for item in value)]

    def _tuple(self, value: tuple[Any, ...], depth: int) -> Node:
        packed = self._packed(value)
        return ["t", *packed] if packed else ["T", *(self.encode(item, depth + 1) for item in value)]

    def _packed(self, value: Sequence[Any]) -> tuple[str, int] | None:
        if len(value) < PACK_FROM:
            return None
        if len(value) > PACKED_ITEMS:
            raise Unsendable(f"a list of more than {PACKED_ITEMS} items cannot cross; use an array")
        kinds = set(map(type, value))
        if kinds == {float}:
            return "d", self._blob(array("d", value).tobytes())
        if kinds == {int} and all(item in _INT64 for item in value):
            return "q", self._blob(array("q", value).tobytes())
        return None

    def _dict(self, value: dict[Any, Any], depth: int) -> Node:
        self.mutables.append(value)
        items = [self.encode(part, depth + 1) for pair in value.items() for part in pair]
        return ["O" if type(value) is OrderedDict else "D", *items]

    def _set(self, value: Any, depth: int) -> Node:
        if type(value) is set:
            self.mutables.append(value)
        return ["S" if type(value) is set else "F", *(self.encode(item, depth + 1) for item in value)]

    def _range(self, value: range, depth: int) -> Node:
        if not _is_short(value):
            raise Unsendable(f"a range of more than {RANGE_ITEMS} items cannot cross")
        return ["r", *(self.encode(part, depth + 1) for part in (value.start, value.stop, value.step))]

    def _type(self, value: Any) -> Node:
        if isinstance(value, np.dtype):
            return ["e", value.name] if value.name in NUMPY_DTYPES and value.isnative else self._outbound(value)
        return ["k", PLAIN_TYPE_NAMES[value]] if value in PLAIN_TYPE_NAMES else self._outbound(value)

    def _scalar(self, value: np.generic) -> Node:
        if value.dtype.name not in NUMPY_DTYPES:
            raise Unsendable(f"a numpy scalar of dtype {value.dtype} cannot cross; use a number")
        return ["n", value.dtype.name, self._blob(value.tobytes())]

    def _reference(self, value: Any) -> Node:
        """A reference when the same object was met before, else None, and the object gets its number."""
        known = self.known.get(id(value))
        if known is None:
            self.known[id(value)] = ["=", len(self.mutables)]
            self.mutables.append(value)
        return known

    def _array(self, value: np.ndarray[Any, Any]) -> Node:
        if value.dtype.name not in NUMPY_DTYPES or not value.dtype.isnative:
            raise Unsendable(f"an array of dtype {value.dtype} cannot cross; use a numeric or bool dtype")
        known = self._reference(value)
        if known is not None:
            return known
        data = np.ascontiguousarray(value).reshape(-1).view(np.uint8).data
        return ["A", value.dtype.name, list(value.shape), self._blob(data), bool(value.flags.writeable)]

    def _generator(self, value: np.random.Generator, depth: int) -> Node:
        known = self._reference(value)
        if known is not None:
            return known
        kind = type(value.bit_generator).__name__
        if kind not in WRITABLE_BIT_GENERATORS:
            raise Unsendable(f"a generator of kind {kind} cannot cross; use numpy.random.default_rng")
        return ["G", kind, self.encode(value.bit_generator.state, depth + 1)]

    def _torch(self, torch: Any, value: Any, depth: int) -> Node:
        if isinstance(value, torch.Tensor):
            return self._any_tensor(torch, value, depth)
        if isinstance(value, torch.Size):
            return ["z", *map(int, value)]
        if isinstance(value, torch.dtype):
            return ["d", torch_dtype_names()[value]] if value in torch_dtype_names() else self._outbound(value)
        if isinstance(value, torch.device):
            return ["v", str(value)]
        if isinstance(value, torch.Generator):
            return self._reference(value) or ["g", self._blob(value.get_state().numpy().tobytes())]
        return None

    def _any_tensor(self, torch: Any, value: Any, depth: int) -> Node:
        claimed = self._tensor(value, self) if self._tensor else None
        if claimed is not None:
            return claimed
        known = self._reference(value)
        if known is not None:
            return known
        if value.layout is torch.sparse_coo:
            plain = value.detach().coalesce()
            parts = [self.tensor_data(plain.indices()), self.tensor_data(plain.values())]
            return ["P", list(value.shape), *parts]
        return ["X", *self.tensor_data(value)]

    def tensor_data(self, value: Any) -> list[Any]:
        """`[dtype, shape, blob]` of a dense tensor on any device."""
        torch = loaded_torch()
        if value.layout is not torch.strided or value.is_nested:
            raise Unsendable(f"a tensor of layout {value.layout} cannot cross; return a dense tensor")
        if value.dtype not in torch_dtype_names():
            raise Unsendable(f"a tensor of dtype {value.dtype} cannot cross")
        flat = value.detach().resolve_conj().resolve_neg().cpu().contiguous().reshape(-1)
        # One element may have any stride, which `view` does not like.
        flat = flat.as_strided((flat.numel(),), (1,))
        data = flat.view(torch.uint8).numpy().data if flat.numel() else b""
        return [torch_dtype_names()[value.dtype], list(value.shape), self._blob(data)]


class Decoder:
    """Decodes the nodes of one frame into exact plain types; takes each blob out of `blobs` as it uses it.

    `inbound` receives every node with a tag that is not data (handles, callbacks, tensors that autograd knows), and
    this decoder.
    Raises WireError for everything that does not fit.
    """

    def __init__(
        self,
        blobs: list[Any],
        inbound: Callable[[Node, Decoder], Any] = no_handles,
        arguments: Sequence[Any] = (),
    ) -> None:
        self.mutables: list[Any] = []
        self._blobs = blobs
        self._unpackable = PACKED_ITEMS
        self._inbound = inbound
        self._arguments = arguments

    def decode(self, node: Node) -> Any:
        """The value of one node."""
        if node is None or type(node) in (bool, int, float, str):
            return node
        if type(node) is not list or not node or type(node[0]) is not str:
            raise WireError("a node is neither a scalar nor a tagged list")
        make = _BY_TAG.get(node[0])
        try:
            return self._inbound(node, self) if make is None else make(self, node)
        except MALFORMED as error:
            raise WireError(f"a node of kind {node[0]!r} is malformed: {type(error).__name__}: {error}") from error

    def _numbered(self, value: Any) -> Any:
        self.mutables.append(value)
        return value

    def _take(self, index: Any) -> bytearray:
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
        values.frombytes(self._take(node[2]))
        self._unpackable -= len(values)
        if self._unpackable < 0:
            raise WireError(f"packed lists of more than {PACKED_ITEMS} numbers arrived")
        return values.tolist()

    def _range(self, node: list[Any]) -> range:
        result = range(*(_integer(self.decode(part)) for part in node[1:4]))
        if not _is_short(result):
            raise WireError(f"a range of more than {RANGE_ITEMS} items arrived")
        return result

    def _list(self, node: list[Any]) -> list[Any]:
        result: list[Any] = self._numbered([])
        result.extend(map(self.decode, node[1:]))
        return result

    def _set(self, node: list[Any]) -> set[Any]:
        result: set[Any] = self._numbered(set())
        result.update(map(self.decode, node[1:]))
        return result

    def _dict(self, node: list[Any], result: dict[Any, Any]) -> dict[Any, Any]:
        self._numbered(result)
        parts = list(map(self.decode, node[1:]))
        result.update(zip(parts[::2], parts[1::2], strict=True))
        return result

    def _record(self, node: list[Any]) -> Any:
        kind, items = record_type(node[1], tuple(node[2])), list(map(self.decode, node[3]))
        if len(items) != len(node[2]):
            raise WireError("a named tuple has more or fewer items than fields")
        return kind(items)

    def _scalar(self, node: list[Any]) -> np.generic:
        scalar: Any = _from_bytes(NUMPY_DTYPES[node[1]], [], self._take(node[2]))[()]
        return cast(np.generic, scalar)

    def _array(self, node: list[Any]) -> np.ndarray[Any, Any]:
        result = _from_bytes(NUMPY_DTYPES[node[1]], node[2], self._take(node[3]))
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
        bits = getattr(np.random, node[1])()
        bits.state = state
        generator = np.random.Generator(bits)
        self.mutables[number] = generator
        return generator

    def tensor(self, data: Sequence[Any]) -> Any:
        """The tensor of `[dtype, shape, blob]`; it owns its memory. Raises WireError when it is malformed."""
        try:
            return self._tensor(data)
        except MALFORMED as error:
            raise WireError(f"a tensor is malformed: {type(error).__name__}: {error}") from error

    def _tensor(self, data: Sequence[Any]) -> Any:
        torch = loaded_torch()
        dtype = torch_dtypes()[data[0]]
        shape = checked_shape(data[1])
        raw = self._take(data[2])
        _check_bytes(shape, dtype.itemsize, raw, dtype is torch.bool)
        if len(raw) == 0:
            return torch.empty(shape, dtype=dtype)
        # Not `reshape`: a leaf or a result that is a view may not be changed in place as freely as one that is not.
        empty: Any = torch.empty(0, dtype=dtype)
        return empty.set_(torch.frombuffer(raw, dtype=dtype).untyped_storage(), 0, shape)

    def _sparse(self, node: list[Any]) -> Any:
        torch = loaded_torch()
        indices, values = self.tensor(node[2]), self.tensor(node[3])
        return self._numbered(
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
        return torch.device(node[1])

    def _torch_generator(self, node: list[Any]) -> Any:
        torch = loaded_torch()
        state = torch.frombuffer(self._take(node[1]), dtype=torch.uint8)
        return self._numbered(torch.Generator().set_state(state))


_BY_TYPE: dict[type, Callable[[Encoder, Any, int], Node]] = {
    type(None): lambda e, v, d: v,
    bool: lambda e, v, d: v,
    float: lambda e, v, d: v,
    int: lambda e, v, d: v if v in _INT64 else _big_int(v),
    str: lambda e, v, d: e._text(v),
    bytes: lambda e, v, d: ["b", e._blob(v)],
    bytearray: lambda e, v, d: ["y", e._blob(bytes(v))],
    complex: lambda e, v, d: ["c", v.real, v.imag],
    list: Encoder._list,
    tuple: Encoder._tuple,
    dict: Encoder._dict,
    OrderedDict: Encoder._dict,
    set: Encoder._set,
    frozenset: Encoder._set,
    range: Encoder._range,
    slice: lambda e, v, d: ["/", *(e.encode(part, d + 1) for part in (v.start, v.stop, v.step))],
    type(...): lambda e, v, d: ["."],
    np.ndarray: lambda e, v, d: e._array(v),
    np.random.Generator: Encoder._generator,
}
_BY_TAG: dict[str, Callable[[Decoder, list[Any]], Any]] = {
    "i": Decoder._big_int,
    "s": lambda d, n: d._take(n[1]).decode("utf-8", "surrogatepass"),
    "b": lambda d, n: bytes(d._take(n[1])),
    "y": lambda d, n: d._take(n[1]),
    "c": lambda d, n: complex(_number(n[1]), _number(n[2])),
    "l": lambda d, n: d._numbered(d._unpacked(n)),
    "t": lambda d, n: tuple(d._unpacked(n)),
    "L": Decoder._list,
    "T": lambda d, n: tuple(map(d.decode, n[1:])),
    "N": Decoder._record,
    "D": lambda d, n: d._dict(n, {}),
    "O": lambda d, n: d._dict(n, OrderedDict()),
    "S": Decoder._set,
    "F": lambda d, n: frozenset(map(d.decode, n[1:])),
    "r": Decoder._range,
    "/": lambda d, n: slice(*(d.decode(part) for part in n[1:4])),
    ".": lambda d, n: ...,
    "n": Decoder._scalar,
    "A": Decoder._array,
    "G": Decoder._generator,
    "=": lambda d, n: _referable(_item(d.mutables, n[1])),
    "@": lambda d, n: _referable(_item(d._arguments, n[1])),
    "e": lambda d, n: NUMPY_DTYPES[n[1]],
    "k": lambda d, n: PLAIN_TYPES[n[1]],
    "z": Decoder._size,
    "d": Decoder._dtype,
    "v": Decoder._device,
    "g": Decoder._torch_generator,
    "P": Decoder._sparse,
    "X": lambda d, n: d._numbered(d._tensor(n[1:])),
}


@lru_cache(maxsize=256)
def record_type(name: Any, fields: tuple[Any, ...]) -> type[tuple[Any, ...]]:
    """A tuple type whose items can also be read by name; `name` and `fields` are data from the other side."""
    if not _is_record(name, fields):
        raise WireError("a named tuple has a malformed name or field")
    readers = {field: property(itemgetter(position)) for position, field in enumerate(fields)}
    return type(name, (tuple,), {"__slots__": (), "_fields": fields, **readers})


def _is_record(name: Any, fields: Any) -> bool:
    """Whether a tuple type may have this name and these fields; other tuples travel as plain ones."""
    if type(name) is not str or not name.isidentifier() or len(name) > 200 or type(fields) is not tuple:
        return False
    good = all(type(field) is str and field.isidentifier() and not field.startswith("_") for field in fields)
    return good and len(set(fields)) == len(fields)


def _big_int(value: int) -> Node:
    text = format(value, "x")
    if len(text) > BIG_INT_DIGITS:
        raise Unsendable(f"an integer of more than {BIG_INT_DIGITS} hexadecimal digits cannot cross")
    return ["i", text]


def _item(items: Sequence[Any], index: Any) -> Any:
    if type(index) is not int or not 0 <= index < len(items):
        raise WireError("a reference points nowhere")
    return items[index]


def _referable(value: Any) -> Any:
    if isinstance(value, list | dict | set):
        raise WireError("a container may not be named a second time")
    return value


def _is_short(value: range) -> bool:
    return abs(value.stop - value.start) // abs(value.step) <= RANGE_ITEMS


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
