"""The reference of rope against torch's ONNX operator, which submissions may not use, and against complex numbers."""

from __future__ import annotations

import cmath
import importlib.util
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
FILE = Path(__file__).resolve().parents[2] / "reference" / "rope" / "solution.py"
SPEC = importlib.util.spec_from_file_location("rope_reference", FILE)
reference = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(reference)


@pytest.mark.parametrize("interleaved", [False, True])
def test_rotation_is_that_of_the_onnx_operator(interleaved: bool) -> None:
    from torch.onnx.ops import rotary_embedding

    for seed in range(60):
        rng = np.random.default_rng(seed)
        batch, heads, length, pairs = (int(size) for size in rng.integers(1, 7, 4))
        base, far = float(10.0 ** rng.uniform(0, 6)), int(rng.choice([10, 5000]))
        theta = np.power(base, -2 * np.arange(pairs) / (2 * pairs))  # section 3.2.2 of the paper, counted from 0
        table = torch.from_numpy(np.outer(np.arange(far), theta))
        positions = torch.from_numpy(rng.integers(far, size=(batch, length)))
        x = torch.from_numpy(rng.normal(size=(batch, heads, length, 2 * pairs)))
        expected = rotary_embedding(x, table.cos(), table.sin(), positions, interleaved=interleaved)
        torch.testing.assert_close(reference.rope(x, positions, base, interleaved), expected, rtol=1e-9, atol=1e-9)
        shared = reference.rope(x, positions[0], base, interleaved)[:1]
        torch.testing.assert_close(shared, expected[:1], rtol=1e-9, atol=1e-9)


def test_far_angles_are_those_of_whole_turns_taken_off_exactly() -> None:
    from fractions import Fraction

    # base 2**16 and D = 32 make every theta a power of two: p * theta is exact, and so are cosine and sine.
    for position in (1, 4097, 131_071, 131_072):
        x = torch.ones(1, 1, 1, 32, dtype=torch.float64)
        turned = reference.rope(x, torch.tensor([position]), 2.0**16)[0, 0, 0]
        for pair in range(16):
            expected = (1 + 1j) * cmath.exp(1j * float(Fraction(position, 2**pair)))
            assert abs(complex(turned[pair], turned[pair + 16]) - expected) < 1e-9


def test_scores_depend_on_the_distance_only() -> None:
    for seed in range(30):
        rng = np.random.default_rng(seed)
        query, key = (torch.from_numpy(rng.normal(size=(1, 1, 1, 8))) for _ in range(2))
        m, n, shift = (int(number) for number in rng.integers(0, 1000, 3))
        scores = [
            (reference.rope(query, torch.tensor([m + by])) * reference.rope(key, torch.tensor([n + by]))).sum()
            for by in (0, shift)
        ]
        torch.testing.assert_close(*scores, rtol=1e-9, atol=1e-9)
