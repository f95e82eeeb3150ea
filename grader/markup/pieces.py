"""The pieces of a formula's text, and the blanks between them, which depend on what each piece is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from grader.markup.latex import Kind

_BOUNDS: Final = frozenset({"ordinary", "closing", "operator", "fraction"})


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters that belong together, and how they are spaced."""

    text: str
    kind: Kind


def join(pieces: list[Piece], *, tight: bool = False) -> str:
    """The pieces with the blanks that their kinds call for; none where `tight`, as in scripts."""
    pieces = [piece for piece in pieces if piece.text]
    solid = [None, *(piece for piece in pieces if piece.kind != "blank"), None]
    text, place = "", 0
    for piece in pieces:
        place += piece.kind != "blank"
        left = solid[place if piece.kind == "blank" else place - 1]
        text += _spaced(piece, left, solid[place + 1], tight=tight)
    return text if tight else re.sub(r"(?<=[(\[⟨⌊⌈]) +| +(?=[,;)\]⟩⌋⌉])", "", text)


def _spaced(piece: Piece, left: Piece | None, right: Piece | None, *, tight: bool) -> str:
    """`piece` with the blanks around it that depend on its neighbours."""
    text = piece.text
    if piece.kind == "fraction":
        return _fraction_between(text, left, right)
    if tight:
        return "" if piece.kind == "blank" else text
    if piece.kind == "blank":
        return "" if text == " " and (_spaces_itself(left) or _spaces_itself(right)) else text
    if piece.kind == "relation":
        return f" {text} " if left else f"{text} "
    if piece.kind == "binary":
        return f" {text} " if left and left.kind in _BOUNDS else text
    if piece.kind == "comma":
        return f"{text} "
    if piece.kind == "operator":
        lead = " " if left and left.kind in {"ordinary", "closing"} else ""
        return lead + text + (" " if right and right.kind in {"ordinary", "operator", "fraction"} else "")
    return text


def _spaces_itself(piece: Piece | None) -> bool:
    return piece is None or piece.kind in {"binary", "relation", "operator", "comma", "fraction"}


def _fraction_between(text: str, left: Piece | None, right: Piece | None) -> str:
    """A fraction, in brackets where it would otherwise run into a factor."""
    touches_left = left is not None and left.kind in {"ordinary", "closing", "fraction", "operator"}
    touches_right = right is not None and right.kind in {"ordinary", "opening", "fraction", "operator"}
    if not touches_left and not touches_right:
        return text
    return (" " if touches_left else "") + f"({text})" + (" " if touches_right else "")
