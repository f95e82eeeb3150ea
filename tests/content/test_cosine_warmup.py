"""The reference of cosine_warmup against PyTorch's schedulers, which reach a rate step by step."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
ROOT = Path(__file__).resolve().parents[2]
RATE = runpy.run_path(str(ROOT / "reference" / "cosine_warmup" / "solution.py"))["cosine_warmup"]


def rates_of(optimizer: torch.optim.Optimizer, scheduler: torch.optim.lr_scheduler.LRScheduler, n: int) -> list[float]:
    """The rates of n steps."""
    seen = []
    for _ in range(n):
        seen.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return seen


@pytest.mark.parametrize("seed", range(25))
def test_rates_are_those_of_torch(seed: int) -> None:
    """A line from a tiny fraction of the peak, then cosine annealing, in sequence; they know no exact 0."""
    rng = np.random.default_rng(seed)
    up, down, peak = int(rng.integers(2, 12)), int(rng.integers(1, 20)), float(10 ** rng.uniform(-4, 0))
    floor = peak * float(rng.choice([0.0, 0.3, 1.0]))
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=peak)
    line = torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=1e-12, total_iters=up)
    wave = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=down, eta_min=floor)
    both = torch.optim.lr_scheduler.SequentialLR(optimizer, [line, wave], milestones=[up])
    theirs = rates_of(optimizer, both, up + down + 1)
    ours = [RATE(step, peak, up, up + down, floor) for step in range(up + down + 1)]
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-9 * peak)


@pytest.mark.parametrize("seed", range(25))
def test_mean_of_the_wave_is_halfway(seed: int) -> None:
    """Steps at the same distance from both ends of the decay add up to peak and floor, and no step goes up."""
    rng = np.random.default_rng(seed)
    up, down, peak = int(rng.integers(0, 9)), int(rng.integers(1, 40)), float(rng.uniform(0.1, 1))
    floor = peak * float(rng.uniform(0, 1))
    falling = np.array([RATE(step, peak, up, up + down, floor) for step in range(up, up + down + 1)])
    np.testing.assert_allclose(falling + falling[::-1], peak + floor, rtol=1e-12)
    assert (np.diff(falling) <= 0).all()
    assert falling[0] == peak
    assert falling[-1] == floor
