"""The same call gives the same, and leaves the world as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from grader.guest.operations import seed_globals
from grader.judge import assert_leaves_no_state, assert_same_again
from grader.judge.comparison import Mismatch
from grader.judge.loopback import Loopback

CHANGES = {
    "random.random()": ("the global state of random", "标准库 random 的全局状态"),
    "np.random.seed(0)": ("numpy's global random state", "numpy 的全局随机状态"),
    "np.random.rand()": ("numpy's global random state", "numpy 的全局随机状态"),
    "np.random.randn(1)": ("numpy's global random state", "numpy 的全局随机状态"),
    "np.seterr(all='raise')": ("numpy's handling of floating-point errors", "numpy 的浮点错误处理方式"),
    "np.set_printoptions(precision=3)": ("numpy's print options", "numpy 的打印选项"),
    "torch.rand(2)": ("torch's global random state", "torch 的全局随机状态"),
    "torch.set_grad_enabled(False)": ("torch's grad mode", "torch 的梯度模式"),
    "torch.autograd.set_detect_anomaly(True)": ("torch's anomaly mode", "torch 的异常检测模式"),
    "torch.set_default_dtype(torch.float64)": ("torch's default dtype", "torch 的默认 dtype"),
    "torch.use_deterministic_algorithms(True)": ("torch's choice of deterministic algorithms", "确定性算法开关"),
    "model.eval()": ("the training mode of a module", "模块的 training 状态"),
    "model[0].eval()": ("the training mode of a module", "模块的 training 状态"),
    "model.requires_grad_(False)": ("requires_grad of a parameter", "参数的 requires_grad"),
}
SOURCE = """
import random
import numpy as np
import torch
def model():
    return torch.nn.Sequential(torch.nn.Linear(2, 2))
def f(x, models):
    model = models["one"]
    {change}
    return x + 1
class Net(torch.nn.Module):
    def forward(self, x):
        self.eval()
        return x
"""


@pytest.fixture(autouse=True)
def world() -> Iterator[None]:
    """Whatever a candidate did to this process is put back."""
    options, errors = np.get_printoptions(), np.geterr()
    yield
    np.set_printoptions(**options)
    np.seterr(**errors)
    torch.set_grad_enabled(True)
    torch.autograd.set_detect_anomaly(False)
    torch.set_default_dtype(torch.float32)
    torch.use_deterministic_algorithms(False)


@pytest.fixture
def load(tmp_path: Path) -> Callable[[str], Any]:
    def load(change: str) -> Any:
        path = tmp_path / "solution.py"
        path.write_text(SOURCE.replace("{change}", change), encoding="utf-8")
        return Loopback().load("solution", path.read_text(encoding="utf-8"), str(path))

    return load


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_the_world_is_named(load: Callable[[str], Any], change: str) -> None:
    """In both languages, with the call."""
    module = load(change)
    with pytest.raises(Mismatch) as caught:
        assert_leaves_no_state(module.f, 1, {"one": module.model()})
    english, chinese = CHANGES[change]
    assert caught.value.message.en.startswith("f(1, ")
    assert english in caught.value.message.en
    assert chinese in caught.value.message.zh


SET = ("np.random.seed(0)", "random.seed(0)", "torch.manual_seed(0)", "np.seterr(all='ignore')")


@pytest.mark.parametrize("change", SET)
def test_what_is_set_again_is_a_change(load: Callable[[str], Any], change: str) -> None:
    """Although the state is then what the call before had left."""
    module = load(change)
    arguments = (1, {"one": module.model()})
    module.f(*arguments)
    with pytest.raises(Mismatch, match="and did not put it back"):
        assert_leaves_no_state(module.f, *arguments)


@pytest.mark.parametrize("change", ["pass", "np.random.default_rng(0).random(); torch.manual_seed"])
def test_a_call_that_leaves_the_world_alone_gives_its_result(load: Callable[[str], Any], change: str) -> None:
    """Generators of its own are nobody's."""
    module = load(change)
    assert assert_leaves_no_state(module.f, 1, {"one": module.model()}) == 2


def test_what_is_put_back_is_no_change(load: Callable[[str], Any]) -> None:
    """A block without gradients, a seeded fork of the generator."""
    change = "\n    with torch.no_grad(), torch.random.fork_rng(), np.errstate(all='ignore'):\n        torch.rand(3)"
    module = load(change)
    assert assert_leaves_no_state(module.f, 1, {"one": module.model()}) == 2


def test_a_module_that_is_called_is_looked_at(load: Callable[[str], Any]) -> None:
    """It is the target of the call, not an argument."""
    with pytest.raises(Mismatch, match="training mode"):
        assert_leaves_no_state(load("pass").Net(), torch.ones(1))


def test_a_function_of_this_process_is_looked_at_too() -> None:
    """A suite may hold the reference to its own claim."""
    with pytest.raises(Mismatch, match="numpy's global random state"):
        assert_leaves_no_state(np.random.rand, 3)


def test_gradients_go_through_a_watched_call(load: Callable[[str], Any]) -> None:
    """The result is connected as that of any call."""
    module, x = load("pass"), torch.ones(2, requires_grad=True)
    assert_leaves_no_state(module.f, x, {"one": module.model()}).sum().backward()
    assert x.grad.tolist() == [1.0, 1.0]


def test_the_same_again() -> None:
    """To the bit, NaN included; the first result comes back."""
    assert assert_same_again(lambda: [1.0, float("nan")])[0] == 1.0
    results = iter([np.array([1.0]), np.array([1.0 + 1e-16 + 2.3e-16])])
    with pytest.raises(Mismatch) as caught:
        assert_same_again(lambda: next(results))
    assert caught.value.message.en.startswith("the same call gave another result the second time: the result is")
    assert "第二次给出了不同的结果" in caught.value.message.zh


def test_a_result_of_the_global_generator_differs() -> None:
    """Even of one that is seeded alike before every case."""
    with pytest.raises(Mismatch):
        assert_same_again(lambda: np.random.rand(), seed_globals)
    assert (
        assert_same_again(lambda: np.random.default_rng(3).random(), seed_globals) == np.random.default_rng(3).random()
    )
