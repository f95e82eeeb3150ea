"""The reference of grad_accumulation against torch's own mean loss over the whole batch, on models that mix tokens."""

from __future__ import annotations

import copy
import runpy
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
nn = torch.nn
ROOT = Path(__file__).resolve().parents[2]
GradAccumulator = runpy.run_path(str(ROOT / "reference" / "grad_accumulation" / "solution.py"))["GradAccumulator"]


class Recurrent(nn.Module):
    """Logits from a GRU."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.mix, self.head = nn.Embedding(9, 4), nn.GRU(4, 5, batch_first=True), nn.Linear(5, 9)

    def forward(self, inputs: Any) -> Any:
        return self.head(self.mix(self.embed(inputs))[0])


class Attending(nn.Module):
    """Logits from a layer of a transformer, with its output tied to the embedding."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(9, 4)
        self.mix = nn.TransformerEncoderLayer(4, 2, 6, dropout=0.0, batch_first=True)

    def forward(self, inputs: Any) -> Any:
        return self.mix(self.embed(inputs)) @ self.embed.weight.T


@pytest.mark.parametrize("make", [Recurrent, Attending])
@pytest.mark.parametrize("seed", range(20))
def test_steps_are_those_of_the_whole_batch(seed: int, make: Any) -> None:
    """Rows of one batch, split unevenly; the loss is that of `CrossEntropyLoss` with its default mean."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        ours = make().double()
        theirs = copy.deepcopy(ours)
        options = {"lr": 0.1, "weight_decay": 0.1}
        optimizers = [torch.optim.AdamW(model.parameters(), eps=1e-3, **options) for model in (ours, theirs)]
        accumulator = GradAccumulator(ours, optimizers[0])
        for sizes in ([1, 4, 2], [3, 4], [7]):
            inputs, labels = torch.randint(9, (2, 7, 6))
            labels[torch.rand(7, 6) < torch.rand(7, 1)] = -100  # rows of which few or many tokens count
            for part in zip(inputs.split(sizes), labels.split(sizes), strict=True):
                accumulator.add(*part)
            optimizers[1].zero_grad()
            loss = nn.CrossEntropyLoss()(theirs(inputs).flatten(0, 1), labels.flatten())
            loss.backward()
            optimizers[1].step()
            assert accumulator.step() == pytest.approx(loss.item(), rel=1e-9)
    torch.testing.assert_close(ours.state_dict(), theirs.state_dict(), rtol=1e-8, atol=1e-9)
