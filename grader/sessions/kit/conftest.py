"""Lets `pytest` run the public cases in this folder against solution.py; needs pytest, numpy and what you import."""

from __future__ import annotations

import copy
import functools
import importlib.util
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import numpy as np
import pytest

HERE = Path(__file__).parent
TOLERANCES: dict[str, tuple[float, float]] = {}  # dtype: (rtol, atol)
USUAL = (1e-7, 1e-9)
CHANGED: list[Any] = []  # arguments that your code changed in place, in this case


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
    elif hasattr(expected, "iloc"):
        _assert_table(actual, expected, rtol, atol, check_dtype)
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


def _assert_table(actual: Any, expected: Any, rtol: float | None, atol: float | None, check_dtype: bool) -> None:
    __tracebackhide__ = True
    from pandas import testing

    relative, absolute = (USUAL[0] if rtol is None else rtol), (USUAL[1] if atol is None else atol)
    compare = testing.assert_series_equal if expected.ndim == 1 else testing.assert_frame_equal
    compare(
        actual,
        expected,
        check_dtype=check_dtype,
        check_index_type="equiv" if check_dtype else False,
        check_freq=False,
        rtol=relative,
        atol=absolute,
    )


def _array(value: Any) -> Any:
    """A tensor or a number as an array; a bfloat16 tensor as float32."""
    if hasattr(value, "detach"):
        value = value.detach().cpu()
        value = value.float().numpy() if "bfloat16" in str(value.dtype) else value.numpy()
    if isinstance(value, float) and math.isnan(value):
        return np.asarray(np.nan)
    return np.asarray(value)


class Inout:
    """A value that your code may change in place."""

    def __init__(self, value: Any) -> None:
        self.value = value


def fresh(rng: Any) -> Any:
    """A new generator, of the kind of `rng` and seeded from it."""
    if isinstance(rng, np.random.Generator):
        return np.random.default_rng(int(rng.integers(2**63)))
    import torch

    return torch.Generator().manual_seed(int(torch.randint(2**62, (), generator=rng)))


def assert_unchanged(*arguments: Any) -> None:
    """Raise AssertionError if your code changed one of these in place; it was called with copies."""
    __tracebackhide__ = True
    assert not any(argument is changed for argument in arguments for changed in CHANGED), (
        "an argument was changed in place"
    )


class Copying:
    """Your module, whose functions are given copies of their arguments."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._module, name)
        return functools.partial(_call, value) if isinstance(value, FunctionType) else value


def _call(function: Any, /, *args: Any, **kwargs: Any) -> Any:
    __tracebackhide__ = True
    given = [*args, *kwargs.values()]
    memo: dict[int, Any] = {}
    copies = [value.value if isinstance(value, Inout) else copy.deepcopy(value, memo) for value in given]
    named = dict(zip(kwargs, copies[len(args) :], strict=True))
    try:
        return function(*copies[: len(args)], **named)
    finally:
        CHANGED.extend(one for one, now in zip(given, copies, strict=True) if _differs(one, now))


def _differs(before: Any, now: Any) -> bool:
    if isinstance(before, np.ndarray):
        return bool(before.tobytes() != now.tobytes())
    if hasattr(before, "untyped_storage"):
        return bool(before.detach().cpu().numpy().tobytes() != now.detach().cpu().numpy().tobytes())
    if hasattr(before, "iloc"):
        return not before.equals(now)
    return isinstance(before, (list, dict, set)) and repr(before) != repr(now)


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
        vars(judge).update(assert_close=assert_close, assert_unchanged=assert_unchanged, fresh=fresh, inout=Inout)
        package.judge = judge  # type: ignore[attr-defined]
        sys.modules |= {"grader": package, "grader.judge": judge}


_stand_in()


def pytest_configure(config: pytest.Config) -> None:
    """Register the mark of the suite."""
    config.addinivalue_line("markers", "task(id): the task of the exercise that this case belongs to")


@pytest.fixture
def candidate() -> Iterator[Any]:
    """Your module."""
    CHANGED.clear()
    yield Copying(_load("solution"))
    sys.modules.pop("solution", None)


@pytest.fixture
def driver(candidate: Any) -> ModuleType:
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


if importlib.util.find_spec("grader") is None:  # viva's own fixture starts them

    @pytest.fixture
    def ranks() -> None:
        """Several processes that work together."""
        pytest.skip(
            "this case starts several ranks, which takes viva itself: pip install vivavoce, then run pytest again"
        )
