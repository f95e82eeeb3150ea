"""The bank's Markdown -> a fragment of HTML that is safe to put into a page, and the style for it.

Nothing of a text is obeyed: raw HTML shows as text, links lead to http and https only, images are not loaded, and
neither scripts nor styles come in through formulas.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from grader.markup import dialect
from grader.markup.formula_mathml import formula_mathml
from grader.markup.latex import LatexError

PREFIX: Final = "hl-"
_LIGHT, _DARK = "friendly", "github-dark"
_FRAME: Final = """\
.viva-code { overflow-x: auto; padding: .7em .9em; border-radius: .4em; background: #f6f6f4; color: #1f2328; }
.viva-code code { font: .9em/1.45 ui-monospace, "SF Mono", Menlo, Consolas, "Noto Sans Mono CJK SC", monospace; }
math { font-size: 1.06em; }
math[display="block"] { margin: .8em 0; overflow-x: auto; }
"""
_DARK_FRAME: Final = ".viva-code { background: #161b22; color: #e6edf3; }\n"


def to_html(markdown: str) -> str:
    """The text as block elements: paragraphs, lists, tables, highlighted code and MathML."""
    return str(_renderer().render(markdown))


@cache
def style() -> str:
    """The CSS that the fragments need; it follows the reader's wish for a light or a dark page, and prints light."""
    dark = _DARK_FRAME + _colours(_DARK)
    return f"{_FRAME}{_colours(_LIGHT)}@media screen and (prefers-color-scheme: dark) {{\n{dark}}}\n"


@cache
def _renderer() -> MarkdownIt:
    made = dialect.parser()
    made.add_render_rule("math_inline", _formula)
    made.add_render_rule("math_block", _display_formula)
    made.add_render_rule("fence", _code)
    made.add_render_rule("code_block", _code)
    made.add_render_rule("link_open", _link)
    return made


def _formula(_: RendererHTML, tokens: Sequence[Token], index: int, *__: Any) -> str:
    return _mathml(tokens[index].content, display=False)


def _display_formula(_: RendererHTML, tokens: Sequence[Token], index: int, *__: Any) -> str:
    return _mathml(tokens[index].content, display=True)


def _mathml(source: str, *, display: bool) -> str:
    try:
        return formula_mathml(source, display=display)
    except LatexError:
        return f"<code>{html.escape(source)}</code>"


def _code(_: RendererHTML, tokens: Sequence[Token], index: int, *__: Any) -> str:
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import TextLexer, get_lexer_by_name
    from pygments.util import ClassNotFound

    token = tokens[index]
    language = token.info.strip().partition(" ")[0]
    try:
        lexer = get_lexer_by_name(language, stripnl=False) if language else TextLexer(stripnl=False)
    except ClassNotFound:
        lexer = TextLexer(stripnl=False)
    inner = highlight(token.content, lexer, HtmlFormatter(nowrap=True, classprefix=PREFIX))
    return f'<pre class="viva-code"><code>{inner}</code></pre>\n'


def _link(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, _: Any) -> str:
    tokens[index].attrSet("rel", "noopener noreferrer")
    return renderer.renderToken(tokens, index, options, {})


def _colours(name: str) -> str:
    """The colours of a style of pygments, as rules for code of ours only."""
    from pygments.formatters import HtmlFormatter

    rules = HtmlFormatter(style=name, classprefix=PREFIX).get_style_defs(".viva-code").splitlines()
    return "".join(f"{rule}\n" for rule in rules if rule.startswith(f".viva-code .{PREFIX}"))
