"""Names that an exercise forbids, put out of reach before candidate code is loaded.

The static look at the source catches the plain ways; this one catches the roundabout ones (`getattr` with a computed
name, `importlib`). It is a second line, not a wall: the wall is that a shortcut gains nothing where its package is not
on disk.
"""

from __future__ import annotations

import contextlib
import ctypes
import fnmatch
import linecache
import os
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from importlib.machinery import ModuleSpec, PathFinder
from types import CellType, CodeType, FrameType, FunctionType, ModuleType
from typing import Any

from grader.guest.native_code import NATIVE

_OPERATORS = "torch.ops."
_FOREIGN = ("ctypes", "_ctypes", "numpy.ctypeslib")  # loaded with numpy and torch, which use them
_IMPORTS_WITH = ("importlib", "_frozen_importlib_external", "_imp", "imp", "sys")  # every import needs them
# Where a call on the CPU can find a kernel. Those of vmap and of nested tensors call native code past the others.
_DISPATCH_KEYS = (
    *("CompositeImplicitAutograd", "CPU", "AutogradCPU", "NestedTensorCPU", "AutogradNestedTensor"),
    *("FuncTorchBatched", "FuncTorchBatchedDecomposition", "FuncTorchVmapMode"),
)


_STANDARD = os.path.dirname(os.__file__) + os.sep


class ForbiddenError(RuntimeError):
    """Candidate code used a name that its exercise forbids."""


class _Blocker:
    """An import finder that refuses forbidden modules, and puts names out of reach in those that come later."""

    def __init__(self, forbid: list[str]) -> None:
        self._below = _Below(forbid)
        self._roads = _Below(NATIVE)
        self._held: dict[str, list[str]] = {}
        for item in forbid:
            self._held.setdefault(item.rpartition(".")[0], []).append(item)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Raise ForbiddenError when candidate code imports a forbidden module.

        Libraries may load it; its functions are disarmed then, as those are that were loaded before.
        """
        forbidden = self._below.has(name)
        if forbidden and _asked_by_candidate():
            raise ForbiddenError(f"this exercise forbids {name}")
        whole, items = forbidden and not self._roads.has(name), self._held.get(name, [])
        spec = PathFinder.find_spec(name, path, target) if whole or items else None
        if spec is not None and spec.loader is not None:
            load = partial(_load_disarmed, spec.loader.exec_module, whole, items)
            with contextlib.suppress(AttributeError):  # a loader that is a class is one of the interpreter's own
                spec.loader.exec_module = load  # type: ignore[method-assign]
        return spec


class _Below:
    """Dotted names with all below them, asked about in one step: there are thousands of modules."""

    def __init__(self, items: Iterable[str]) -> None:
        self._exact = frozenset(items)
        self._beginnings = tuple(f"{item}." for item in self._exact)

    def has(self, name: str) -> bool:
        """Whether a name is one of them, or below one."""
        return name in self._exact or name.startswith(self._beginnings)


def _load_disarmed(load: Callable[[ModuleType], None], whole: bool, items: list[str], module: ModuleType) -> None:
    load(module)
    for value in _defined_in(module) if whole else ():
        _disarm(value)
    _put_out_of_reach(items)


def _asked_by_candidate() -> bool:
    """Whether the frame that imports is of what was handed in, or of code that it made: libraries lie at a path.

    Frames of the standard library do what they are told (`pkgutil.resolve_name`, or a thread's only function).
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and _only_carries_out(frame.f_code.co_filename):
        frame = frame.f_back
    return frame is None or not os.path.isabs(frame.f_code.co_filename)


@cache
def _only_carries_out(file: str) -> bool:
    """Whether a file is this one, or one of the standard library."""
    below = file.removeprefix(_STANDARD)
    return file == __file__ or file.startswith("<frozen ") or (below != file and "-packages" not in below)


class _Reserved(ModuleType):
    """Stands for a module that libraries go on to use, and candidate code may not."""

    def __init__(self, module: ModuleType) -> None:
        super().__init__(module.__name__)
        self.__spec__ = module.__spec__
        self.__dict__["_module"] = module

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.__dict__["_module"], name)  # what it has not is not forbidden: many look through modules
        if not name.startswith("__") and _asked_by_candidate():
            raise ForbiddenError(f"this exercise forbids {self.__name__}")
        return value


def _put_out_of_reach(forbid: list[str]) -> None:
    for label, target in _targets(forbid):
        _replace(target, label)
        _disarm(target)
        _withdraw(target, label)


def refuses_native(forbid: list[str]) -> bool:
    """Whether the forbidden names are those of an exercise that allows no native code."""
    return _FOREIGN[0] in forbid


def forbid_names(forbid: list[str]) -> None:
    """Replace every forbidden name that is loaded, under each alias it has in its own package, and block the rest.

    `torch.ops.LIBRARY.NAME` forbids the operator itself, whichever of torch's many roads leads to it.
    """
    if refuses_native(forbid):
        _reserve(_FOREIGN)
    _put_out_of_reach(forbid)
    for module in _modules(forbid):
        for value in _defined_in(module):
            _disarm(value)
    _forbid_operators([item.removeprefix(_OPERATORS) for item in forbid if item.startswith(_OPERATORS)])
    sys.meta_path.insert(0, _Blocker(forbid))
    linecache.clearcache()  # a warning that was shown has left its whole file there


def sources_of(forbid: list[str]) -> list[str]:
    """The files that hold the source of forbidden functions, classes and modules, compiled ones too."""
    secret = [item for item in forbid if item not in NATIVE]
    modules = {getattr(target, "__module__", None) for _, target in _targets(secret)}
    loaded = [sys.modules[name] for name in modules if name in sys.modules] + _modules(secret)
    paths = [getattr(module, field, None) for module in loaded for field in ("__file__", "__cached__")]
    return sorted({path for path in paths if path and path.endswith((".py", ".pyc"))})


def _modules(forbid: list[str]) -> list[ModuleType]:
    """Forbidden modules that are loaded; not the roads to native code, which libraries use."""
    below = _Below(item for item in forbid if item not in NATIVE)
    loaded = [module for name, module in list(sys.modules.items()) if below.has(name)]
    return [module for module in loaded if type(getattr(module, "__dict__", None)) is dict]


def _defined_in(module: ModuleType) -> list[Any]:
    """What a module has of its own: functions, classes, and functions that an object of it holds (operators do)."""
    values = [value for value in list(vars(module).values()) if not isinstance(value, ModuleType)]
    held = [part for value in values if not isinstance(value, FunctionType | type) for part in _attributes(value)]
    own = [part for part in [*values, *held] if isinstance(part, FunctionType | type)]
    return [part for part in own if part.__module__ == module.__name__]


def _attributes(value: Any) -> list[Any]:
    own = getattr(value, "__dict__", None)
    return list(own.values()) if type(own) is dict else []


def _targets(forbid: list[str]) -> list[tuple[str, Any]]:
    """Each forbidden function or class that is loaded, with its dotted name; the descendants of a class count too."""
    found = []
    for item in forbid:
        if item.partition(".")[0] in _IMPORTS_WITH:
            continue
        owner, _, pattern = item.rpartition(".")
        holder = _loaded(owner)
        names = fnmatch.filter(list(vars(holder)) if hasattr(holder, "__dict__") else [], pattern)
        found += [(f"{owner}.{name}", vars(holder)[name]) for name in names]
    plain = [(label, target) for label, target in found if not isinstance(target, ModuleType)]
    kinds = {kind for _, target in plain if isinstance(target, type) for kind in _descendants(target)}
    known = [target for _, target in plain]
    return plain + [(f"{kind.__module__}.{kind.__qualname__}", kind) for kind in kinds if kind not in known]


def _descendants(kind: type) -> Iterator[type]:
    children: list[type] = type.__subclasses__(kind)
    for child in children:
        yield child
        yield from _descendants(child)


def _forbid_operators(patterns: list[str]) -> None:
    """Put a refusal in the place of every kernel of the operators that match `library.name`; those that are loaded.

    The kernels live as long as the object that registered them, which can also take them back. So it is not torch's own
    `Library`, which anybody finds in memory, but what lies below it: the collector does not know that, and nothing
    refers to it any more when this function returns.
    """
    torch = sys.modules.get("torch")
    if torch is None or not patterns:
        return
    wanted: dict[str, list[str]] = {}
    for full in torch._C._dispatch_get_all_op_names():
        space, _, name = full.partition("::")
        if any(fnmatch.fnmatchcase(f"{space}.{name.partition('.')[0]}", pattern) for pattern in patterns):
            wanted.setdefault(space, []).append(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a kernel is replaced is the purpose
        for space, names in wanted.items():
            library = torch._C._dispatch_library("IMPL", space, "", __file__, 0)
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(library))  # never given back
            for name in names:
                for key in _DISPATCH_KEYS:
                    library.impl(name, key, _refusal(f"{space}::{name}"))


def _refusal(name: str) -> Any:
    def refuse(*_: Any, **__: Any) -> Any:
        raise ForbiddenError(f"this exercise forbids {name}")

    return refuse


def _loaded(path: str) -> Any:
    """The module or class at a dotted path, if it is loaded already.

    A package may hold something else under the name of one of its modules, so modules are looked up as such.
    """
    if path in sys.modules:
        return sys.modules[path]
    owner, _, name = path.rpartition(".")
    holder = _loaded(owner) if owner else None
    return vars(holder).get(name) if hasattr(holder, "__dict__") else None


def _reserve(names: tuple[str, ...]) -> None:
    """Let only libraries have these modules, wherever they are held but in our own, which need them a while longer."""
    mine = {
        id(module): _Reserved(module)
        for name, module in list(sys.modules.items())
        if type(module) is ModuleType and any(name == item or name.startswith(f"{item}.") for item in names)
    }
    for name, module in list(sys.modules.items()):
        if id(module) in mine:
            sys.modules[name] = mine[id(module)]
        elif not name.startswith("grader.") and type(getattr(module, "__dict__", None)) is dict:
            for key in [key for key, value in list(vars(module).items()) if id(value) in mine]:
                vars(module)[key] = mine[id(vars(module)[key])]


def _replace(target: Any, label: str) -> None:
    package = label.partition(".")[0]
    for name, module in list(sys.modules.items()):
        if _may_hold(name, package) and type(getattr(module, "__dict__", None)) is dict:
            for key in [key for key, value in list(vars(module).items()) if value is target]:
                setattr(module, key, _stand_in(label))


def _may_hold(module: str, package: str) -> bool:
    """Whether a module of a package is looked through for names of what is forbidden.

    Torch has thousands of modules, and whoever looks into one copies the page that it is on; its names are in few.
    """
    below = (f"{package}.nn", f"{package}._C") if package == "torch" else f"{package}."
    return module == package or module.startswith(below)


def _disarm(target: Any) -> None:
    """Take the code out of a function, or out of a class's methods, for whoever still holds a reference to it.

    Decorators keep the function that they were given; that one is disarmed with what they made of it.
    """
    parts = [target] if isinstance(target, FunctionType) else list(getattr(target, "__dict__", {}).values())
    waiting = [getattr(part, "__func__", part) for part in parts]  # static methods and those of the class
    while waiting:
        part = waiting.pop()
        if not isinstance(part, FunctionType) or _library(part) != _library(target):
            continue  # a class may hold functions of another library: enumerations do
        if part.__code__ is not _refusing(len(part.__code__.co_freevars)):
            waiting += _decorated(part)
            part.__code__ = _refusing(len(part.__code__.co_freevars))


def _library(value: Any) -> str:
    return str(getattr(value, "__module__", "")).partition(".")[0]


def _decorated(function: FunctionType) -> list[Any]:
    """The functions of the same module that a function was made of."""
    held = [_content(cell) for cell in function.__closure__ or ()]
    wrapped = vars(function).get("__wrapped__")
    return [part for part in held if getattr(part, "__module__", None) == function.__module__] + [wrapped]


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # it is empty
        return None


def _withdraw(target: Any, label: str) -> None:
    """Take a method that is not Python code out of its class, such as those of process groups in torch.

    A class that is fixed itself (`int`) keeps it: an exercise forbids the operator below, or another class.
    """
    owner, _, name = label.rpartition(".")
    holder = _loaded(owner)
    if isinstance(holder, type) and not isinstance(target, FunctionType | type) and vars(holder).get(name) is target:
        with contextlib.suppress(TypeError):
            setattr(holder, name, _refusal(label))


@cache
def _refusing(cells: int) -> CodeType:
    """The code of a function that refuses; code must have as many cells as the code in whose place it is put.

    A method that uses `super()` has one, a wrapper that a decorator made has several.
    """
    names = "".join(f"cell{number} = " for number in range(cells))
    used = "".join(f"cell{number}, " for number in range(cells))
    source = (
        f"def make():\n    {names}None\n    def refused(*_, **__):\n        ({used})\n"
        "        raise RuntimeError('this exercise forbids what was called')\n    return refused.__code__\n"
    )
    made: dict[str, Any] = {}
    exec(source, made)  # noqa: S102 - of numbers that we counted
    code: CodeType = made["make"]()
    return code


def _stand_in(label: str) -> Any:
    class Forbidden:
        """Raises on every use."""

        def __init_subclass__(cls, **_: Any) -> None:
            raise ForbiddenError(f"this exercise forbids {label}")

        def __new__(cls, *_: Any, **__: Any) -> Any:
            raise ForbiddenError(f"this exercise forbids {label}")

    return Forbidden
