"""Text that a candidate controls, made harmless for the place that it goes to.

Names, messages and captured output may hold anything that Python can put into a string. Each function here turns such
a text into one that its reader shows literally: nothing vanishes without a trace, and nothing is obeyed.
"""

from __future__ import annotations

import codecs
import re
import unicodedata

_NOT_JSON = re.compile("[\x00\ud800-\udfff]")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NOT_ASCII = re.compile(r"[^\x20-\x7e\n]")
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
    return _escape(match) if unicodedata.category(character) in _UNSHOWN else character


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
