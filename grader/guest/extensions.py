"""Every extension module on disk, opened ahead: in a closed box no further file can become code.

Only opened, not imported: an exercise may forbid a module, and only its import can be refused.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Iterator
from importlib.machinery import EXTENSION_SUFFIXES

from grader.guest.native_code import NATIVE

_ALSO = ("libgcc_s.so.1",)  # the C library opens it when a thread ends early
_NOT_IN = {"__pycache__", "test", "tests"}


def open_all(folders: list[str]) -> int:
    """Open those below the folders of a module search path; returns how many could be."""
    opened = 0
    for path in (*_ALSO, *(path for folder in folders for path in _below(folder))):
        with contextlib.suppress(OSError):  # what it needs may not be there; then its import fails too
            ctypes.CDLL(path)
            opened += 1
    return opened


def _below(top: str) -> Iterator[str]:
    for folder, folders, names in os.walk(top):
        folders[:] = [name for name in folders if name not in _NOT_IN]
        inside = os.path.relpath(folder, top).replace(os.sep, ".").removeprefix(".")
        for name in names:
            stem = name.partition(".")[0]
            module = f"{inside}.{stem}".removeprefix(".")
            if name.endswith(tuple(EXTENSION_SUFFIXES)) and not stem.startswith("lib") and not _is_native(module):
                yield os.path.join(folder, name)


def _is_native(module: str) -> bool:
    return any(module == item or module.startswith(f"{item}.") for item in NATIVE)
