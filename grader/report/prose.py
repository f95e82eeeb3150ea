"""The bank's Markdown for a terminal, and as plain text.

Lines are broken by `grader.report.layout`, so that Chinese breaks where it may and nothing is wider than the screen.
Formulas become Unicode text. Colour only adds: where a console has none, code in a sentence keeps its backticks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from markdown_it.tree import SyntaxTreeNode
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.text import Text as Line

from grader.markup import dialect
from grader.markup.formula_text import formula_text
from grader.markup.latex import LatexError
from grader.report.escaping import for_terminal
from grader.report.layout import chop, wrap

CODE_STYLE: Final = "bold cyan"
_STYLES: Final = {"strong": "bold", "em": "italic", "link": "underline"}
_INDENT: Final = "    "
_NARROWEST: Final = 16
_BREAK: Final = re.compile(r"(?<=\S)\s+|[,(\[{](?=\S)")  # after blanks, a comma or an opening bracket
_LINE_MARK: Final = re.compile(r"(?<=# )\(\d+\)|(?<=-- )\(\d+\)|(?<=// )\(\d+\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Lines that belong together: `lead` stands before the first, `margin` before the others, both as wide.

    `wraps` tells prose from lines that stand as they are, such as code; `narrow` is shown, wrapped, where those are too
    wide; `is_tight` says that no blank line comes before.
    """

    lead: str
    margin: str
    line: Line
    wraps: bool = True
    narrow: Line | None = None
    is_tight: bool = False


def prose(markdown: str) -> RenderableType:
    """The text, ready for `console.print`."""
    return Prose(markdown)


def plain(markdown: str) -> str:
    """The text without marks or line breaks within a paragraph; blocks are parted by blank lines."""
    blocks = _blocks(for_terminal(markdown), mark="")
    return "\n".join(line for block in blocks for line in _gap(block) + _unwrapped(block)).strip("\n")


def inline(markdown: str) -> str:
    """The text as plain text on one line."""
    return " ".join(plain(markdown).split())


class Prose:
    """A text in Markdown as a renderable of rich's, as wide as its console allows."""

    def __init__(self, markdown: str) -> None:
        self.markdown = markdown

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        mark = "" if console.color_system else "`"
        for place, block in enumerate(_blocks(for_terminal(self.markdown), mark=mark)):
            if place and not block.is_tight:
                yield Line("")
            yield from _lines(block, options.max_width)


def _lines(block: Block, width: int) -> Iterator[Line]:
    """The lines of a block, none wider than `width` cells."""
    room = max(width - cell_len(block.lead), _NARROWEST)
    fits = block.narrow is None or all(cell_len(row) <= room for row in block.line.plain.split("\n"))
    if block.narrow is not None and not fits:
        parts = _wrapped(block.narrow, room)
    else:
        parts = _wrapped(block.line, room) if block.wraps else _folded(block.line, room)
    for number, part in enumerate(parts):
        line = Line(block.margin if number else block.lead, no_wrap=True, overflow="ignore", end="\n").append_text(part)
        line.rstrip()
        yield line


def _wrapped(line: Line, width: int) -> Iterator[Line]:
    """`line` broken where prose may be; `wrap` drops only blanks, so each line is found again in the whole."""
    at = 0
    for part in wrap(line.plain, width):
        at = line.plain.index(part, at)
        yield line[at : at + len(part)]
        at += len(part)


def _folded(line: Line, width: int) -> Iterator[Line]:
    """The lines of `line`; one that is too wide goes on below, further in, from a place between two words."""
    for row in line.split("\n", allow_blank=True):
        inside = min(len(row.plain) - len(row.plain.lstrip()) + len(_INDENT), width // 2)
        at, margin = 0, ""
        while cell_len(row.plain[at:]) > width - len(margin):
            piece = _head(row.plain[at:], width - len(margin))
            yield Line(margin) + row[at : at + len(piece)]
            at, margin = at + len(piece), " " * inside
        yield Line(margin) + row[at:] if at < len(row.plain) else Line("")


def _head(code: str, width: int) -> str:
    """The longest beginning of `code` that fits and ends where a person would break it; else the longest that fits."""
    whole = chop(code, width)[0]
    ends = [found.end() for found in _BREAK.finditer(whole)]
    return whole[: ends[-1]] if ends else whole


def _gap(block: Block) -> list[str]:
    return [] if block.is_tight else [""]


def _unwrapped(block: Block) -> list[str]:
    first, *others = block.line.plain.split("\n")
    return [(block.lead + first).rstrip(), *((block.margin + line).rstrip() for line in others)]


def _blocks(markdown: str, *, mark: str) -> list[Block]:
    return [block for node in dialect.tree(markdown).children for block in _of(node, mark)]


def _of(node: SyntaxTreeNode, mark: str) -> Iterator[Block]:
    """The blocks that a node of the document makes."""
    match node.type:
        case "heading":
            yield _block(_inline(node.children[0].children, mark, "bold"))
        case "fence" | "code_block":
            yield _block(_code(node), wraps=False, margin=_INDENT)
        case "math_block":
            yield _block(Line(_formula(node.content)), wraps=False, margin=_INDENT)
        case "bullet_list" | "ordered_list":
            yield from _list(node, mark)
        case "blockquote":
            yield from (_shifted(block, "│ ", "│ ") for child in node.children for block in _of(child, mark))
        case "table":
            cells = _cells(node, mark)
            yield replace(_block(_table(cells), wraps=False), narrow=_records(cells))
        case "hr":
            yield _block(Line("* * *", style="dim"))
        case _:
            yield from _paragraph(node, mark)


def _paragraph(node: SyntaxTreeNode, mark: str) -> Iterator[Block]:
    """Prose; a formula that is displayed stands on lines of its own."""
    run: list[SyntaxTreeNode] = []
    for child in node.children[0].children if node.children else []:
        if child.type != "math_block":
            run.append(child)
            continue
        yield from _run(run, mark)
        yield _block(Line(_formula(child.content)), wraps=False, margin=_INDENT)
        run = []
    yield from _run(run, mark)


def _run(nodes: Sequence[SyntaxTreeNode], mark: str) -> Iterator[Block]:
    line = _inline(nodes, mark, "")
    words = line.plain.strip()
    if words:
        start = line.plain.index(words)
        yield _block(line[start : start + len(words)])


def _block(line: Line, *, wraps: bool = True, margin: str = "") -> Block:
    return Block(lead=margin, margin=margin, line=line, wraps=wraps)


def _list(node: SyntaxTreeNode, mark: str) -> Iterator[Block]:
    """Items, each behind its bullet or number; without blank lines between them where the text has none."""
    number = int(node.attrs.get("start", 1))
    is_tight = all(child.hidden for item in node.children for child in item.children if child.type == "paragraph")
    for place, item in enumerate(node.children):
        bullet = f"{number + place}. " if node.type == "ordered_list" else "- "
        margin = " " * len(bullet)
        for index, block in enumerate(block for child in item.children for block in _of(child, mark)):
            shifted = _shifted(block, margin if index else bullet, margin)
            yield replace(shifted, is_tight=is_tight and (place > 0 or index > 0))


def _shifted(block: Block, lead: str, margin: str) -> Block:
    return replace(block, lead=lead + block.lead, margin=margin + block.margin)


def _inline(nodes: Sequence[SyntaxTreeNode], mark: str, style: str) -> Line:
    """Words, code and formulas of one paragraph."""
    line = Line(style=style)
    for node in nodes:
        match node.type:
            case "code_inline":
                line.append(f"{mark}{node.content}{mark}", CODE_STYLE)
            case "math_inline" | "math_block":
                line.append(_formula(node.content))
            case "softbreak":
                line.append(" ")
            case "hardbreak":
                line.append("\n")
            case "link":
                line.append_text(_link(node, mark))
            case "text":
                line.append(node.content)
            case _:
                line.append_text(_inline(node.children, mark, _STYLES.get(node.type, "")))
    return line


def _link(node: SyntaxTreeNode, mark: str) -> Line:
    line, address = _inline(node.children, mark, _STYLES["link"]), str(node.attrs.get("href", ""))
    return line if line.plain == address else line.append(f" ({address})", "dim not underline")


def _formula(source: str) -> str:
    try:
        return formula_text(source)
    except LatexError:
        return source


def _code(node: SyntaxTreeNode) -> Line:
    from rich.syntax import Syntax

    language = node.info.strip().partition(" ")[0] or "text"
    found = Syntax("", language, theme="ansi_dark").highlight(node.content.rstrip("\n"))
    found.rstrip()
    found.highlight_regex(_LINE_MARK, "bold bright_yellow")  # what the question speaks of must not look like a comment
    return found


def _cells(node: SyntaxTreeNode, mark: str) -> list[list[Line]]:
    """The rows of a table, its head first."""
    rows = [row for part in node.children for row in part.children]
    return [
        [_inline(cell.children[0].children if cell.children else [], mark, "") for cell in row.children] for row in rows
    ]


def _records(cells: Sequence[Sequence[Line]]) -> Line:
    """A table for a window that it does not fit in: each row by itself, each further cell behind the column's name."""
    head, *rows = cells
    parts = []
    for row in rows:
        named = [name + ": " + cell if name.plain else cell for name, cell in zip(head, row, strict=True)]
        parts += [named[0], *(Line("  ") + cell for cell in named[1:])]
    return Line("\n").join(parts)


def _table(cells: Sequence[Sequence[Line]]) -> Line:
    """The rows with columns aligned; the head is underlined with hyphens."""
    widths = [max(cell_len(row[column].plain) for row in cells) for column in range(len(cells[0]))]
    lines = [_row(row, widths) for row in cells]
    lines.insert(1, Line("  ".join("-" * width for width in widths), style="dim"))
    return Line("\n").join(lines)


def _row(cells: Sequence[Line], widths: Sequence[int]) -> Line:
    padded = [cell + Line(" " * (width - cell_len(cell.plain))) for cell, width in zip(cells, widths, strict=True)]
    return Line("  ").join(padded)
