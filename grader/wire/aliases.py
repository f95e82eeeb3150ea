"""Arrays and tensors of one message that share memory, sent so that they share it on the other side too.

Each is encoded by itself first. When the message is complete, those that overlap are given one buffer in place of their
own blobs: the span of memory that they cover, with zeros wherever none of them looks, so that nothing is revealed that
is not in one of them. An array that shares memory with a tensor is not found.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.wire.nodes import Node

_ALIGNMENT = 16  # bytes; what the largest item needs


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Where a value lies: the address of its first item, and those that it covers."""

    node: list[Any]
    blob: int
    value: Any
    first: int
    start: int
    stop: int


class Sharing:
    """The arrays and tensors of one message, in the order in which they were encoded."""

    def __init__(self) -> None:
        self._seen: list[tuple[Any, Node, int]] = []

    def add(self, value: Any, node: Node, blob: int) -> None:
        """A value, the node that was made of it, and the number of the node's blob."""
        self._seen.append((value, node, blob))

    def settle(self, blobs: list[Any]) -> None:
        """Rewrite the nodes of those that overlap, to `["M", tag, dtype, shape, offset, strides, blob, writeable]`.

        Tag, dtype and shape are those of the node by itself; offset and strides are in bytes.
        """
        if len(self._seen) > 1 and _may_share([value for value, _, _ in self._seen]):
            for group in _overlapping([part for seen in self._seen for part in _parts(*seen)]):
                _share(group, blobs)


def shared_array(buffer: bytearray, node: Node) -> np.ndarray[Any, Any]:
    """The array of a node `M` over a buffer; numpy raises ValueError or TypeError when it does not fit."""
    _, _, dtype, shape, offset, strides, _, writeable = node
    array: np.ndarray[Any, Any] = np.ndarray(shape, np.dtype(dtype), buffer, offset, strides)
    array.flags.writeable = writeable
    return array


def _may_share(values: list[Any]) -> bool:
    """A quick look: arrays that own their memory share none, nor do tensors of different storages."""
    tensors = [value for value in values if not isinstance(value, np.ndarray)]
    if len(tensors) < len(values) and any(value.base is not None for value in values if isinstance(value, np.ndarray)):
        return True
    dense = [tensor for tensor in tensors if tensor.layout is sys.modules["torch"].strided]
    return len({tensor.untyped_storage().data_ptr() for tensor in dense}) < len(dense)


def _parts(value: Any, node: Node, blob: int) -> Iterator[_Part]:
    """Where it lies, if it has items in this process's memory as they are."""
    if isinstance(value, np.ndarray):
        first = int(value.__array_interface__["data"][0])
    elif value.layout is sys.modules["torch"].strided and value.is_cpu and not (value.is_conj() or value.is_neg()):
        first = value.data_ptr()
    else:
        return
    steps = [(extent - 1) * stride for extent, stride in zip(value.shape, _strides(value), strict=True)]
    if 0 not in value.shape:
        start, stop = first + sum(min(0, s) for s in steps), first + sum(max(0, s) for s in steps) + value.itemsize
        yield _Part(node=node, blob=blob, value=value, first=first, start=start, stop=stop)


def _strides(value: Any) -> tuple[int, ...]:
    """In bytes."""
    if isinstance(value, np.ndarray):
        return value.strides
    return tuple(stride * value.itemsize for stride in value.stride())


def _overlapping(parts: list[_Part]) -> Iterator[list[_Part]]:
    """Groups of two or more whose spans of memory touch one another."""
    group: list[_Part] = []
    for part in sorted(parts, key=lambda part: part.start):
        if group and part.start >= max(other.stop for other in group):
            if len(group) > 1:
                yield group
            group = []
        group.append(part)
    if len(group) > 1:
        yield group


def _share(group: list[_Part], blobs: list[Any]) -> None:
    start = group[0].start - group[0].start % _ALIGNMENT
    buffer = bytearray(max(part.stop for part in group) - start)
    for part in group:
        offset, strides, shape = part.first - start, _strides(part.value), tuple(part.value.shape)
        items = np.frombuffer(blobs[part.blob], f"V{part.value.itemsize}").reshape(
            shape
        )  # in order, as they were encoded
        np.ndarray(shape, items.dtype, buffer, offset, strides)[...] = items
        tag, dtype = part.node[:2]
        part.node[:] = ["M", tag, dtype, list(shape), offset, list(strides), group[0].blob, part.node[-1] is not False]
    for part in group[1:]:
        blobs[part.blob] = b""
    blobs[group[0].blob] = buffer
