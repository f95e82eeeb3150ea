"""What a bundle's public cases need installed: the packages that its files import, and the versions that are here."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from importlib import metadata
from typing import Final

ALWAYS: Final = ("pytest", "numpy")  # what the kit itself imports
_OURS: Final = {"grader", "solution", "driver"}
_DISTRIBUTIONS: Final = {"sklearn": "scikit-learn", "yaml": "PyYAML", "PIL": "pillow", "cv2": "opencv-python-headless"}


def needed(sources: Iterable[str]) -> list[str]:
    """Names of the distributions that these modules import, sorted."""
    imported = {name for source in sources for name in _imported(source)}
    own = imported - set(sys.stdlib_module_names) - _OURS
    return sorted({*ALWAYS, *(_DISTRIBUTIONS.get(name, name) for name in own)}, key=str.lower)


def version_here(distribution: str) -> str:
    """The version that is installed where this runs, without its build; empty where there is none."""
    try:
        return metadata.version(distribution).partition("+")[0]
    except metadata.PackageNotFoundError:
        return ""


def python_here() -> str:
    """The version of Python that this runs on."""
    return ".".join(str(part) for part in sys.version_info[:3])


def _imported(source: str) -> Iterator[str]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]
