"""YAML of a pack -> plain values, with the line of every field kept for messages.

A pack may come from a stranger, so the dialect is small: the scalars of YAML 1.2 (so that `no` and `on` are words and
`1e-4` is a number, as editors read them), string keys, no tags, no anchors or aliases (nothing can be multiplied), one
document, a cap on bytes and on depth. It is read event by event: composing nodes in libyaml recurses in C, and deep
nesting then ends the process instead of raising.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from grader.errors import ContentError
from grader.files import OddFile, read_file


class PureEvents(yaml.reader.Reader, yaml.scanner.Scanner, yaml.parser.Parser):
    """The events of YAML without libyaml: the same ones, slower."""

    def __init__(self, stream: str) -> None:
        yaml.reader.Reader.__init__(self, stream)
        yaml.scanner.Scanner.__init__(self)
        yaml.parser.Parser.__init__(self)


try:
    from yaml._yaml import CParser as Events
except ImportError:
    Events = PureEvents  # type: ignore[assignment,misc]

MAX_BYTES = 256 * 1024
MAX_DEPTH = 32
SHOWN_CHARS = 60

_CONSTANTS: Mapping[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")

Loc = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A mapping that was read, where it came from, and the line of each of its fields."""

    path: Path
    value: dict[str, Any]
    lines: Mapping[Loc, int]
    digest: str = field(default="")

    def line(self, loc: Sequence[str | int]) -> int:
        """The line of the field at `loc`, or of the nearest enclosing one that is there; lines count from 1."""
        place = tuple(loc)
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def error(self, loc: Sequence[str | int], problem: str, fix: str) -> ContentError:
        """What is wrong at `loc`, and what to write instead."""
        return content_error(self.path, loc, self.line(loc), problem, fix)


def content_error(path: Path, loc: Sequence[str | int], line: int | None, problem: str, fix: str) -> ContentError:
    """A ContentError whose field is `loc` with dots between, and whose problem begins with the line."""
    where = "" if line is None else f"line {line}: "
    return ContentError(path, ".".join(str(part) for part in loc), where + problem, fix)


def loc_of(field: str) -> Loc:
    """The place that a dotted field names, as in `hints.0.text`."""
    return tuple(int(part) if part.isdigit() else part for part in field.split(".") if part)


def shown(value: object) -> str:
    """`value` as a person would have written it in YAML, cut to fit one line of a message."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= SHOWN_CHARS else text[: SHOWN_CHARS - 1] + "…"


def read_bytes(path: Path) -> bytes:
    """The bytes of a file of a pack; ContentError when it is missing, not a plain file or over the cap."""
    try:
        return read_file(path, MAX_BYTES)
    except FileNotFoundError:
        raise ContentError(path, "", "there is no such file", "write it, or correct its name") from None
    except OddFile as error:
        raise ContentError(path, "", str(error.strerror), "write a regular file that is not larger") from error
    except OSError as error:
        raise ContentError(path, "", f"it cannot be read ({error.strerror})", "mend its permissions") from error


def decode(path: Path, data: bytes) -> str:
    """`data` as UTF-8, with a byte order mark dropped; ContentError names the line of the first bad byte."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        found = f"byte 0x{data[error.start]:02x} is not UTF-8"
        raise content_error(path, (), line, found, "save the file as UTF-8") from None


def read_prose(path: Path) -> str:
    """A statement, notes or code of a pack as text; raises ContentError as `read_bytes` and `decode` do."""
    return decode(path, read_bytes(path))


def read_document(path: Path) -> Document:
    """Read one YAML file whose top level is a mapping; raises ContentError."""
    data = read_bytes(path)
    return parse_document(path, decode(path, data), digest=digest_of(data))


def digest_of(data: bytes) -> str:
    """The digest by which a file's bytes are known."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def parse_document(path: Path, text: str, *, first_line: int = 1, digest: str = "") -> Document:
    """Parse YAML that begins on line `first_line` of `path`; its top level must be a mapping. Raises ContentError."""
    try:
        builder = _Builder(path, text, first_line)
        value = builder.document()
    except (yaml.YAMLError, UnicodeError) as error:
        raise _syntax_error(path, text, error, first_line) from error
    if not isinstance(value, dict):
        problem = f"the top level is {shown(value)}"
        raise content_error(path, (), first_line, problem, "write fields as `name: value` lines")
    return Document(path=path, value=value, lines=builder.lines, digest=digest)


class _Builder:
    """Builds plain values from the events of one document and notes the line of each."""

    def __init__(self, path: Path, text: str, first_line: int) -> None:
        self.path = path
        self.first_line = first_line
        self.events = Events(text)
        self.lines: dict[Loc, int] = {}

    def document(self) -> Any:
        """The value of the only document; None when the stream is empty."""
        self._next()
        if isinstance(self._next(), yaml.StreamEndEvent):
            return None
        value = self._value(self._next(), ())
        self._next()
        extra = self._next()
        if not isinstance(extra, yaml.StreamEndEvent):
            raise self._error((), extra, "a second document begins here", "keep one document in a file, without `---`")
        return value

    def _value(self, event: Any, loc: Loc) -> Any:
        self.lines.setdefault(loc, event.start_mark.line + self.first_line)
        self._refuse_extras(event, loc)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, loc)
        if len(loc) >= MAX_DEPTH:
            raise self._error(loc[:3], event, f"the nesting is deeper than {MAX_DEPTH}", "write it flatter")
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(loc)
        return self._sequence(loc)

    def _mapping(self, loc: Loc) -> dict[str, Any]:
        value: dict[str, Any] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._key(event, loc)
            here = (*loc, key)
            if key in value:
                first = f"it is already on line {self.lines[here]}"
                raise self._error(here, event, "the field is there twice", f"keep one of the two ({first})")
            self.lines[here] = event.start_mark.line + self.first_line
            value[key] = self._value(self._next(), here)
        return value

    def _key(self, event: Any, loc: Loc) -> str:
        self._refuse_extras(event, loc)
        if not isinstance(event, yaml.ScalarEvent):
            raise self._error(loc, event, "a list or a mapping is used as a field's name", "write `name: value`")
        return str(event.value)

    def _sequence(self, loc: Loc) -> list[Any]:
        value: list[Any] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            value.append(self._value(event, (*loc, len(value))))
        return value

    def _scalar(self, event: Any, loc: Loc) -> Any:
        if not event.implicit[0]:  # quoted or a block: always text
            return str(event.value)
        try:
            return _plain(str(event.value))
        except ValueError:  # more digits than int() will read
            raise self._error(loc, event, "the number is too long", "write a shorter number") from None

    def _refuse_extras(self, event: Any, loc: Loc) -> None:
        if isinstance(event, yaml.AliasEvent):
            found = f"`*{event.anchor}` is an alias"
            raise self._error(loc, event, found, "write the value out (text that begins with `*` goes in quotes)")
        if event.anchor is not None:
            found = f"`&{event.anchor}` is an anchor"
            raise self._error(loc, event, found, "remove it (text that begins with `&` goes in quotes)")
        if event.tag is not None:
            found = f"`{event.tag}` is a tag"
            raise self._error(loc, event, found, "remove it (text that begins with `!` goes in quotes)")

    def _next(self) -> Any:
        return self.events.get_event()

    def _error(self, loc: Loc, event: Any, problem: str, fix: str) -> ContentError:
        return content_error(self.path, loc, event.start_mark.line + self.first_line, problem, fix)


def _plain(text: str) -> Any:
    """A scalar without quotes, by the core schema of YAML 1.2 (decimal numbers only)."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _NOT_FINITE.fullmatch(text):
        return float(text.replace(".", ""))
    return text


def _syntax_error(path: Path, text: str, error: Exception, first_line: int) -> ContentError:
    """What libyaml says, with the line, and what to do about the mistakes that people make most."""
    mark = getattr(error, "problem_mark", None)
    line = None if mark is None else mark.line
    if isinstance(error, yaml.reader.ReaderError):
        with contextlib.suppress(TypeError):
            line = text.count("\n", 0, error.position)
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)
    number = None if line is None else line + first_line
    return content_error(path, (), number, f"it is not valid YAML ({problem})", _syntax_fix(problem))


def _syntax_fix(problem: str) -> str:
    if "mapping values are not allowed" in problem:
        return "put text that contains `: ` in quotes, or write it as a block after `|`"
    if "cannot start any token" in problem:
        return "indent with spaces, and put text that begins with a tab, `@`, `%` or a backquote in quotes"
    if "control characters" in problem or "special characters" in problem:
        return "remove the control character"
    return "mend the indentation, the brackets or the quotes there"
