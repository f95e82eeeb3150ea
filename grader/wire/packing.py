"""Small messages of plain data between our own processes; no candidate holds either end."""

from __future__ import annotations

from typing import Any

import msgspec


def pack(value: Any) -> bytes:
    """Plain data as bytes."""
    return msgspec.msgpack.encode(value)


def unpack(data: bytes, kind: Any = Any) -> Any:
    """The inverse of `pack`; raises MsgspecError for what is not made of `kind`."""
    return msgspec.msgpack.decode(data, type=kind)
