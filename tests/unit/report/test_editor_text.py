"""Statements as an editor shows them: every one that is shipped, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rich.cells import cell_len

from grader.markup import dialect
from grader.report.editor_text import WIDTH, for_editor
from grader.wiring import open_packs

STATEMENTS = sorted(path for pack in open_packs(()) for path in (pack.root / "exercises").glob("*/statement.*.md"))
CODE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def items_of(markdown: str) -> int:
    """How many items its lists have."""
    return sum(token.type == "list_item_open" for token in dialect.parse(markdown))


@pytest.mark.parametrize("path", STATEMENTS, ids=lambda path: f"{path.parent.name}-{path.name[10:12]}")
def test_a_statement_is_readable_in_an_editor(path: Path) -> None:
    """Lines are narrow, no formula is left as its source, code and lists are as they were."""
    source = path.read_text(encoding="utf-8")
    shown = for_editor(source)
    assert CODE.findall(shown) == CODE.findall(source)
    prose = CODE.sub("", shown)
    wide = [line for line in prose.split("\n") if cell_len(line) > WIDTH + 4 and not line.startswith(("|", "#"))]
    assert wide == []
    assert "$" not in prose
    assert not re.search(r"\\(frac|sum|theta|begin|text)", prose)
    assert items_of(shown) == items_of(source)


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("A cost of $5 and `$x$`.", "A cost of $5 and `$x$`."),
        ("For $i < n$, $a_i^2$.", "For i < n, aᵢ²."),
        ("中文一行\n接着写", "中文一行接着写"),
        ("one\ntwo", "one two"),
        ("- item $x$\n  goes on\n- next", "- item x goes on\n- next"),
        ("$$\n\\frac{a}{b}\n$$\n\nend", "    a/b\n\nend"),
        ("$$x$$,\nwhere", "    x\n,\nwhere"),
        ("| a | $b_j$ |\n| --- | --- |", "| a | bⱼ |\n| --- | --- |"),
        ("```python\nx = '$y$'\n```", "```python\nx = '$y$'\n```"),
        ("$$x", "    x"),
    ],
)
def test_each_part_of_a_text(source: str, shown: str) -> None:
    """Formulas become text, lines are filled anew, code and amounts of money are left alone."""
    assert for_editor(source) == shown
