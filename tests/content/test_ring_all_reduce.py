"""The reference of ring_all_reduce against `torch.distributed.all_reduce`, in real processes."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from grader.wiring import open_exercise

EXERCISE = open_exercise("ring_all_reduce")

LIBRARY = """
import torch.distributed as dist

def ring_all_reduce(tensor, op="sum"):
    whole = tensor.contiguous()
    dist.all_reduce(whole)
    tensor.copy_(whole / dist.get_world_size() if op == "mean" else whole)
"""
BESIDE_THE_LIBRARY = """
import sys
sys.path[:0] = sys.argv[1:3]
import torch
from pathlib import Path
from grader.judge.local_ranks import LocalRanks

public, private = map(Path, sys.argv[1:3])
driver = (public / "driver.py").read_text()
sources = [(private / "solution.py").read_text(), sys.argv[3]]
for count in (2, 3, 5):
    sides = [LocalRanks(), LocalRanks()]
    try:
        groups = [side.start(count, source, driver, 0) for side, source in zip(sides, sources)]
        for group in groups:
            port = group[0].driver.open_store(count)
            group.call("driver.join", [(rank, count, port) for rank in range(count)])
        for seed in range(12):
            torch.manual_seed(seed)
            shape = (int(torch.randint(2, 9, ())), int(torch.randint(2, 9, ())))
            for dtype in (torch.float64, torch.float32, torch.int64, torch.int32):
                if dtype.is_floating_point:
                    tensors = [torch.randn(shape, dtype=dtype) for _ in range(count)]
                else:
                    tensors = [torch.randint(-(2**28), 2**28, shape, dtype=dtype) for _ in range(count)]
                layout = ["plain", "transposed", "every other", "column"][seed % 4]
                op = "mean" if dtype.is_floating_point and seed % 3 == 0 else "sum"
                ends = [group.call("driver.reduce", [([t], layout, op) for t in tensors]) for group in groups]
                for (_, ours), (_, theirs) in zip(*ends):
                    tolerance = {"rtol": 0, "atol": 0 if not dtype.is_floating_point else torch.finfo(dtype).eps * 50}
                    torch.testing.assert_close(ours, theirs, **tolerance)
    finally:
        for side in sides:
            side.end()
print("alike")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="ranks are forked where no judge runs them")
def test_the_reference_does_what_the_library_does() -> None:
    """Two, three and five ranks, four dtypes, four layouts, sums and means: integers to the bit, floats by rounding."""
    folders = [str(EXERCISE.public_dir), str(EXERCISE.private_dir)]
    script = [sys.executable, "-c", BESIDE_THE_LIBRARY, *folders, LIBRARY]
    done = subprocess.run(script, capture_output=True, text=True, timeout=300, check=False)
    assert done.stdout.split() == ["alike"], done.stderr
