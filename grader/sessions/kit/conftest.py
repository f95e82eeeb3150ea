"""Lets `pytest` run the public cases in this folder against solution.py; needs pytest, numpy and what you import."""

from __future__ import annotations

import importlib.util
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

HERE = Path(__file__).parent
TOLERANCES: dict[str, tuple[float, float]] = {}  # dtype: (rtol, atol)
USUAL = (1e-7, 1e-9)


def assert_close(
    actual: Any,
    expected: Any,
    *,
    rtol: float | None = None,
    atol: float | None = None,
    check_dtype: bool = True,
) -> None:
    """Raise AssertionError unless both have the same shape and dtype, and values within atol + rtol * |expected|."""
    __tracebackhide__ = True
    if isinstance(expected, dict):
        assert isinstance(actual, dict), f"{actual!r}, expected a dict"
        assert set(actual) == set(expected), f"keys {set(actual)}, expected {set(expected)}"
        for key, value in expected.items():
            assert_close(actual[key], value, rtol=rtol, atol=atol, check_dtype=check_dtype)
    elif isinstance(expected, (list, tuple)):
        assert isinstance(actual, (list, tuple)), f"{actual!r}, expected a sequence"
        assert len(actual) == len(expected), f"length {len(actual)}, expected {len(expected)}"
        for one, other in zip(actual, expected, strict=True):
            assert_close(one, other, rtol=rtol, atol=atol, check_dtype=check_dtype)
    elif isinstance(expected, (bool, str, bytes, type(None))):
        assert actual == expected, f"{actual!r}, expected {expected!r}"
    else:
        _assert_array(_array(actual), _array(expected), rtol, atol, check_dtype and hasattr(expected, "dtype"))


def _assert_array(actual: Any, expected: Any, rtol: float | None, atol: float | None, check_dtype: bool) -> None:
    __tracebackhide__ = True
    assert actual.shape == expected.shape, f"shape {actual.shape}, expected {expected.shape}"
    if check_dtype:
        assert actual.dtype == expected.dtype, f"dtype {actual.dtype}, expected {expected.dtype}"
    usual = TOLERANCES.get(str(expected.dtype), USUAL)
    if expected.dtype.kind in "iub" and rtol is None and atol is None:
        usual = (0.0, 0.0)
    relative, absolute = (usual[0] if rtol is None else rtol), (usual[1] if atol is None else atol)
    np.testing.assert_allclose(actual, expected, rtol=relative, atol=absolute)


def _array(value: Any) -> Any:
    """A tensor or a number as an array; a bfloat16 tensor as float32."""
    if hasattr(value, "detach"):
        value = value.detach().cpu()
        value = value.float().numpy() if "bfloat16" in str(value.dtype) else value.numpy()
    if isinstance(value, float) and math.isnan(value):
        return np.asarray(np.nan)
    return np.asarray(value)


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _stand_in() -> None:
    """What test_public.py imports, where viva itself is not installed."""
    if importlib.util.find_spec("grader") is None:
        package, judge = ModuleType("grader"), ModuleType("grader.judge")
        package.__path__ = []
        judge.assert_close = assert_close  # type: ignore[attr-defined]
        package.judge = judge  # type: ignore[attr-defined]
        sys.modules |= {"grader": package, "grader.judge": judge}


_stand_in()


def pytest_configure(config: pytest.Config) -> None:
    """Register the mark of the suite."""
    config.addinivalue_line("markers", "task(id): the task of the exercise that this case belongs to")


@pytest.fixture
def candidate() -> Iterator[ModuleType]:
    """Your module."""
    yield _load("solution")
    sys.modules.pop("solution", None)


@pytest.fixture
def driver(candidate: ModuleType) -> ModuleType:
    """driver.py, which imports your module."""
    return _load("driver")


@pytest.fixture
def rng() -> np.random.Generator:
    """The same numbers in every run."""
    return np.random.default_rng(0)


@pytest.fixture
def torch_rng() -> Any:
    """The same numbers in every run."""
    import torch

    return torch.Generator().manual_seed(0)


@pytest.fixture
def device() -> str:
    """Where tensors live."""
    return "cpu"
