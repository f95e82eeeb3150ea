"""Public cases of grpo_loss: small ones, worked out by hand."""

import math

import pytest
import torch

from grader.judge import assert_close


@pytest.mark.task("advantages")
def test_advantages_by_hand(candidate):
    """Rewards 1, 2 and 3 are a deviation of the root of 2/3 apart; equal rewards give 0.

    奖励 1、2、3 的标准差是根号 2/3；奖励全相等则优势为 0。
    """
    unit = math.sqrt(1.5)
    advantages = candidate.group_advantages(torch.tensor([[1.0, 2.0, 3.0], [4.0, 4.0, 4.0]]))
    assert_close(advantages, torch.tensor([[-unit, 0.0, unit], [0.0, 0.0, 0.0]]))


@pytest.mark.task("loss")
def test_loss_by_hand(candidate):
    """Ratios of 3/2 are cut to 1.2 where the advantage is positive, and not where it is negative.

    比值为 3/2 时，优势为正则裁剪到 1.2，为负则不裁剪。
    """
    old = torch.full((2, 2), -2.0)
    new = old + math.log(1.5)
    mask = torch.tensor([[True, True], [True, False]])
    loss, kl, clip_fraction = candidate.grpo_loss(new, old, new.clone(), torch.tensor([1.0, -2.0]), mask)
    assert_close(loss, torch.tensor((-1.2 + 3.0) / 2))
    assert_close(kl, torch.tensor(0.0))
    assert_close(clip_fraction, torch.tensor(2 / 3))


@pytest.mark.task("kl")
def test_kl_by_hand(candidate):
    """A frozen model that is twice as sure has K = 2 - log 2 - 1 at a token.

    冻结的模型给出两倍概率时，K = 2 - log 2 - 1。
    """
    new = torch.tensor([[-1.0, -3.0]])
    mask = torch.tensor([[True, True]])
    loss, kl, _ = candidate.grpo_loss(new, None, new + math.log(2.0), torch.tensor([0.0]), mask, beta=0.5)
    assert_close(kl, torch.tensor(1 - math.log(2)))
    assert_close(loss, torch.tensor((1 - math.log(2)) / 2))


@pytest.mark.task("contract")
def test_frozen_model_is_missing(candidate):
    """Without a frozen model there is a ValueError, unless beta is 0.

    没有参考模型时抛出 `ValueError`，除非 `beta` 为 0。
    """
    new, mask = torch.tensor([[-1.0, -3.0]]), torch.tensor([[True, True]])
    loss, _, _ = candidate.grpo_loss(new, None, None, torch.tensor([2.0]), mask, beta=0.0)
    assert_close(loss, torch.tensor(-2.0))
    with pytest.raises(ValueError):
        candidate.grpo_loss(new, None, None, torch.tensor([2.0]), mask)
