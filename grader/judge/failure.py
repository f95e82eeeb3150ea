"""What can end a case that is the candidate's doing, as exceptions inside the judge."""

from __future__ import annotations

import builtins
from functools import cache
from typing import Any

from grader.errors import WireError
from grader.model.verdict import Status
from grader.wire.codec import Decoder, Node

TEXT_LIMIT = 8_000  # characters kept of whatever a candidate's exception says


class GuestFailure(BaseException):
    """The guest died, ran out of something or broke the wire's rules.

    Not an Exception: a suite that expects an error (`pytest.raises(Exception)`) must not take this for one.
    """

    def __init__(self, status: Status, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class RemoteError(Exception):
    """Mixed into every exception that candidate code raised; `remote_message` and `remote_trace` are only text."""

    remote_type: str
    remote_message: str
    remote_trace: str

    def __str__(self) -> str:
        return self.remote_message


def rebuild(failure: Node, decoder: Decoder) -> Exception:
    """An exception of the nearest built-in type, so that `pytest.raises(ValueError)` works; never of a foreign type.

    Raises WireError when the description is malformed.
    """
    if type(failure) is not list or len(failure) != 5 or type(failure[0]) is not list:
        raise WireError("the description of an exception is malformed")
    bases, name, message, args, trace = failure
    texts = [decoder.decode(part) for part in (name, message, trace)]
    if not all(type(text) is str for text in texts):
        raise WireError("the description of an exception is malformed")
    values = [] if args is None else [decoder.decode(node) for node in args]
    base = next((kind for kind in map(_builtin, bases) if kind is not None), None)
    error = _blank(_remote_type(base), values)
    error.remote_type, error.remote_message, error.remote_trace = (text[:TEXT_LIMIT] for text in texts)
    return error


def _builtin(name: Any) -> type[Exception] | None:
    """The built-in exception of this name; SystemExit and its like stay out, they would end the judge's own run."""
    kind = getattr(builtins, name, None) if type(name) is str else None
    return kind if isinstance(kind, type) and issubclass(kind, Exception) else None


@cache
def _remote_type(base: type[Exception] | None) -> type[RemoteError]:
    if base is None or base is Exception:
        return RemoteError
    return type(f"Remote{base.__name__}", (RemoteError, base), {})


def _blank(kind: type[RemoteError], values: list[Any]) -> RemoteError:
    """An instance with these args; some built-in types insist on args of their own kind and get none."""
    try:
        return kind(*values)
    except (TypeError, ValueError):
        error = kind.__new__(kind)
        error.args = tuple(values)
        return error
