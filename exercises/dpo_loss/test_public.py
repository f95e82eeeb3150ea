"""Public cases of dpo_loss: small ones, worked out by hand."""

import math

import pytest
import torch

from grader.judge import assert_close


@pytest.mark.task("logps")
def test_uniform_logits(candidate):
    """With equal logits over 4 tokens, an answer of 2 tokens has log-probability -2 log 4.

    4 个 token 的 logits 全相等时，两个 token 的回答的对数概率是 -2 log 4。
    """
    tokens = torch.tensor([[3, 0, 2, 1], [1, 1, 3, -100]])
    mask = torch.tensor([[False, False, True, True], [False, True, True, False]])
    expected = torch.tensor([-2 * math.log(4), -2 * math.log(4)])
    assert_close(candidate.sequence_logps(torch.zeros(2, 4, 4), tokens, mask), expected)


@pytest.mark.task("logps")
def test_one_position_earlier(candidate):
    """The logits of position 0 predict the token of position 1.

    位置 0 的 logits 预测位置 1 的 token。
    """
    logits = torch.tensor([[[0.0, math.log(3.0)], [50.0, 0.0]]])
    logps = candidate.sequence_logps(logits, torch.tensor([[0, 1]]), torch.tensor([[False, True]]))
    assert_close(logps, torch.tensor([math.log(0.75)]))


@pytest.mark.task("loss")
def test_two_pairs_by_hand(candidate):
    """Margins of 0 and log 3 have losses log 2 and log(4/3); the mean is returned, with the rewards.

    h 为 0 和 log 3 时，损失分别是 log 2 和 log(4/3)；返回其平均值以及奖励。
    """
    loss, chosen, rejected = candidate.dpo_loss(
        torch.tensor([-5.0, -4.0]),
        torch.tensor([-7.0, -6.0]),
        torch.tensor([-6.0, -4.0]),
        torch.tensor([-8.0, -6.0 + 2 * math.log(3.0)]),
        beta=0.5,
    )
    assert_close(chosen, torch.tensor([0.5, 0.0]))
    assert_close(rejected, torch.tensor([0.5, -math.log(3.0)]))
    assert_close(loss, torch.tensor((math.log(2) + math.log(4 / 3)) / 2))


@pytest.mark.task("contract")
def test_shapes_that_broadcast(candidate):
    """Reference log-probabilities of another shape raise ValueError; sound arguments do not.

    参考模型的对数概率形状不同时抛出 `ValueError`，参数有效时不会。
    """
    pair = torch.tensor([-5.0, -4.0])
    assert_close(candidate.dpo_loss(pair, pair, pair, pair)[0], torch.tensor(math.log(2)))
    with pytest.raises(ValueError):
        candidate.dpo_loss(pair, pair, pair[:1], pair)
