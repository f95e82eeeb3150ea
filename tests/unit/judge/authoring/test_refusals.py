"""Bad arguments must raise, one at a time and two at once, and the message says which were given."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.judge import assert_each_raises, assert_refuses
from grader.judge.comparison import Mismatch, collect_observations
from grader.judge.loopback import Loopback

NAN = float("nan")
BAD = [0.0, -1.0, NAN]
Load = Callable[[str], Any]

SOUND = """
import math
def scale(value, sensitivity, epsilon, *, strict=True):
    if not (sensitivity > 0 and epsilon > 0):
        raise ValueError("not positive")
    return value * sensitivity / epsilon
"""
QUOTIENT_ONLY = """
def scale(value, sensitivity, epsilon):
    if not sensitivity / (epsilon or 1e-9) > 0:
        raise ValueError("not positive")
    return value
"""


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """A module of the candidate's with this source, as a suite sees it."""

    def load(source: str) -> Any:
        path = tmp_path / "solution.py"
        path.write_text(source, encoding="utf-8")
        return Loopback().load("solution", path.read_text(encoding="utf-8"), str(path))

    return load


def arguments(**replaced: Any) -> dict[str, Any]:
    return {"value": 2.0, "sensitivity": 3.0, "epsilon": 1.5, **replaced}


def test_what_refuses_all_that_is_bad_passes(load: Load) -> None:
    """And the result of the sound call comes back."""
    assert assert_refuses(load(SOUND).scale, arguments(), {"sensitivity": BAD, "epsilon": BAD}) == 4.0


def test_two_bad_arguments_that_cancel_are_tried(load: Load) -> None:
    """-1 / -1 is positive: only both at once show that each was to be looked at."""
    scale = load(QUOTIENT_ONLY).scale
    bad = {"sensitivity": [-1.0], "epsilon": [-1.0]}
    assert_refuses(scale, arguments(), bad, pairs=False)
    with pytest.raises(Mismatch) as caught:
        assert_refuses(scale, arguments(), bad)
    assert (
        caught.value.message.en
        == "scale(value=2.0, sensitivity=-1.0, epsilon=-1.0) was to raise ValueError, and returned 2.0"
    )
    assert (
        caught.value.message.zh == "scale(value=2.0, sensitivity=-1.0, epsilon=-1.0) 应当抛出 ValueError，却返回了 2.0"
    )


def test_what_refuses_everything_fails(load: Load) -> None:
    """The sound call is made first."""
    scale = load("def scale(*args):\n    raise ValueError('no')").scale
    with pytest.raises(
        Mismatch,
        match=r"scale\(value=2.0, sensitivity=3.0, epsilon=1.5\) was to be accepted, and raised ValueError: no",
    ):
        assert_refuses(scale, arguments(), {"epsilon": BAD})


def test_arguments_that_are_bad_together(load: Load) -> None:
    """A tuple of names is replaced as one, and is not paired with a name in it."""
    source = "def clip(x, low, high):\n    calls.append((low, high))\n    if low >= high: raise ValueError\ncalls = []"
    module = load(source)
    assert_refuses(module.clip, {"x": 1.0, "low": 0.0, "high": 2.0}, {("low", "high"): [(1.0, 0.0), (1.0, 1.0)]})
    assert module.calls == [(0.0, 2.0), (1.0, 0.0), (1.0, 1.0)]


def test_every_pair_of_values_in_the_same_place_is_tried(load: Load) -> None:
    """Three and two values: each alone, then as many pairs as the longer list has."""
    module = load("def f(a, b):\n    calls.append((a, b))\n    if (a, b) != (0, 0): raise ValueError\ncalls = []")
    assert_refuses(module.f, {"a": 0, "b": 0}, {"a": [1, 2, 3], "b": [8, 9]})
    assert module.calls == [(0, 0), (1, 0), (2, 0), (3, 0), (0, 8), (0, 9), (1, 8), (2, 9), (3, 8)]


def test_arguments_by_name(load: Load) -> None:
    """Those that are keyword-only are passed so; the others by position, whatever the candidate calls them."""
    with pytest.raises(
        Mismatch, match=r"sensitivity=0.0, epsilon=1.5, strict=False\) was to raise TypeError, and raised ValueE"
    ):
        assert_refuses(
            load(SOUND).scale, arguments(strict=False), {"sensitivity": [0.0]}, error=TypeError, by_name=["strict"]
        )


def test_a_name_that_the_sound_call_lacks_is_the_authors_error(load: Load) -> None:
    """Its value would never be passed."""
    with pytest.raises(ValueError, match="`sound` lacks eps"):
        assert_refuses(load(SOUND).scale, arguments(), {"eps": BAD})


def test_each_raises_names_the_first_that_does_not(load: Load) -> None:
    """Positional and named cases; large arrays by dtype and shape, small ones by their elements."""
    module = load("def f(x, y=None):\n    if len(x) < 7: raise ValueError('short')\n    return x.sum()")
    assert_each_raises(ValueError, module.f, [([1],), {"x": np.zeros(6)}])
    with pytest.raises(Mismatch) as caught:
        assert_each_raises(ValueError, module.f, [(np.array([0.5, NAN]),), {"x": np.ones(9), "y": np.array([1, 2])}])
    assert "f(x=float64 of shape (9,), y=[1, 2]) was to raise ValueError, and returned 9.0" in caught.value.message.en


def test_another_error_is_told(load: Load) -> None:
    """With its words."""
    module = load("def f(x):\n    return {}[x]")
    with pytest.raises(Mismatch, match=r"f\('a'\) was to raise ValueError, and raised KeyError: 'a'"):
        assert_each_raises(ValueError, module.f, [("a",)])


def test_no_memory_is_no_refusal(load: Load) -> None:
    """Nor any other message than that of memory."""
    module = load("def f(x):\n    raise MemoryError")
    with pytest.raises(MemoryError):
        assert_each_raises(ValueError, module.f, [(1,)])


def test_what_a_refusal_says_is_kept_for_the_diagnosis(load: Load) -> None:
    """Right results before it say nothing of which argument was not refused."""
    sound = {"value": 1.0, "sensitivity": 2.0, "epsilon": 0.5}
    with collect_observations() as seen, pytest.raises(Mismatch):
        assert_refuses(load(QUOTIENT_ONLY).scale, sound, {"sensitivity": [-1.0], "epsilon": [-1.0]})
    place, said = (one.value for one in seen)
    assert place == 2, "the third of the bad calls, where both are bad"
    assert "sensitivity=#, epsilon=#) was to raise ValueError" in said


def agree(one: Callable[[], object], other: Callable[[], object]) -> bool:
    """Whether two failures leave the same behind for the diagnosis."""
    seen = []
    for fails in (one, other):
        with collect_observations() as observations, pytest.raises(Mismatch):
            fails()
        seen.append(observations)
    first, second = seen
    return len(first) == len(second) and all(a.agrees(b) for a, b in zip(first, second, strict=True))


@pytest.mark.parametrize("each", [True, False])
def test_which_argument_was_let_through_tells_two_mistakes_apart(load: Load, each: bool) -> None:
    """Figures in the words of a failure are not compared: both of these return a number for two numbers."""

    def lets_through(bad: str) -> Callable[[], object]:
        scale = load(f"def scale(value, width):\n    if width != {bad}:\n        raise ValueError\n").scale
        if each:
            return lambda: assert_each_raises(ValueError, scale, [(1.0, 2.0), (1.0, 3.0), (1.0, 4.0)])
        sane = load(
            f"def scale(value, width):\n    if width not in (1.0, {bad}):\n        raise ValueError\n    return 0.5\n"
        ).scale
        return lambda: assert_refuses(sane, {"value": 1.0, "width": 1.0}, {"width": [2.0, 3.0, 4.0]})

    assert agree(lets_through("3.0"), lets_through("3.0"))
    assert not agree(lets_through("3.0"), lets_through("4.0"))
