"""Values and gradients are the reference's, in every combination of inputs that require grad."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from grader.judge import assert_close, assert_same_gradients, pair_of_modules
from grader.judge.comparison import Mismatch
from grader.judge.loopback import Loopback
from grader.judge.plugin import load_module

REFERENCE = """
import torch
from torch import nn
def product(x, y, shift=0.0):
    return {"product": x * y + shift, "sums": [x.sum(), y.sum()], "n": 3}
def first(x, y):
    return 2 * x
class Layer(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.linear = nn.Linear(n, n)
        self.norm = nn.BatchNorm1d(n)
        self.tied = self.linear.weight
        self.unused = nn.Parameter(torch.zeros(2))
        self.register_buffer("steps", torch.arange(3))
    def forward(self, x):
        return self.norm(self.linear(x)) @ self.tied
"""
CANDIDATES = {
    "a value": ("x * y + shift", "x * y * 2 + shift", "the value: the result's ['product'] is"),
    "no gradient at all": ("x * y + shift", "(x * y + shift).detach()", "the result does not require grad although x"),
    "one detached": ("x * y + shift", "x * y.detach() + shift", "the gradient of y: the result is"),
    "a factor": ("x * y + shift", "x * y + shift + (x - x.detach())", "the gradient of x: the result is"),
    "one only where the other needs it": (
        "x * y + shift",
        "x * (y if x.requires_grad else y.detach()) + shift",
        "the result does not require grad although y does",
    ),
    "a result that is attached": (
        "x * y + shift",
        "x * y + shift + torch.zeros(1, requires_grad=True).sum()",
        "the result requires grad although no input does",
    ),
}
Load = Callable[[str], Any]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def load(source: str) -> Any:
        (tmp_path / "solution.py").write_text(source, encoding="utf-8")
        return Loopback().load("solution", (tmp_path / "solution.py").read_text(encoding="utf-8"), "solution.py")

    return load


@pytest.fixture
def reference(tmp_path: Path) -> Any:
    (tmp_path / "reference.py").write_text(REFERENCE, encoding="utf-8")
    return load_module(tmp_path / "reference.py", "reference_of_modules")


@pytest.fixture
def torch_rng() -> torch.Generator:
    return torch.Generator().manual_seed(5)


def inputs() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(3)
    return torch.randn(4, generator=generator), torch.randn(4, generator=generator)


def test_what_is_the_same_passes(load: Load, reference: Any, torch_rng: torch.Generator) -> None:
    """Containers of tensors, keyword arguments, values that are no tensors; the suite's inputs get no gradient."""
    x, y = inputs()
    assert_same_gradients(load(REFERENCE).product, reference.product, x, y, generator=torch_rng, shift=1.5)
    assert (x.grad, y.grad) == (None, None)


@pytest.mark.parametrize("name", CANDIDATES)
def test_a_difference_is_named(load: Load, reference: Any, torch_rng: torch.Generator, name: str) -> None:
    """Which gradient of which input, and in which round."""
    old, new, words = CANDIDATES[name]
    product = load(REFERENCE.replace(old, new)).product
    with pytest.raises(Mismatch) as caught:
        assert_same_gradients(product, reference.product, *inputs(), generator=torch_rng, names=("x", "y"))
    assert words in caught.value.message.en
    assert any("\u4e00" <= letter <= "\u9fff" for letter in caught.value.message.zh)


def test_one_round_will_do_where_the_suite_says_so(load: Load, reference: Any, torch_rng: torch.Generator) -> None:
    """Without `alone`, what happens when one input alone requires grad is not looked at."""
    old, new, _ = CANDIDATES["one only where the other needs it"]
    product = load(REFERENCE.replace(old, new)).product
    assert_same_gradients(product, reference.product, *inputs(), generator=torch_rng, alone=False)


def test_a_gradient_of_zero_is_not_none(load: Load, reference: Any, torch_rng: torch.Generator) -> None:
    """An input that is not used has none."""
    first = load("def first(x, y):\n    return 2 * x + 0 * y").first
    with pytest.raises(Mismatch, match=r"the gradient of input 1: .* got tensor.*, expected None|of type torch.Tensor"):
        assert_same_gradients(first, reference.first, *inputs(), generator=torch_rng)


def test_a_pair_has_the_same_state(load: Load, reference: Any, torch_rng: torch.Generator) -> None:
    """Drawn: no bias 0, no scale 1, no variance below 0.5; integers as they were; what is tied stays tied."""
    layer, known = pair_of_modules(load(REFERENCE).Layer, reference.Layer, 3, generator=torch_rng)
    state = known.state_dict()
    assert_close(dict(layer.state_dict()), dict(state), rtol=0, atol=0)
    assert all(state[name].abs().min() > 0 for name in ("linear.bias", "norm.bias", "norm.running_mean", "unused"))
    assert (state["norm.weight"] != 1).all()
    assert (state["norm.running_var"] >= 0.5).all()
    assert state["steps"].tolist() == [0, 1, 2]
    assert known.tied is known.linear.weight
    assert_same_gradients(layer, known, torch.randn(5, 3), generator=torch_rng)


def test_a_state_may_be_drawn_otherwise(load: Load, reference: Any, torch_rng: torch.Generator) -> None:
    """By name; where nothing is said, as usual."""

    def draw(name: str, tensor: torch.Tensor) -> torch.Tensor | None:
        return torch.ones_like(tensor) if name == "unused" else None

    layer, known = pair_of_modules(load(REFERENCE).Layer, reference.Layer, 3, generator=torch_rng, draw=draw)
    assert layer.unused.tolist() == known.unused.tolist() == [1.0, 1.0]
    assert known.linear.bias.abs().min() > 0


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("@ self.tied", "@ self.tied.detach()", "linear.weight"),
        ("self.norm(self.linear(x))", "(self.norm(self.linear(x)) + 0 * self.unused.sum())", "unused"),
    ],
)
def test_gradients_of_parameters_are_named(
    load: Load, reference: Any, torch_rng: torch.Generator, old: str, new: str, name: str
) -> None:
    """Those of a module, zero and None apart."""
    module = load(REFERENCE.replace(old, new))
    layer, known = pair_of_modules(module.Layer, reference.Layer, 3, generator=torch_rng)
    with pytest.raises(Mismatch, match=f"the gradient of ({name}|tied)"):
        assert_same_gradients(layer, known, torch.randn(5, 3), generator=torch_rng)
