"""The static look finds forbidden names however they are reached, and leaves mentions alone."""

from __future__ import annotations

import ast
import contextlib
import textwrap
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.grading.budget import TooComplexError
from grader.grading.forbidden_names import is_native
from grader.grading.policy import Finding, find_forbidden

ATTENTION = "torch.nn.functional.scaled_dot_product_attention"
FORBID = (ATTENTION, "torch.nn.MultiheadAttention", "torch.nn.Transformer*", "torch.distributed.fsdp", "sklearn")


def _find(source: str, forbid: tuple[str, ...] = FORBID) -> list[Finding]:
    return find_forbidden(ast.parse(textwrap.dedent(source)), forbid)


def _case(name: str, source: str, forbidden: str = ATTENTION) -> object:
    return pytest.param(source, forbidden, id=name)


USES = [
    _case("full path", "import torch\ntorch.nn.functional.scaled_dot_product_attention(q, k, v)"),
    _case("dotted import", "import torch.nn.functional\ntorch.nn.functional.scaled_dot_product_attention"),
    _case("module alias", "import torch.nn.functional as F\nF.scaled_dot_product_attention(q, k, v)"),
    _case("from-import of the module", "from torch.nn import functional as F\nF.scaled_dot_product_attention"),
    _case("from-import of the name", "from torch.nn.functional import scaled_dot_product_attention as sdpa"),
    _case("alias of the root", "import torch as t\nt.nn.functional.scaled_dot_product_attention"),
    _case("assigned module", "import torch\nn = torch.nn\nn.functional.scaled_dot_product_attention"),
    _case("assigned function", "import torch.nn.functional as F\nf = F.scaled_dot_product_attention"),
    _case("unpacked", "import torch, math\na, [b, m] = 1, [torch.nn, math]\nb.functional.scaled_dot_product_attention"),
    _case("swapped", "import torch\na, b = torch.nn, 1\na, b = b, a\nb.functional.scaled_dot_product_attention"),
    _case("walrus", "import torch\n(f := torch.nn.functional).scaled_dot_product_attention"),
    _case(
        "walrus in a comprehension",
        "import torch\n[f := torch.nn.functional for _ in [0]]\nf.scaled_dot_product_attention",
    ),
    _case("conditional value", "import torch\n(torch.nn.functional if x else y).scaled_dot_product_attention"),
    _case("or", "import torch\nf = None or torch.nn.functional\nf.scaled_dot_product_attention"),
    _case("annotated assignment", "import torch\nf: object = torch.nn.functional\nf.scaled_dot_product_attention"),
    _case("attribute of it", "import torch.nn.functional as F\nF.scaled_dot_product_attention.__call__(q, k, v)"),
    _case("decorator", "import torch.nn.functional as F\n@F.scaled_dot_product_attention\ndef f(): pass"),
    _case("default value", "import torch.nn.functional as F\ndef f(g=F): return g.scaled_dot_product_attention"),
    _case("keyword default", "import torch.nn.functional as F\nf = lambda *, g=F: g.scaled_dot_product_attention"),
    _case("getattr", "import torch.nn.functional as F\ngetattr(F, 'scaled_dot_product_attention')"),
    _case("getattr of a sum", "import torch.nn.functional as F\ngetattr(F, 'scaled_dot' + '_product_' + 'attention')"),
    _case(
        "getattr of an f-string",
        "import torch.nn.functional as F\np='dot'\ngetattr(F, f'scaled_{p}_product_attention')",
    ),
    _case(
        "getattr of a join",
        "import torch.nn.functional as F\ngetattr(F, '_'.join(['scaled_dot', 'product_attention']))",
    ),
    _case(
        "getattr of a name",
        "import torch.nn.functional as F\nn='scaled_dot_product_attention'\ng = getattr(F, n, None)",
    ),
    _case("getattr by alias", "import torch\ng = getattr\ng(torch.nn.functional, 'scaled_dot_product_attention')"),
    _case("getattr chain", "import torch\ngetattr(getattr(torch.nn, 'functional'), 'scaled_dot_product_attention')"),
    _case("builtins.getattr", "import torch, builtins as b\nb.getattr(torch.nn, 'MultiheadAttention')", FORBID[1]),
    _case("vars", "import torch\nvars(torch.nn.functional)['scaled_dot_product_attention']"),
    _case("__dict__", "import torch.nn.functional as F\nF.__dict__['scaled_dot_product_attention']"),
    _case("sys.modules", "import sys\nsys.modules['torch.nn.functional'].scaled_dot_product_attention"),
    _case(
        "import_module",
        "import importlib\nF = importlib.import_module('torch.nn.functional')\nF.scaled_dot_product_attention",
    ),
    _case("relative import_module", "from importlib import import_module as i\ni('.metrics', 'sklearn')", "sklearn"),
    _case("import_module by keyword", "import importlib\nimportlib.import_module(name='sklearn.svm')", "sklearn"),
    _case("__import__", "__import__('torch').nn.functional.scaled_dot_product_attention"),
    _case("__import__ of a sum", "__import__('sk' + 'learn')", "sklearn"),
    _case("pkgutil", "import pkgutil\npkgutil.resolve_name('torch.nn:MultiheadAttention')", FORBID[1]),
    _case("forbidden package", "import sklearn", "sklearn"),
    _case("below a forbidden package", "from sklearn.metrics import f1_score", "sklearn"),
    _case("module below it", "import sklearn.metrics as m", "sklearn"),
    _case("forbidden submodule", "from torch.distributed import fsdp", "torch.distributed.fsdp"),
    _case("below a forbidden submodule", "import torch.distributed.fsdp.wrap", "torch.distributed.fsdp"),
    _case("submodule by attribute", "import torch.distributed as dist\ndist.fsdp.x", "torch.distributed.fsdp"),
    _case("star import of a forbidden package", "from sklearn.metrics import *", "sklearn"),
    _case("star import, then used", "from torch.nn.functional import *\nscaled_dot_product_attention(q, k, v)"),
    _case(
        "star import, then used in a method",
        """
        from torch.nn.functional import *
        class A:
            def scaled_dot_product_attention(self):
                return scaled_dot_product_attention(q, k, v)
        """,
    ),
    _case("star import of a parent", "from torch.nn import *\nfunctional.scaled_dot_product_attention(q, k, v)"),
    _case("star import with a prefix", "from torch.nn import *\nTransformerEncoder(1)", "torch.nn.TransformerEncoder"),
    _case("prefix", "from torch import nn\nnn.TransformerDecoderLayer", "torch.nn.TransformerDecoderLayer"),
    _case("subclass", "from torch import nn\nclass A(nn.MultiheadAttention): pass", "torch.nn.MultiheadAttention"),
    _case("in a function", "import torch.nn.functional as F\ndef f(q):\n    return F.scaled_dot_product_attention(q)"),
    _case("in a method", "import torch.nn.functional as F\nclass A:\n def f(s): F.scaled_dot_product_attention(s)"),
    _case("in a lambda", "import torch.nn.functional as F\nf = lambda q: F.scaled_dot_product_attention(q, q, q)"),
    _case("in a comprehension", "import torch.nn.functional as F\n[F.scaled_dot_product_attention(q) for q in qs]"),
    _case("imported in the function", "def f():\n import torch.nn.functional as F\n F.scaled_dot_product_attention"),
    _case(
        "in a class body", "import torch.nn as nn\nclass A:\n F = nn.functional\n f = F.scaled_dot_product_attention"
    ),
    _case("imported after the function", "def f(): F.scaled_dot_product_attention\nimport torch.nn.functional as F"),
    _case(
        "rebound after the call",
        "import torch.nn.functional as F\ndef f(): F.scaled_dot_product_attention\nf()\nF = None",
    ),
    _case(
        "imported through global",
        "def use(): F.scaled_dot_product_attention\ndef load():\n global F\n import torch.nn.functional as F",
    ),
    _case(
        "set through nonlocal",
        """
        import torch
        def f():
            g = None
            def use(): return g.scaled_dot_product_attention
            def load():
                nonlocal g
                g = torch.nn.functional
        """,
    ),
    _case("in one branch", "import torch\nif x: f = torch.nn.functional\nelse: f = 1\nf.scaled_dot_product_attention"),
    _case("in a try", "try: import torch.nn.functional as F\nexcept E: F = 1\nF.scaled_dot_product_attention"),
    _case("after an empty loop", "import torch.nn.functional as F\nfor F in (): 0\nF.scaled_dot_product_attention"),
    _case("after a match", "import torch.nn as n\nmatch x:\n case 1: n = 2\nn.functional.scaled_dot_product_attention"),
    _case("in a with", "import torch.nn.functional as F\nwith x as y: F.scaled_dot_product_attention"),
    _case(
        "async", "import torch.nn.functional as F\nasync def f():\n async for x in F.scaled_dot_product_attention: 0"
    ),
    _case(
        "after an empty async loop",
        """
        import torch
        async def f(x):
            F = torch.nn.functional
            async for F in x: 0
            F.scaled_dot_product_attention
        """,
    ),
    _case(
        "global before it is rebound",
        "import torch.nn.functional as F\ndef f():\n global F\n F.scaled_dot_product_attention\n F = None",
    ),
    _case("renamed __name__", "__name__ = '__main__'\nif __name__ == '__main__': import sklearn", "sklearn"),
    _case("evaluated annotation", "from torch import nn\ndef f(x: nn.MultiheadAttention): 0", FORBID[1]),
]


@pytest.mark.parametrize(("source", "forbidden"), USES)
def test_a_use_is_found(source: str, forbidden: str) -> None:
    """A forbidden name is found however it is reached, and is called by its full name."""
    assert {finding.name for finding in _find(source)} == {forbidden}


def _fine(name: str, source: str) -> object:
    return pytest.param(source, id=name)


MENTIONS = [
    _fine("comment", "# torch.nn.functional.scaled_dot_product_attention\nimport torch"),
    _fine("docstring", "'''Like torch.nn.functional.scaled_dot_product_attention, sklearn.'''\nimport torch"),
    _fine("string", "import torch\nprint('torch.nn.functional.scaled_dot_product_attention')"),
    _fine("string annotation", "from torch import nn\ndef f(x: 'nn.MultiheadAttention') -> 'nn.MultiheadAttention': 0"),
    _fine(
        "postponed annotation",
        "from __future__ import annotations\nfrom torch import nn\ndef f(x: nn.MultiheadAttention): 0\n"
        "y: nn.MultiheadAttention",
    ),
    _fine("annotation of a local", "from torch import nn\ndef f():\n y: nn.MultiheadAttention = 1"),
    _fine("parents and siblings", "import torch\nimport torch.nn.functional as F\nF.softmax(x)\ntorch.nn.Linear(1, 1)"),
    _fine("longer name", "import torch.nn.functional as F\nF.scaled_dot_product_attention_mask(x)"),
    _fine("package with the same beginning", "import sklearn_extra"),
    _fine("relative import", "from .sklearn import f1_score\nfrom . import sklearn"),
    _fine("hasattr", "import torch.nn.functional as F\nhasattr(F, 'scaled_dot_product_attention')"),
    _fine("own function", "def scaled_dot_product_attention(q): 0\nscaled_dot_product_attention(1)"),
    _fine("own class", "class MultiheadAttention: 0\nMultiheadAttention()"),
    _fine("own module-like class", "class torch:\n class nn: MultiheadAttention = 1\ntorch.nn.MultiheadAttention"),
    _fine("own variable", "sklearn = 1\nsklearn.metrics"),
    _fine("unknown name", "F.scaled_dot_product_attention(q, k, v)"),
    _fine(
        "method",
        """
        import torch.nn.functional as F
        class A:
            def scaled_dot_product_attention(self, q): return F.softmax(q)
            def forward(self, q): return self.scaled_dot_product_attention(q)
        """,
    ),
    _fine("attribute of an object", "import torch\nx = torch.zeros(1)\nx.nn.functional.scaled_dot_product_attention"),
    _fine("storing an attribute", "import torch\nclass A:\n def f(self): self.MultiheadAttention = torch.zeros(1)"),
    _fine("keyword argument", "import torch\nf(scaled_dot_product_attention=1, sklearn=2)"),
    _fine("parameter shadows", "import torch.nn.functional as F\ndef f(F): F.scaled_dot_product_attention"),
    _fine("star parameter shadows", "import torch.nn.functional as F\ndef f(*F): F.scaled_dot_product_attention"),
    _fine("keyword parameter shadows", "import torch.nn as n\ndef f(*, n=None, **k): n.MultiheadAttention"),
    _fine("lambda parameter shadows", "import torch.nn.functional as F\nlambda F: F.scaled_dot_product_attention"),
    _fine("outer parameter shadows", "import torch.nn as n\ndef f(n):\n def g(): n.MultiheadAttention"),
    _fine("comprehension shadows", "import torch.nn.functional as F\n[F.scaled_dot_product_attention for F in x]"),
    _fine("nested comprehension shadows", "import torch.nn as n\n{a: n.MultiheadAttention for n in x for a in n}"),
    _fine("generator shadows", "import torch.nn as n\nlist(n.MultiheadAttention for a, (n, *b) in x)"),
    _fine("loop shadows", "import torch.nn.functional as F\nfor F in x: F.scaled_dot_product_attention"),
    _fine("with shadows", "import torch.nn.functional as F\nwith x as F: F.scaled_dot_product_attention"),
    _fine("except shadows", "import torch.nn as n\ntry: 0\nexcept E as n: n.MultiheadAttention"),
    _fine("match shadows", "import torch.nn as n\nmatch x:\n case {'a': [n]}: n.MultiheadAttention"),
    _fine("match rest shadows", "import torch.nn as n\nmatch x:\n case {'a': 1, **n}: n.MultiheadAttention"),
    _fine("match star shadows", "import torch.nn as n\nmatch x:\n case [1, *n]: n.MultiheadAttention"),
    _fine("del", "import torch.nn as n\ndel n\nn.MultiheadAttention"),
    _fine("rebound", "import torch.nn.functional as F\nF = Mine()\nF.scaled_dot_product_attention"),
    _fine("rebound before a function", "import torch.nn as n\nn = Mine()\ndef f(): n.MultiheadAttention"),
    _fine("rebound in both branches", "import torch.nn as n\nif x: n = 1\nelse: n = 2\nn.MultiheadAttention"),
    _fine("augmented", "import torch.nn as n\nn += 1\nn.MultiheadAttention"),
    _fine("redefined by def", "import torch.nn as n\ndef n(): 0\nn.MultiheadAttention"),
    _fine("local in a try", "import torch.nn as n\ndef f():\n try: n = g()\n except E: raise\n n.MultiheadAttention"),
    _fine("local after a loop", "import torch.nn as n\ndef f():\n for n in x: 0\n n.MultiheadAttention"),
    _fine("local of another function", "def f(): import torch.nn as n\ndef g(): n.MultiheadAttention"),
    _fine("class name is no closure", "import torch\nclass A:\n n = torch.nn\n def f(self): n.MultiheadAttention"),
    _fine("star import, not used", "from torch.nn.functional import *\nrelu(x)"),
    _fine("star import, then own", "from torch.nn.functional import *\ndef scaled_dot_product_attention(): 0\n"
          "scaled_dot_product_attention()"),
    _fine("star import, parameter", "from torch.nn import *\ndef f(MultiheadAttention): MultiheadAttention()"),
    _fine("own getattr", "import torch.nn as n\ndef getattr(a, b): 0\ngetattr(n, 'MultiheadAttention')"),
    _fine("getattr of an unknown name", "import torch.nn as n\ngetattr(n, name)"),
    _fine("join of words", "' '.join(['torch.nn', 'sklearn'])"),
    _fine("trial below __main__", "if __name__ == '__main__':\n from sklearn.metrics import f1_score\n f1_score(a, b)"),
]  # fmt: skip


@pytest.mark.parametrize("source", MENTIONS)
def test_what_is_not_a_use_passes(source: str) -> None:
    """A mention, and whatever the candidate defined under such a name, is no finding."""
    assert _find(source) == []


NATIVE = {
    "import": ("import ctypes", "ctypes"),
    "below it": ("from ctypes.util import find_library", "ctypes"),
    "the C half": ("import _ctypes", "_ctypes"),
    "attribute of torch": ("import torch\ntorch.ctypes.CDLL('x')", "torch.ctypes"),
    "attribute of a module of torch": ("import torch\ntorch._ops.ctypes", "torch._ops.ctypes"),
    "from-import of it": ("from torch import ctypes as c", "torch.ctypes"),
    "numpy's": ("import numpy as np\nnp.ctypeslib.load_library('a', 'b')", "numpy.ctypeslib"),
    "getattr": ("import torch\ngetattr(torch, 'c' + 'types')", "torch.ctypes"),
    "sys.modules": ("import sys\nsys.modules['_ctypes'].dlopen", "_ctypes"),
    "cffi": ("import cffi", "cffi"),
    "cffi's back end": ("__import__('_cffi_backend')", "_cffi_backend"),
    "operators": ("import torch\ntorch.ops.load_library('x.so')", "torch.ops.load_library"),
    "classes": ("import torch as t\nt.classes.load_library('x.so')", "torch.classes.load_library"),
    "the compiler of extensions": ("from torch.utils import cpp_extension", "torch.utils.cpp_extension"),
    "the loader of extensions": (
        "from importlib.machinery import ExtensionFileLoader",
        "importlib.machinery.ExtensionFileLoader",
    ),
    "the old loader": ("import imp\nimp.load_dynamic('a', 'b')", "imp.load_dynamic"),
    "the loader below": ("import _imp\n_imp.create_dynamic(spec)", "_imp.create_dynamic"),
    "flags of dlopen": ("import sys\nsys.setdlopenflags(2)", "sys.setdlopenflags"),
    "extensions of SQLite": ("import sqlite3", "sqlite3"),
    "star import": ("from torch import *\nctypes.CDLL", "torch.ctypes"),
}


@pytest.mark.parametrize(("source", "name"), NATIVE.values(), ids=NATIVE.keys())
def test_native_code_is_found_unless_it_is_allowed(source: str, name: str) -> None:
    """Every road to a library of one's own choice is forbidden without being listed, and allowed as a whole."""
    tree = ast.parse(source)
    assert {finding.name for finding in find_forbidden(tree, (), native=False)} == {name}
    assert is_native(name)
    assert find_forbidden(tree, (), native=True) == []


@pytest.mark.parametrize(
    "source",
    ["import numpy as np\nnp.zeros(3).ctypes.data", "x.ctypes", "ctypes = 1\nctypes.a", "import torch.utils.dlpack"],
)
def test_what_only_sounds_like_native_code_passes(source: str) -> None:
    """An array's own `ctypes`, a candidate's own name, and memory that is shared are no such road."""
    assert find_forbidden(ast.parse(source), (), native=False) == []


def test_a_finding_names_the_place() -> None:
    """Line and column, both from 1, lead to the expression."""
    source = "import torch.nn.functional as F\nx = F.scaled_dot_product_attention(q)"
    assert _find(source) == [Finding(line=2, column=5, name=ATTENTION, how="reference")]


@pytest.mark.parametrize(
    ("source", "how"),
    [
        ("import sklearn", "import"),
        ("from torch import nn\nnn.MultiheadAttention", "reference"),
        ("from torch import nn\ngetattr(nn, 'MultiheadAttention')", "lookup"),
        ("from torch import nn\nclass A(nn.MultiheadAttention): pass", "subclass"),
    ],
)
def test_a_finding_says_how(source: str, how: str) -> None:
    """A finding tells by what kind of code the name is reached."""
    assert [finding.how for finding in _find(source)] == [how]


def test_findings_come_in_the_order_of_lines() -> None:
    """A function's body is read late, and yet reported in its place."""
    source = "def f():\n    import sklearn\nimport sklearn"
    assert [finding.line for finding in _find(source)] == [2, 3]


def test_one_line_gives_one_finding_per_name() -> None:
    """The same name twice on a line is told once."""
    assert len(_find("import torch.nn as n\nn.MultiheadAttention(n.MultiheadAttention)")) == 1


def test_nothing_forbidden_finds_nothing() -> None:
    """An exercise that forbids nothing rejects nothing."""
    assert _find("import sklearn", ()) == []


HOSTILE = {
    "rebound again and again": "import torch as t\na=1\n" + "a=t\na=1\n" * 3000 + "def f():\n " + "a;" * 12000,
    "doubling strings": "a='x'\n" + "a=a+a\n" * 10000 + "getattr(a,a)",
    "growing names": "import torch as a\n" + "a=a.a\n" * 10000,
    "doubling possibilities": "import torch as a\n" + "a=a.b if a else a.c\n" * 3000 + "a.d\n" * 500,
    "many branches": "".join(f"a{i}=1\n" for i in range(4000)) + "if x:y=1\n" * 3500,
    "many functions": "import torch as t\n" + "def f():t\n" * 6000,
    "many star imports": "".join(f"TransformerA{i}\n" for i in range(1000)) + "from torch.nn import*\n" * 1500,
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_source_does_not_hold_the_reader_up(source: str) -> None:
    """Source of 64 KiB, built to make the sets of possibilities grow, is read, or given up, in seconds."""
    tree = ast.parse(source[: 64 * 1024])
    start = time.process_time()
    with contextlib.suppress(TooComplexError):
        find_forbidden(tree, FORBID)
    assert time.process_time() - start < 4.0


WORDS = st.sampled_from(
    ("F", "torch", "sklearn", "nn", "x", "1", "not", "def", "class", "lambda", "for", "in", "if", *".=()[]:,*@\n")
)
LINES = st.sampled_from([str(case.values[0]) for case in [*USES, *MENTIONS]])  # type: ignore[attr-defined]
SOURCES = st.one_of(
    st.text(max_size=80),
    st.lists(WORDS, max_size=12).map(" ".join),
    st.lists(LINES, max_size=4).map(lambda parts: "\n".join(textwrap.dedent(part) for part in parts)),
    LINES.map(lambda part: "def f():\n class A:\n  def g():\n" + textwrap.indent(textwrap.dedent(part), "   ")),
)


@settings(max_examples=150, deadline=None)
@given(SOURCES)
def test_any_text_that_parses_is_read(source: str) -> None:
    """No module, however odd, makes the reader raise."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return
    assert isinstance(find_forbidden(tree, FORBID), list)
