"""Values to nodes. What is not data is handed to `outbound`, which may make a handle of it."""

from __future__ import annotations

import sys
from array import array
from collections import OrderedDict
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any

import numpy as np

from grader.errors import WireError
from grader.wire.aliases import Sharing
from grader.wire.dtypes import (
    NUMPY_DTYPES,
    PLAIN_TYPE_NAMES,
    loaded_torch,
    torch_dtype_names,
)
from grader.wire.frame import Caps
from grader.wire.memory import buffer_of
from grader.wire.nodes import (
    BIG_INT_DIGITS,
    INT64,
    PACKED_ITEMS,
    RANGE_ITEMS,
    WRITABLE_BIT_GENERATORS,
    Node,
    is_record,
    is_short,
)
from grader.wire.tables import NoTable, is_table, table_node

PACK_FROM = 32  # lists of at least so many plain floats or ints travel as one blob
LONG_TEXT = 4096  # characters from which a str travels as a blob
_EXTENDABLE: tuple[type[Any], ...] = (
    *(OrderedDict, dict, list, tuple, set, frozenset),
    *(bool, int, float, complex, str, bytes),
)


class Unsendable(WireError):
    """A value of this kind cannot cross; the message says what to return or pass instead."""


def no_objects(value: Any) -> Node:
    """The `outbound` of a side that sends nothing but data."""
    raise Unsendable(f"a value of type {type(value).__module__}.{type(value).__qualname__} is not plain data")


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
        self._sharing = Sharing()
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
        if is_table(value):
            return self._table(value)
        return self._subclass(value, depth)

    def settle(self) -> None:
        """Once the message is complete: what shares memory is sent so that it does on the other side."""
        self._sharing.settle(self.blobs)

    def _subclass(self, value: Any, depth: int) -> Node:
        """Honest subclasses of data (a Counter, a namedtuple) become the plain type they extend."""
        # Of nothing else: of an object in the guest it would be a question to the guest.
        fields = getattr(value, "_fields", None) if isinstance(value, tuple) else None
        if fields is not None and is_record(type(value).__name__, fields):
            items = [self.encode(item, depth + 1) for item in tuple.__iter__(value)]
            return ["N", type(value).__name__, list(fields), items]
        if isinstance(value, np.ndarray):
            kind = f"{type(value).__module__}.{type(value).__qualname__}"
            raise Unsendable(f"an array of the subclass {kind} cannot cross; use a plain numpy.ndarray")
        for base in _EXTENDABLE:
            if isinstance(value, base) and not isinstance(value, Enum):
                return _BY_TYPE[base](self, base(value), depth)
        return self._outbound(value)

    def blob(self, data: Any) -> int:
        """The number of a blob that goes along."""
        self.blobs.append(data)
        return len(self.blobs) - 1

    def _text(self, value: str) -> Node:
        if len(value) < LONG_TEXT and value.isascii():
            return value
        return ["s", self.blob(value.encode("utf-8", "surrogatepass"))]

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
            return "d", self.blob(array("d", value).tobytes())
        if kinds == {int} and all(item in INT64 for item in value):
            return "q", self.blob(array("q", value).tobytes())
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
        if not is_short(value):
            raise Unsendable(f"a range of more than {RANGE_ITEMS} items cannot cross")
        return ["r", *(self.encode(part, depth + 1) for part in (value.start, value.stop, value.step))]

    def _type(self, value: Any) -> Node:
        if isinstance(value, np.dtype):
            return ["e", value.name] if value.name in NUMPY_DTYPES and value.isnative else self._outbound(value)
        return ["k", PLAIN_TYPE_NAMES[value]] if value in PLAIN_TYPE_NAMES else self._outbound(value)

    def _scalar(self, value: np.generic) -> Node:
        if value.dtype.name not in NUMPY_DTYPES:
            raise Unsendable(f"a numpy scalar of dtype {value.dtype} cannot cross; use a number")
        return ["n", value.dtype.name, self.blob(value.tobytes())]

    def reference(self, value: Any) -> Node:
        """A reference when the same object was met before, else None, and the object gets its number."""
        known = self.known.get(id(value))
        if known is None:
            self.known[id(value)] = ["=", len(self.mutables)]
            self.mutables.append(value)
        return known

    def _array(self, value: np.ndarray[Any, Any]) -> Node:
        if value.dtype.name not in NUMPY_DTYPES or not value.dtype.isnative:
            raise Unsendable(f"an array of dtype {value.dtype} cannot cross; use a numeric or bool dtype")
        known = self.reference(value)
        if known is not None:
            return known
        blob = self.blob(np.ascontiguousarray(value).reshape(-1).view(np.uint8).data)
        node = ["A", value.dtype.name, list(value.shape), blob, bool(value.flags.writeable)]
        self._sharing.add(value, node, blob)
        return node

    def _table(self, value: Any) -> Node:
        known = self.reference(value)
        if known is not None:
            return known
        try:
            return table_node(self, value)
        except NoTable as error:
            raise Unsendable(str(error)) from error

    def _generator(self, value: np.random.Generator, depth: int) -> Node:
        known = self.reference(value)
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
        if type(value) is torch.Generator:
            return self.reference(value) or ["g", self.blob(value.get_state().numpy().tobytes())]
        return None

    def _any_tensor(self, torch: Any, value: Any, depth: int) -> Node:
        claimed = self._tensor(value, self) if self._tensor else None
        if claimed is not None:
            return claimed
        known = self.reference(value)
        if known is not None:
            return known
        if value.layout is torch.sparse_coo:
            plain = value.detach().coalesce()
            parts = [self.tensor_data(plain.indices()), self.tensor_data(plain.values())]
            return ["P", list(value.shape), *parts]
        node = ["X", *self.tensor_data(value)]
        self._sharing.add(value, node, node[-1])
        return node

    def tensor_data(self, value: Any) -> list[Any]:
        """`[dtype, shape, blob]` of a dense tensor on any device."""
        torch = loaded_torch()
        if value.layout is not torch.strided or value.is_nested:
            raise Unsendable(f"a tensor of layout {value.layout} cannot cross; return a dense tensor")
        if value.dtype not in torch_dtype_names():
            raise Unsendable(f"a tensor of dtype {value.dtype} cannot cross")
        return [torch_dtype_names()[value.dtype], list(value.shape), self.blob(buffer_of(value))]


def _big_int(value: int) -> Node:
    text = format(value, "x")
    if len(text) > BIG_INT_DIGITS:
        raise Unsendable(f"an integer of more than {BIG_INT_DIGITS} hexadecimal digits cannot cross")
    return ["i", text]


_BY_TYPE: dict[type, Callable[[Encoder, Any, int], Node]] = {
    type(None): lambda e, v, d: v,
    bool: lambda e, v, d: v,
    float: lambda e, v, d: v,
    int: lambda e, v, d: v if v in INT64 else _big_int(v),
    str: lambda e, v, d: e._text(v),
    bytes: lambda e, v, d: ["b", e.blob(v)],
    bytearray: lambda e, v, d: ["y", e.blob(bytes(v))],
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
