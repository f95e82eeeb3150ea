"""The reference of int4_groupwise against torch's kernel for 4-bit weights, its fake quantization, and numpy's bits."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
FILE = Path(__file__).resolve().parents[2] / "reference" / "int4_groupwise" / "solution.py"
SPEC = importlib.util.spec_from_file_location("int4_groupwise_reference", FILE)
reference = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(reference)

SEEDS = range(25)


def draw(seed: int) -> tuple[np.random.Generator, torch.Tensor, int]:
    """A weight whose groups differ in size and sign, and a group size; both may be odd, and the last group shorter."""
    rng = np.random.default_rng(seed)
    rows, columns, group_size = (int(size) for size in rng.integers((1, 1, 1), (6, 40, 12)))
    weight = rng.normal(rng.normal(0, 3, (rows, columns)), 1.0)
    return rng, torch.from_numpy(weight).float(), group_size


def bits(packed: torch.Tensor) -> np.ndarray:
    """The codes of a row by numpy, lowest bits first."""
    unpacked = np.unpackbits(packed.numpy(), axis=1, bitorder="little").reshape(len(packed), -1, 4)
    return unpacked @ np.array([1, 2, 4, 8])


def test_codes_and_weights_are_those_of_fake_quantization() -> None:
    """Each group by itself, less its minimum, with that step and the codes 0 to 15."""
    for seed in SEEDS:
        _, weight, group_size = draw(seed)
        packed, scales, mins = reference.quantize_int4(weight, group_size)
        back = reference.dequantize_int4(packed, scales, mins, group_size, weight.shape[1])
        codes = bits(packed)
        assert (codes[:, weight.shape[1] :] == 0).all()
        for row in range(weight.shape[0]):
            for group, part in enumerate(weight[row].split(group_size)):
                low, high = torch.aminmax(part)
                span = slice(group * group_size, group * group_size + len(part))
                assert mins[row, group] == low
                torch.testing.assert_close(scales[row, group] * 15, high - low)
                if low == high:
                    assert torch.equal(back[row, span], part)
                    assert (codes[row, span] == 0).all()
                    continue
                step = float(scales[row, group])
                known = torch.fake_quantize_per_tensor_affine(part - low, step, 0, 0, 15)
                torch.testing.assert_close(back[row, span], known + low, rtol=1e-6, atol=1e-6)
                assert np.array_equal(codes[row, span], np.rint(known.numpy() / step))


def test_the_product_is_that_of_the_kernel() -> None:
    """Which takes 16 rows and groups of 32 at least; its zero points are the middle of a range, ours the lower end."""
    for seed in range(12):
        rng = np.random.default_rng(seed)
        rows, group_size = 16 * int(rng.integers(1, 4)), int(rng.choice([32, 64]))
        columns = group_size * int(rng.integers(1, 4))
        weight = torch.from_numpy(rng.normal(rng.normal(), 1.0, (rows, columns))).float()
        x = torch.from_numpy(rng.normal(size=(3, columns))).float()
        packed, scales, mins = reference.quantize_int4(weight, group_size)
        kernel = torch._convert_weight_to_int4pack_for_cpu(torch.from_numpy(bits(packed)).int(), 1)
        middles = torch.stack([scales, mins + 8 * scales], dim=-1).transpose(0, 1).contiguous()
        known = torch._weight_int4pack_mm_for_cpu(x, kernel, group_size, middles)
        torch.testing.assert_close(reference.int4_linear(x, packed, scales, mins, group_size), known, rtol=0, atol=3e-4)


def test_half_a_step_is_the_largest_error_and_smaller_groups_have_smaller_ones() -> None:
    for seed in SEEDS:
        _, weight, group_size = draw(seed)
        errors = []
        for size in (group_size, 2 * group_size):
            packed, scales, mins = reference.quantize_int4(weight.double(), size)
            back = reference.dequantize_int4(packed, scales, mins, size, weight.shape[1])
            steps = scales.repeat_interleave(size, dim=1)[:, : weight.shape[1]]
            assert bool(((back - weight).abs() <= 0.5 * steps + 1e-12).all())
            errors.append(float(steps.sum()))
        assert errors[0] <= errors[1]
