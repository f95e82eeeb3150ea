"""A program does the same with its tensors on another device: the suite means the same on a GPU.

The device is the one that stands in for a GPU, in this process; what a box with a GPU does is for `make gpu`.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest
import torch

from grader.judge import stand_in
from grader.judge.failure import RemoteError
from grader.judge.loopback import Loopback
from tests.contract.conftest import CANDIDATE
from tests.contract.parity import Program, differences, outcome
from tests.contract.test_parity import PROGRAMS, SHARED

# What the stand-in cannot do, and CUDA can: numpy's view of a tensor of inference mode, sparse gradients. And one that
# is meant to differ: the name of a device that is handed on.
LIMITS = ("in_inference_mode", "a_sparse_gradient_is_dense_for_the_suite", "argument_and_result[torch_plain]")
PLACED = [one for one in PROGRAMS if one.__name__ not in (*SHARED, *LIMITS)]
_SOURCE = """
import torch
from torch import nn

class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(2, 2)
        self.register_buffer("shift", torch.ones(2))
        self.plain = torch.ones(2)

    def forward(self, x):
        return self.inner(x) + self.shift

    def with_plain(self, x):
        return self.inner(x) + self.plain

def where(x): return str(x.device.type)
def both(x, y): return x + y
def zeros(x): return x + torch.zeros(len(x))
def zeros_there(x): return x + torch.zeros(len(x), device=x.device)
def on_the_cpu(x): return x.cpu()
def read_here(x, at): return torch.ones(len(x))[at]
def read_there(x, at): return x[at.cpu()]
def write_here(x, at):
    made = torch.ones(len(x))
    made[at] = 2.0
def write_there(x, at):
    made = x.clone()
    made[at.cpu()] = 2.0
    return made
def values_here(x, at):
    made = x.clone()
    made[at] = torch.ones(len(at))
def fill(x): x.fill_(7.0)
def named(device): return str(device.type)
def device_of(layer): return layer.inner.weight.device.type
def memory_is_one(x, y):
    x[0] = 5.0
    return float(y[0])
"""


def module_on(device: str) -> Any:
    """The module with its tensors on the stand-in or on the CPU."""
    loopback = Loopback(placement=stand_in.placement()) if device == "cuda" else Loopback()
    return loopback.load("solution", _SOURCE, "solution.py")


def fresh(*, placed: bool) -> Any:
    """The parity suite's module."""
    loopback = Loopback(placement=stand_in.placement()) if placed else Loopback()
    module = loopback.load("solution", CANDIDATE.read_text(encoding="utf-8"), str(CANDIDATE))
    loopback.bridge.seed(0)
    return module


@pytest.mark.parametrize("program", PLACED, ids=lambda program: program.__name__)
def test_a_program_does_the_same_on_another_device(program: Program) -> None:
    """Values, exceptions, changes that were asked for, and gradients."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        local, placed = outcome(program, fresh(placed=False)), outcome(program, fresh(placed=True))
    assert list(differences(local, placed)) == []


def test_arguments_and_modules_are_on_the_device() -> None:
    """Every tensor that is sent, and all that a module brings."""
    m = module_on("cuda")
    assert m.where(torch.ones(2)) == stand_in.DEVICE
    assert m.where(torch.ones(2, requires_grad=True)) == stand_in.DEVICE
    assert m.device_of(m.Layer()) == stand_in.DEVICE


def test_what_a_suite_has_is_on_the_cpu() -> None:
    """Results, mirrors of parameters and their gradients: the judge has no other device."""
    m = module_on("cuda")
    layer, x = m.Layer(), torch.ones(3, 2, requires_grad=True)
    layer(x).sum().backward()
    seen = [layer(x), layer.inner.weight, layer.inner.weight.grad, x.grad]
    assert {str(tensor.device) for tensor in seen} == {"cpu"}


@pytest.mark.parametrize("function", ["zeros", "zeros_there"])
def test_a_tensor_made_on_the_cpu_fails_there_and_only_there(function: str) -> None:
    """In CUDA's words, as an exception of the candidate's."""
    assert torch.equal(getattr(module_on("cpu"), function)(torch.ones(2)), torch.ones(2))
    m = module_on("cuda")
    if function == "zeros_there":
        assert torch.equal(m.zeros_there(torch.ones(2)), torch.ones(2))
    else:
        with pytest.raises(RemoteError, match="Expected all tensors to be on the same device"):
            m.zeros(torch.ones(2))


def test_a_buffer_moves_with_its_module_and_a_plain_attribute_does_not() -> None:
    """As `Module.to` has it, which is a mistake that grading on a GPU is there to show."""
    layer = module_on("cuda").Layer()
    assert layer(torch.ones(1, 2)).shape == (1, 2)
    with pytest.raises(RemoteError, match="same device"):
        layer.with_plain(torch.ones(1, 2))


def test_the_cpu_of_a_suite_is_the_device_of_the_guest() -> None:
    """A suite that calls `layer.to(device)` does not take the layer from its GPU."""
    m = module_on("cuda")
    layer = m.Layer()
    layer.to(torch.device("cpu"))
    assert m.device_of(layer) == stand_in.DEVICE
    assert m.named(torch.device("cpu")) == stand_in.DEVICE
    assert module_on("cpu").named(torch.device("cpu")) == "cpu"


def test_arguments_that_share_memory_share_it_there() -> None:
    """Views of one tensor are views of one tensor."""
    x = torch.arange(6.0)
    assert module_on("cuda").memory_is_one(x, x[:3]) == 5.0
    assert module_on("cuda").memory_is_one(x, x.clone()) == 0.0


def test_a_suites_own_tensor_never_changes() -> None:
    """The rule of one way holds on a device too."""
    x = torch.ones(2)
    module_on("cuda").fill(x)
    assert torch.equal(x, torch.ones(2))


def threads() -> int:
    """Of this process."""
    return len(list(Path("/proc/self/task").iterdir()))


def test_autograd_beside_the_stand_in_starts_no_thread() -> None:
    """A judge with two threads could not be forked."""
    before = threads()
    m = module_on("cuda")
    m.Layer()(torch.ones(3, 2, requires_grad=True)).sum().backward()
    assert threads() == before


@pytest.mark.parametrize(
    ("name", "refused"),
    [
        ("read_here", True),
        ("write_here", True),
        ("values_here", True),
        ("read_there", False),
        ("write_there", False),
    ],
)
def test_indices_may_come_from_the_cpu_and_nothing_else(name: str, *, refused: bool) -> None:
    """A tensor of the GPU takes indices of the CPU, as CUDA lets it; one of the CPU takes none of the GPU's."""
    function = getattr(module_on("cuda"), name)
    arguments = torch.ones(3), torch.tensor([0, 2])
    if refused:
        with pytest.raises(RemoteError, match="same device"):
            function(*arguments)
    else:
        function(*arguments)
