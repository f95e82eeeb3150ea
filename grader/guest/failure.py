"""Candidate exceptions as text and data: never pickled, and safe against a `__str__` that raises or never ends."""

from __future__ import annotations

import builtins
import traceback
from typing import Any

from grader.wire.codec import Encoder, Unsendable

MESSAGE_LIMIT = 2_000  # characters
TRACEBACK_LIMIT = 6_000  # characters
CANDIDATE_FILES = ("solution.py", "driver.py")


def describe(error: BaseException, encoder: Encoder) -> list[Any]:
    """`[built-in bases, type name, message, args or None, traceback]`; the traceback shows the candidate's frames."""
    bases = [c.__name__ for c in type(error).__mro__ if getattr(builtins, c.__name__, None) is c]
    try:
        args = [encoder.encode(argument) for argument in error.args]
    except (Unsendable, RecursionError):
        args = None
    return [
        bases,
        encoder.encode(type(error).__name__[:200]),
        encoder.encode(_message(error)),
        args,
        encoder.encode(_trace(error)),
    ]


def _message(error: BaseException) -> str:
    try:
        return str(error)[:MESSAGE_LIMIT]
    except BaseException as second:  # noqa: BLE001 - whatever a candidate's __str__ does, there is a message
        return f"(its message could not be read: {type(second).__name__})"


def _trace(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__, limit=200)
    own = [frame for frame in frames if frame.filename in CANDIDATE_FILES]
    lines = ["".join(traceback.format_list(own[-12:])), type(error).__name__]
    if isinstance(error, SyntaxError):
        lines.append(f" (line {error.lineno})")
    return "".join(lines)[-TRACEBACK_LIMIT:]
