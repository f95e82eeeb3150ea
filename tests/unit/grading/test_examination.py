"""The look at a source ends within its budget, whatever the source is, and finds in ordinary code what it should."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.grading import budget
from grader.grading.budget import MAX_STEPS, Budget, TooComplexError
from grader.grading.examination import FINDINGS, MAX_TEXT, Answer, Question, examine
from grader.grading.policy import find_forbidden

ROOT = Path(__file__).resolve().parents[3]
FORBID = ("torch.nn.MultiheadAttention", "torch.nn.Transformer*", "sklearn")
RIGHT = sorted([*ROOT.glob("reference/*/solution.py"), *ROOT.glob("reference/*/alternatives/*.py")])


def _examine(source: str) -> Answer:
    return examine(Question(source=source, entry_points=(), forbid=FORBID, native=False))


@pytest.fixture
def spent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What `spend` was asked for, in the order of asking."""
    amounts: list[int] = []
    spend = Budget.spend

    def note(self: Budget, steps: int) -> None:
        amounts.append(steps)
        spend(self, steps)

    monkeypatch.setattr(budget.Budget, "spend", note)
    return amounts


@pytest.mark.parametrize("path", RIGHT, ids=lambda path: str(path.relative_to(ROOT)))
def test_64_kib_of_ordinary_code_take_a_fraction_of_the_budget(path: Path, spent: list[int]) -> None:
    """Right solutions, repeated up to the greatest size, is read to its end with five sixths of the budget left."""
    source = path.read_text(encoding="utf-8") + "\n"
    repeated = source * max(1, 64 * 1024 // len(source))
    find_forbidden(ast.parse(repeated.replace("from __future__ import annotations", "pass")), FORBID, native=False)
    assert sum(spent) < MAX_STEPS / 6


def test_a_use_after_much_honest_code_is_still_found() -> None:
    """The end of a long file is looked at as its beginning is."""
    source = "def f(x):\n    y = x.a.b(x.c)\n    return [z.d for z in y]\n" * 1000
    assert _examine(source + "import sklearn").line == 3001


def test_over_budget_is_an_answer() -> None:
    """A source that would take too many steps is too complex, on every machine after the same number of steps."""
    head = "".join(f"{'el' if n else ''}if {n}: import {chr(97 + n)} as x\n" for n in range(16))
    source = head + ("x" + ".a" * 180 + "\n") * 150
    with pytest.raises(TooComplexError):
        find_forbidden(ast.parse(source), FORBID)
    assert _examine(source) == Answer(found="too_complex")


def test_a_long_forbidden_name_is_cut() -> None:
    """What an answer quotes of a source is short."""
    assert len(_examine("from torch.nn import Transformer" + "A" * 9000).text) == MAX_TEXT


_NAMES = st.sampled_from("x y s F torch getattr vars sys importlib __import__".split())
_TEXTS = st.sampled_from(["'a'", "'nn'", "'torch'", "'\\ud800'", "'__dict__'", "'MultiheadAttention'", "1", "None"])


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    two, three = st.tuples(inner, inner), st.tuples(inner, inner, inner)
    forms = ("({} or {})", "{}({})", "{}[{}]", "getattr({}, {})", "[{} for x in {}]", "''.join([{}, {}])", "({} + {})")
    return st.one_of(
        *[two.map(lambda parts, form=form: form.format(*parts)) for form in forms],  # type: ignore[misc]
        three.map(lambda parts: "({} if {} else {})".format(*parts)),
        three.map(lambda parts: "getattr({}, {}, {})".format(*parts)),
        inner.map("(x := {})".format),
        inner.map("({}).a.nn.__dict__".format),
        inner.map("(lambda s={0}: s.a)".format),
    )


EXPRESSIONS = st.recursive(st.one_of(_NAMES, _TEXTS), _larger, max_leaves=30)
_STATEMENTS = (
    "{0}", "x = {0}", "x = y = {0}", "s, x = {0}, {1}", "x: {0} = {1}", "x += {0}", "del x", "import torch as x",
    "from torch import *", "if {0}: x = {1}\nelse: s = {0}", "while {0}: x = {1}", "for x in {0}: {1}",
    "def f(a={0}):\n global x\n x = {1}", "async def f(*, a={0}) -> {1}: return a", "@{0}\ndef x(): {1}",
    "class A({0}): x = {1}", "try: x = {0}\nexcept E as x: s = {1}\nfinally: {0}", "with {0} as x: {1}",
    "match {0}:\n case [x, *s]: {1}\n case _: x = {1}",
)  # fmt: skip
STATEMENTS = st.tuples(st.sampled_from(_STATEMENTS), EXPRESSIONS, EXPRESSIONS).map(
    lambda parts: parts[0].format(*parts[1:])
)


@settings(max_examples=60, deadline=None)
@given(st.lists(STATEMENTS, min_size=1, max_size=8), st.integers(1, 400))
def test_any_tree_is_answered_within_the_budget(lines: list[str], times: int) -> None:
    """Every construct within every other, again and again: an answer, and never an exception."""
    source = ("\n".join(lines) + "\n") * times
    answer = _examine(source[: 64 * 1024].rpartition("\n")[0])
    assert answer.found in FINDINGS
    assert len(answer.text) <= MAX_TEXT
