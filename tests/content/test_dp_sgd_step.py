"""The reference of dp_sgd_step against torch.func, torch's own clipping and SGD, and scipy's normal law."""

from __future__ import annotations

import copy
import runpy
from pathlib import Path

import pytest
from scipy import stats

torch = pytest.importorskip("torch")
from torch.func import functional_call, grad, vmap  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
dp_sgd_step = runpy.run_path(str(ROOT / "reference" / "dp_sgd_step" / "solution.py"))["dp_sgd_step"]


def a_model(seed: int) -> torch.nn.Module:
    """Three layers in float64, of which the second is frozen."""
    torch.manual_seed(seed)
    layers = [torch.nn.Linear(5, 7), torch.nn.Tanh(), torch.nn.Linear(7, 6), torch.nn.Tanh(), torch.nn.Linear(6, 3)]
    model = torch.nn.Sequential(*layers).double()
    model[2].requires_grad_(False)
    return model


def samples(n: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Inputs of different sizes, and labels."""
    return torch.randn(n, 5, dtype=torch.float64) * torch.rand(n, 1).double() * 4, torch.randint(0, 3, (n,))


def step(model: torch.nn.Module, inputs: torch.Tensor, labels: torch.Tensor, **changed: object) -> None:
    """One step with settings that are not near to each other."""
    settings = {"lr": 0.7, "max_grad_norm": 1.3, "noise_multiplier": 0.0, "expected_batch_size": 5.5}
    settings["generator"] = torch.Generator().manual_seed(1)
    dp_sgd_step(model, torch.nn.functional.cross_entropy, inputs, labels, **settings | changed)


@pytest.mark.parametrize("seed", range(25))
def test_without_noise_it_is_torch_func(seed: int) -> None:
    """Per-sample gradients by `vmap(grad(…))`, clipped in one go."""
    model = a_model(seed)
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    trained = {name: before[name] for name, p in model.named_parameters() if p.requires_grad}
    inputs, labels = samples(1 + seed % 9)

    def loss(weights: dict, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        outputs = functional_call(model, {**before, **weights}, (x[None],))
        return torch.nn.functional.cross_entropy(outputs, y[None])

    each = vmap(grad(loss), (None, 0, 0))(trained, inputs, labels)
    norms = torch.stack([one.flatten(1).square().sum(1) for one in each.values()]).sum(0).sqrt()
    factors = (1.3 / norms).clamp(max=1)
    step(model, inputs, labels)
    for name, p in model.named_parameters():
        moved = torch.einsum("b,b...->...", factors, each[name]) * 0.7 / 5.5 if name in each else 0
        torch.testing.assert_close(p.detach(), before[name] - moved, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("seed", range(25))
def test_one_sample_is_clip_grad_norm_and_sgd(seed: int) -> None:
    """For one sample and a lot size of 1, up to the 1e-6 that torch adds to the norm."""
    ours, theirs = a_model(seed), a_model(seed)
    inputs, labels = samples(1)
    step(ours, inputs, labels, expected_batch_size=1)
    torch.nn.functional.cross_entropy(theirs(inputs), labels).backward()
    torch.nn.utils.clip_grad_norm_(theirs.parameters(), 1.3)
    torch.optim.SGD([p for p in theirs.parameters() if p.requires_grad], lr=0.7).step()
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=2e-6, atol=2e-6)


@pytest.mark.parametrize("seed", range(3))
def test_noise_is_what_scipy_calls_normal(seed: int) -> None:
    """Around the step without noise, with and without samples, in each trained parameter; none in the frozen layer."""
    for n in (0, 6):
        model = a_model(seed)
        inputs, labels = samples(n)
        exact = copy.deepcopy(model)
        step(exact, inputs, labels)
        generator = torch.Generator().manual_seed(seed)
        noise: dict[str, list[torch.Tensor]] = {}
        for _ in range(40):
            noisy = copy.deepcopy(model)
            step(noisy, inputs, labels, noise_multiplier=2.0, generator=generator)
            for (name, one), other in zip(noisy.named_parameters(), exact.parameters(), strict=True):
                noise.setdefault(name, []).append((one - other).detach().flatten() * 5.5 / 0.7)
        for name, draws in noise.items():
            sample = torch.cat(draws).numpy()
            if name.startswith("2."):
                assert (sample == 0).all()
            else:
                assert stats.kstest(sample, stats.norm(0, 2.6).cdf).pvalue > 1e-5
