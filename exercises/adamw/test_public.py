"""Public cases of adamw: small ones, worked out by hand."""

import pytest
import torch

from grader.judge import assert_close, assert_each_raises, inout


def hand_over(*values):
    """Parameters that the optimizer may change, and what shows them here: set `.grad` of those, and look at them."""
    handed = [inout(torch.nn.Parameter(torch.tensor(value, dtype=torch.float64))) for value in values]
    return handed, lambda: [one.value for one in handed]


@pytest.mark.task("update")
def test_two_steps_by_hand(candidate):
    """With both betas 0.5, gradients of 1 and 4 move the weight by 1 and by 3 / sqrt(11) times lr.

    两个 beta 都为 0.5，梯度依次为 1 和 4：权重先后移动 lr 的 1 倍和 3 / sqrt(11) 倍。
    """
    handed, look = hand_over([0.0])
    optimizer = candidate.AdamW(handed, lr=0.1, betas=(0.5, 0.5), eps=1e-12, weight_decay=0.0)
    (weight,) = look()
    for gradient, expected in ((1.0, -0.1), (4.0, -0.1 - 0.1 * 3 / 11**0.5)):
        weight.grad = torch.tensor([gradient], dtype=torch.float64)
        optimizer.step()
        assert_close(weight.detach(), torch.tensor([expected], dtype=torch.float64))


@pytest.mark.task("decay")
def test_decay_by_hand(candidate):
    """With lr 0.1 and a decay of 0.5, a weight of 4 loses 0.2 by decay, and 0.1 by a positive gradient of any size.

    `lr` 为 0.1、衰减为 0.5 时，值为 4 的权重因衰减减少 0.2；正梯度无论大小，都使它再减少 0.1。
    """
    handed, look = hand_over([4.0, 4.0, 4.0])
    optimizer = candidate.AdamW(handed, lr=0.1, eps=1e-12, weight_decay=0.5)
    (weight,) = look()
    weight.grad = torch.tensor([0.0, 1e-3, 1e3], dtype=torch.float64)
    optimizer.step()
    assert_close(weight.detach(), torch.tensor([3.8, 3.7, 3.7], dtype=torch.float64))


@pytest.mark.task("state")
def test_one_without_gradient(candidate):
    """Of two weights, only the one that has a gradient changes; the other one's first update comes a step later.

    两个权重中，只有带梯度的那个会变；另一个晚一步才得到第一次更新。
    """
    handed, look = hand_over([1.0], [1.0])
    optimizer = candidate.AdamW(handed, lr=0.1, eps=1e-12, weight_decay=0.0)
    first, second = look()
    first.grad = torch.tensor([2.0], dtype=torch.float64)
    optimizer.step()
    assert_close([first.item(), second.item()], [0.9, 1.0])
    first.grad, second.grad = None, torch.tensor([-5.0], dtype=torch.float64)
    optimizer.step()
    assert_close([first.item(), second.item()], [0.9, 1.1])


@pytest.mark.task("contract")
def test_a_beta_of_one(candidate):
    """A beta of 1 raises ValueError; betas of 0 do not, and give steps of lr by the sign.

    beta 为 1 时抛出 `ValueError`；为 0 时不会，此时每步按符号移动 `lr`。
    """
    handed, look = hand_over([3.0, 3.0])
    optimizer = candidate.AdamW(handed, lr=0.5, betas=(0.0, 0.0), eps=1e-12, weight_decay=0.0)
    (weight,) = look()
    weight.grad = torch.tensor([7.0, -0.1], dtype=torch.float64)
    optimizer.step()
    assert_close(weight.detach(), torch.tensor([2.5, 3.5], dtype=torch.float64))
    bad = [{"params": handed, "betas": betas} for betas in ((1.0, 0.9), (0.9, 1.0))]
    assert_each_raises(ValueError, candidate.AdamW, bad)
