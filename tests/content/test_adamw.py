"""The reference of adamw against torch's own optimizer, which submissions may not use."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
ROOT = Path(__file__).resolve().parents[2]
AdamW = runpy.run_path(str(ROOT / "reference" / "adamw" / "solution.py"))["AdamW"]
CLOSE = {torch.float64: 1e-12, torch.float32: 2e-6}


def parameters(seed: int, dtype: torch.dtype) -> tuple[list[Any], list[Any]]:
    """The same values twice: a matrix, a vector, a scalar and nothing."""
    values = [np.random.default_rng(seed).normal(size=shape) for shape in ((2, 3), (4,), (), (2, 0))]
    return tuple([torch.nn.Parameter(torch.tensor(v).to(dtype)) for v in values] for _ in range(2))  # type: ignore[return-value]


@pytest.mark.parametrize("dtype", CLOSE, ids=str)
@pytest.mark.parametrize("seed", range(30))
def test_steps_are_those_of_torch(seed: int, dtype: torch.dtype) -> None:
    """With options, rates, and gradients or None drawn anew."""
    rng = np.random.default_rng(seed)
    ours, theirs = parameters(seed, dtype)
    options = {
        "betas": tuple(rng.choice([0.0, 0.5, 0.9, 0.999], 2)),
        "eps": float(10 ** -rng.uniform(0, 12)),
        "weight_decay": float(rng.choice([0.0, 0.01, 0.5])),
    }
    mine, known = AdamW(ours, lr=0.1, **options), torch.optim.AdamW(theirs, lr=0.1, foreach=False, **options)
    for _ in range(6):
        mine.lr = known.param_groups[0]["lr"] = float(rng.choice([0.0, 0.01, 0.3]))
        for one, other in zip(ours, theirs, strict=True):
            gradient = torch.tensor(rng.normal(size=one.shape) * 10 ** rng.uniform(-6, 6)).to(dtype)
            one.grad, other.grad = (None, None) if rng.random() < 0.3 else (gradient, gradient.clone())
        mine.step()
        known.step()
    torch.testing.assert_close(ours, theirs, rtol=CLOSE[dtype], atol=CLOSE[dtype])


def test_defaults_are_those_of_torch() -> None:
    """Of the options in common."""
    mine, known = AdamW([torch.nn.Parameter(torch.zeros(1))]), torch.optim.AdamW([torch.nn.Parameter(torch.zeros(1))])
    assert all(getattr(mine, name) == known.defaults[name] for name in ("lr", "betas", "eps", "weight_decay"))
