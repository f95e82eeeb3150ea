"""Formulas of numeric entries: arithmetic and nothing else, evaluated by walking a checked syntax tree.

A formula comes from a pack, which may come from a stranger, so there is no `eval`: only numbers, names, the operators
`+ - * / // % **`, and calls of the functions below, with every intermediate number kept to a sane size.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

Number = int | float

MAX_CHARS = 500
MAX_NODES = 200
MAX_BITS = 4096  # of an integer on the way
MAX_COMBINATIONS = 10_000

CONSTANTS: Mapping[str, Number] = {"pi": math.pi, "e": math.e}


def _comb(n: Number, k: Number) -> Number:
    if not (isinstance(n, int) and isinstance(k, int)) or n > MAX_COMBINATIONS:
        raise FormulaError(f"comb takes whole numbers up to {MAX_COMBINATIONS}")
    return math.comb(n, k)


def _power(base: Number, exponent: Number) -> Number:
    if isinstance(base, int) and isinstance(exponent, int) and base.bit_length() * abs(exponent) > MAX_BITS:
        raise FormulaError("a power is too large")
    result = base**exponent
    if isinstance(result, complex):
        raise FormulaError("a negative number is raised to a fraction")
    return float(result) if isinstance(result, float) else int(result)


_BINARY: Mapping[type[ast.operator], Callable[[Number, Number], Number]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: _power,
}
_UNARY: Mapping[type[ast.unaryop], Callable[[Number], Number]] = {ast.UAdd: operator.pos, ast.USub: operator.neg}
FUNCTIONS: Mapping[str, Callable[..., Number]] = {
    "abs": abs,
    "ceil": math.ceil,
    "comb": _comb,
    "cos": math.cos,
    "erf": math.erf,
    "exp": math.exp,
    "floor": math.floor,
    "log": math.log,
    "log10": math.log10,
    "log2": math.log2,
    "max": max,
    "min": min,
    "round": round,
    "sin": math.sin,
    "sqrt": math.sqrt,
    "tanh": math.tanh,
}


class FormulaError(ValueError):
    """The formula is not one, or has no value for these parameters; the message says which part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """A checked formula; `names` are the parameters that it uses."""

    text: str
    names: frozenset[str]
    tree: ast.expr

    def evaluate(self, values: Mapping[str, Number]) -> Number:
        """Its value, finite; raises FormulaError (a name without a value, division by zero, too large, …)."""
        try:
            result = _evaluate(self.tree, values)
            finite = math.isfinite(result)
        except FormulaError:
            raise
        except (ArithmeticError, ValueError, TypeError) as error:
            raise FormulaError(f"`{self.text}` has no value ({error})") from error
        if not finite:
            raise FormulaError(f"`{self.text}` has no finite value")
        return result


@lru_cache(maxsize=1024)
def parse_formula(text: str) -> Formula:
    """Check `text` and keep it ready to evaluate; raises FormulaError."""
    if len(text) > MAX_CHARS:
        raise FormulaError(f"a formula has {MAX_CHARS} characters at most")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise FormulaError(f"`{text}` is not a formula") from error
    if sum(1 for _ in ast.walk(tree)) > MAX_NODES:
        raise FormulaError("the formula is too long")
    names: set[str] = set()
    _check(tree, names)
    return Formula(text=text, names=frozenset(names - CONSTANTS.keys()), tree=tree)


def _check(node: ast.expr, names: set[str]) -> None:
    """Refuse everything but arithmetic; collect the names that need a value."""
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            pass
        case ast.Name(id=name):
            names.add(name)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            _check(left, names)
            _check(right, names)
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _UNARY:
            _check(operand, names)
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in FUNCTIONS:
            for argument in arguments:
                _check(argument, names)
        case _:
            raise FormulaError(f"`{ast.unparse(node)}` is not arithmetic")


def _evaluate(node: ast.expr, values: Mapping[str, Number]) -> Number:
    match node:
        case ast.Constant(value=int() | float() as value):
            result: Number = value
        case ast.Name(id=name):
            result = _named(name, values)
        case ast.BinOp(left=left, op=op, right=right):
            result = _BINARY[type(op)](_evaluate(left, values), _evaluate(right, values))
        case ast.UnaryOp(op=op, operand=operand):
            result = _UNARY[type(op)](_evaluate(operand, values))
        case ast.Call(func=ast.Name(id=name), args=arguments):
            result = FUNCTIONS[name](*(_evaluate(argument, values) for argument in arguments))
        case _:  # pragma: no cover - _check has refused it
            raise FormulaError("not arithmetic")
    if isinstance(result, int) and result.bit_length() > MAX_BITS:
        raise FormulaError("a number on the way is too large")
    return result


def _named(name: str, values: Mapping[str, Number]) -> Number:
    if name in values:
        return values[name]
    if name in CONSTANTS:
        return CONSTANTS[name]
    raise FormulaError(f"`{name}` has no value")
