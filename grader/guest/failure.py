"""Exceptions as text and data: never pickled, and safe against a `__str__` that raises or never ends."""

from __future__ import annotations

import builtins
import traceback
from collections.abc import Collection, Iterator
from types import CodeType, TracebackType
from typing import Any

from grader.wire.encoder import Encoder

MESSAGE_LIMIT = 2_000  # characters
TRACEBACK_LIMIT = 6_000  # characters
GROUP_PARTS, GROUP_DEPTH = 32, 4  # of an exception group, more is left out
CANDIDATE_FILES = ("solution.py", "driver.py")
SHOWN_FRAMES = 12

_Place = tuple[CodeType, int]  # code, and the instruction in it
_texts: dict[tuple[_Place, ...], str] = {}  # a suite that tries twenty bad arguments sees the same line raise each time
_TEXTS = 256


def describe(
    error: BaseException, encoder: Encoder, files: Collection[str] = CANDIDATE_FILES, depth: int = 0
) -> list[Any]:
    """`[built-in bases, type name, message, args or None, traceback, parts of a group or None]`.

    The traceback shows the frames of `files` only, which are the candidate's.
    """
    bases = [c.__name__ for c in type(error).__mro__ if getattr(builtins, c.__name__, None) is c]
    args, parts = None, None
    if isinstance(error, BaseExceptionGroup) and depth < GROUP_DEPTH:
        parts = [describe(part, encoder, files, depth + 1) for part in error.exceptions[:GROUP_PARTS]]
    else:
        args = _args(error, encoder)
    texts = [encoder.encode(text) for text in (type(error).__name__[:200], _message(error), _trace(error, files))]
    return [bases, *texts[:2], args, texts[2], parts]


def rebuild(bases: list[str], message: str, args: list[Any] | None) -> Exception:
    """The exception that a function of the suite raised, as the nearest built-in type."""
    kinds = (getattr(builtins, name, None) for name in bases)
    kind = next((k for k in kinds if isinstance(k, type) and issubclass(k, Exception)), Exception)
    try:
        return kind(message) if args is None else kind(*args)
    except (TypeError, ValueError):
        return RuntimeError(message)


def _args(error: BaseException, encoder: Encoder) -> list[Any] | None:
    """`error.args`, and the file name that OSError leaves out of them; None when one of them cannot cross."""
    args = list(error.args)
    if isinstance(error, OSError) and error.filename is not None and len(args) == 2:
        args.append(error.filename)
    blobs, mutables, known = len(encoder.blobs), len(encoder.mutables), encoder.known.copy()
    try:
        return [encoder.encode(argument) for argument in args]
    except Exception:  # noqa: BLE001 - whatever a candidate's classes do while they are looked at
        del encoder.blobs[blobs:], encoder.mutables[mutables:]
        encoder.known = known
        return None


def _message(error: BaseException) -> str:
    try:
        text = error.message if isinstance(error, BaseExceptionGroup) else str(error)
        return text[:MESSAGE_LIMIT]
    except BaseException as second:  # noqa: BLE001 - whatever a candidate's __str__ does, there is a message
        return f"(its message could not be read: {type(second).__name__})"


def _trace(error: BaseException, files: Collection[str]) -> str:
    own = [entry for entry in _entries(error.__traceback__) if entry.tb_frame.f_code.co_filename in files]
    lines = [_frames(own[-SHOWN_FRAMES:]), type(error).__name__]
    if isinstance(error, SyntaxError):
        lines.append(f" (line {error.lineno})")
    return "".join(lines)[-TRACEBACK_LIMIT:]


def _entries(entry: TracebackType | None) -> Iterator[TracebackType]:
    while entry is not None:
        yield entry
        entry = entry.tb_next


def _frames(entries: list[TracebackType]) -> str:
    """How Python prints these frames, as if there were no others; looked up where it was printed before."""
    places = tuple((entry.tb_frame.f_code, entry.tb_lasti) for entry in entries)
    text = _texts.get(places)
    if text is None:
        chain = None
        for entry in reversed(entries):
            chain = TracebackType(chain, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
        if len(_texts) >= _TEXTS:
            _texts.clear()
        text = _texts[places] = "".join(traceback.format_tb(chain))
    return text
