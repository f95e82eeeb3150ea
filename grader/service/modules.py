"""The files that were sent beside a solution, as they are kept: one text, so that a row holds them or forgets them."""

from __future__ import annotations

import json
from collections.abc import Mapping


def packed(modules: Mapping[str, str]) -> bytes | None:
    """JSON of the text of each file by its path; None where there are none."""
    return json.dumps(dict(sorted(modules.items())), ensure_ascii=False).encode() if modules else None


def unpacked(data: bytes | None) -> dict[str, bytes]:
    """The bytes of each file by its path, from what `packed` gave."""
    return {path: text.encode() for path, text in json.loads(data).items()} if data else {}
