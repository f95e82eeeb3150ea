"""The reference of affine_quantization against torch's own quantization, which submissions may not use."""

from __future__ import annotations

import importlib.util
import warnings
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
FILE = Path(__file__).resolve().parents[2] / "reference" / "affine_quantization" / "solution.py"
SPEC = importlib.util.spec_from_file_location("affine_quantization_reference", FILE)
reference = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(reference)

SEEDS = range(40)
KINDS = {torch.int8: (torch.qint8, -128, 127), torch.uint8: (torch.quint8, 0, 255)}


def draw(seed: int) -> tuple[np.random.Generator, torch.Tensor, torch.dtype, int | None]:
    """A tensor of one to four axes whose channels differ in size and sign, a dtype of codes and an axis."""
    rng = np.random.default_rng(seed)
    shape = tuple(int(size) for size in rng.integers(1, 6, int(rng.integers(1, 5))))
    axis = None if seed % 3 == 0 else int(rng.integers(len(shape)))
    x = rng.normal(rng.normal(0, 1, shape), 1.0) * 10.0 ** rng.uniform(-2, 3)
    return rng, torch.from_numpy(x).float(), list(KINDS)[seed % 2], axis


def observed(x: torch.Tensor, dtype: torch.dtype, axis: int | None) -> tuple[torch.Tensor, torch.Tensor]:
    """What torch's observers of the smallest and largest element make of the tensor."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torch.ao.quantization.observer import MinMaxObserver, PerChannelMinMaxObserver

        kind, low, high = KINDS[dtype]
        given = {"dtype": kind, "quant_min": low, "quant_max": high}
        if axis is None:
            observer = MinMaxObserver(qscheme=torch.per_tensor_affine, **given)
        else:
            observer = PerChannelMinMaxObserver(ch_axis=axis, qscheme=torch.per_channel_affine, **given)
        observer(x.unsqueeze(-1))  # with an axis more than the channels
        return observer.calculate_qparams()


def along(parameter: torch.Tensor, x: torch.Tensor, axis: int | None) -> torch.Tensor:
    """A parameter that broadcasts along `axis` of `x`."""
    return parameter if axis is None else parameter.reshape([-1 if k == axis else 1 for k in range(x.ndim)])


def test_parameters_are_those_of_the_observers() -> None:
    for seed in SEEDS:
        _, x, dtype, axis = draw(seed)
        scale, zero_point = reference.choose_qparams(x, dtype, axis)
        known_scale, known_zero_point = observed(x, dtype, axis)
        torch.testing.assert_close(scale.reshape(-1), known_scale, rtol=1e-6, atol=0)
        assert torch.equal(zero_point.reshape(-1), known_zero_point.long())


def test_codes_and_floats_are_those_of_torch() -> None:
    """With torch's quantized tensors; it adds the zero point ahead of rounding there, so no quotient is a tie."""
    for seed in SEEDS:
        rng, x, dtype, axis = draw(seed)
        count = 1 if axis is None else x.shape[axis]
        scale = torch.from_numpy(2.0 ** rng.integers(-3, 4, count))
        zero_point = torch.from_numpy(rng.integers(KINDS[dtype][1], KINDS[dtype][2] + 1, count))
        steps = torch.from_numpy(rng.integers(-300, 301, x.shape) + rng.uniform(-0.49, 0.49, x.shape))
        x = (steps * along(scale, x, axis)).float()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if axis is None:
                known = torch.quantize_per_tensor(x, float(scale), int(zero_point), KINDS[dtype][0])
                scale, zero_point = scale[0], zero_point[0]
            else:
                known = torch.quantize_per_channel(x, scale, zero_point, axis, KINDS[dtype][0])
        codes = reference.quantize(x, scale.float(), zero_point, dtype, axis)
        assert torch.equal(codes, known.int_repr())
        assert torch.equal(reference.dequantize(codes, scale.float(), zero_point, axis), known.dequantize())


def test_ties_are_those_of_fake_quantization() -> None:
    """It rounds before it adds; every quotient is a tie."""
    for seed in SEEDS:
        rng, x, dtype, _ = draw(seed)
        _, low, high = KINDS[dtype]
        zero_point = int(rng.integers(low, high + 1))
        x = torch.from_numpy(rng.integers(-300, 300, x.shape) + 0.5).float() / 8
        known = torch.fake_quantize_per_tensor_affine(x, 0.125, zero_point, low, high)
        given = (torch.tensor(0.125), torch.tensor(zero_point))
        assert torch.equal(reference.dequantize(reference.quantize(x, *given, dtype), *given), known)


def test_there_and_back_is_the_fake_quantization_of_torch() -> None:
    for seed in SEEDS:
        _, x, dtype, axis = draw(seed)
        _, low, high = KINDS[dtype]
        scale, zero_point = reference.choose_qparams(x, dtype, axis)
        back = reference.dequantize(reference.quantize(x, scale, zero_point, dtype, axis), scale, zero_point, axis)
        if axis is None:
            known = torch.fake_quantize_per_tensor_affine(x, float(scale), int(zero_point), low, high)
        else:
            known = torch.fake_quantize_per_channel_affine(x, scale, zero_point.int(), axis, low, high)
        torch.testing.assert_close(back, known, rtol=1e-6, atol=1e-7)
        assert bool(
            ((back - x).abs() <= 0.501 * along(scale, x, axis)).all()
        )  # half a step, and no element falls off an end
        zero = torch.zeros_like(x)
        codes = reference.quantize(zero, scale, zero_point, dtype, axis)
        assert torch.equal(reference.dequantize(codes, scale, zero_point, axis), zero)
