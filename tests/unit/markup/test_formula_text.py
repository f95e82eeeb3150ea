"""Formulas as Unicode text: they read well, and what is wrong is refused."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.markup.formula_text import formula_text
from grader.markup.latex import LatexError

READ = {
    r"\frac{1}{n} \sum_{i=1}^n x_i^2": "(1/n) ∑ᵢ₌₁ⁿ xᵢ²",
    r"\frac{QK^\top}{\sqrt{d_k}}": "QKᵀ/√dₖ",
    r"\frac{a+b}{c d}": "(a + b)/(c d)",
    r"\frac{1}{2n}": "1/(2n)",
    r"\frac{1}{f(x)}": "1/f(x)",
    r"\frac12 x": "(1/2) x",
    r"x \frac{\frac{a}{b}}{c}": "x ((a/b)/c)",
    r"\sqrt{x+1}": "√(x + 1)",
    r"\sqrt[3]{x}": "³√x",
    r"\hat{y} = \sigma(w^\top x + b)": "ŷ = σ(wᵀx + b)",
    r"a=b": "a = b",
    r"-1 - -x": "−1 − −x",
    r"10^{-6}": "10⁻⁶",
    r"2^{n/2}": "2^(n/2)",
    r"e^{x_i}": "e^(xᵢ)",
    r"x_{t-1}": "xₜ₋₁",
    r"d_{\text{model}}^2": "d_model²",
    r"d_{\max}": "d_max",
    r"\max_{a'} Q(s', a')": "max_(a′) Q(s′, a′)",
    r"\log_2 8 + \log(1/\delta)": "log₂ 8 + log(1/δ)",
    r"\operatorname*{arg\,max}_\theta p": "argmax_θ p",
    r"1{,}000 + 10,000 + (1, 2)": "1,000 + 10,000 + (1, 2)",
    r"p(y \mid x) \ge 1-\delta": "p(y ∣ x) ≥ 1 − δ",
    r"\mathbb{E}_{x \sim p}[f(x)]": "𝔼_(x∼p)[f(x)]",
    r"\mathcal{L} \in \mathbb{R}^{d}": "ℒ ∈ ℝᵈ",
    r"\mathbf{x}^{(i)} \not\in B": "x⁽ⁱ⁾ ∉ B",
    r"\left\{ x : x > 0 \right\}": "{x: x > 0}",
    r"\left. x \right|_0": "x|₀",
    r"\begin{cases} x & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases}": "{ x  if  x > 0; 0  otherwise }",
    r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}": "(1  2; 3  4)",
    r"\begin{aligned} a &= b \\ &= c \end{aligned}": "a = b\n= c",
    r"90^\circ, 50\%": "90°, 50%",
    r"\binom{n}{k}": "C(n, k)",
    r"\text{训练损失} = 0": "训练损失 = 0",
    "": "",
}
REFUSED = {
    r"\foo": "no command `\\foo`",
    "{x": "a `{` is not closed",
    "x}": "`}` closes nothing",
    r"\frac{a}": "ends where an argument belongs",
    "x^": "ends where an argument belongs",
    "x^^2": "`^` stands where",
    r"\left( x": "has no `\\right`",
    r"\left(": "has no `\\right`",
    r"\left": "ends too early",
    r"a & b": "outside of a matrix",
    r"\begin{x} \end{x}": "no environment `x`",
    r"\begin{cases} x": "has no `\\end`",
    r"\begin{cases} x \end{matrix}": "is not ended",
    r"\end{cases}": "ends nothing",
    r"\text{a": "is not closed",
    "{" * 100: "nested deeper",
    "x" * 5000: "longer than",
}


@pytest.mark.parametrize(("source", "text"), READ.items(), ids=READ)
def test_formula_reads(source: str, text: str) -> None:
    """A formula becomes the text that a person would type."""
    assert formula_text(source) == text


@pytest.mark.parametrize(("source", "problem"), REFUSED.items(), ids=[source[:20] for source in REFUSED])
def test_mistake_is_named(source: str, problem: str) -> None:
    """What is wrong with a formula is said."""
    with pytest.raises(LatexError) as caught:
        formula_text(source)
    assert problem in str(caught.value)


@given(st.lists(st.sampled_from([*READ, *REFUSED, *r"\{}^_&$[]a1 "]), max_size=6).map("".join))
def test_any_text_is_read_or_refused(source: str) -> None:
    """No input ends in another error than LatexError."""
    with contextlib.suppress(LatexError):
        assert isinstance(formula_text(source), str)
