"""What can end a case that is the candidate's doing, as exceptions inside the judge."""

from __future__ import annotations

import builtins
from functools import lru_cache
from typing import Any

from _pytest.outcomes import OutcomeException

from grader.errors import WireError
from grader.model.text import Text
from grader.model.verdict import Status
from grader.wire.decoder import Decoder
from grader.wire.encoder import Encoder
from grader.wire.nodes import Node

TEXT_LIMIT = 8_000  # characters kept of whatever a candidate's exception says
MAX_BASES = 32  # built-in base classes of one exception


class GuestFailure(OutcomeException):
    """The guest died, ran out of something or broke the wire's rules.

    Not an Exception: a suite that expects an error (`pytest.raises(Exception)`) must not take this for one. But an
    outcome to pytest: any other BaseException in the end of a fixture keeps it from ending the case's other fixtures,
    and the next case is then given those, with the candidate of the last one.
    """

    def __init__(self, status: Status, message: Text) -> None:
        super().__init__(message.en, pytrace=False)
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
    """An exception of the nearest built-in types, so that `pytest.raises(ValueError)` works; never of a foreign type.

    Raises WireError when the description is malformed.
    """
    if type(failure) is not list or len(failure) != 6 or type(failure[0]) is not list:
        raise WireError("the description of an exception is malformed")
    bases, name, message, args, trace, parts = failure
    texts = [decoder.decode(part) for part in (name, message, trace)]
    if not all(type(text) is str for text in texts):
        raise WireError("the description of an exception is malformed")
    values = [] if args is None else [decoder.decode(node) for node in args]
    if parts is not None:
        values = [texts[1], [rebuild(part, decoder) for part in parts]]
    error = _instance(_remote_type(_nearest(bases)), values)
    error.remote_type, error.remote_message, error.remote_trace = (text[:TEXT_LIMIT] for text in texts)
    return error


def summary(error: Exception, encoder: Encoder) -> list[Any]:
    """`[built-in bases, message, args or None]` of an exception that a suite's own function raised."""
    bases = [kind.__name__ for kind in type(error).__mro__ if getattr(builtins, kind.__name__, None) is kind]
    try:
        args = [encoder.encode(argument) for argument in error.args]
    except WireError:
        args = None
    return [bases, encoder.encode(str(error)[:TEXT_LIMIT]), args]


def _nearest(names: list[Any]) -> tuple[type[Exception], ...]:
    """Of the named built-in exceptions, those that are nobody's base class among them."""
    kinds = [kind for kind in map(_builtin, names[:MAX_BASES]) if kind is not None]
    return tuple(kind for kind in kinds if not any(other is not kind and issubclass(other, kind) for other in kinds))


def _builtin(name: Any) -> type[Exception] | None:
    """The built-in exception of this name; SystemExit and its like stay out, they would end the judge's own run."""
    kind = getattr(builtins, name, None) if type(name) is str else None
    return kind if isinstance(kind, type) and issubclass(kind, Exception) else None


@lru_cache(maxsize=256)
def _remote_type(bases: tuple[type[Exception], ...]) -> type[RemoteError]:
    if not bases or bases == (Exception,):
        return RemoteError
    try:
        return type(f"Remote{bases[0].__name__}", (RemoteError, *bases), {})
    except TypeError:  # types that cannot be combined, which no honest class combines
        return _remote_type(bases[:1])


def _instance(kind: type[RemoteError], values: list[Any]) -> RemoteError:
    """An instance with these args; some built-in types insist on args of their own kind, and get none or give way."""
    try:
        return kind(*values)
    except (TypeError, ValueError, OverflowError):
        blank = RemoteError if issubclass(kind, BaseExceptionGroup) else kind
        error = blank.__new__(blank)
        error.args = tuple(values)
        return error
