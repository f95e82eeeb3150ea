"""What the commands of LaTeX mathematics mean: symbols, accents, alphabets, and how each kind of symbol is spaced."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import Final, Literal

Kind = Literal["ordinary", "binary", "relation", "operator", "opening", "closing", "comma", "blank", "fraction"]


class LatexError(ValueError):
    """A formula that cannot be read; the message says what is wrong with it."""


RELATIONS: Final = frozenset("=<>≤≥≈≠∼≃≅≡≐∝∈∉∋⊂⊆⊃⊇→←↔⇒⇐⇔⟶⟹⟸⟺↦≪≫≔∣⊥∥⊢⊨≺≻≲≳↑↓")
BINARIES: Final = frozenset("+−-*±∓·×÷∘⊙⊗⊕⊖∧∨∪∩∖⋆⋅")
LARGE: Final = frozenset("∑∏∐∫∬∮⋃⋂⨁⨂")
WORDS: Final = frozenset(
    "arccos arcsin arctan arg argmax argmin cos cosh cot coth csc deg det dim exp gcd hom inf ker lg lim liminf "
    "limsup ln log max min Pr sec sin sinh sup tan tanh".split()
)
OWN_SYMBOLS: Final[Mapping[str, str]] = {
    "ne": "≠",
    "neq": "≠",
    "gets": "←",
    "iff": "⇔",
    "implies": "⇒",
    "impliedby": "⇐",
    "Rightarrow": "⇒",
    "Longrightarrow": "⇒",
    "neg": "¬",
    "lt": "<",
    "gt": ">",
    "mid": "∣",
    "Re": "Re",
    "Im": "Im",
    "coloneqq": "≔",
    "bmod": "mod",
    "ast": "*",
    "colon": ":",
    "vert": "|",
    "lVert": "‖",
    "rVert": "‖",
    "|": "‖",
    "dots": "…",
    "dotsc": "…",
    "dotsb": "⋯",
    "cdots": "⋯",
    "lesssim": "≲",
    "gtrsim": "≳",
    "prime": "′",
    "backslash": "\\",
    **{character: character for character in "%$#&_{}"},
    "top": "⊤",
    "intercal": "⊤",
    "leftarrow": "←",
    "dag": "†",
    "checkmark": "✓",
    "lbrace": "{",
    "rbrace": "}",
    "lbrack": "[",
    "rbrack": "]",
}
BLANKS: Final[Mapping[str, str]] = {
    "quad": "  ",
    "qquad": "    ",
    ",": " ",
    ";": " ",
    ":": " ",
    ">": " ",
    " ": " ",
    "\n": " ",
    "enspace": " ",
    "thinspace": " ",
    "!": "",
}
IGNORED: Final = frozenset("displaystyle textstyle scriptstyle limits nolimits nonumber".split())
SIZES: Final = frozenset("big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr bigm Bigm middle".split())
ACCENTS: Final[Mapping[str, str]] = {
    "hat": "\u0302",
    "widehat": "\u0302",
    "bar": "\u0304",
    "overline": "\u0304",
    "tilde": "\u0303",
    "widetilde": "\u0303",
    "vec": "\u20d7",
    "dot": "\u0307",
    "ddot": "\u0308",
    "underline": "\u0332",
}
PLAIN_FONTS: Final = frozenset("mathbf mathrm mathit mathsf mathtt boldsymbol bm mathnormal pmb".split())
TEXT_FONTS: Final = frozenset("text textbf textit textrm textsf texttt mbox hbox".split())
OPENING: Final = frozenset("([{⟨⌊⌈")
CLOSING: Final = frozenset(")]}⟩⌋⌉")
_LETTERLIKE: Final[Mapping[str, str]] = {
    **dict(zip("CHNPQRZ", "ℂℍℕℙℚℝℤ", strict=True)),
    **{f"cal {plain}": script for plain, script in zip("BEFHILMR", "ℬℰℱℋℐℒℳℛ", strict=True)},
}
_RAISED: Final = dict(
    zip(
        "0123456789+-−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVW⊤′*",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵀ′*",
        strict=True,
    )
)
_LOWERED: Final = dict(
    zip(
        "0123456789+-−=()aehijklmnoprstuvxβγρφχ",
        "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ",
        strict=True,
    )
)


def raised(text: str) -> str | None:
    """`text` in superscript characters, or None where one of them has none."""
    return _all(text, _RAISED)


def lowered(text: str) -> str | None:
    """`text` in subscript characters, or None where one of them has none."""
    return _all(text, _LOWERED)


def accented(name: str, text: str) -> str:
    """`text` under the accent `name`; over more than one character it is written like a function."""
    if len(text) == 1:
        return unicodedata.normalize("NFC", text + ACCENTS[name])
    return f"{name.removeprefix('wide')}({text})"


def negated(symbol: str) -> str:
    """A symbol struck through."""
    return unicodedata.normalize("NFC", symbol + "\u0338")


def in_alphabet(name: str, text: str) -> str:
    """`text` in the alphabet of `mathbb`, `mathcal`, `mathscr` or `mathfrak`; letters that have no form stay."""
    if name == "mathbb":
        return "".join(_LETTERLIKE.get(letter) or _shifted(letter, 0x1D538, 0x1D552) for letter in text)
    if name == "mathfrak":
        return "".join(_shifted(letter, 0x1D56C, 0x1D586) for letter in text)
    return "".join(_LETTERLIKE.get(f"cal {letter}") or _shifted(letter, 0x1D49C, None) for letter in text)


def symbol(name: str) -> str | None:
    r"""The characters that the command `\name` stands for, or None where it stands for none."""
    return OWN_SYMBOLS.get(name) or (name if name in WORDS else _known_symbol(name))


def kind_of(text: str) -> Kind:
    """How a symbol is spaced."""
    if text in RELATIONS:
        return "relation"
    if text in BINARIES or text == "mod":
        return "binary"
    if text in LARGE or text in WORDS:
        return "operator"
    if text in OPENING:
        return "opening"
    if text in CLOSING:
        return "closing"
    return "comma" if text in {",", ";", ":"} else "ordinary"


def _shifted(letter: str, capitals: int, smalls: int | None) -> str:
    if "A" <= letter <= "Z":
        return chr(capitals + ord(letter) - ord("A"))
    if "a" <= letter <= "z" and smalls is not None:
        return chr(smalls + ord(letter) - ord("a"))
    return letter


def _all(text: str, forms: Mapping[str, str]) -> str | None:
    found = [forms.get(character) for character in text]
    return "".join(form for form in found if form) if all(found) else None


@cache
def _known_symbol(name: str) -> str | None:
    from pylatexenc.latex2text import get_default_latex_context_db

    spec = get_default_latex_context_db().get_macro_spec(name)
    text = getattr(spec, "simplify_repl", None)
    return text if isinstance(text, str) and text and "%" not in text else None
