"""Public cases of softmax_backprop: small ones, worked out by hand."""

import math

import numpy as np
import pytest

from grader.judge import assert_close

W1 = np.array([[1.0, -1.0], [1.0, 0.0]])
B1 = np.zeros(2)
W2 = np.array([[1.0, -1.0], [5.0, 1.0]])
B2 = np.array([-3.0, 3.0])
ROW = np.array([[1.0, 2.0]])  # hidden units 3 and 0, logits 0 and 0


@pytest.mark.task("loss")
def test_far_logits_by_hand(candidate):
    """A label 2000 below the other costs 2000, and one 2000 above it nothing.

    标签的 logit 比另一个低 2000，损失为 2000；高 2000 则为 0。
    """
    bias = B2 + np.array([2000.0, 0.0])
    loss, gradients = candidate.softmax_backprop(ROW, np.array([1]), W1, B1, W2, bias)
    assert_close(loss, 2000.0)
    assert_close(gradients["b2"], np.array([1.0, -1.0]))
    assert_close(candidate.softmax_backprop(ROW, np.array([0]), W1, B1, W2, bias)[0], 0.0)


@pytest.mark.task("output")
def test_output_layer_by_hand(candidate):
    """Equal logits: probabilities less the label's one, times the hidden units.

    logits 相等：概率减去标签的独热向量，再乘隐藏单元。
    """
    loss, gradients = candidate.softmax_backprop(ROW, np.array([1]), W1, B1, W2, B2)
    assert_close(loss, math.log(2))
    assert_close(gradients["b2"], np.array([0.5, -0.5]))
    assert_close(gradients["W2"], np.array([[1.5, -1.5], [0.0, 0.0]]))


@pytest.mark.task("hidden")
def test_hidden_layer_by_hand(candidate):
    """The same row twice, with either label: the rows' parts are halved and cancel, but for the inputs.

    同一行出现两次，标签各取一种：两行的贡献各减半并相互抵消，输入的梯度除外。
    """
    gradients = candidate.softmax_backprop(ROW.repeat(2, axis=0), np.array([1, 0]), W1, B1, W2, B2)[1]
    assert_close(gradients["X"], np.array([[0.5, 0.5], [-0.5, -0.5]]))
    assert_close(gradients["W1"], np.zeros((2, 2)))
    assert_close(candidate.softmax_backprop(ROW, np.array([1]), W1, B1, W2, B2)[1]["b1"], np.array([1.0, 0.0]))


@pytest.mark.task("contract")
def test_label_beyond_the_classes(candidate):
    """A label of C raises ValueError; C - 1 does not.

    标签为 C 时抛出 `ValueError`，为 C - 1 时不会。
    """
    assert_close(candidate.softmax_backprop(ROW, np.array([1]), W1, B1, W2, B2)[0], math.log(2))
    with pytest.raises(ValueError):
        candidate.softmax_backprop(ROW, np.array([2]), W1, B1, W2, B2)
