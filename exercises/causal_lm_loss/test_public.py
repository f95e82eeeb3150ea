"""Public cases of causal_lm_loss: small ones, worked out by hand."""

import math

import pytest
import torch

from grader.judge import assert_close, assert_each_raises, assert_leaves_no_state


def three_positions():
    """Logits (1, 3, 4): token 2 has 5/8 after position 0; after the others all four are alike."""
    logits = torch.zeros(1, 3, 4)
    logits[0, 0, 2] = math.log(5.0)
    return logits


@pytest.mark.task("contract")
def test_first_call(candidate):
    """The first call, whose loss is right, leaves random generators, modes and defaults as they were.

    第一次调用的损失正确，且随机数生成器、各种模式与默认值都保持原样。
    """
    loss = assert_leaves_no_state(candidate.causal_lm_loss, three_positions(), torch.tensor([[3, 2, 1]]))
    assert_close(loss, torch.tensor(0.928149))


@pytest.mark.task("values")
def test_two_predictions_by_hand(candidate):
    """Labels 2 and 1 are predicted with 5/8 and 1/4; nothing predicts the label at position 0.

    标签 2 和 1 的预测概率分别是 5/8 和 1/4；位置 0 的标签没有 logits 来预测。
    """
    loss = candidate.causal_lm_loss(three_positions(), torch.tensor([[3, 2, 1]]))
    assert_close(loss, torch.tensor(0.928149))


@pytest.mark.task("counting")
def test_ignored_label_by_hand(candidate):
    """With the label in the middle ignored, the mean is over the last one only.

    中间的标签被忽略时，只对最后一个标签求均值。
    """
    loss = candidate.causal_lm_loss(three_positions(), torch.tensor([[3, -100, 1]]))
    assert_close(loss, torch.tensor(1.386294))


@pytest.mark.task("counting")
def test_all_ignored(candidate):
    """Beside a batch that counts, one in which no label counts gives 0.

    能计入标签的批次结果正确，没有任何标签计入的批次得到 0。
    """
    assert_close(candidate.causal_lm_loss(three_positions(), torch.tensor([[3, 2, -100]])), torch.tensor(0.470004))
    assert_close(candidate.causal_lm_loss(three_positions(), torch.tensor([[3, -100, -100]])), torch.tensor(0.0))


@pytest.mark.task("accumulation")
def test_num_items_by_hand(candidate):
    """The sum of both terms, 1.856298, is divided by `num_items`.

    两项之和 1.856298 除以 `num_items`。
    """
    loss = candidate.causal_lm_loss(three_positions(), torch.tensor([[3, 2, 1]]), num_items=10)
    assert_close(loss, torch.tensor(0.1856298))


@pytest.mark.task("contract")
def test_shifted_labels_are_refused(candidate):
    """Labels that were shifted already, (1, 2) instead of (1, 3), are refused.

    事先错位过的标签，形状是 (1, 2) 而不是 (1, 3)，会被拒绝。
    """
    assert_close(candidate.causal_lm_loss(three_positions(), torch.tensor([[3, 2, 1]])), torch.tensor(0.928149))
    assert_each_raises(ValueError, candidate.causal_lm_loss, [(three_positions(), torch.tensor([[2, 1]]))])
