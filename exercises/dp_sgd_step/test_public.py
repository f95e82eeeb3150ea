"""Public cases of dp_sgd_step: a linear layer whose weights are zero, worked out by hand."""

import pytest
import torch

from grader.judge import assert_binomial, assert_close, assert_refuses, assert_scale

EXACT = {"lr": 2.0, "max_grad_norm": 1.5, "noise_multiplier": 0.0, "expected_batch_size": 4}
# the gradients of weight and bias are (2, 2) and 1 for the first sample, (0, 0) and 0.5 for the second
INPUTS = torch.tensor([[2.0, 2.0], [0.0, 0.0]], dtype=torch.float64)
LABELS = torch.tensor([[-1.0], [-0.5]], dtype=torch.float64)


def layer(driver, inner=2, outer=1):
    """A linear layer of zeros with half the squared distance as its loss."""
    shapes = {"weight": (outer, inner), "bias": (outer,)}
    return driver.Stage({name: torch.zeros(shape, dtype=torch.float64) for name, shape in shapes.items()}, seed=5)


@pytest.mark.task("clipping")
def test_two_samples_by_hand(driver):
    """The first gradient, of norm 3, is halved; the second, of norm 0.5, stays.

    第一个梯度的范数为 3，减半；第二个的范数为 0.5，保持不变。
    """
    stage = layer(driver)
    stage.step(INPUTS, LABELS, *EXACT.values())
    expected = {"weight": torch.full((1, 2), -0.5, dtype=torch.float64), "bias": torch.tensor([-0.5]).double()}
    assert_close(stage.weights(), expected)


@pytest.mark.task("lots")
def test_an_empty_lot(driver):
    """A step without samples moves the weights by noise.

    没有样本的一步也会用噪声移动权重。
    """
    stage = layer(driver, 30, 20)
    stage.step(torch.zeros(0, 30).double(), torch.zeros(0, 20).double(), 1.0, 1.0, 1.0, 8)
    for value in stage.weights().values():
        assert bool((value != 0).all()), "a weight got no noise\n有权重没有加上噪声"


@pytest.mark.task("noise")
def test_scale_of_the_noise(driver):
    """With a noise multiplier of 3, a norm of 2 and a lot size of 4, the noise in the mean has standard deviation 1.5.

    `noise_multiplier` 为 3、`max_grad_norm` 为 2、批量为 4 时，均值里的噪声标准差为 1.5。
    """
    stage = layer(driver, 100, 80)
    stage.step(torch.zeros(0, 100).double(), torch.zeros(0, 80).double(), 1.0, 2.0, 3.0, 4)
    moved = stage.weights()["weight"]
    assert_close(tuple(moved.shape), (80, 100))
    assert_scale(moved, 1.5, "normal")
    assert_binomial(int((moved > 0).sum()), 8000, 0.5)


@pytest.mark.task("contract")
def test_bad_numbers(driver):
    """A lot size of 0 and a negative noise multiplier are refused.

    批量为 0、`noise_multiplier` 为负时都拒绝。
    """
    sound = {"inputs": INPUTS, "labels": LABELS, **EXACT}
    bad = {"noise_multiplier": [-1.0], "expected_batch_size": [0]}
    assert_close(assert_refuses(layer(driver).step, sound, bad), None)
