"""What is on disk in a box.

The interpreter, its standard library, system libraries, our guest code and the packages that the exercise allows.
Nothing else: no tests, no reference, no other package, no shell.
"""

from __future__ import annotations

import contextlib
import platform
import re
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

from grader.box.installed import missing

PYTHON_HOME = "/python"
SITE = "/site"
OWN = "/viva"
_GUEST_PACKAGES = ("msgspec",)  # the wire needs it
_LIBRARY_FOLDERS = ("/lib", "/lib64", "/usr/lib64", f"/usr/lib/{platform.machine()}-linux-gnu")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bind:
    """A read-only bind: where it is on the host, where it shall be in the box."""

    source: Path
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """A minimal root: binds, symbolic links (target in the box -> link), and folders to cover with nothing."""

    binds: tuple[Bind, ...]
    links: tuple[tuple[str, str], ...]
    covered: tuple[str, ...]
    python: str


def build(packages: tuple[str, ...], libraries: Sequence[tuple[str, str]] = ()) -> Root:
    """The root for an exercise that may use `packages`; raises PackageError when one of them is not installed.

    Each is named as it is installed or as it is imported (scikit-learn, sklearn). `libraries` are those of a driver
    (name, file), of which some lie where the loader of the box would not look.
    """
    binds = [*_interpreter(), *_own_code()]
    for name in sorted(closure((*packages, *_GUEST_PACKAGES))):
        binds += [Bind(source=source, target=f"{SITE}/{source.name}") for source in _top_level(name)]
    system, links = _system_libraries()
    binds += _driver_libraries(libraries, system)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    library = f"{PYTHON_HOME}/lib/{version}"
    covered = [f"{library}/{name}" for name in ("site-packages", "dist-packages", "test") if _stdlib(name)]
    covered += [f"{bind.target}/{name}" for bind in system for name in _pythons(bind.source)]
    covered += [path for bind in _own_code() for path in _compiled(bind)]
    binds = list(dict.fromkeys(binds))  # several distributions may share one folder
    return Root(binds=(*system, *binds), links=links, covered=tuple(covered), python=f"{PYTHON_HOME}/bin/{version}")


def _compiled(bind: Bind) -> Iterator[str]:
    """Where compiled files are, which name the folder on the host that they were made from, or will be soon."""
    for folder in {path.parent for path in bind.source.rglob("*.py")}:
        cache = folder / "__pycache__"
        with contextlib.suppress(OSError):  # where nobody may write, nobody compiles
            cache.mkdir(exist_ok=True)
        if cache.is_dir():
            yield f"{bind.target}/{cache.relative_to(bind.source).as_posix()}"


def _pythons(folder: Path) -> list[str]:
    """Where a folder of system libraries holds Python packages too, as some distributions have it."""
    return sorted(path.name for path in folder.glob("python3*") if path.is_dir() and not path.is_symlink())


def _stdlib(name: str) -> bool:
    return (Path(sysconfig.get_path("stdlib")) / name).is_dir()


def _interpreter() -> list[Bind]:
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    binds = [
        Bind(source=Path(sys.executable).resolve(), target=f"{PYTHON_HOME}/bin/{version}"),
        Bind(source=Path(sysconfig.get_path("stdlib")).resolve(), target=f"{PYTHON_HOME}/lib/{version}"),
    ]
    return binds + [Bind(source=path, target=f"{PYTHON_HOME}/lib/{path.name}") for path in _shared_interpreter()]


def _shared_interpreter() -> list[Path]:
    """libpython, where this process has it from; what the build configuration says may have been moved since."""
    maps = Path("/proc/self/maps").read_text(encoding="utf-8", errors="surrogateescape")
    return [Path(found) for found in sorted(set(re.findall(r"(/\S.*/libpython[^/]*\.so[^/\n]*)$", maps, re.MULTILINE)))]


def _own_code() -> list[Bind]:
    """The part of this package that runs in a guest, and no more of it."""
    here = Path(__file__).resolve().parent.parent
    return [
        Bind(source=here / name, target=f"{OWN}/grader/{name}")
        for name in ("__init__.py", "errors.py", "wire", "guest")
    ]


def _system_libraries() -> tuple[list[Bind], tuple[tuple[str, str], ...]]:
    binds, links = [], []
    for name in _LIBRARY_FOLDERS:
        folder = Path(name)
        if folder.is_symlink():
            links.append((str(folder.readlink()), name))
        elif folder.is_dir():
            binds.append(Bind(source=folder, target=name))
    merged = Path("/lib").is_symlink()
    if not merged and Path("/usr/lib").is_dir() and not any(b.target.startswith("/usr/lib") for b in binds):
        binds.append(Bind(source=Path("/usr/lib"), target="/usr/lib"))
    if merged and not any(b.target.startswith("/usr/lib") for b in binds):
        binds.append(Bind(source=Path("/usr/lib"), target="/usr/lib"))
    return binds, tuple(links)


def _driver_libraries(libraries: Sequence[tuple[str, str]], system: Sequence[Bind]) -> list[Bind]:
    """Those that are in none of the system's folders, beside the interpreter's own library."""
    folders = [bind.source.resolve() for bind in system]
    files = [(name, Path(file).resolve()) for name, file in libraries]
    apart = [(name, file) for name, file in files if not any(file.is_relative_to(folder) for folder in folders)]
    return [Bind(source=file, target=f"{PYTHON_HOME}/lib/{name}") for name, file in apart]


@cache
def closure(packages: tuple[str, ...]) -> frozenset[str]:
    """Distribution names of `packages` and everything that they require here, without extras."""
    found: set[str] = set()
    todo = [installed for name in packages for installed in _installed(name)]
    while todo:
        name = _normal(todo.pop())
        if name in found:
            continue
        try:
            requires = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue  # for another platform
        found.add(name)
        todo += [match[0] for line in requires if "extra ==" not in line and (match := re.match(r"[\w.-]+", line))]
    return frozenset(found)


def _installed(name: str) -> list[str]:
    """The distributions that are called `name`, or bring what is imported by it. Raises PackageError."""
    try:
        return [metadata.distribution(name).name]
    except metadata.PackageNotFoundError as error:
        bringing = metadata.packages_distributions().get(name, [])
        if not bringing:
            raise missing(name) from error
        return list(bringing)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _top_level(name: str) -> list[Path]:
    """The top-level files and folders in site-packages that a distribution brought, from its RECORD."""
    distribution = metadata.distribution(name)
    tops = {file.parts[0] for file in distribution.files or [] if file.parts[0] not in ("..", "__pycache__", "bin")}
    paths = [Path(str(distribution.locate_file(top))) for top in sorted(tops)]
    return [path.resolve() for path in paths if path.exists() and path.suffix != ".pth"]
