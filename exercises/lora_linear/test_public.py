"""Public cases of lora_linear: small ones, worked out by hand."""

import pytest
import torch

from grader.judge import assert_close, assert_each_raises

STATE = {
    "weight": torch.tensor([[1.0, 0.0, 2.0], [0.0, 1.0, -1.0]]),
    "bias": torch.tensor([10.0, 20.0]),
    "lora_A": torch.tensor([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
    "lora_B": torch.tensor([[1.0, 0.0], [2.0, -1.0]]),
}


def small_layer(candidate):
    """In 3, out 2, rank 2, alpha 6: the factors' product [[1, 1, 0], [2, 2, -1]] counts three times."""
    layer = candidate.LoRALinear(3, 2, 2, 6)
    layer.load_state_dict(STATE)
    return layer


@pytest.mark.task("values")
def test_one_vector_by_hand(candidate):
    """W x + b is (17, 19), B A x is (3, 3), and alpha / rank is 3.

    W x + b 为 (17, 19)，B A x 为 (3, 3)，alpha / rank 为 3。
    """
    layer = small_layer(candidate)
    assert_close(layer(torch.tensor([1.0, 2.0, 3.0])).detach(), torch.tensor([26.0, 28.0]))


@pytest.mark.task("training")
def test_new_layer(candidate):
    """`lora_B` starts at zero, `lora_A` does not.

    `lora_B` 从零开始，`lora_A` 不是。
    """
    state = dict(candidate.LoRALinear(3, 2, 4, 1.0).state_dict())
    assert_close(state["lora_B"], torch.zeros(2, 4))
    assert bool((state["lora_A"] != 0).any()), (
        "lora_A is zero, so neither factor ever moves\nlora_A 为零，两个因子都永远不动"
    )


@pytest.mark.task("merging")
def test_merge_by_hand(candidate):
    """Merged twice, three times the product is in the weight once, and the result is as before.

    合并两次，权重里仍只加了一次“三倍的乘积”，结果与合并前相同。
    """
    layer = small_layer(candidate)
    layer.merge()
    layer.merge()
    assert_close(dict(layer.state_dict())["weight"], torch.tensor([[4.0, 3.0, 2.0], [6.0, 7.0, -4.0]]))
    assert_close(layer(torch.tensor([1.0, 2.0, 3.0])).detach(), torch.tensor([26.0, 28.0]))


@pytest.mark.task("contract")
def test_wrong_length(candidate):
    """Vectors of length 2 are refused by a layer for length 3.

    长度为 3 的层拒绝长度为 2 的向量。
    """
    layer = small_layer(candidate)
    assert_close(layer(torch.zeros(3)).detach(), torch.tensor([10.0, 20.0]))
    assert_each_raises(ValueError, layer, [(torch.ones(5, 2),)])
