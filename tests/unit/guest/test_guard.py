"""Forbidden names are out of reach in the guest, for the candidate and by roundabout ways too."""

from __future__ import annotations

import functools
import importlib
import linecache
import pydoc
import subprocess
import sys
import threading
import types
from pathlib import Path
from typing import Any

import pytest

from grader.guest.guard import ForbiddenError, forbid_names


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """A loaded package with a class under two names, and finders that are put back."""
    top, nn, functional = (types.ModuleType(name) for name in ("fakelib", "fakelib.nn", "fakelib.nn.functional"))

    class Attention:
        """The shortcut."""

    def attention(x: int) -> int:
        return x

    nn.Attention = nn.AttentionAlias = top.Attention = Attention  # type: ignore[attr-defined]
    nn.functional, top.nn = functional, nn  # type: ignore[attr-defined]
    functional.attention = functional.attention_v2 = attention  # type: ignore[attr-defined]
    functional.linear = lambda x: x  # type: ignore[attr-defined]
    for module in (top, nn, functional):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    return top


def run(source: str, name: str = "solution.py") -> dict[str, Any]:
    """Candidate code, as the guest runs it."""
    space: dict[str, Any] = {}
    exec(compile(source, name, "exec"), space)
    return space


def test_a_forbidden_class_cannot_be_made(package: Any) -> None:
    """Under none of its names."""
    forbid_names(["fakelib.nn.Attention"])
    for made in (package.nn.Attention, package.nn.AttentionAlias, package.Attention):
        with pytest.raises(ForbiddenError, match=r"fakelib\.nn\.Attention"):
            made()


def test_a_forbidden_class_cannot_be_extended(package: Any) -> None:
    """Nor used through a subclass."""
    forbid_names(["fakelib.nn.Attention"])
    with pytest.raises(ForbiddenError):
        run("import fakelib\nclass Mine(fakelib.nn.Attention): pass")


def test_a_forbidden_function_cannot_be_called(package: Any) -> None:
    """Also when its name is put together at run time."""
    forbid_names(["fakelib.nn.functional.attention"])
    with pytest.raises(ForbiddenError):
        run("import fakelib.nn.functional as f\ngetattr(f, 'atten' + 'tion')(3)")


def test_a_module_behind_another_thing_of_its_name_is_found(package: Any) -> None:
    """A package often imports a function from the module of the same name."""
    held = package.nn.functional.attention
    package.nn.functional = lambda: None
    forbid_names(["fakelib.nn.functional.attention"])
    with pytest.raises(RuntimeError, match="forbids"):
        held(3)


def test_descendants_of_a_forbidden_class_are_forbidden(package: Any) -> None:
    """Those that the library made: they do the same work under another name."""
    base = package.nn.Attention

    class Middle(base):
        pass

    class Descendant(Middle):
        def __init__(self) -> None:
            super().__init__()

        def work(self) -> int:
            return 3

        @staticmethod
        def still() -> int:
            return 4

        @classmethod
        def ours(cls) -> int:
            return 5

    package.nn.Descendant = Descendant
    made = Descendant()
    forbid_names(["fakelib.nn.Attention"])
    for use in (Descendant, made.work, Descendant.still, made.ours):
        with pytest.raises(RuntimeError, match="forbids"):
            use()


def test_a_forbidden_function_in_a_deep_module_cannot_be_called(package: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not under the names that other modules of the package have for it, and though it is made by a decorator."""
    deep, other = types.ModuleType("fakelib.metrics._ranking"), types.ModuleType("fakelib.metrics")
    held = [3, 4, 5]

    def decorated() -> Any:
        one, two, three = held
        return lambda: one + two + three

    deep.score = other.score = score = decorated()  # type: ignore[attr-defined]
    deep.compiled = other.compiled = pow  # type: ignore[attr-defined]
    for module in (deep, other):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    assert score() == 12
    forbid_names(["fakelib.metrics.score", "fakelib.metrics.compiled"])
    for module in (deep, other):
        with pytest.raises(ForbiddenError):
            module.score()
        with pytest.raises(ForbiddenError):
            module.compiled(2, 3)
    with pytest.raises(RuntimeError, match="forbids"):
        score()


def test_no_line_of_the_library_is_kept_in_memory(package: Any) -> None:
    """Its files are put out of reach, but a warning may have read them before."""
    linecache.getlines(pytest.__file__)
    forbid_names(["fakelib.nn.Attention"])
    assert pytest.__file__ not in linecache.cache


def test_a_pattern_forbids_all_that_match(package: Any) -> None:
    """And nothing else."""
    forbid_names(["fakelib.nn.functional.att*"])
    with pytest.raises(ForbiddenError):
        package.nn.functional.attention_v2(1)
    assert package.nn.functional.linear(3) == 3


def test_what_is_not_loaded_is_no_error(package: Any) -> None:
    """An exercise may forbid what this environment does not have."""
    forbid_names(["nosuchlib.thing", "fakelib.nothing.at.all"])
    assert package.nn.functional.linear(3) == 3


def test_a_forbidden_module_cannot_be_imported_by_the_candidate(package: Any) -> None:
    """Plainly, within a function, or through importlib."""
    forbid_names(["colorsys", "wsgiref"])
    for name in ("colorsys", "wsgiref.util"):
        sys.modules.pop(name, None)
        for source in (f"import {name}", f"import importlib\nimportlib.import_module({name!r})"):
            with pytest.raises(ForbiddenError, match="this exercise forbids"):
                run(source)


@pytest.mark.parametrize(
    "source",
    [
        "import pkgutil\npkgutil.resolve_name('colorsys:rgb_to_hsv')", "import runpy\nrunpy.run_module('colorsys')",
        "import importlib, threading\nimport sys\nfailed = []\nthreading.excepthook = failed.append\n"
        "one = threading.Thread(target=importlib.import_module, args=('colorsys',))\none.start(); one.join()\n"
        "if failed: raise failed[0].exc_value",
    ],
)  # fmt: skip
def test_nor_through_the_standard_library(package: Any, source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It imports what it is asked for, in a thread too, and so does the candidate who asks it."""
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    for name in ("runpy", "pkgutil"):
        importlib.import_module(name)
    forbid_names(["colorsys"])
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    with pytest.raises(ForbiddenError, match="this exercise forbids colorsys"):
        run(source)


def test_names_in_a_module_that_comes_later_are_out_of_reach(
    package: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where a library loads it after all: what is forbidden in it raises, decorated or not, and the rest works."""
    (tmp_path / "latelib.py").write_text(
        "import functools\n"
        "def inner(x): return x\n"
        "@functools.wraps(inner)\n"
        "def outer(x): return inner(x)\n"
        "class Operator:\n"
        "    def __init__(self, function): self._init_fn = function\n"
        "    def __call__(self, x): return self._init_fn(x)\n"
        "@Operator\n"
        "def shortcut(x): return x\n"
        "def free(x): return x\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(sys.modules, "latelib", None)  # to be put back
    del sys.modules["latelib"]
    forbid_names(["latelib.outer", "latelib.short*"])
    late = importlib.import_module("latelib")
    assert late.free(3) == 3
    for use in (late.outer, late.inner, late.shortcut):
        with pytest.raises(RuntimeError, match="forbids"):
            use(3)


def test_a_library_may_import_what_the_candidate_may_not(package: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Allowed libraries use whatever they need."""
    forbid_names(["colorsys"])
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    assert importlib.import_module("colorsys").__name__ == "colorsys"


@pytest.mark.parametrize(
    "source",
    [
        "import pkgutil\npkgutil.resolve_name('colorsys')",
        "import pydoc\npydoc.locate('colorsys').hls_to_rgb",
        "exec(compile('import colorsys', '<made>', 'exec'))",
        "import concurrent.futures as f, importlib\n"
        "f.ThreadPoolExecutor().submit(importlib.import_module, 'colorsys').result()",
    ],
    ids=["pkgutil", "pydoc", "code that it made", "a thread"],
)
def test_whoever_is_told_to_import_it_may_not(package: Any, source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The standard library imports what it is asked for; then the one who asks is the candidate."""
    forbid_names(["colorsys"])
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    with pytest.raises((ForbiddenError, pydoc.ErrorDuringImport), match="this exercise forbids colorsys"):
        run(source)


def test_what_a_library_loads_later_is_disarmed(package: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The candidate finds the module in memory, and its functions refuse."""
    forbid_names(["colorsys"])
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    importlib.import_module("colorsys")
    with pytest.raises(RuntimeError, match="this exercise forbids"):
        run("import sys\nsys.modules['colorsys'].rgb_to_hls(1, 1, 1)")


def test_all_of_a_forbidden_module_that_is_loaded_is_disarmed(package: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Functions of other names, what decorators keep, and operators that hold theirs; not what it only imported."""
    inner = types.ModuleType("fakelib.optim.adam")
    source = """
import functools, math
def decorated(function):
    @functools.wraps(function)
    def outer(*args): return function(*args)
    return outer
class Operator:
    def __init__(self, function): self.own = function
class Update:
    def step(self): return 1
@decorated
def inner_update(x): return x + 1
wrapped = inner_update.__wrapped__
operator = Operator(wrapped)
"""
    exec(compile(source, "/lib/fakelib/optim/adam.py", "exec"), vars(inner))
    monkeypatch.setitem(sys.modules, "fakelib.optim.adam", inner)
    update, original, operator, made = inner.inner_update, inner.wrapped, inner.operator, inner.Update()
    assert (update(1), original(1), operator.own(1), made.step()) == (2, 2, 2, 1)
    forbid_names(["fakelib.optim.adam"])
    for use in (lambda: update(1), lambda: original(1), lambda: operator.own(1), made.step):
        with pytest.raises(RuntimeError, match="this exercise forbids"):
            use()
    assert inner.math.sqrt(4.0) == 2.0
    assert functools.wraps(abs)(lambda: 3)() == 3


def test_a_module_with_a_name_that_only_begins_alike_is_free(package: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """`colors` does not forbid `colorsys`."""
    forbid_names(["colors"])
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    assert run("import colorsys")["colorsys"].__name__ == "colorsys"


def test_a_warm_parent_leaves_modules_to_forbid() -> None:
    """The blocker sees imports only of what is not loaded yet: warming must not load what an exercise may forbid."""
    script = (
        "from grader.guest.guard import forbid_names\n"
        "from grader.guest.warm import prepare\n"
        "prepare('numpy', warm=True)\n"
        "names = ['statistics', 'heapq', 'fractions']\n"
        "forbid_names(names)\n"
        "for name in names:\n"
        "    try:\n"
        "        exec(compile(f'__import__({name!r})', 'solution.py', 'exec'))\n"
        "    except RuntimeError as error:\n"
        "        print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        f"this exercise forbids {name}" for name in ("statistics", "heapq", "fractions")
    ]


def _with_ctypes(body: str) -> str:
    """What a fresh interpreter prints that has put native code out of reach and runs `body` as candidate code."""
    script = (
        "import ctypes, numpy, types, sys\n"
        "library = types.ModuleType('library')\n"
        "library.ctypes = ctypes\n"
        "made = compile('def size(): return ctypes.sizeof(ctypes.c_int)', '/lib/library.py', 'exec')\n"
        "exec(made, library.__dict__)\n"
        "sys.modules['library'] = library\n"
        "from grader.guest.guard import ForbiddenError, forbid_names\n"
        "from grader.guest.native_code import NATIVE\n"
        "forbid_names(list(NATIVE))\n"
        f"exec(compile({body!r}, 'solution.py', 'exec'))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.parametrize(
    "use",
    [
        "import ctypes; ctypes.CDLL(None)", "import _ctypes; _ctypes.dlopen(None, 0)",
        "from ctypes import CDLL", "import library; library.ctypes.CDLL(None)",
        "import importlib; importlib.import_module('cty' + 'pes').string_at(0)",
        "import numpy; numpy._core._internal.ctypes.c_int", "import sys; sys.modules['ctypes'].c_int",
        "import numpy.ctypeslib", "import cffi", "import sqlite3", "import torch.utils.cpp_extension",
    ],
)  # fmt: skip
def test_native_code_is_named_to_who_reaches_for_it(use: str) -> None:
    """By whatever name or module it is found."""
    body = "\n".join(("try:", f"    {use}", "    print('reached')", "except ForbiddenError as error: print(error)"))
    assert _with_ctypes(body).startswith("this exercise forbids ")


def test_libraries_keep_their_ctypes() -> None:
    """They ask it for sizes; extension modules of theirs can be imported still, and modules can be looked through."""
    body = (
        "import library, sys, _bisect, _decimal\n"
        "[getattr(module, 'smote', None) for module in list(sys.modules.values())]\n"
        "[hasattr(module, '__file__') for module in list(sys.modules.values())]\n"
        "print(library.size())"
    )
    assert _with_ctypes(body) == "4"


_GROUP = """
import torch.distributed as dist
from grader.guest.guard import forbid_names
forbid_names(["torch.distributed.ProcessGroup.allgather*", "torch._C._distributed_c10d.Backend.all*"])
dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1)
import torch
x, out = torch.ones(2), [torch.zeros(2)]
for call in (
    lambda: dist.group.WORLD.allgather([out], [x]),
    lambda: dist.group.WORLD._get_backend(torch.device("cpu")).allgather([out], [x]),
    lambda: dist.group.WORLD._get_backend(torch.device("cpu")).allreduce([x]),
):
    try:
        call()
    except Exception as error:
        print(type(error).__name__)
dist.group.WORLD.broadcast(x, 0).wait()
print(x.tolist())
"""


def test_methods_of_compiled_classes_are_forbidden() -> None:
    """A collective is out of reach as a method of the group object too, and what is not forbidden works."""
    done = subprocess.run([sys.executable, "-c", _GROUP], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == ["ForbiddenError"] * 3 + ["[1.0, 1.0]"], done.stderr


_FUNCTIONAL = """
import torch, torch.distributed as dist
from grader.guest.guard import forbid_names
forbid_names(["torch.ops.c10d", "torch.ops.c10d.all*", "torch.ops._c10d_functional*"])
dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1)
x = torch.ones(2)
for call in (
    lambda: torch.ops._c10d_functional.all_reduce(x, "sum", dist.group.WORLD.group_name),
    lambda: dist.all_reduce(x),
    lambda: dist.group.WORLD.allgather([[x.clone()]], [x]),
):
    try:
        call()
    except Exception as error:
        print(type(error).__name__)
dist.broadcast(x, 0)
print(x.tolist())
"""


def test_operators_of_other_namespaces_are_forbidden() -> None:
    """Those of collectives too, whichever function or method leads to them; others work."""
    done = subprocess.run([sys.executable, "-c", _FUNCTIONAL], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == ["ForbiddenError"] * 3 + ["[1.0, 1.0]"], done.stderr
