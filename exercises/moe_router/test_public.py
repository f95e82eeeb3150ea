"""Public cases of moe_router: small ones, worked out by hand."""

import math

import pytest
import torch

from grader.judge import assert_close, assert_each_raises

# softmax gives tenths, and the logarithm of the sum of exponentials is log(10)
LOGITS = torch.log(torch.tensor([[5.0, 3.0, 2.0], [6.0, 2.0, 2.0], [2.0, 5.0, 3.0]]))


@pytest.mark.task("choice")
def test_choices_by_hand(candidate):
    """Two of three experts each; the middle token's tie goes to expert 1, and two weights add up to 1.

    三个专家里各选两个；中间那个 token 的平局归专家 1；两个权重之和为 1。
    """
    experts, weights = candidate.moe_router(LOGITS, 2)[:2]
    assert_close(experts, torch.tensor([[0, 1], [0, 1], [1, 2]]))
    assert_close(weights, torch.tensor([[0.625, 0.375], [0.75, 0.25], [0.625, 0.375]]))
    assert_close(candidate.moe_router(LOGITS, 1, renormalize=False)[1], torch.tensor([[0.5], [0.6], [0.5]]))


@pytest.mark.task("capacity")
def test_capacity_by_hand(candidate):
    """With room for two, expert 1 takes token 2's first choice and token 0's second, and drops token 1's second.

    容量为 2 时，专家 1 接收 token 2 的第 0 个选择和 token 0 的第 1 个选择，丢弃 token 1 的第 1 个选择。
    """
    _, weights, slots, _, _ = candidate.moe_router(LOGITS, 2, 2)
    assert_close(slots, torch.tensor([[0, 1], [1, -1], [0, 0]]))
    assert_close(weights, torch.tensor([[0.625, 0.375], [0.75, 0.0], [0.625, 0.375]]))


@pytest.mark.task("losses")
def test_losses_by_hand(candidate):
    """Loads 2, 3 and 1 of 6 meet mean probabilities of 1.3, 1.0 and 0.7 thirds; the z-loss is log(10) squared.

    负载为 6 个中的 2、3、1 个，平均概率为 1.3/3、1.0/3、0.7/3；z-loss 是 log(10) 的平方。
    """
    balance_loss, z_loss = candidate.moe_router(LOGITS, 2, 2)[3:]
    assert_close(balance_loss, torch.tensor(1.05))
    assert_close(z_loss, torch.tensor(math.log(10.0) ** 2))


@pytest.mark.task("precision")
def test_half_by_hand(candidate):
    """float16 logits give float32 weights: a gap of 1 gives 1 / (1 + 1/e).

    `float16` 的 logits 得到 `float32` 的权重：相差 1 时为 1 / (1 + 1/e)。
    """
    weights = candidate.moe_router(torch.tensor([[2.0, 3.0]], dtype=torch.float16), 2)[1]
    share = 1 / (1 + math.exp(-1))
    assert_close(weights, torch.tensor([[share, 1 - share]]))


@pytest.mark.task("contract")
def test_too_many_choices(candidate):
    """Four of three experts cannot be chosen; three can.

    三个专家里选不出四个，选三个可以。
    """
    assert_close(candidate.moe_router(LOGITS, 3)[0], torch.tensor([[0, 1, 2], [0, 1, 2], [1, 2, 0]]))
    assert_each_raises(ValueError, candidate.moe_router, [(LOGITS, 4)])
