"""The kit of a bundle, which runs without viva, judges tables of public cases as viva does."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from grader import sessions
from grader.judge import assert_close


@pytest.fixture(scope="module")
def kit() -> ModuleType:
    """The file that a candidate's pytest loads."""
    path = Path(sessions.__file__).with_name("kit") / "conftest.py"
    spec = importlib.util.spec_from_file_location("kit_of_tables", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


FRAME = pd.DataFrame({"a": [1.0, np.nan], "b": ["x", None], "n": [1, 2]})
PAIRS: dict[str, tuple[Any, Any]] = {
    "alike": (FRAME.copy(), FRAME),
    "within tolerance": (FRAME.assign(a=[1.0 + 1e-10, np.nan]), FRAME),
    "a number": (FRAME.assign(a=[1.1, np.nan]), FRAME),
    "a text": (FRAME.assign(b=["y", None]), FRAME),
    "a dtype": (FRAME.assign(n=[1.0, 2.0]), FRAME),
    "an order of columns": (FRAME[["b", "a", "n"]], FRAME),
    "an index": (FRAME.iloc[::-1], FRAME),
    "a series": (FRAME["a"], FRAME["a"]),
    "a name": (FRAME["a"].rename("z"), FRAME["a"]),
    "an array": (np.eye(2), FRAME),
}


def accepts(check: Any, actual: Any, expected: Any) -> bool:
    """Whether an assertion lets a pair pass."""
    try:
        check(actual, expected)
    except AssertionError:
        return False
    return True


@pytest.mark.parametrize(("actual", "expected"), PAIRS.values(), ids=PAIRS.keys())
def test_both_accept_the_same(kit: ModuleType, actual: Any, expected: Any) -> None:
    """A candidate who passes at home does not fail here for the way of comparing."""
    assert accepts(kit.assert_close, actual, expected) == accepts(assert_close, actual, expected)


def test_a_change_in_place_is_seen(kit: ModuleType) -> None:
    """As in a guest, where the suite's table is a copy too."""
    assert kit._differs(FRAME, FRAME.assign(a=0.0))
    assert not kit._differs(FRAME, FRAME.copy())
