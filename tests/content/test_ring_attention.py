"""The reference of ring_attention, on real ranks, against torch's own attention over the whole sequence."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytest.importorskip("torch")

from grader.wiring import open_exercise

EXERCISE = open_exercise("ring_attention")

BESIDE_TORCH = """
import sys
sys.path[:0] = sys.argv[1:3]
import torch
from pathlib import Path
from torch.nn.functional import scaled_dot_product_attention
from grader.judge.local_ranks import LocalRanks

public, private = map(Path, sys.argv[1:3])
sources = (private / "solution.py").read_text(), (public / "driver.py").read_text()
ranks, count = LocalRanks(), 0
try:
    for world in (4, 3, 2, 1):
        group = ranks.start(world, *sources, 0)
        port = group[0].driver.open_store(world)
        group.call("driver.join", [(rank, world, port) for rank in range(world)])
        for seed in range(12):
            generator = torch.Generator().manual_seed(100 * world + seed)
            causal, zigzag, strided = bool(seed % 2), seed % 3 == 0, seed % 4 > 1
            draw = lambda high: int(torch.randint(1, high, (), generator=generator))
            items, length, width, values = draw(4), 2 * draw(5) if zigzag else draw(9), draw(7), draw(7)
            q, k, v = (
                3 * torch.randn(items, world * length, size, generator=generator, dtype=torch.float64)
                for size in (width, width, values)
            )
            expected = scaled_dot_product_attention(q[None], k[None], v[None], is_causal=causal)[0]
            if zigzag:
                half = length // 2
                owned = [
                    [*range(r * half, (r + 1) * half), *range((2 * world - 1 - r) * half, (2 * world - r) * half)]
                    for r in range(world)
                ]
            else:
                owned = [list(range(r * length, (r + 1) * length)) for r in range(world)]
            blocks = [(*(x[:, places] for x in (q, k, v)), causal, zigzag, strided) for places in owned]
            for answer, places in zip(group.call("driver.attend", blocks), owned):
                torch.testing.assert_close(answer["returned"], expected[:, places], rtol=1e-9, atol=1e-9)
                count += 1
finally:
    ranks.end()
print(count)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="ranks are forked where no judge runs them")
def test_every_rank_has_its_part_of_attention_over_the_whole_sequence() -> None:
    """One to four ranks, twelve sequences each, causal or not, in either order."""
    script = [sys.executable, "-c", BESIDE_TORCH, str(EXERCISE.public_dir), str(EXERCISE.private_dir)]
    done = subprocess.run(script, capture_output=True, text=True, timeout=240, check=False)
    assert done.stdout.split() == [str(12 * (4 + 3 + 2 + 1))], done.stderr
