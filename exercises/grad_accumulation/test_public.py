"""Public cases of grad_accumulation: a model whose weights are zero but for one, worked out by hand."""

import math

import pytest
import torch

from grader.judge import assert_close, assert_each_raises

NONE = -100


def make_stage(driver):
    """Two kinds of tokens, vectors of length 2. Token 1 has logits (0, 0) and moves the output row of its label alone."""
    zeros = torch.zeros(2, 2, dtype=torch.float64)
    weights = {
        "embed.weight": zeros,
        "mix.weight": zeros,
        "mix.bias": torch.tensor([math.atanh(0.5), 0.0], dtype=torch.float64),  # every hidden vector is (0.5, 0)
        "rare.weight": zeros,
        "scale": torch.tensor(1.0, dtype=torch.float64),
    }
    return driver.Stage(weights)


def tokens(*values):
    """One sequence."""
    return torch.tensor([values])


@pytest.mark.task("equality")
def test_four_tokens_by_hand(driver):
    """Three labels of 0 in one micro-batch and a 1 in another: each token weighs a quarter, and the loss is log 2.

    一个 micro-batch 有三个标签 0，另一个有一个标签 1：每个 token 各占四分之一，损失为 log 2。
    """
    stage = make_stage(driver)
    stage.add(tokens(1, 1, 1), tokens(0, 0, 0))
    stage.add(tokens(1, 1), tokens(1, NONE))
    assert_close(stage.step(), math.log(2))
    # gradient of row 0: (3 · (1/2 - 1) + 1/2) / 4 · (0.5, 0) = (-0.125, 0), and lr is 0.5
    expected = torch.tensor([[0.0625, 0.0], [-0.0625, 0.0]], dtype=torch.float64)
    assert_close(stage.weights()["embed.weight"], expected)


@pytest.mark.task("uncounted")
def test_a_micro_batch_that_does_not_count(driver):
    """A micro-batch with no label but -100 leaves the loss at log 2; a step of nothing else returns None.

    标签全为 -100 的 micro-batch 不影响损失，仍为 log 2；除此之外什么都没有时，`step` 返回 None。
    """
    stage = make_stage(driver)
    stage.add(tokens(1, 1), tokens(NONE, NONE))
    assert_close(stage.step(), None)
    stage.add(tokens(1, 1), tokens(NONE, NONE))
    stage.add(tokens(1), tokens(1))
    assert_close(stage.step(), math.log(2))


@pytest.mark.task("gradients")
def test_cleared_after_the_step(driver):
    """After a step no parameter has a gradient.

    `step` 之后，没有任何参数带有梯度。
    """
    stage = make_stage(driver)
    stage.add(tokens(1, 0), tokens(0, 0))
    assert_close(stage.step(), math.log(2))
    assert_close(stage.with_gradient(), [])


@pytest.mark.task("contract")
def test_labels_of_another_shape(driver):
    """Two labels for one token raise ValueError; what was added before still counts.

    一个 token 对应两个标签时抛出 `ValueError`；之前加入的仍然有效。
    """
    stage = make_stage(driver)
    stage.add(tokens(1), tokens(0))
    assert_each_raises(ValueError, stage.add, [(tokens(1), tokens(0, 0))])
    assert_close(stage.step(), math.log(2))
