"""Public cases of swiglu: small ones, worked out by hand."""

import pytest
import torch

from grader.judge import assert_close, assert_each_raises


def one_by_one(candidate, gate, up, down):
    """A layer of width 1 inside and out, with these three numbers as its weights."""
    layer = candidate.SwiGLU(1, 1)
    weights = {"gate_proj.weight": gate, "up_proj.weight": up, "down_proj.weight": down}
    layer.load_state_dict({name: torch.tensor([[value]]) for name, value in weights.items()})
    return layer


@pytest.mark.task("values")
def test_three_numbers_by_hand(candidate):
    """With x = 1, gate 2, up 3 and down 10 the result is 10 * silu(2) * 3; silu(2) is 1.761594.

    x 为 1，三个权重为 2、3、10 时，结果是 10 * silu(2) * 3，其中 silu(2) 为 1.761594。
    """
    layer = one_by_one(candidate, 2.0, 3.0, 10.0)
    assert_close(layer(torch.tensor([[1.0], [0.0], [-1.0]])).detach(), torch.tensor([[52.847825], [0.0], [7.152175]]))


@pytest.mark.task("width")
def test_widths_by_hand(candidate):
    """dim 10 gives 26, or 32 as a multiple of 8; a width that is given stays as it is.

    `dim` 为 10 时宽度是 26，取 8 的倍数则是 32；给定的宽度保持不变。
    """
    for arguments, width in (((10,), 26), ((10, None, 8), 32), ((10, 30, 8), 30), ((6, None, 8), 16)):
        state = dict(candidate.SwiGLU(*arguments).state_dict())
        assert_close(tuple(state["up_proj.weight"].shape), (width, arguments[0]))


@pytest.mark.task("stability")
def test_large_gates_by_hand(candidate):
    """silu(1000) is 1000, and silu(-1000) is 0.

    silu(1000) 等于 1000，silu(-1000) 等于 0。
    """
    layer = one_by_one(candidate, 1000.0, 1.0, 1.0)
    assert_close(layer(torch.tensor([[1.0]])).detach(), torch.tensor([[1000.0]]))
    assert_close(one_by_one(candidate, -1000.0, 1.0, 1.0)(torch.tensor([[1.0]])).detach(), torch.zeros(1, 1))


@pytest.mark.task("contract")
def test_wrong_length(candidate):
    """Vectors of length 2 are refused by a layer for length 1.

    长度为 1 的层拒绝长度为 2 的向量。
    """
    layer = one_by_one(candidate, 1.0, 1.0, 1.0)
    assert_close(layer(torch.zeros(1)).detach(), torch.zeros(1))
    assert_each_raises(ValueError, layer, [(torch.ones(4, 2),)])
