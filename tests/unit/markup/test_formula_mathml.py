"""Formulas as MathML: well formed, and nothing of a page's in them."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from grader.markup.formula_mathml import formula_mathml
from grader.markup.latex import LatexError
from tests.unit.markup.test_formula_text import READ


@pytest.mark.parametrize("source", [source for source in READ if source])
def test_formula_is_well_formed(source: str) -> None:
    """Each formula that reads as text is one element of MathML too."""
    assert ElementTree.fromstring(formula_mathml(source)).tag.endswith("}math")


@pytest.mark.parametrize("source", [r"\text{<script>alert(1)</script>}", r"\text{&lt;b&gt;}", r"a < b"])
def test_text_stays_text(source: str) -> None:
    """What stands in a formula cannot become an element of the page."""
    tags = {part.tag.partition("}")[2] for part in ElementTree.fromstring(formula_mathml(source)).iter()}
    assert tags <= {"math", "mrow", "mtext", "mi", "mo", "mn"}


@pytest.mark.parametrize("source", [r"\href{javascript:alert(1)}{x}", r"\style{color:red}{x}", r"\frac{a}"])
def test_what_text_refuses_is_refused(source: str) -> None:
    """Commands that reach into the page, and formulas that are not whole, are refused."""
    with pytest.raises(LatexError):
        formula_mathml(source)


def test_displayed_formula_is_a_block() -> None:
    """`display` tells the reader's program to give the formula its own line."""
    assert 'display="block"' in formula_mathml("x", display=True)
