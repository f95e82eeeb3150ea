"""Lets `python -m pytest` run the public cases of every folder against its solution.py; see requirements.txt."""

from __future__ import annotations

import copy
import functools
import importlib.util
import itertools
import math
import random
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import numpy as np
import pytest

TOLERANCES: dict[str, dict[str, tuple[float, float]]] = {}  # folder: {dtype: (rtol, atol)}
USUAL = (1e-7, 1e-9)
ALARM_SPREAD = 5.4  # standard deviations that chance stays within but once in ten million times
NOW: dict[str, tuple[float, float]] = {}  # the tolerances of the folder whose case runs
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
    elif isinstance(expected, (bool, str, bytes, set, frozenset, type(None))):
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
    usual = NOW.get(str(expected.dtype), USUAL)
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


def assert_each_raises(error: type[Exception], call: Callable[..., Any], cases: Any) -> None:
    """Raise AssertionError unless the call raises `error` for each case: a list of arguments, or a dict of them."""
    __tracebackhide__ = True
    for case in cases:
        args, kwargs = ((), case) if isinstance(case, Mapping) else (case, {})
        _assert_raises(error, functools.partial(call, *args, **kwargs), case)


def assert_refuses(
    call: Callable[..., Any],
    sound: Mapping[str, Any],
    bad: Mapping[Any, Any],
    *,
    error: type[Exception] = ValueError,
    by_name: Any = (),
    pairs: bool = True,
) -> Any:
    """What the call returns for `sound` arguments; it must raise `error` for each bad one, and for two at once."""
    __tracebackhide__ = True

    def attempt(given: Mapping[str, Any]) -> Any:
        return call(*(given[name] for name in given if name not in by_name), **{name: given[name] for name in by_name})

    result = attempt(sound)
    for replaced in _replacements(bad, pairs):
        _assert_raises(error, functools.partial(attempt, {**sound, **replaced}), replaced)
    return result


def _assert_raises(error: type[Exception], call: Callable[[], Any], case: Any) -> None:
    __tracebackhide__ = True
    try:
        result = call()
    except error:
        return
    raise AssertionError(f"{case!r} was to raise {error.__name__}, and gave {result!r}")


def _replacements(bad: Mapping[Any, Any], pairs: bool) -> Iterator[dict[str, Any]]:
    for names, values in bad.items():
        yield from (_replaced(names, value) for value in values)
    for (one, some), (other, more) in itertools.combinations(bad.items(), 2) if pairs else ():
        if not set(_replaced(one, some[0])) & set(_replaced(other, more[0])):
            for k in range(max(len(some), len(more))):
                yield {**_replaced(one, some[k % len(some)]), **_replaced(other, more[k % len(more)])}


def _replaced(names: Any, value: Any) -> dict[str, Any]:
    return {names: value} if isinstance(names, str) else dict(zip(names, value, strict=True))


def assert_leaves_no_state(call: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """What the call returns; random states, torch's modes and modules among the arguments must be as before."""
    __tracebackhide__ = True
    watched = [call, *args, *kwargs.values()]
    before = _world(watched)
    result = call(*args, **kwargs)
    changed = [name for name, state in _world(watched).items() if state != before[name]]
    assert not changed, f"the call changed {', '.join(changed)} and did not put it back"
    return result


def _world(watched: list[Any]) -> dict[str, Any]:
    state: dict[str, Any] = {
        "the global state of random": random.getstate(),
        "numpy's global random state": str(np.random.get_state()),
    }
    if "torch" in sys.modules:
        import torch

        modules = [value for value in watched if isinstance(value, torch.nn.Module)]
        state |= {
            "torch's global random state": torch.get_rng_state().tolist(),
            "torch's grad mode": torch.is_grad_enabled(),
            "torch's default dtype": torch.get_default_dtype(),
            "the training mode of a module": [part.training for module in modules for part in module.modules()],
            "requires_grad of a parameter": [p.requires_grad for module in modules for p in module.parameters()],
        }
    return state


def assert_binomial(count: int, n: int, probability: float) -> None:
    """Raise AssertionError unless something of this probability may well happen so many times of n."""
    __tracebackhide__ = True
    spread = ALARM_SPREAD * math.sqrt(n * probability * (1 - probability)) + ALARM_SPREAD
    assert abs(count - n * probability) <= spread, f"it happened {count} times of {n}, expected {n * probability:g}"


def assert_scale(sample: Any, scale: float, family: str) -> None:
    """Raise AssertionError unless draws around 0 may well have this scale (laplace, exponential or normal)."""
    __tracebackhide__ = True
    power = 2 if family == "normal" else 1
    sizes = np.abs(_array(sample).astype(np.float64).ravel() / scale) ** power
    off = ALARM_SPREAD * math.sqrt(power / sizes.size) * 1.1
    assert abs(sizes.mean() - 1) <= off, (
        f"the scale of the draws is {scale * sizes.mean() ** (1 / power):.4g}, not {scale:.4g}"
    )


class Copying:
    """Your module, whose functions are given copies of their arguments."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._module, name)
        if isinstance(value, type) and not issubclass(value, BaseException):
            return Opening(value)
        return functools.partial(_call, value) if isinstance(value, FunctionType) else value


class Opening:
    """A class of yours, which is given what it may change itself."""

    def __init__(self, own: type) -> None:
        self._own = own

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """An object of the class."""
        __tracebackhide__ = True
        return self._own(*_opened(args), **_opened(kwargs))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._own, name)


def _opened(value: Any) -> Any:
    """The value with what `inout` marked taken out of its mark."""
    if isinstance(value, Inout):
        return value.value
    if type(value) in (list, tuple):
        return type(value)(_opened(one) for one in value)
    return {name: _opened(one) for name, one in value.items()} if type(value) is dict else value


def _call(function: Any, /, *args: Any, **kwargs: Any) -> Any:
    __tracebackhide__ = True
    given = [*args, *kwargs.values()]
    memo = {id(kept): kept for kept in _kept(given)}
    versions = {name: one._version for name, one in memo.items() if hasattr(one, "_version")}
    copies = [copy.deepcopy(value, memo) for value in given]
    named = dict(zip(kwargs, copies[len(args) :], strict=True))
    try:
        return function(*_opened(copies[: len(args)]), **_opened(named))
    finally:
        CHANGED.extend(one for one, now in zip(given, copies, strict=True) if _differs(one, now))
        CHANGED.extend(one for name, one in memo.items() if name in versions and one._version != versions[name])


def _kept(value: Any) -> Iterator[Any]:
    """What no copy may stand in for: what your code is to change, and tensors that gradients flow to."""
    if isinstance(value, Inout) or getattr(value, "requires_grad", False):
        yield value
    elif isinstance(value, (list, tuple, dict)):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _kept(one)


def _differs(before: Any, now: Any) -> bool:
    if isinstance(before, np.ndarray):
        return bool(before.tobytes() != now.tobytes())
    if hasattr(before, "untyped_storage"):
        return bool(_array(before).tobytes() != _array(now).tobytes())
    if hasattr(before, "iloc"):
        return not before.equals(now)
    return isinstance(before, (list, dict, set)) and repr(before) != repr(now)


def _load(name: str, folder: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, folder / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _stand_in() -> None:
    """What test_public.py imports, where viva itself is not installed."""
    claims = (assert_binomial, assert_close, assert_each_raises, assert_leaves_no_state, assert_refuses, assert_scale)
    for name in ("grader", "grader.judge"):
        sys.modules[name] = ModuleType(name)
        sys.modules[name].__spec__ = ModuleSpec(name, None, is_package=True)
    judge = sys.modules["grader"].judge = sys.modules["grader.judge"]  # type: ignore[attr-defined]
    vars(judge).update({claim.__name__: claim for claim in (*claims, assert_unchanged, fresh)}, inout=Inout)


if "grader.judge.plugin" in sys.modules:  # viva is installed, and its plugin has all of this

    @pytest.fixture(autouse=True)
    def tolerances(request: pytest.FixtureRequest, candidate_setup: None) -> Iterator[None]:
        """How exact results must be, which each exercise says for itself."""
        from grader.judge.comparison import tolerances as within
        from grader.model.exercise import Tolerance

        stated = TOLERANCES.get(request.path.parent.name, {})
        with within({dtype: Tolerance(rtol=rtol, atol=atol) for dtype, (rtol, atol) in stated.items()}):
            yield

else:
    _stand_in()

    def pytest_configure(config: pytest.Config) -> None:
        """Register the mark of the suite."""
        config.addinivalue_line("markers", "task(id): the task of the exercise that this case belongs to")

    @pytest.fixture(autouse=True)
    def tolerances(request: pytest.FixtureRequest) -> None:
        """How exact results must be, which each exercise says for itself."""
        NOW.clear()
        NOW.update(TOLERANCES.get(request.path.parent.name, {}))

    @pytest.fixture
    def candidate(request: pytest.FixtureRequest) -> Iterator[Any]:
        """Your module."""
        CHANGED.clear()
        yield Copying(_load("solution", request.path.parent))
        sys.modules.pop("solution", None)

    @pytest.fixture
    def driver(candidate: Any, request: pytest.FixtureRequest) -> Iterator[ModuleType]:
        """driver.py, which imports your module."""
        yield _load("driver", request.path.parent)
        sys.modules.pop("driver", None)

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

    @pytest.fixture
    def ranks() -> None:
        """Several processes that work together."""
        pytest.skip(
            "this case starts several ranks, which takes viva itself: pip install vivavoce, then run pytest again"
        )
