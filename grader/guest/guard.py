"""Names that an exercise forbids, put out of reach before candidate code is loaded.

The static look at the source catches the plain ways; this one catches the roundabout ones (`getattr` with a computed
name, `importlib`). It is a second line, not a wall: the wall is that a shortcut gains nothing where its package is not
on disk.
"""

from __future__ import annotations

import fnmatch
import sys
from types import FrameType, ModuleType
from typing import Any


class ForbiddenError(RuntimeError):
    """Candidate code used a name that its exercise forbids."""


class _Blocker:
    """An import finder that refuses forbidden modules."""

    def __init__(self, forbid: list[str]) -> None:
        self._forbid = forbid

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """Raise ForbiddenError when candidate code imports a forbidden module; libraries may use it themselves."""
        if any(name == item or name.startswith(f"{item}.") for item in self._forbid) and _asked_by_candidate():
            raise ForbiddenError(f"this exercise forbids {name}")


def _asked_by_candidate() -> bool:
    """Whether the frame that imports is the submission's, however many frames of the import system lie between."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and (frame.f_code.co_filename == __file__ or "importlib" in frame.f_code.co_filename):
        frame = frame.f_back
    return frame is not None and frame.f_code.co_filename == "solution.py"


def forbid_names(forbid: list[str]) -> None:
    """Replace every forbidden name that is loaded, under each alias it has in its own package, and block the rest."""
    for item in forbid:
        owner, _, pattern = item.rpartition(".")
        module = _loaded(owner)
        if module is None:
            continue
        for name in fnmatch.filter(list(vars(module)), pattern):
            if not isinstance(vars(module)[name], ModuleType):
                _replace(vars(module)[name], f"{owner}.{name}")
    sys.meta_path.insert(0, _Blocker(forbid))


def _loaded(path: str) -> Any:
    """The module or class at a dotted path, if it is loaded already."""
    parts = path.split(".")
    current: Any = sys.modules.get(parts[0])
    for part in parts[1:]:
        current = vars(current).get(part) if current is not None and hasattr(current, "__dict__") else None
    return current


def _replace(target: Any, label: str) -> None:
    package = label.partition(".")[0]
    for name, module in list(sys.modules.items()):
        if name == package or name.startswith((f"{package}.nn", f"{package}._C")):
            for key in [key for key, value in list(vars(module).items()) if value is target]:
                setattr(module, key, _stand_in(label))


def _stand_in(label: str) -> Any:
    class Forbidden:
        """Raises on every use."""

        def __init_subclass__(cls, **_: Any) -> None:
            raise ForbiddenError(f"this exercise forbids {label}")

        def __new__(cls, *_: Any, **__: Any) -> Any:
            raise ForbiddenError(f"this exercise forbids {label}")

    return Forbidden
