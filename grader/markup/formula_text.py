r"""A formula in LaTeX -> one line of Unicode text, as `\frac{1}{n} \sum_{i=1}^n x_i^2` -> `(1/n) ∑ᵢ₌₁ⁿ xᵢ²`.

It reads what people write in questions: scripts, fractions, roots, sums, accents, alphabets, brackets, cases and
matrices. What it does not know it refuses instead of guessing, so that it also serves as the check of formulas.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NoReturn

from grader.markup import latex
from grader.markup.latex import LatexError
from grader.markup.pieces import Piece, join

MAX_DEPTH: Final = 24
MAX_LENGTH: Final = 4000
_TOKEN = re.compile(r"\\([A-Za-z]+)\*?\s*|\\(.)|(\d+(?:,\d{3})*(?:\.\d+)?)|(\s+)|(.)", re.DOTALL)
_CALL = re.compile(r"[^\s()/]+\([^()]*\)")
_MATRICES: Final[Mapping[str, tuple[str, str]]] = {
    "matrix": ("[", "]"),
    "bmatrix": ("[", "]"),
    "pmatrix": ("(", ")"),
    "vmatrix": ("|", "|"),
    "Vmatrix": ("‖", "‖"),
    "smallmatrix": ("[", "]"),
    "array": ("[", "]"),
    "cases": ("{ ", " }"),
}
_ALIGNED: Final = frozenset({"aligned", "align", "gathered", "split", "gather", "equation"})


@dataclass(frozen=True, slots=True)
class _Token:
    """A command's name, or the characters themselves; `is_command` tells an escaped brace from a brace."""

    text: str
    is_command: bool


@lru_cache(maxsize=4096)
def formula_text(source: str) -> str:
    """The formula as one line (aligned formulas: one line each). Raises LatexError, which says what is wrong."""
    if len(source) > MAX_LENGTH:
        raise LatexError(f"it is longer than {MAX_LENGTH} characters")
    reader = _Reader(source)
    text = join(reader.pieces())
    if reader.has_next:
        raise LatexError(f"`{reader.shown}` closes nothing")
    return text.strip()


class _Reader:
    """Reads a formula from left to right; every method leaves the place behind what it has read."""

    def __init__(self, source: str) -> None:
        self.tokens = [_token(match) for match in _TOKEN.finditer(source)]
        self.at = 0
        self.depth = 0

    @property
    def has_next(self) -> bool:
        return self.at < len(self.tokens)

    @property
    def shown(self) -> str:
        """The next token as it was written."""
        token = self.tokens[self.at]
        return "\\" + token.text if token.is_command else token.text

    def pieces(
        self, ends: Callable[[_Token], bool] = lambda token: token == _Token("}", is_command=False)
    ) -> list[Piece]:
        """Everything up to a token that `ends` it, which is left to be read, or to the end."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise LatexError(f"it is nested deeper than {MAX_DEPTH}")
        found: list[Piece] = []
        while self.has_next and not ends(self.tokens[self.at]):
            found.append(self.scripted(self.piece()))
        self.depth -= 1
        return found

    def piece(self) -> Piece:
        """One symbol, group or command with its arguments."""
        token = self.next()
        if token.is_command:
            return self.command(token.text)
        text = token.text
        if text.isspace():
            return Piece(" ", "blank")
        if text == "{":
            return self.group()
        if text in "^_":
            self.at -= 1
            return Piece("", "ordinary")
        if text == "&":
            raise LatexError("`&` stands outside of a matrix")
        if text == "'":
            return Piece("′", "ordinary")
        text = {"-": "−", "~": " ", "*": "*"}.get(text, text)
        return Piece(text, latex.kind_of(text))

    def group(self) -> Piece:
        """What stands before the brace that closes the one just read."""
        inner = self.pieces()
        self.expect("}")
        if len(inner) == 1:
            return inner[0] if inner[0].kind == "fraction" else Piece(inner[0].text, "ordinary")
        return Piece(join(inner), "ordinary")

    def argument(self, *, tight: bool = False) -> list[Piece]:
        """The pieces of a command's or a script's argument: a group, or one symbol."""
        self.skip_blanks()
        if not self.has_next:
            raise LatexError("it ends where an argument belongs")
        token = self.tokens[self.at]
        if token == _Token("{", is_command=False):
            self.next()
            inner = self.pieces()
            self.expect("}")
            return inner
        if token.text in "}^_&" and not token.is_command:
            raise LatexError(f"`{token.text}` stands where an argument belongs")
        if token.text.isdigit() and not tight:
            self.tokens[self.at : self.at + 1] = [_Token(digit, is_command=False) for digit in token.text]
        return [self.piece()]

    def raw_argument(self) -> str:
        """The characters of an argument in braces, as they stand."""
        self.skip_blanks()
        self.expect("{")
        text, depth = "", 1
        while self.has_next:
            shown, token = self.shown, self.next()
            if not token.is_command and token.text in {"{", "}"}:
                depth += 1 if token.text == "{" else -1
                if depth == 0:
                    return text
                continue
            text += shown if token.is_command and token.text.isalpha() else token.text
        raise LatexError("a `{` is not closed")

    def scripted(self, base: Piece) -> Piece:
        """`base` with the sub- and superscripts that follow it."""
        sub, sup = "", ""
        while self.has_next:
            mark = self.at
            self.skip_blanks()
            token = self.tokens[self.at] if self.has_next else None
            if token is None or token.is_command or token.text not in {"^", "_", "'"}:
                self.at = mark
                break
            self.next()
            if token.text == "_":
                sub += _lower(base, self.script())
            else:
                sup += "′" if token.text == "'" else _raise(self.script())
        if not sub and not sup:
            return base
        text = f"({base.text})" if base.kind == "fraction" else base.text
        return Piece(text + sub + sup, "ordinary" if base.kind == "fraction" else base.kind)

    def script(self) -> str:
        return join(self.argument(), tight=True)

    def command(self, name: str) -> Piece:
        """The command `name` with its arguments."""
        if name in latex.BLANKS:
            return Piece(latex.BLANKS[name], "blank")
        if name in latex.IGNORED or name in latex.SIZES:
            return Piece("", "blank")
        for names, read in _COMMANDS:
            if name in names:
                return read(self, name)
        text = latex.symbol(name)
        if text is None:
            raise LatexError(f"there is no command `\\{name}`")
        return Piece(text, latex.kind_of(text))

    def expect(self, text: str) -> None:
        """Read the brace `text`, or refuse."""
        if not self.has_next or self.tokens[self.at] != _Token(text, is_command=False):
            raise LatexError("a `{` is not closed" if text == "}" else f"`{text}` is missing")
        self.next()

    def next(self) -> _Token:
        self.at += 1
        if self.at > len(self.tokens):
            raise LatexError("it ends too early")
        return self.tokens[self.at - 1]

    def skip_blanks(self) -> None:
        while self.has_next and self.tokens[self.at].text.isspace() and not self.tokens[self.at].is_command:
            self.at += 1


def _token(match: re.Match[str]) -> _Token:
    name, character = match[1], match[2]
    if name or character:
        return _Token(name or character, is_command=True)
    return _Token(match[0], is_command=False)


def _lower(base: Piece, script: str) -> str:
    small = latex.lowered(script)
    is_word = base.kind == "operator" and base.text not in latex.LARGE
    if small and not re.search(r"[a-z]{3}", script) and not (is_word and not script.isdigit()):
        return small
    return "_" + _bracketed(script)


def _raise(script: str) -> str:
    if script == "∘":
        return "°"
    return latex.raised(script) or "^" + _bracketed(script)


def _bracketed(script: str) -> str:
    """`script`, in brackets unless it is one character or one plain word."""
    is_plain = re.fullmatch(r"\w+", script) and script == unicodedata.normalize("NFKC", script)
    return script if is_plain or len(script) == 1 else f"({script})"


def _fraction(reader: _Reader, _: str) -> Piece:
    above, below = reader.argument(), reader.argument()
    return Piece(f"{_numerator(above)}/{_denominator(below)}", "fraction")


def _numerator(pieces: list[Piece]) -> str:
    text = join(pieces)
    return text if _is_one(pieces) or not re.search(r"[\s/]", text) else f"({text})"


def _denominator(pieces: list[Piece]) -> str:
    text = join(pieces)
    return text if _is_one(pieces) or _CALL.fullmatch(text) else f"({text})"


def _is_one(pieces: list[Piece]) -> bool:
    solid = [piece for piece in pieces if piece.kind != "blank"]
    return len(solid) == 1 and solid[0].kind != "fraction" and not re.search(r"[\s/]", solid[0].text)


def _root(reader: _Reader, _: str) -> Piece:
    reader.skip_blanks()
    degree = ""
    if reader.has_next and reader.tokens[reader.at] == _Token("[", is_command=False):
        reader.next()
        inside = reader.pieces(lambda token: token == _Token("]", is_command=False))
        reader.expect("]")
        degree = _raise(join(inside, tight=True))
    inner = reader.argument()
    text = join(inner)
    return Piece(f"{degree}√{text}" if _is_one(inner) else f"{degree}√({text})", "ordinary")


def _accent(reader: _Reader, name: str) -> Piece:
    return Piece(latex.accented(name, join(reader.argument())), "ordinary")


def _alphabet(reader: _Reader, name: str) -> Piece:
    return Piece(latex.in_alphabet(name, join(reader.argument())), "ordinary")


def _font(reader: _Reader, _: str) -> Piece:
    return Piece(join(reader.argument()), "ordinary")


def _words(reader: _Reader, _: str) -> Piece:
    return Piece(reader.raw_argument(), "ordinary")


def _named_operator(reader: _Reader, _: str) -> Piece:
    return Piece(join([piece for piece in reader.argument() if piece.kind != "blank"]), "operator")


def _bracket(reader: _Reader, _: str) -> Piece:
    r"""`\left( … \right]`: what stands between, and both brackets; a `.` is no bracket."""
    opening = _delimiter(reader)
    inner = reader.pieces(lambda token: token in {_Token("right", is_command=True), _Token("}", is_command=False)})
    if not reader.has_next or reader.next() != _Token("right", is_command=True):
        raise LatexError("`\\left` has no `\\right`")
    return Piece(opening + join(inner).strip() + _delimiter(reader), "ordinary")


def _delimiter(reader: _Reader) -> str:
    reader.skip_blanks()
    token = reader.next()
    text = latex.symbol(token.text) if token.is_command and token.text not in "{}" else token.text
    if text is None:
        raise LatexError(f"`\\{token.text}` is no bracket")
    return "" if text == "." else text


def _binomial(reader: _Reader, _: str) -> Piece:
    above, below = join(reader.argument()), join(reader.argument())
    return Piece(f"C({above}, {below})", "ordinary")


def _stack(reader: _Reader, name: str) -> Piece:
    r"""`\underset{a}{b}`, `\overset{a}{b}` and `\stackrel{a}{b}`."""
    beside, base = join(reader.argument(), tight=True), join(reader.argument())
    mark = "_" if name == "underset" else "^"
    return Piece(base + mark + _bracketed(beside), latex.kind_of(base) if base in latex.RELATIONS else "operator")


def _brace(reader: _Reader, _: str) -> Piece:
    inner = reader.argument()
    return Piece(join(inner) if _is_one(inner) else f"({join(inner)})", "ordinary")


def _arrow(reader: _Reader, _: str) -> Piece:
    return Piece(f"→[{join(reader.argument())}]", "relation")


def _modulus(reader: _Reader, _: str) -> Piece:
    return Piece(f" (mod {join(reader.argument())})", "ordinary")


def _struck(reader: _Reader, _: str) -> Piece:
    inner = join(reader.argument()).strip()
    return Piece(latex.negated(inner), latex.kind_of(inner))


def _environment(reader: _Reader, _: str) -> Piece:
    name = reader.raw_argument().removesuffix("*")
    if name not in _MATRICES and name not in _ALIGNED:
        raise LatexError(f"there is no environment `{name}`")
    if name == "array":
        reader.raw_argument()
    rows = _rows(reader)
    if reader.raw_argument().removesuffix("*") != name:
        raise LatexError(f"`\\begin{{{name}}}` is not ended")
    if name in _ALIGNED:
        lines = (join([piece for cell in row for piece in cell]).strip() for row in rows)
        return Piece("\n".join(line for line in lines if line), "ordinary")
    opening, closing = _MATRICES[name]
    cells = ("  ".join(join(cell).strip() for cell in row) for row in rows if any(row))
    return Piece(opening + "; ".join(cells) + closing, "ordinary")


def _rows(reader: _Reader) -> list[list[list[Piece]]]:
    r"""The pieces of every cell of every row up to `\end`, which is read too."""
    rows: list[list[list[Piece]]] = [[]]
    while True:
        rows[-1].append(reader.pieces(_ends_cell))
        if not reader.has_next:
            raise LatexError("a `\\begin` has no `\\end`")
        token = reader.next()
        if token == _Token("end", is_command=True):
            return rows
        if token.is_command:
            rows.append([])


def _ends_cell(token: _Token) -> bool:
    if token.is_command:
        return token.text in {"\\", "end"}
    return token.text in {"&", "}"}


def _refuse_end(_: _Reader, name: str) -> NoReturn:
    raise LatexError(f"`\\{name}` ends nothing")


_COMMANDS: Final[tuple[tuple[frozenset[str], Callable[[_Reader, str], Piece]], ...]] = (
    (frozenset({"frac", "dfrac", "tfrac"}), _fraction),
    (frozenset({"sqrt"}), _root),
    (frozenset(latex.ACCENTS), _accent),
    (frozenset({"mathbb", "mathcal", "mathscr", "mathfrak"}), _alphabet),
    (latex.PLAIN_FONTS, _font),
    (latex.TEXT_FONTS, _words),
    (frozenset({"operatorname", "mathop"}), _named_operator),
    (frozenset({"left"}), _bracket),
    (frozenset({"binom", "tbinom", "dbinom"}), _binomial),
    (frozenset({"underset", "overset", "stackrel"}), _stack),
    (frozenset({"underbrace", "overbrace", "boxed", "mathrel", "mathbin", "substack"}), _brace),
    (frozenset({"xrightarrow"}), _arrow),
    (frozenset({"pmod"}), _modulus),
    (frozenset({"not"}), _struck),
    (frozenset({"begin"}), _environment),
    (frozenset({"right", "end", "\\"}), _refuse_end),
)
