"""Frames written by hand, with nothing checked."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

import msgspec

from grader.wire.frame import MAGIC


def raw_frame(structure: Any, blobs: Sequence[Any] = ()) -> bytes:
    """The bytes of a frame; a structure of bytes is taken as it is."""
    body = structure if type(structure) is bytes else msgspec.msgpack.encode(structure)
    parts = [bytes(memoryview(blob).cast("B")) if len(blob) else b"" for blob in blobs]
    lengths = struct.pack(f"!{len(parts)}Q", *map(len, parts))
    return struct.pack("!4sII", MAGIC, len(body), len(parts)) + lengths + body + b"".join(parts)
