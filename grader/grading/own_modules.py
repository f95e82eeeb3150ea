"""Which files beside a solution are handed in with it: modules of the person's own that it imports.

A module is a file of its folder, or a package: a folder there, with all Python files below it. What has the name of a
library, or of something that stands beside a submission when it is graded, is never one: an import of that name means
the other thing, as it does in the box. Lines are looked at, and nothing is parsed or followed here: what is found may
be a link or a pipe, which its reader (`intake`) refuses.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeVar

from grader.files import read_file
from grader.guest import environments
from grader.model.exercise import Exercise

_File = TypeVar("_File", Path, str)
MAX_MODULES = 32
MAX_ENTRIES = 1_000  # of one folder that are looked at, and folders of one package
LOOKED_AT = 1024 * 1024  # bytes of a file whose imports are looked for
_IMPORT = re.compile(r"^[ \t]*(?:from[ \t]+\.?(\w+)[\w.]*[ \t]+import\b|import[ \t]+([^#\n;]{1,400}))", re.MULTILINE)
_OURS = frozenset({"solution", "driver", "reference", "grader", "conftest", "sitecustomize", "usercustomize"})


def modules_beside(solution: Path, exercise: Exercise | None = None) -> tuple[Path, ...]:
    """What `solution` imports of its folder, directly or by way of it, in alphabetical order; a few too many at most.

    Without an `exercise`, the packages that it allows are not known to be libraries.
    """
    if solution.suffix != ".py":
        return ()

    def files_of(name: str) -> Iterable[Path]:
        return islice(_files_of(solution.parent / name), MAX_MODULES + 1)

    return _imported_files(partial(looked_at, solution), files_of, looked_at, exercise)


def modules_among(source: str, beside: Mapping[str, bytes], exercise: Exercise | None = None) -> tuple[str, ...]:
    """The same of what is no longer on a disk: `beside` holds files by their path below the solution's folder."""
    importable = [path for path in sorted(beside) if all(map(str.isidentifier, _parts(path)))]

    def files_of(name: str) -> Iterable[str]:
        package = [path for path in importable if path.startswith(f"{name}/")]
        is_file = f"{name}/__init__.py" not in package and f"{name}.py" in importable
        return [f"{name}.py"] if is_file else package

    def text_of(path: str) -> str:
        return beside[path][:LOOKED_AT].decode("utf-8", "replace")

    return _imported_files(lambda: source, files_of, text_of, exercise)


def _parts(path: str) -> list[str]:
    return path.removesuffix(".py").split("/")


def _imported_files(
    solution: Callable[[], str],
    files_of: Callable[[str], Iterable[_File]],
    text_of: Callable[[_File], str],
    exercise: Exercise | None,
) -> tuple[_File, ...]:
    """The files that the text of a solution imports, and those that they import; a few too many at most."""
    libraries = _libraries(exercise)
    found: dict[_File, None] = {}
    asked: set[str] = set()
    waiting = [solution]
    while waiting and len(found) <= MAX_MODULES:
        for name in imported(waiting.pop()()):
            if name in asked or name in libraries or not name.isidentifier():
                continue
            asked.add(name)
            new = [file for file in files_of(name) if file not in found]
            found |= dict.fromkeys(new)
            waiting += [partial(text_of, file) for file in new]
    return tuple(sorted(found)[: MAX_MODULES + 1])


def looked_at(path: Path) -> str:
    """The text of a file, for a look at its lines; empty for what cannot be read."""
    try:
        return "" if path.is_symlink() else read_file(path, LOOKED_AT).decode("utf-8", "replace")
    except OSError:
        return ""


def imported(text: str) -> list[str]:
    """The first names of modules that source may import."""
    found = [match[1] or match[2] for match in _IMPORT.finditer(text)]
    return [name.strip().partition(" ")[0].partition(".")[0] for names in found for name in names.split(",")]


def _libraries(exercise: Exercise | None) -> frozenset[str]:
    names = {name for known in environments.known() for name in environments.named(known).libraries}
    allowed = exercise.allow_packages if exercise else ()
    return frozenset({*sys.stdlib_module_names, *_OURS, *names, *allowed, "scipy", "sklearn"})


def _files_of(place: Path) -> Iterator[Path]:
    """The files of the module at `place`, which lacks its suffix; what Python finds first goes before, links too."""
    file = place.with_name(f"{place.name}.py")
    if place.is_symlink():
        yield place
    elif not os.path.lexists(place / "__init__.py") and os.path.lexists(file):
        yield file
    elif place.is_dir():
        yield from _python_below(place)


def _python_below(folder: Path) -> Iterator[Path]:
    """Links among them are yielded and not followed, folders that are links too."""
    folders = [folder]
    for number, inside in enumerate(folders):
        if number >= MAX_ENTRIES:
            return
        for path in _entries(inside):
            mode = path.lstat().st_mode
            if stat.S_ISDIR(mode):
                folders.append(path)
            elif path.suffix == ".py" or (stat.S_ISLNK(mode) and path.is_dir()):
                yield path


def _entries(folder: Path) -> Iterable[Path]:
    """What is in a folder and has a name that can be imported, in alphabetical order."""
    try:
        listed = sorted(folder.iterdir())[:MAX_ENTRIES]
    except OSError:
        return ()
    return [path for path in listed if path.name.removesuffix(".py").isidentifier() and path.name != "__pycache__"]
