"""The trusted side: runs suites against a guest. What a suite file needs is here."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.judge.changes import assert_unchanged, inout
    from grader.judge.comparison import assert_close
    from grader.judge.generators import fresh

__all__ = ["assert_close", "assert_unchanged", "fresh", "inout"]

_HOMES = {"assert_close": "comparison", "assert_unchanged": "changes", "inout": "changes", "fresh": "generators"}


def __getattr__(name: str) -> Any:
    """A function when it is asked for: numpy comes with it, which a command that only hands out work can spare."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"grader.judge.{_HOMES[name]}"), name)
