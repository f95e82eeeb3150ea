"""Markdown as HTML: complete, and harmless."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.report.markdown_html import style, to_html

ALLOWED = set(
    "p h1 h2 h3 h4 h5 h6 ul ol li blockquote table thead tbody tr th td pre code span a strong em hr br "
    "math mrow mi mo mn mfrac msub msup msubsup mtext msqrt".split()
)


class Elements(HTMLParser):
    """Notes every element and attribute."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs


@pytest.mark.parametrize(
    ("markdown", "part"),
    [
        ("`a<b`", "<code>a&lt;b</code>"),
        ("$x_i$", "<msub>"),
        ("$$x$$", 'display="block"'),
        ("$\\foo{<b>}$", "<code>\\foo{&lt;b&gt;}</code>"),
        ("```python\nx = 1\n```", 'class="hl-'),
        ("```nonsense\n<x>\n```", "&lt;x&gt;"),
        ("| a |\n|---|\n| b |", "<th>a</th>"),
        ("[a](https://b.c)", 'href="https://b.c" rel="noopener noreferrer"'),
        ("costs $5 and $6", "costs $5 and $6"),
        ("中文\n换行", "<p>中文换行</p>"),
    ],
)
def test_markdown_is_rendered(markdown: str, part: str) -> None:
    """Each construct becomes its element."""
    assert part in to_html(markdown)


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[a](javascript:alert(1))",
        "[a](data:text/html,x)",
        "![a](https://tracker.example/x.png)",
        "$\\text{<script>alert(1)</script>}$",
        "$\\href{javascript:alert(1)}{x}$",
        '```"><script>\nx\n```',
        "| <b onclick=x> |\n|---|\n| y |",
    ],
)
def test_nothing_hostile_comes_through(hostile: str) -> None:
    """No element but those of prose, no event, no address but http and https."""
    found = Elements(to_html(hostile))
    assert set(found.tags) <= ALLOWED
    assert not [name for name, _ in found.attributes if name.startswith("on") or name in {"src", "style"}]
    assert all(str(value).startswith("https://") for name, value in found.attributes if name == "href")


@given(st.text(st.sampled_from("<>&\"'`*$\\\n-#|[]():/abc中"), max_size=100))
def test_any_text_gives_allowed_elements(markdown: str) -> None:
    """Whatever the text, only elements of prose come out."""
    assert set(Elements(to_html(markdown)).tags) <= ALLOWED


def test_style_is_for_both_kinds_of_page() -> None:
    """The style has rules for a dark page, and none that reaches beyond our elements."""
    rules = [line for line in style().splitlines() if line.startswith((".", "math"))]
    assert "prefers-color-scheme: dark" in style()
    assert all(line.startswith((".viva-code", "math")) for line in rules)
