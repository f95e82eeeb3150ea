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
from collections.abc import Iterator
from functools import cache
from importlib.machinery import ModuleSpec
from types import CodeType, FrameType, FunctionType, ModuleType
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
# Operators of other namespaces, such as the collectives, have kernels for these, and none of their own for vmap.
_OTHER_DISPATCH_KEYS = ("CompositeExplicitAutograd", "CPU", "AutogradCPU", "SparseCPU")
_STANDARD = os.path.dirname(os.__file__) + os.sep  # what the standard library does it does for who called it


SUBMITTED_FILES = {"solution.py"}  # and what was handed in beside it; what code is compiled as says whose it is


class ForbiddenError(RuntimeError):
    """Candidate code used a name that its exercise forbids."""


class _Blocker:
    """An import finder that refuses forbidden modules, and puts names out of reach in those that come later."""

    def __init__(self, forbid: list[str]) -> None:
        self._forbid = forbid
        self._below: dict[str, list[str]] = {}
        for item in forbid:
            self._below.setdefault(item.rpartition(".")[0], []).append(item)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Raise ForbiddenError when candidate code imports a forbidden module; libraries may use it themselves."""
        if any(name == item or name.startswith(f"{item}.") for item in self._forbid) and _imported_by_candidate():
            raise ForbiddenError(f"this exercise forbids {name}")
        return self._disarming(name, path, target) if name in self._below else None

    def _disarming(self, name: str, path: Any, target: Any) -> ModuleSpec | None:
        """How others find the module; when it has run, the names in it that are forbidden are out of reach."""
        others = (finder.find_spec for finder in sys.meta_path if finder is not self and hasattr(finder, "find_spec"))
        spec = next((found for find in others if (found := find(name, path, target)) is not None), None)
        run = getattr(spec and spec.loader, "exec_module", None)
        if spec is None or run is None:
            return spec

        def run_and_disarm(module: ModuleType) -> None:
            run(module)
            _put_out_of_reach(self._below[name])

        with contextlib.suppress(AttributeError):  # a loader that is a class of its own is one of the interpreter's
            spec.loader.exec_module = run_and_disarm  # type: ignore[method-assign, union-attr]
        return spec


def _asked_by_candidate() -> bool:
    """Whether the frame that asks is of what was handed in, whatever frames of the import system lie between."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and (frame.f_code.co_filename == __file__ or "importlib" in frame.f_code.co_filename):
        frame = frame.f_back
    return frame is not None and frame.f_code.co_filename in SUBMITTED_FILES


def _imported_by_candidate() -> bool:
    """Whether what was handed in imports, by itself or through the standard library (`pkgutil`, `runpy`, a thread)."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and _passes_on(frame.f_code.co_filename):
        frame = frame.f_back
    return frame is None or frame.f_code.co_filename in SUBMITTED_FILES


def _passes_on(file: str) -> bool:
    """Whether code of this file imports only what others ask it for: ours here, and the standard library's."""
    return file == __file__ or file.startswith("<frozen ") or (file.startswith(_STANDARD) and "-packages" not in file)


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


def refuses_native(forbid: list[str]) -> bool:
    """Whether the forbidden names are those of an exercise that allows no native code."""
    return _FOREIGN[0] in forbid


def forbid_names(forbid: list[str]) -> None:
    """Replace every forbidden name that is loaded, under each alias it has in its own package, and block the rest.

    `torch.ops.aten.NAME` forbids the operator itself, whichever of torch's many roads leads to it; so does
    `torch.ops.c10d.NAME` in another namespace. A name in a module that is not loaded yet is put out of reach when it
    is loaded.
    """
    if refuses_native(forbid):
        _reserve(_FOREIGN)
    _put_out_of_reach(forbid)
    _forbid_operators([item.removeprefix(_OPERATORS) for item in forbid if item.startswith(_OPERATORS)])
    sys.meta_path.insert(0, _Blocker(forbid))
    linecache.clearcache()  # a warning that was shown has left its whole file there


def _put_out_of_reach(forbid: list[str]) -> None:
    for label, target in _targets(forbid):
        _replace(target, label)
        _disarm(target)
        _withdraw(target, label)


def sources_of(forbid: list[str]) -> list[str]:
    """The files that hold the source of forbidden functions and classes, compiled ones too."""
    secret = [item for item in forbid if item not in NATIVE]
    modules = {getattr(target, "__module__", None) for _, target in _targets(secret)}
    loaded = [sys.modules[name] for name in modules if name in sys.modules]
    paths = [getattr(module, field, None) for module in loaded for field in ("__file__", "__cached__")]
    return [path for path in paths if path and path.endswith((".py", ".pyc"))]


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
    """Put a refusal in the place of every kernel of the operators that match.

    The kernels live as long as the object that registered them, which can also take them back. So it is not torch's own
    `Library`, which anybody finds in memory, but what lies below it: the collector does not know that, and nothing
    refers to it any more when this function returns.
    """
    torch = sys.modules.get("torch")
    if torch is None or not patterns:
        return
    known = torch._C._dispatch_get_all_op_names()
    bare = {full: full.partition(".")[0].replace("::", ".") for full in known}
    forbidden = [full for full in known if any(fnmatch.fnmatchcase(bare[full], pattern) for pattern in patterns)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a kernel is replaced is the purpose
        for namespace in {full.partition("::")[0] for full in forbidden}:
            library = torch._C._dispatch_library("IMPL", namespace, "", __file__, 0)
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(library))  # never given back
            keys = _DISPATCH_KEYS if namespace == "aten" else _OTHER_DISPATCH_KEYS
            for full in forbidden:
                if full.startswith(f"{namespace}::"):
                    for key in keys:
                        library.impl(full.partition("::")[2], key, _refusal(full))


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
    """Take the code out of a function, or out of a class's methods, for whoever still holds a reference to it."""
    parts = list(vars(target).values()) if isinstance(target, type) else [target]
    for part in parts:
        for function in _functions_in(part):
            function.__code__ = _refusing(len(function.__code__.co_freevars))


def _functions_in(part: Any) -> Iterator[FunctionType]:
    """A function and those that it wraps, be it a method of the class, a decorated one or an operator of torch's."""
    seen: list[Any] = []
    while part is not None and not any(part is one for one in seen):
        seen.append(part)
        if isinstance(part, FunctionType):
            yield part
        held = getattr(part, "__dict__", {})
        part = held.get("__wrapped__") or held.get("_init_fn") or getattr(part, "__func__", None)


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
