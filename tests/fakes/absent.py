"""A package that is not installed, for processes that tests start."""

from __future__ import annotations

from pathlib import Path

# Comes first in every process, and hides torch both from imports and from those who ask what is installed.
HIDING = """
import sys
from importlib import metadata
class _Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "torch":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, _Hidden())
_found = metadata.distribution
def _distribution(name):
    if name == "torch":
        raise metadata.PackageNotFoundError(name)
    return _found(name)
metadata.distribution = _distribution
"""


def without_torch(folder: Path) -> Path:
    """The new folder that goes first in the `PYTHONPATH` of who is to have no torch."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(HIDING, encoding="utf-8")
    return folder
