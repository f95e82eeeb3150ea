"""The reference of lora_linear against what torch makes of the same: a plain layer, and one under a parametrization."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
FILE = Path(__file__).resolve().parents[2] / "reference" / "lora_linear" / "solution.py"
SPEC = importlib.util.spec_from_file_location("lora_linear_reference", FILE)
reference = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(reference)

SEEDS = range(40)


class LowRank(torch.nn.Module):
    """The weight plus a scaled product, as a parametrization of torch's own layer."""

    def __init__(self, a: torch.Tensor, b: torch.Tensor, scaling: float) -> None:
        super().__init__()
        self.a, self.b, self.scaling = torch.nn.Parameter(a), torch.nn.Parameter(b), scaling

    def forward(self, weight: torch.Tensor) -> torch.Tensor:
        return torch.addmm(weight, self.b, self.a, alpha=self.scaling)


def layers(seed: int) -> tuple[torch.nn.Module, torch.nn.Module, torch.Tensor]:
    """Ours and torch's in `float64` with one state, and an input of one to three axes."""
    rng = np.random.default_rng(seed)
    inner, outer, rank = (int(size) for size in rng.integers(1, 9, 3))
    alpha, bias = float(rng.uniform(0.5, 64)), bool(seed % 2)
    ours = reference.LoRALinear(inner, outer, rank, alpha, bias).double()
    state = {name: torch.from_numpy(rng.normal(size=one.shape)) for name, one in ours.state_dict().items()}
    ours.load_state_dict(state)
    theirs = torch.nn.Linear(inner, outer, bias=bias, dtype=torch.float64)
    theirs.load_state_dict({name: state[name] for name in theirs.state_dict()})
    theirs.requires_grad_(False)
    low_rank = LowRank(state["lora_A"], state["lora_B"], alpha / rank)
    torch.nn.utils.parametrize.register_parametrization(theirs, "weight", low_rank)
    x = torch.from_numpy(rng.normal(size=(*rng.integers(0, 4, int(rng.integers(0, 3))), inner)))
    return ours, theirs, x


def test_values_and_gradients_are_those_of_torch() -> None:
    for seed in SEEDS:
        ours, theirs, x = layers(seed)
        low_rank = theirs.parametrizations["weight"][0]
        leaves = [x.clone().requires_grad_() for _ in range(2)]
        results = [layer(leaf) for layer, leaf in zip((ours, theirs), leaves, strict=True)]
        torch.testing.assert_close(results[0], results[1], rtol=1e-11, atol=1e-11)
        for result in results:
            (result * torch.linspace(-1, 2, result.numel(), dtype=torch.float64).reshape(result.shape)).sum().backward()
        known = [leaves[1].grad, low_rank.a.grad, low_rank.b.grad]
        torch.testing.assert_close([leaves[0].grad, ours.lora_A.grad, ours.lora_B.grad], known, rtol=1e-9, atol=1e-9)
        assert all(one.grad is None for one in (ours.weight, ours.bias) if one is not None)


def test_the_merged_weight_is_the_parametrized_one() -> None:
    for seed in SEEDS:
        ours, theirs, x = layers(seed)
        before = ours.weight.clone()
        ours.merge()
        ours.merge()
        torch.testing.assert_close(ours.weight.data, theirs.weight.detach(), rtol=1e-12, atol=1e-12)
        torch.testing.assert_close(ours(x), theirs(x).detach(), rtol=1e-11, atol=1e-11)
        assert not ours(x).requires_grad
        ours.unmerge()
        ours.unmerge()
        torch.testing.assert_close(ours.weight, before, rtol=1e-11, atol=1e-11)


def test_a_new_layer_learns_and_its_base_does_not() -> None:
    """Some steps of SGD on a target that the base misses: the loss falls, the first factor moves from the second on."""
    torch.manual_seed(0)
    layer = reference.LoRALinear(6, 4, 2, 4.0)
    before = {name: one.clone() for name, one in layer.state_dict().items()}
    x, target = torch.randn(32, 6), torch.randn(32, 4)
    optimizer = torch.optim.SGD([one for one in layer.parameters() if one.requires_grad], lr=0.05)
    losses = []
    for step in range(20):
        optimizer.zero_grad()
        losses.append((layer(x) - target).square().mean())
        losses[-1].backward()
        optimizer.step()
        assert (step == 0) == bool(torch.equal(layer.lora_A, before["lora_A"]))
    assert losses[-1] < 0.9 * losses[0]
    assert torch.equal(layer.weight, before["weight"])
    assert torch.equal(layer.bias, before["bias"])
