"""Text that a candidate controls, made harmless for the place that it goes to.

Names, messages and captured output may hold anything that Python can put into a string. Each function here turns such
a text into one that its reader shows literally: nothing vanishes without a trace, and nothing is obeyed.
"""

from __future__ import annotations

import codecs
import json
import re
import unicodedata
from typing import Any

_NOT_JSON = re.compile("[\x00\ud800-\udfff]")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NOT_ASCII = re.compile(r"[^\x20-\x7e\n]")
_ODD = re.compile(r"\r(?!\n)|[^\x20-\x7e\t\n\r]")
_EMOJI = re.compile("[\U0001f000-\U0001faff]")  # of a newer Unicode than this Python's, some of them
_JOINER = "\u200d"  # makes one emoji of several
_UNSHOWN = {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"}  # control, format (bidi, zero width), surrogate, unassigned, separators


def for_json(text: str) -> str:
    r"""`text` without what JSON readers choke on: lone surrogates and NUL become visible, as `\udc80` and `\x00`.

    Other control characters are legal in JSON once the writer has escaped them.
    """
    return _NOT_JSON.sub(_escape, text)


def for_xml(text: str) -> str:
    """`text` without the characters that no XML 1.0 document may hold, not even escaped."""
    return _NOT_XML.sub("", text)


def for_terminal(text: str, encoding: str = "utf-8") -> str:
    r"""`text` as printable characters and `\n`, every one of which `encoding` can carry.

    Control characters (so every ANSI sequence), invisible ones, those that reorder a line, and what `encoding` lacks
    are written out, as `\x1b`. Tabs become spaces; a carriage return ends a line, as progress bars mean it to.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").expandtabs(4)
    shown = _NOT_ASCII.sub(_escape_unshown, lines)
    return shown.encode(encoding, "backslashreplace").decode(encoding)


def as_it_is(text: str, encoding: str = "utf-8") -> str:
    r"""`text` as `for_terminal` shows it, but with its tabs and line ends: for what may go into a file."""
    shown = _ODD.sub(_escape_unshown, text) if _ODD.search(text) else text
    return shown.encode(encoding, "backslashreplace").decode(encoding)


def to_json(value: Any, indent: int | None = None) -> str:
    r"""A JSON document for people and machines: what a terminal obeys is written as `\u009b`, the same value.

    Raises ValueError for numbers that JSON has not.
    """
    document = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)
    return _NOT_ASCII.sub(_escape_in_json, document)


def can_carry(encoding: str, text: str) -> bool:
    """Whether every character of `text` exists in `encoding`."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def known_encoding(name: str) -> str:
    """`name` where Python knows that encoding, else `ascii`."""
    try:
        return codecs.lookup(name).name
    except LookupError:
        return "ascii"


def _escape_unshown(match: re.Match[str]) -> str:
    character = match[0]
    if unicodedata.category(character) not in _UNSHOWN or _EMOJI.match(character) or _joins_emoji(match):
        return character
    return _escape(match)


def _joins_emoji(match: re.Match[str]) -> bool:
    """Whether the character stands between two emoji and makes one of them, as in a family."""
    around = match.string[max(0, match.start() - 1) : match.end() + 1]
    return match[0] == _JOINER and len(around) == 3 and all(map(_is_part_of_emoji, (around[0], around[2])))


def _is_part_of_emoji(character: str) -> bool:
    return character == "\ufe0f" or unicodedata.category(character) in {"So", "Sk"} or bool(_EMOJI.match(character))


def _escape_in_json(match: re.Match[str]) -> str:
    character = match[0]
    if _escape_unshown(match) == character:
        return character
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
