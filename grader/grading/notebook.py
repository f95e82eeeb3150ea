"""The code of a Jupyter notebook, as one source file.

Only code cells count. Lines for Jupyter itself (`%magic`, `!command`) become comments, so that the numbers of the other
lines stay; a whole cell of another language (`%%bash`) does too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

SUFFIX: Final = ".ipynb"
LARGEST: Final = 4 * 1024 * 1024  # bytes, with room for outputs; what is made of them takes at most 25 times as much
_OF_PYTHON: Final = ("%%time", "%%timeit", "%%capture", "%%viva")  # cells that hold Python below their first line


def source_of(data: bytes) -> str:
    """The code cells one after the other, each below a comment with its number. Raises ValueError for what is none."""
    try:
        document = json.loads(data)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    cells = document.get("cells") if isinstance(document, dict) else None
    if isinstance(cells, list):
        return "".join(_cells(cells))
    raise ValueError("it has no list of cells")


def _cells(cells: list[Any]) -> Iterator[str]:
    for number, cell in enumerate(cells, 1):
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            yield f"# cell {number}\n{_python(_text(cell.get('source')))}\n"


def _text(source: Any) -> str:
    """A cell's source is a text, or a list of its lines."""
    parts = source if isinstance(source, list) else [source]
    if not all(isinstance(part, str) for part in parts):
        raise ValueError("a cell's source is no text")
    return "".join(parts)


def _python(source: str) -> str:
    first = source.lstrip().split(maxsplit=1)[:1]
    foreign = bool(first) and first[0].startswith("%%") and first[0] not in _OF_PYTHON
    lines = source.splitlines()
    return "\n".join(f"# {line}" if foreign or line.lstrip().startswith(("%", "!")) else line for line in lines)
