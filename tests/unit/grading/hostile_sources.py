"""Sources that cost far more than their size: one per construct that multiplies meanings, or that nests."""

from __future__ import annotations

MEANINGS = "if 0: import a as x\n" + "".join(f"elif {n}: import {chr(98 + n)} as x\n" for n in range(15))
TEXTS = "if 0: s = 'a'\n" + "".join(f"elif {n}: s = '{chr(98 + n)}'\n" for n in range(15))
SIZE = 64_000
DEPTH = 90


def _fill(head: str, line: str) -> str:
    """As many lines as fit."""
    return head + f"{line}\n" * ((SIZE - len(head)) // (len(line) + 1))


def _nest(left: str, middle: str, right: str, depth: int = DEPTH) -> str:
    return left * depth + middle + right * depth


BOTH = MEANINGS + TEXTS
HOSTILE_SOURCES: dict[str, str] = {
    "chain of attributes": _fill(MEANINGS, "x" + ".a" * 180),
    "or": _fill(MEANINGS, _nest("(x.a or ", "x", ")") + ".b"),
    "wide or": _fill(MEANINGS, "(" + " or ".join(["x.a", "x.b", "x.c"] * 50) + ").d"),
    "conditional": _fill(MEANINGS, _nest("(x.a if x else ", "x", ")") + ".b"),
    "getattr": _fill(BOTH, _nest("getattr(", "x", ",s)")),
    "getattr with a default": _fill(BOTH, _nest("getattr(x,s,", "x", ")")),
    "getattr as an argument": _fill(BOTH, _nest("getattr(x,", "s", ")")),
    "subscripts": _fill(BOTH, "x.__dict__" + "[s].__dict__" * 80),
    "subscripts in subscripts": _fill(BOTH, _nest("x.__dict__[", "s", "]")),
    "calls": _fill(MEANINGS, "x" + ".a()" * 95),
    "calls in calls": _fill(MEANINGS, _nest("x.a(", "x", ")")),
    "vars": _fill(BOTH, _nest("vars(", "x", ")[s]", 60)),
    "import_module": _fill(BOTH + "from importlib import import_module as m\n", "m(s,s)." + ".".join("a" * 30)),
    "f-strings": _fill(TEXTS, "f'" + "{s}" * 100 + "'"),
    "f-strings in getattr": _fill(BOTH, "getattr(x,f'{s}{s}')." + ".".join("a" * 90)),
    "f-strings that fit": _fill("s='a'\n", "getattr(s,f'" + "{s}" * 190 + "')"),
    "sums of strings": _fill("s='a'\n", "getattr(s," + "+".join("s" * 180) + ")"),
    "joins": _fill("s='a'\n", "getattr(s,'" + "_" * 9 + "'.join([" + "s," * 150 + "]))"),
    "nested joins": _fill("s='a'\n", _nest("''.join([", "s", ",s])", 45) + ".a"),
    "comprehensions": _fill(MEANINGS, _nest("[x.a.b for y in ", "x", "]", 60)),
    "comprehensions in comprehensions": _fill(MEANINGS, _nest("[", "x.a.b", " for y in x]", 60)),
    "star imports": "".join(f"TransformerA{i}\n" for i in range(1500)) + "from torch.nn import *\n" * 1800,
    "star imports of many modules": "a0\n" * 5000 + "".join(f"from m{i} import *\n" for i in range(2800)),
    "star imports with globals": "".join(
        f"def f{i}():\n global TransformerA{i}\n from torch.nn import *\n TransformerA{i}\n" for i in range(700)
    ),
    "globals": _fill(MEANINGS, "def f():\n global x\n x=x.a\n x.b.c.d"),
    "nonlocals": "def f():\n x=1\n" + " def g():\n  nonlocal x\n  x=x.a.b.c\n" * 1500,
    "walrus": _fill(MEANINGS, _nest("(x:=x.a or ", "x", ")") + ".b"),
    "walrus in chains": _fill(MEANINGS, _nest("(y:=", "x.a", ").b", 80)),
    "walrus in comprehensions": _fill(MEANINGS, _nest("[(y:=x.a.b) for z in ", "x", "]", 60)),
    "match": MEANINGS + "match x:\n" + "".join(f" case {i}: x{i} = x.a\n" for i in range(3000)),
    "match with captures": MEANINGS + "match x:\n" + "".join(f" case [x, *y{i}]: z{i}=x\n" for i in range(2400)),
    "try": MEANINGS + "try: x\n" + "".join(f"except E{i}: import a{i} as x\n" for i in range(2000)) + "x.a.b.c",
    "many handlers": MEANINGS + "try: x\n" + "".join(f"except E: y{i}=x.a\n" for i in range(3000)),
    "class bodies": MEANINGS + "".join(f"{' ' * i}class A{i}:\n{' ' * i} y{i}=x.a.b.c\n" for i in range(95)),
    "many classes": _fill(MEANINGS, "class A(x.a.b): y=x.a.b.c; z=y.d"),
    "defaults": _fill(MEANINGS, "def f(" + ",".join(f"a{i}=x.a.b" for i in range(100)) + "): 0"),
    "nested defaults": _fill(MEANINGS, _nest("lambda y=", "x.a", ":y.a.b", 60)),
    "closures": MEANINGS
    + "".join(f"{' ' * i}def f{i}():\n{' ' * i} x.a.b\n" for i in range(95))
    + " " * 95
    + "x\n" * 200,
    "rebinding after a function": "import a as x\ndef f():\n " + "x;" * 10000 + "\n" + "x=x.a\nx=1\n" * 3000,
    "many subsets": "def f():\n "
    + "x;" * 8000
    + "\n"
    + "".join(f"x=a if {i} else b\n" for i in range(2500)).replace("a", "int", 900),
    "chained assignment": MEANINGS + "a=" * 15000 + "x.a.b.c",
    "unpacking": MEANINGS + ("(" + "a," * 4000 + ")=(") + "x.a," * 4000 + ")",
    "augmented": _fill(MEANINGS, "x+=x.a.b.c.d"),
    "loops": _fill(MEANINGS, "for y in x.a: x=x.b; y.c"),
    "nested loops": "import a as x\n"
    + "".join(f"{' ' * i}for y{i} in x.a:\n" for i in range(95))
    + " " * 95
    + "x\n" * 9,
    "elif": MEANINGS + "if 1: 0\n" + "".join(f"elif x.a: x{i}=x.b\n" for i in range(150)),
    "elif again and again": _fill("", "if 1: y=1\n" + "\n".join(f"elif x: y{i}={i}" for i in range(150))),
    "many layers": "".join(f"{' ' * i}if x:\n" for i in range(95)) + (" " * 95 + ";".join(["x.a"] * 2000) + "\n") * 6,
    "long dotted import": "import " + ".".join("a" * 30000),
    "long forbidden import": "from torch.nn import Transformer" + "A" * 60000,
    "long relative name": "import importlib as i\ni.import_module('" + "." * 190 + "a', '" + "a." * 99 + "')\n" * 1,
    "many annotations": _fill(MEANINGS, "def f(a: x.a.b, b: x.c.d) -> x.e.f: 0"),
    "type of everything": _fill(MEANINGS, "x.a[x.b](x.c)(x.d or x.e)[x.f if x.g else x.h]"),
    "chained comparisons": _fill(MEANINGS, "x.a" + "<x.b" * 2000),
    "sums": _fill(MEANINGS, "+".join(["x.a"] * 190)),
    "constant folding": _fill("", "x = (1 << 9999999) ** (9 ** 99999) * 'a' * 99999"),
    "brackets": "x=" + "(" * 32000 + ")" * 32000,
    "unclosed brackets": "x=" + "[" * 64000,
    "dictionaries": "x=" + "{1:" * 20000,
    "nested f-strings": "x=" + "f'{" * 20000,
    "f-strings in f-strings": "x=" + _nest('f"{', "1", '}"', 3) * 5000,
    "formats in formats": "f'" + _nest("{x:", "", "}", 20000) + "'",
    "finally": "".join(f"{' ' * i}try: 0\n{' ' * i}finally:\n" for i in range(95)) + " " * 95 + "0\n",
    "indents": "".join(f"{' ' * i}if 1:\n" for i in range(340)),
    "lambdas": "x=" + "lambda:" * 9000 + "1",
    "minus signs": "x=" + "-" * 64000 + "1",
    "not": "x=" + "not " * 16000 + "1",
    "await": "async def f():" + "await " * 10000 + "1",
    "decorators": "@a\n" * 30000 + "def f(): 0",
    "stars": "print(" + "*" * 64000 + "x)",
    "soft keywords": _fill("", "match (match, case): \n case case: match"),
    "ambiguous parentheses": "with " + "(" * 150 + "a" + ")" * 150 + ": 0\n" + "with (a, b, c" * 4000,
    "ambiguous targets": "(a" * 180 + ")" * 180 + ":1\n" + "((((a,b),c),d),e" * 3000,
    "lambda arguments": "lambda " + ",".join(f"a{i}=lambda b: b" for i in range(3000)) + ": 0",
    "decimal digits": "x=" + "9" * 64000,
    "hexadecimal digits": "x=0x" + "f" * 64000,
    "imaginary digits": "x=" + "9" * 64000 + "j",
    "exponents": _fill("", "x=1e999999999"),
    "a very long line": "x=[" + "1," * 31000 + "]",
    "a very long name": "x" * 64000,
    "a very long string": "x='" + "a" * 64000 + "'",
    "bytes": "x=b'" + r"\x00" * 15900 + "'",
    "strings beside each other": "x=" + "'a'" * 21000,
    "escapes": "x='" + r"\N{LATIN SMALL LETTER A}" * 2600 + "'",
    "unknown names of characters": "x='" + r"\N{" + "A" * 60000 + "}'",
    "invalid escapes": "x='" + r"\d" * 32000 + "'",
    "surrogates": "x='" + r"\ud800" * 10600 + "'",
    "surrogates as names": TEXTS + "getattr(s, '" + r"\ud800" * 20 + "')\nimport sklearn",
    "names that are normalised": ";".join("\ufdfa" + str(i) for i in range(5000)),
    "a cookie": "# -*- coding: utf-7 -*-\nimport sklearn\n",
    "a cookie of no encoding": "# -*- coding: " + "a" * 60000 + " -*-\n",
    "line ends": "\r\n\f\t\\\n" * 12000,
    "continued lines": "x=1" + "\\\n+1" * 15000,
    "tabs and spaces": "".join("\t" * (i % 9) + " " * (i % 8) + "if 1:\n" for i in range(4000)),
    "comments": "#" * 63000,
    "type comments": "x=1 # type: ignore\n" * 3000,
    "semicolons": "x;" * 32000,
}
