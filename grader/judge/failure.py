"""What can end a case that is the candidate's doing, as exceptions inside the judge."""

from __future__ import annotations

import builtins
from collections.abc import Callable
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
NAME_LIMIT = 200  # characters of the name of its type
MAX_BASES = 32  # built-in base classes of one exception
MAX_ARGS = 32
MAX_PARTS = 128  # exceptions in one group, those within its parts included
MAX_DEPTH = 6  # groups within groups
_PLACES = 1_000_000  # lines and columns of a SyntaxError, and bounds of a Unicode error: a printer counts them out


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
    """Mixed into every exception that candidate code raised; `remote_message` and `remote_trace` are only text.

    Printing one shows these texts, never its `args`, which may be anything that crosses the wire.
    """

    remote_type: str = ""
    remote_message: str = ""
    remote_trace: str = ""

    def __str__(self) -> str:
        return self.remote_message

    def __repr__(self) -> str:
        return f"{self.remote_type}({self.remote_message!r})"


def rebuild(failure: Node, decoder: Decoder) -> Exception:
    """An exception of the nearest built-in types, so that `pytest.raises(ValueError)` works; never of a foreign type.

    Raises WireError when the description is malformed, or a group has too many parts.
    """
    return _Rebuilding(decoder).one(failure, 0)


class _Rebuilding:
    """Counts the parts of one exception while it is rebuilt."""

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder
        self._left = MAX_PARTS

    def one(self, failure: Node, depth: int) -> Exception:
        bases, texts, args, parts = self._fields(failure)
        self._left -= 1
        if self._left < 0 or depth > MAX_DEPTH:
            raise WireError("a group of exceptions has too many parts")
        if parts is None:
            error = _instance(_remote_type(_nearest(bases)), args)
        else:
            error = _group(_nearest(bases), texts[1], [self.one(part, depth + 1) for part in parts])
        error.remote_type, error.remote_message, error.remote_trace = texts
        return error

    def _fields(self, failure: Node) -> tuple[list[Any], tuple[str, str, str], list[Any], list[Any] | None]:
        if type(failure) is not list or len(failure) != 6:
            raise WireError("the description of an exception is malformed")
        bases, name, message, args, trace, parts = failure
        texts = [self._decoder.decode(part) for part in (name, message, trace)]
        lists = (bases, [] if args is None else args, [] if parts is None else parts)
        if not all(type(text) is str for text in texts) or not all(type(each) is list for each in lists):
            raise WireError("the description of an exception is malformed")
        values = [self._decoder.decode(node) for node in lists[1][:MAX_ARGS]]
        return bases, (texts[0][:NAME_LIMIT], texts[1][:TEXT_LIMIT], texts[2][:TEXT_LIMIT]), values, parts


def summary(error: Exception, encoder: Encoder) -> list[Any]:
    """`[built-in bases, message, args or None]` of an exception that a suite's own function raised."""
    bases = [kind.__name__ for kind in type(error).__mro__ if getattr(builtins, kind.__name__, None) is kind]
    try:
        args = [encoder.encode(argument) for argument in error.args]
    except WireError:
        args = None
    return [bases, encoder.encode(said(error)), args]


def said(error: BaseException) -> str:
    """What an exception says, cut to what is kept; a suite's own may quote an answer that cannot be printed."""
    try:
        return str(error)[:TEXT_LIMIT]
    except Exception as second:  # noqa: BLE001 - an int with too many digits, for one
        return f"(its message could not be read: {type(second).__name__})"


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
        kind = type(bases[0].__name__, (RemoteError, *bases), {"__module__": "builtins"})  # as pytest prints it
        if len(bases) > 1 and not issubclass(kind, BaseExceptionGroup):
            kind.__new__(kind)  # some combinations can be made, and no instance of them
    except TypeError:  # types that cannot be combined, which no honest class combines
        return _remote_type(bases[:1])
    return kind


def _group(bases: tuple[type[Exception], ...], message: str, parts: list[Exception]) -> RemoteError:
    """A group that `except*` takes apart; one that says it is none, or has no parts, gives an ordinary exception."""
    kind = _remote_type(bases)
    if issubclass(kind, ExceptionGroup) and parts:
        made: Any = kind
        return made(message, parts)  # type: ignore[no-any-return]
    return RemoteError(message, parts)


def _instance(kind: type[RemoteError], args: list[Any]) -> RemoteError:
    """An instance with these args.

    A built-in type that makes fields of its args gets them only when each is of the kind that belongs there. Otherwise
    its fields stay empty, which every printer of tracebacks knows how to take.
    """
    if issubclass(kind, BaseExceptionGroup):  # which cannot be without parts
        return RemoteError(*args)
    fits = next((fits for base, fits in _FIELDS.items() if issubclass(kind, base)), None)
    if fits is None or fits(args):
        return kind(*args)
    error = kind.__new__(kind)
    error.args = tuple(args)
    return error


def _is_text(value: Any) -> bool:
    return type(value) is str and len(value) <= TEXT_LIMIT


def _is_place(value: Any) -> bool:
    return value is None or (type(value) is int and -1 <= value <= _PLACES)


def _fits_syntax_error(args: list[Any]) -> bool:
    """`(message[, (file, line, column, text[, last line, last column])])`."""
    if not args:
        return True
    if not _is_text(args[0]) or len(args) != 2:
        return len(args) == 1 and _is_text(args[0])
    details = args[1]
    if type(details) is not tuple or len(details) not in (4, 6):
        return False
    file, line, column, text, *ends = details
    return all(each is None or _is_text(each) for each in (file, text)) and all(map(_is_place, (line, column, *ends)))


def _fits_unicode_error(args: list[Any]) -> bool:
    """`(encoding, object, start, end, reason)`; or, of UnicodeError itself, anything."""
    return len(args) == 5 and _is_text(args[0]) and all(map(_is_bound, args[2:4])) and _is_text(args[4])


def _is_bound(value: Any) -> bool:
    return type(value) is int and 0 <= value <= _PLACES


def _fits_decode_error(args: list[Any]) -> bool:
    return _fits_unicode_error(args) and type(args[1]) in (bytes, bytearray)


def _fits_encode_error(args: list[Any]) -> bool:
    return _fits_unicode_error(args) and type(args[1]) is str


def _fits_translate_error(args: list[Any]) -> bool:
    return len(args) == 4 and _fits_encode_error(["", *args])


def _fits_os_error(args: list[Any]) -> bool:
    """`(number, text[, file[, number[, second file]]])`, or anything that is not two to five."""
    if not 2 <= len(args) <= 5:
        return True
    number, text, *rest = args
    return _is_number(number) and (text is None or _is_text(text)) and all(map(_is_file, rest))


def _is_number(value: Any) -> bool:
    return value is None or (type(value) is int and abs(value) < 2**31)


def _is_file(value: Any) -> bool:
    return type(value) in (str, bytes) or _is_number(value)


def _fits_text_or_nothing(args: list[Any]) -> bool:
    return not args or (len(args) == 1 and _is_text(args[0]))


# Types that make fields of their args, and whether args are what belongs there; all others only keep them.
_FIELDS: dict[type[Exception], Callable[[list[Any]], bool]] = {
    SyntaxError: _fits_syntax_error,
    UnicodeDecodeError: _fits_decode_error,
    UnicodeEncodeError: _fits_encode_error,
    UnicodeTranslateError: _fits_translate_error,
    OSError: _fits_os_error,
    ImportError: _fits_text_or_nothing,
}
