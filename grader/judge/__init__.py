"""The trusted side: runs suites against a guest. A suite file needs only `assert_close` from here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.judge.comparison import assert_close

__all__ = ["assert_close"]


def __getattr__(name: str) -> Any:
    """`assert_close` when it is asked for: numpy comes with it, which a command that only hands out work can spare."""
    if name != "assert_close":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from grader.judge.comparison import assert_close

    return assert_close
