"""Markdown on a terminal and as plain text."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from grader.report.prose import inline, plain, prose

SAMPLE = """# Title `x`

A run with $\\eta = 10^{-3}$ and `batch_size=32`; see [docs](https://x.y/z), **bold**.

中文一行很长，（括号）很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长
接着 $\\sum_{i=1}^n x_i$。

$$
\\frac{a}{b} - c
$$

1. one
2. two
   - nested

> quoted

| a | long |
|---|--:|
| 中文 | `2` |

```python
def f(x): return "$x$"
```
"""


def printed(markdown: str, width: int = 80, **settings: object) -> str:
    """What a console of so many cells shows."""
    stream = io.StringIO()
    Console(file=stream, width=width, **settings).print(prose(markdown))  # type: ignore[arg-type]
    return stream.getvalue()


PLAIN = {
    "`a_b` and *c*": "a_b and c",
    "$x_i$ costs \\$5": "xᵢ costs $5",
    "`$x$`": "$x$",
    "$\\foo$": "\\foo",
    "one\ntwo\n\nthree": "one two\n\nthree",
    "中文\n换行": "中文换行",
    "- a\n- b": "- a\n- b",
    "- a\n\n- b": "- a\n\n- b",
    "3. c\n4. d": "3. c\n4. d",
    "a $$x=1$$ b": "a\n\n    x = 1\n\nb",
    "```python\nx  # y\n```": "    x  # y",
    "<b>raw</b>": "<b>raw</b>",
    "[t](https://a.b)": "t (https://a.b)",
    "a  \nb": "a\nb",
}


@pytest.mark.parametrize(("markdown", "text"), PLAIN.items(), ids=list(PLAIN))
def test_plain_text(markdown: str, text: str) -> None:
    """Plain text has no marks, and a paragraph is one line."""
    assert plain(markdown) == text


def test_inline_is_one_line() -> None:
    """`inline` gives one line, whatever the text's blocks."""
    assert inline("a\n\n- b\n\n```\nc\n```") == "a - b c"


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_no_line_is_too_wide(width: int) -> None:
    """No line is wider than the screen, in either language."""
    without_table = SAMPLE.split("| a |", maxsplit=1)[0]
    assert max(cell_len(line) for line in printed(without_table, width).splitlines()) <= width


@given(st.text(st.sampled_from("ab `*_$\\\n-#>|[]()中，123."), max_size=120))
def test_any_text_is_shown(markdown: str) -> None:
    """No text ends in an error, and the terminal shows what the plain text says."""
    shown = printed(markdown, 60).replace("`", "")
    expected = plain(markdown).replace("`", "")
    assert "".join(shown.split()) == "".join(expected.split())


def test_code_in_a_sentence_is_marked_without_colour() -> None:
    """In a pipe, code keeps its backticks; with colour it is coloured instead."""
    assert "`batch_size=32`" in printed(SAMPLE)
    coloured = printed(SAMPLE, force_terminal=True, color_system="standard")
    assert "`" not in coloured
    assert "\x1b[" in coloured


def test_control_characters_are_shown() -> None:
    """A text cannot send commands to the terminal."""
    assert "\x1b" not in printed("a \x1b[31mred\x1b[0m `\x1b]0;t\x07` b")


def test_columns_of_a_table_are_aligned() -> None:
    """A table's columns begin at the same cell in every row, wide characters or not."""
    rows = plain("| 中文 | b |\n|---|---|\n| c | d |").splitlines()
    assert [cell_len(row[: row.index(mark)]) for row, mark in zip(rows, "b-d", strict=True)][0::2] == [6, 6]


_WIDE = """
```python
    assert_close(candidate.sequence_logps(logits.masked_fill(~mask, padding), expected), atol=1e-12)
```

| layout | first member of pair i | second member of pair i |
| --- | --- | --- |
| interleaved | x[2i] | x[2i+1] |
"""


@pytest.mark.parametrize("width", [50, 64, 80])
def test_code_and_tables_are_not_cut_inside_a_word(width: int) -> None:
    """Code goes on below, further in; a table that is too wide is told row by row."""
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(prose(_WIDE))
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert all(cell_len(line) <= width for line in shown.splitlines())
    assert set(re.findall(r"\w+", shown)) == set(re.findall(r"\w+", _WIDE.replace("python", "")))
