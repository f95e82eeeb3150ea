"""Imports of what a candidate handed in beside the solution: modules of their own, which lie in no folder of the box.

They come last: whatever is on disk or was imported before keeps its name.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
from collections.abc import Mapping
from types import ModuleType
from typing import Any

_PACKAGE = "/__init__.py"


class OwnModules(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds and executes the modules of one submission, by paths such as `maths.py` and `nets/layers.py`."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self._sources = dict(sources)
        self._files = {_name_of(file): file for file in sources}

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        """The module or package of that name, if the submission has one; a folder without `__init__.py` is one, too."""
        file = self._files.get(name)
        is_folder = any(other.startswith(f"{name}.") for other in self._files)
        if file is None and not is_folder:
            return None
        is_package = file is None or file.endswith(_PACKAGE)
        return importlib.machinery.ModuleSpec(name, self, origin=file, is_package=is_package)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        """As usual."""

    def exec_module(self, module: ModuleType) -> None:
        """Execute the source as module, in whose tracebacks the file has the path that it was handed in under."""
        file = self._files.get(module.__name__)
        if file is not None:
            module.__file__ = file
            code = compile(self._sources[file], file, "exec", dont_inherit=True)
            exec(code, module.__dict__)  # noqa: S102 - its purpose


def _name_of(file: str) -> str:
    return file.removesuffix(_PACKAGE).removesuffix(".py").replace("/", ".")
