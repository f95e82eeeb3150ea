"""The front door: `grader`, the package beside this file, whatever else goes by that name where a process was started.

A folder of submissions may hold somebody's `grader.py`, and Python looks there first: under `python -m pytest`, in a
notebook, with `PYTHONPATH=.`. The command, the plugin of pytest's and notebooks therefore come in here. Once this is
imported, `grader` is ours in the whole process. Nothing else is imported until it is asked for.

    from vivavoce import grade          grades code from Python
    %load_ext vivavoce                  gives notebooks the cell magic `%%viva`
    python -m vivavoce                  is the command `viva`
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

_PACKAGE = Path(__file__).resolve().parent / "grader"


def _is_ours(module: ModuleType) -> bool:
    file = getattr(module, "__file__", None)
    return file is not None and Path(file).resolve() == _PACKAGE / "__init__.py"


def _come_first() -> None:
    """Have `grader` mean the package beside this file."""
    there = sys.modules.get("grader")
    if there is not None and _is_ours(there):
        return
    for name in [name for name in sys.modules if name == "grader" or name.startswith("grader.")]:
        del sys.modules[name]
    spec = importlib.util.spec_from_file_location(
        "grader", _PACKAGE / "__init__.py", submodule_search_locations=[str(_PACKAGE)]
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"{_PACKAGE} is not there; install vivavoce again")
    module = sys.modules["grader"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)


def main() -> None:
    """Run the command `viva`."""
    from grader.cli import main as run

    run()


def __getattr__(name: str) -> Any:
    """The plugin of pytest's, and what is for notebooks."""
    if name == "pytest_plugin":
        from grader.judge import plugin

        return plugin
    if name in ("grade", "load_ipython_extension"):
        from grader import notebook

        return getattr(notebook, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


_come_first()

if __name__ == "__main__":
    main()
