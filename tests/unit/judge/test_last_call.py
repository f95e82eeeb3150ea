"""A case in which nothing was raised names the call, within bounds and without asking the guest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from grader.judge import inout
from grader.judge.last_call import forget_call, last_call
from grader.judge.loopback import Loopback
from tests.unit.judge.puppet import fine, meet

pytest_plugins = ["pytester"]
SOURCE = """
def f(*args, **kwargs):
    return 1
class Net:
    def __call__(self, x): return x
    def go(self, x): return x
"""
SUITE = """
import pytest
def test_one(candidate):
    with pytest.raises(ValueError):
        candidate.f(-3)
def test_two(candidate):
    with pytest.raises(ValueError):
        len('')
"""


@pytest.fixture
def module(tmp_path: Path) -> Any:
    path = tmp_path / "solution.py"
    path.write_text(SOURCE, encoding="utf-8")
    return Loopback().load("solution", path.read_text(encoding="utf-8"), str(path))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda m: m.f(), "f()"),
        (lambda m: m.f(1, -2.5, "text", None, True, nan=float("nan")), "f(1, -2.5, 'text', None, True, nan=nan)"),
        (lambda m: m.f(np.float32(0.5), np.array([1, 2]), np.array(3.0)), "f(0.5, [1, 2], 3.0)"),
        (lambda m: m.f(np.zeros((2, 4)), torch.zeros(7)), "f(float64 of shape (2, 4), float32 of shape (7,))"),
        (lambda m: m.f(torch.eye(3).to_sparse()), "f(float32 of shape (3, 3))"),
        (lambda m: m.f(np.random.default_rng(0), torch.Generator(), len), "f(Generator, Generator, len)"),
        (lambda m: m.f(inout([1])), "f([1])"),
        (lambda m: m.Net()(3), "Net(3)"),
        (lambda m: m.Net().go([1, 2]), "go([1, 2])"),
        (lambda m: m.f(m.Net()), "f(Net)"),
        (lambda m: m.f(*range(20)), "f(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, …)"),
        (lambda m: m.f("x" * 500), f"f('{'x' * 58}…)"),
    ],
)
def test_a_call_is_put_into_words(module: Any, call: Any, words: str) -> None:
    """Its name and arguments; of arrays the elements or the shape."""
    call(module)
    assert (last_call() or "").startswith(words)


def test_what_is_not_called_leaves_the_last_call(module: Any) -> None:
    """Reading and measuring do not count."""
    module.f(1)
    _ = module.f, module.__name__, repr(module)
    assert last_call() == "f(1)"
    forget_call()
    assert last_call() is None


def test_a_failed_call_is_the_last_one() -> None:
    """It was made, whatever came of it; and putting it into words asks the guest nothing."""
    puppet, _, handle = meet(lambda request: fine(request, 1))
    handle(7)
    asked = len(puppet.requests)
    assert (last_call() or "").endswith("(7)")
    assert len(puppet.requests) == asked


def test_plain_pytest_shows_the_call(pytester: pytest.Pytester) -> None:
    """Below the report of the case."""
    pytester.makepyfile(solution=SOURCE, test_public=SUITE)
    result = pytester.runpytest_subprocess()
    result.stdout.fnmatch_lines(["*last call of the candidate's code*", "f(-3)"])
    assert result.stdout.str().count("last call of the candidate's code") == 1
