"""Breaking text into lines of so many terminal cells, where Chinese needs no spaces and its characters are two wide."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from rich.cells import cell_len

_OPENING = "（［｛《〈「『【〔“‘"
_CLOSING = "）］｝》〉」』】〕”’，。、；：？！…"
_WIDE = "\u1100-\u115f\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff01-\uff60\uffe0-\uffe6"
_WIDE += "\U0001f300-\U0003fffd"
# An atom is never broken unless it alone is too long: blanks, or a word or one wide character with the punctuation
# that may not be parted from it.
_BODY = rf"(?:[^\s{_WIDE}{_OPENING}{_CLOSING}]+|(?![{_OPENING}{_CLOSING}])[{_WIDE}])"
_ATOM = re.compile(rf"\s+|[{_OPENING}]+{_BODY}?[{_CLOSING}]*|{_BODY}[{_CLOSING}]*|[{_CLOSING}]+")


def wrap(text: str, width: int) -> list[str]:
    """The lines of `text`, each at most `width` cells; indentation is kept, blanks at a break are dropped."""
    return [line for paragraph in text.split("\n") for line in _fill(paragraph, max(width, 2))]


def _fill(paragraph: str, width: int) -> Iterator[str]:
    line, used = "", 0
    for atom in _ATOM.findall(paragraph):
        if used + cell_len(atom) <= width:
            line, used = line + atom, used + cell_len(atom)
            continue
        if line.strip():
            yield line.rstrip()
        line, used = "", 0
        if atom.isspace():
            continue
        *full, line = chop(atom, width)
        yield from full
        used = cell_len(line)
    yield line.rstrip()


def words(text: str) -> list[str]:
    """What no line may end within."""
    return [atom for atom in _ATOM.findall(text) if not atom.isspace()]


def break_points(text: str, width: int) -> list[tuple[int, int]]:
    """Where the lines of `text` begin and end when it is wrapped: between words, all of which stay whole.

    A word that fits no line is a path, say, which the terminal breaks without harm to who copies it.
    """
    if cell_len(text) <= width:
        return [(0, len(text))]
    found, begin, end, used = [], 0, 0, 0
    for match in _ATOM.finditer(text):
        size = cell_len(match[0])
        if not match[0].isspace():
            if text[begin:end].strip() and used + size > width:
                found.append((begin, end))
                begin, used = match.start(), 0
            end = match.end()
        used += size
        if end == match.end() and used > width:
            used %= width  # where the terminal goes on
    return [*found, (begin, end)]


def chop(text: str, width: int) -> list[str]:
    """`text` in pieces of at most `width` cells, wherever they end; `width` is at least 2."""
    pieces, used = [""], 0
    for character in text:
        size = cell_len(character)
        if used + size > width:
            pieces.append("")
            used = 0
        pieces[-1] += character
        used += size
    return pieces


def pad(text: str, width: int) -> str:
    """`text` followed by blanks up to `width` cells."""
    return text + " " * (width - cell_len(text))


def keep_end(text: str, width: int, mark: str) -> str:
    """`text` in at most `width` cells: where it is longer, `mark` and its end, which of a path is what tells most."""
    if cell_len(text) <= width:
        return text
    kept = ""
    for character in reversed(text):
        if cell_len(mark + character + kept) > width:
            break
        kept = character + kept
    return mark + kept


def excerpt(text: str, characters: int, lines: int, left_out: Callable[[int], str]) -> str:
    """Head and tail of `text`, where it is longer than so many `characters` or `lines`, and a line between them.

    `left_out(number of characters missing)` writes that line.
    """
    if len(text) <= characters and text.count("\n") < lines:
        return text
    head = "\n".join(text[: characters * 2 // 3].split("\n")[: lines * 2 // 3])
    rest = text[len(head) :]
    tail = "\n".join(rest[-(characters // 3) :].split("\n")[-(lines // 3) :])
    return "\n".join([head.rstrip(), left_out(len(text) - len(head) - len(tail)), tail.strip("\n")])
