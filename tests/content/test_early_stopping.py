"""The rule of early_stopping's reference is that of a scheduler of torch's, which we did not write."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
SOLUTION = Path(__file__).resolve().parents[2] / "reference" / "early_stopping" / "solution.py"


def some_metrics(rng: np.random.Generator) -> list[float]:
    """Many ties and small gains, with NaN and infinities among them."""
    metrics = rng.integers(-16, 17, 30) / 8
    return [
        float(value) for value in np.where(rng.random(30) < 0.2, rng.choice([np.nan, np.inf, -np.inf], 30), metrics)
    ]


@pytest.mark.parametrize("seed", range(50))
@pytest.mark.parametrize("mode", ["min", "max"])
def test_improvements_are_those_of_reduce_on_plateau(mode: str, seed: int) -> None:
    """The best metric and the number of bad steps in a row are as `ReduceLROnPlateau` counts them."""
    rng = np.random.default_rng(seed)
    delta, model = float(rng.integers(0, 5)) / 8, torch.nn.Linear(1, 1)
    patience = int(rng.integers(1, 5))
    stopper: Any = runpy.run_path(str(SOLUTION))["EarlyStopping"](patience, delta, mode)
    optimizer = torch.optim.SGD(model.parameters())
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, mode, patience=1000, threshold=delta, threshold_mode="abs"
    )
    worst = plateau.best  # before the first improvement
    for metric in some_metrics(rng):
        stops = stopper.step(metric, model)
        plateau.step(metric)
        assert stops == (plateau.num_bad_epochs >= patience)
        assert stopper.best == (None if plateau.best == worst else plateau.best)
