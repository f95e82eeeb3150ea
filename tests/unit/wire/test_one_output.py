"""Going backward from tensors without the modules that torch reads for their gradients."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from grader.wire.tensors import as_one_output

_COLD = """
import sys, torch
from grader.wire.tensors import as_one_output
x = torch.ones(2, 3, requires_grad=True)
torch.autograd.backward(*as_one_output([x * 2, x.sum(0)], [torch.ones(2, 3), torch.ones(3)]))
assert x.grad.tolist() == [[3.0] * 3] * 2
print("torch.fx.experimental.symbolic_shapes" in sys.modules)
"""


def test_a_first_gradient_reads_no_symbolic_shapes() -> None:
    """What torch would read at the first gradient of a tensor stays unread: it takes longer than most cases."""
    done = subprocess.run([sys.executable, "-c", _COLD], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16, torch.complex64])
def test_gradients_are_those_of_torch_to_the_last_bit(dtype: torch.dtype) -> None:
    """Of several outputs, with values that overflow when they are added, and for a second backward too."""
    generator = torch.Generator().manual_seed(1)
    scale = torch.finfo(dtype).max / 8
    x = (torch.randn(4, 3, generator=generator, dtype=torch.float64) * scale**0.5).to(dtype).requires_grad_()
    outputs = [x * x, x.sum(1), x[:0]]
    grads = [torch.randn(out.shape, generator=generator, dtype=torch.float64).to(dtype) for out in outputs]
    (expected,) = torch.autograd.grad(outputs, x, grads, retain_graph=True)
    ends, upstream = as_one_output(outputs, grads)
    (found,) = torch.autograd.grad(ends, x, upstream)
    assert torch.equal(found, expected)


def test_a_gradient_of_a_gradient() -> None:
    """Upstream gradients that require grad get theirs."""
    x = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
    upstream = torch.tensor([3.0, 5.0], dtype=torch.float64, requires_grad=True)
    ends, grads = as_one_output([x**3], [upstream])
    (first,) = torch.autograd.grad(ends, x, grads, create_graph=True)
    by_x, by_upstream = torch.autograd.grad(first.sum(), (x, upstream))
    assert by_x.tolist() == [18.0, 60.0]  # 6 x times upstream
    assert by_upstream.tolist() == [3.0, 12.0]  # 3 x squared
