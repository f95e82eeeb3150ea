"""Commands as they are printed: whoever copies one runs what was meant, also where a path in it holds blanks."""

from __future__ import annotations

import shlex
from pathlib import Path


def command(*words: str | Path) -> str:
    """The words as one line of a shell, each quoted where it must be; without words, nothing."""
    return shlex.join(map(str, words))
