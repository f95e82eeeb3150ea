r"""Markdown as the bank's texts use it -> tokens of markdown-it, with formulas as tokens of their own.

Beside CommonMark it has tables, `$…$` (token `math_inline`) and `$$…$$` (token `math_block`). A dollar opens a formula
unless a blank follows, and closes one unless a blank comes before or a digit after; `\$` is a dollar, and a dollar in
code is code. Raw HTML is text, images are links, and only links to http and https are links. A line end between two
Chinese characters is nothing, as Chinese has no blanks between words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

_LINK: Final = re.compile(r"https?://[^\s]+")
_PLAIN: Final = re.compile(r"[A-Za-z\u4e00-\u9fff][^\n`$*_<>\[\]|\\&#~]*")  # one line in which nothing is a mark
_MATH: Final = re.compile(
    r"\$\$(?P<display>(?:[^$\\]|\\.)+)\$\$|\$(?!\s)(?P<inline>(?:[^$\\]|\\.)+)(?<!\s)\$(?!\d)", re.DOTALL
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    """A block of code, and the name of its language ("" where there is none)."""

    language: str
    code: str


@cache
def parser() -> MarkdownIt:
    """The parser; it keeps nothing of what it parses."""
    found = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["image", "html_block", "html_inline"])
    found.block.ruler.before("fence", "math_block", _block_formula, {"alt": ["paragraph", "blockquote", "list"]})
    found.inline.ruler.before("escape", "math_inline", _inline_formula)
    found.core.ruler.push("chinese_line_ends", _join_chinese_lines)
    found.validateLink = lambda url: _LINK.fullmatch(url) is not None  # type: ignore[method-assign]
    return found


def parse(markdown: str) -> Sequence[Token]:
    """The tokens of a text."""
    return parser().parse(markdown)


def tree(markdown: str) -> SyntaxTreeNode:
    """The tokens of a text, as a tree."""
    return SyntaxTreeNode(parse(markdown))


def formulas(markdown: str) -> tuple[str, ...]:
    """The LaTeX of every formula of a text, in order."""
    return _parts(markdown)[0]


def fences(markdown: str) -> tuple[Fence, ...]:
    """Every block of code of a text, in order."""
    return _parts(markdown)[1]


def words(markdown: str) -> str:
    """The prose of a text: without code, formulas and marks; blocks are parted by line ends."""
    return _parts(markdown)[2]


@lru_cache(maxsize=8192)
def _parts(markdown: str) -> tuple[tuple[str, ...], tuple[Fence, ...], str]:
    """Formulas, blocks of code and prose: the checks ask for one after the other, and parsing is what takes time."""
    if _PLAIN.fullmatch(markdown):
        return (), (), markdown
    tokens = parse(markdown)
    every = [token for outer in tokens for token in (outer, *(outer.children or ()))]
    code = (token for token in every if token.type in {"fence", "code_block"})
    lines = (_line_of_words(token) for token in tokens if token.type == "inline")
    return (
        tuple(token.content for token in every if token.type in {"math_inline", "math_block"}),
        tuple(Fence(language=token.info.strip().partition(" ")[0], code=token.content) for token in code),
        "\n".join(line for line in lines if line.strip()),
    )


def _line_of_words(token: Token) -> str:
    return "".join(_NOT_WORDS.get(child.type, child.content) for child in token.children or ())


_NOT_WORDS: Final = {"code_inline": " ", "math_inline": " ", "math_block": " ", "softbreak": " ", "hardbreak": "\n"}


def _inline_formula(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "$":
        return False
    match = _MATH.match(state.src, state.pos, state.posMax)
    if match is None:
        return False
    if not silent:
        display = match["display"]
        token = state.push("math_inline" if display is None else "math_block", "", 0)
        token.content = (match["inline"] if display is None else display).strip()
    state.pos = match.end()
    return True


def _block_formula(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """A formula between two lines that begin and end with `$$`, whatever its lines look like."""
    text = _line(state, first)
    if not text.startswith("$$") or state.is_code_block(first):
        return False
    lines = [text[2:]]
    while not lines[-1].rstrip().endswith("$$"):
        if first + len(lines) >= last or (not lines[-1].strip() and len(lines) > 1):
            return False
        lines.append(_line(state, first + len(lines)))
    content = "\n".join(lines).rstrip()[:-2]
    if "$" in content or not content.strip():
        return False
    if not silent:
        token = state.push("math_block", "", 0)
        token.block, token.content, token.map = True, content.strip(), [first, first + len(lines)]
        state.line = first + len(lines)
    return True


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def _join_chinese_lines(state: StateCore) -> None:
    for token in state.tokens:
        children = token.children or []
        for place in range(1, len(children) - 1):
            if children[place].type == "softbreak" and _need_no_blank(children[place - 1], children[place + 1]):
                children[place].type, children[place].content = "text", ""


def _need_no_blank(left: Token, right: Token) -> bool:
    """Whether a line ends between two Chinese characters, or beside a mark that is as wide as one."""
    before = left.content[-1:] if left.type == "text" else ""
    after = right.content[:1] if right.type == "text" else ""
    return (_is_wide(before) and _is_wide(after)) or _is_wide_mark(before) or _is_wide_mark(after)


def _is_wide(character: str) -> bool:
    return character != "" and unicodedata.east_asian_width(character) in "WF"


def _is_wide_mark(character: str) -> bool:
    return _is_wide(character) and unicodedata.category(character).startswith("P")
