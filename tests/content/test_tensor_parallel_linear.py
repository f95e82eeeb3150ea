"""The reference of tensor_parallel_linear against `torch.nn.Linear` and autograd on the whole, in real processes."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from grader.wiring import open_exercise

EXERCISE = open_exercise("tensor_parallel_linear")

BESIDE_THE_LIBRARY = """
import sys
sys.path[:0] = sys.argv[1:]
import torch
from pathlib import Path
from torch import nn
from grader.judge.local_ranks import LocalRanks

public, private = map(Path, sys.argv[1:])
same = torch.testing.assert_close
for count in (2, 4):
    side = LocalRanks()
    try:
        group = side.start(count, (private / "solution.py").read_text(), (public / "driver.py").read_text(), 0)
        port = group[0].driver.open_store(count)
        group.call("driver.join", [(rank, count, port) for rank in range(count)])
        for seed in range(12):
            torch.manual_seed(seed)
            columns, flag = bool(seed % 2), bool(seed // 2 % 2)
            width, out = (3, 2 * count) if columns else (2 * count, 3)
            layer = nn.Linear(width, out, bias=seed % 3 > 0, dtype=torch.float64)
            x = torch.randn(2, 4, width, dtype=torch.float64, requires_grad=True)
            y = layer(x)
            y.backward(gradient := torch.randn_like(y))
            cut = lambda t, rank, axis: t.detach().chunk(count, axis)[rank]
            whole_in, whole_out = columns or not flag, not columns or flag
            given = [x.detach() if whole_in else cut(x, rank, -1) for rank in range(count)]
            handed = [gradient if whole_out else cut(gradient, rank, -1) for rank in range(count)]
            kind, weight = "column" if columns else "row", layer.weight.detach()
            bias = None if layer.bias is None else layer.bias.detach()
            calls = [(kind, flag, weight, bias, [given[rank]], [handed[rank]]) for rank in range(count)]
            for rank, found in enumerate(group.call("driver.run", calls)):
                same(found["outputs"][0], y.detach() if whole_out else cut(y, rank, -1))
                same(found["input gradients"][0], x.grad if whole_in else cut(x.grad, rank, -1))
                axis = 0 if columns else 1
                same(found["parameters"]["weight"], [cut(t, rank, axis) for t in (layer.weight, layer.weight.grad)])
                if bias is not None:
                    own = [cut(t, rank, 0) if columns else t.detach() for t in (layer.bias, layer.bias.grad)]
                    same(found["parameters"]["bias"], own)
        up, down = nn.Linear(5, 3 * count, dtype=torch.float64), nn.Linear(3 * count, 5, dtype=torch.float64)
        x = torch.randn(6, 5, dtype=torch.float64, requires_grad=True)
        y = nn.Sequential(up, nn.ReLU(), down)(x * 2) + x * 2
        y.backward(gradient := torch.randn_like(y))
        given = [[p.detach() for p in layer.parameters()] for layer in (up, down)]
        for rank, found in enumerate(group.call("driver.pair", [(*given, x.detach(), gradient)] * count)):
            same(found["output"], y.detach())
            same(found["input gradient"], x.grad)
            same(found["up"]["weight"][1], cut(up.weight.grad, rank, 0))
            same(found["down"]["weight"][1], cut(down.weight.grad, rank, 1))
            same(found["up"]["bias"][1], cut(up.bias.grad, rank, 0))
            same(found["down"]["bias"][1], down.bias.grad)
    finally:
        side.end()
print("alike")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="ranks are forked where no judge runs them")
def test_the_reference_does_what_one_process_does() -> None:
    """Two and four ranks, both layers with each flag, with and without a bias, and an MLP with a residual."""
    script = [sys.executable, "-c", BESIDE_THE_LIBRARY, str(EXERCISE.public_dir), str(EXERCISE.private_dir)]
    done = subprocess.run(script, capture_output=True, text=True, timeout=300, check=False)
    assert done.stdout.split() == ["alike"], done.stderr
