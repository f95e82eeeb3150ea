"""The bank's Markdown for a terminal, and as plain text.

Lines are broken by `grader.report.layout`, so that Chinese breaks where it may and nothing is wider than the screen.
Formulas become Unicode text. Colour only adds: where a console has none, code in a sentence keeps its backticks.
"""

from __future__ import annotations

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Lines that belong together: `lead` stands before the first, `margin` before the others, both as wide.

    `wraps` tells prose from lines that stand as they are, such as code; `is_tight`, that no blank line comes before.
    """

    lead: str
    margin: str
    line: Line
    wraps: bool = True
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
    """The lines of `line`, each cut where it is too wide."""
    for row in line.split("\n", allow_blank=True):
        at = 0
        for piece in chop(row.plain, width):
            yield row[at : at + len(piece)] if piece else Line("")
            at += len(piece)


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
            yield _block(_table(node, mark), wraps=False)
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
    return found


def _table(node: SyntaxTreeNode, mark: str) -> Line:
    """The rows with columns aligned; the head is underlined with hyphens."""
    rows = [row for part in node.children for row in part.children]
    cells = [
        [_inline(cell.children[0].children if cell.children else [], mark, "") for cell in row.children] for row in rows
    ]
    widths = [max(cell_len(row[column].plain) for row in cells) for column in range(len(cells[0]))]
    lines = [_row(row, widths) for row in cells]
    lines.insert(1, Line("  ".join("-" * width for width in widths), style="dim"))
    return Line("\n").join(lines)


def _row(cells: Sequence[Line], widths: Sequence[int]) -> Line:
    padded = [cell + Line(" " * (width - cell_len(cell.plain))) for cell, width in zip(cells, widths, strict=True)]
    return Line("  ").join(padded)
