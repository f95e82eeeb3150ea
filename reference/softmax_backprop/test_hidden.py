"""Hidden cases of softmax_backprop: networks, rows and labels are drawn anew for every verdict."""

import numpy as np
import pytest

from grader.judge import assert_close, assert_refuses, assert_unchanged, distinct_sizes

NAN, INF = float("nan"), float("inf")
NAMES = ("X", "labels", "W1", "b1", "W2", "b2")


def draw_network(rng, sizes=None, dtype=np.float64):
    """X, labels, W1, b1, W2 and b2; N, D, H and C differ, about half of the hidden units are on, biases matter."""
    n, d, h, c = distinct_sizes(rng, 4, 3, 9) if sizes is None else sizes
    shapes = (n, d), (d, h), (h,), (h, c), (c,)
    X, W1, b1, W2, b2 = (rng.normal(size=shape).astype(dtype) for shape in shapes)
    labels = rng.integers(0, c, n)
    labels[: min(n, 2)] = np.array([c - 1, 0])[: min(n, 2)]  # both ends of the range occur
    return X, labels[rng.permutation(n)], W1, b1, W2, b2


@pytest.mark.task("loss")
def test_mean_loss(candidate, reference, rng):
    """The loss is the mean over the rows of the log of the label's probability, with its sign turned.

    损失是各行标签概率的负对数的平均。
    """
    for sizes in (None, None, (1, 3, 4, 2)):
        network = draw_network(rng, sizes)
        result = candidate.softmax_backprop(*network)
        assert_close(result[0], reference.softmax_backprop(*network)[0])
        assert isinstance(result, tuple), "the result must be a tuple\n结果必须是元组"


@pytest.mark.task("loss")
def test_large_logits(candidate, reference, rng):
    """Logits of thousands, of either sign, give a finite loss and finite gradients.

    数千大小、有正有负的 logits 得到有限的损失和梯度。
    """
    for shift in (0.0, 5000.0, -5000.0):
        X, labels, W1, b1, W2, b2 = draw_network(rng)
        logits = np.maximum(X @ W1 + b1, 0) @ W2
        W2 = W2 * (4900 / np.abs(logits).max())
        network = X, labels, W1, b1, W2, b2 + shift
        assert_close(candidate.softmax_backprop(*network), reference.softmax_backprop(*network))


@pytest.mark.task("output")
def test_output_layer(candidate, reference, rng):
    """The gradients of W2 and b2.

    W2 与 b2 的梯度。
    """
    for sizes in (None, (1, 4, 3, 2), (6, 2, 5, 3)):
        network = draw_network(rng, sizes)
        gradients, expected = candidate.softmax_backprop(*network)[1], reference.softmax_backprop(*network)[1]
        assert_close(gradients["b2"], expected["b2"])
        assert_close(gradients["W2"], expected["W2"])


@pytest.mark.task("hidden")
def test_hidden_layer(candidate, reference, rng):
    """The gradients of W1, b1 and X.

    W1、b1 与 X 的梯度。
    """
    for sizes in (None, (1, 4, 3, 2), (6, 2, 5, 3)):
        network = draw_network(rng, sizes)
        gradients, expected = candidate.softmax_backprop(*network)[1], reference.softmax_backprop(*network)[1]
        for name in ("b1", "W1", "X"):
            assert_close(gradients[name], expected[name])


@pytest.mark.task("hidden")
def test_relu_at_zero(candidate, reference, rng):
    """A hidden unit whose sum is exactly 0 passes no gradient.

    加权和正好为 0 的隐藏单元不传梯度。
    """
    X, labels, W1, b1, W2, b2 = draw_network(rng)
    X, W1 = rng.integers(-2, 3, X.shape) * 1.0, rng.integers(-2, 3, W1.shape) * 1.0
    b1 = -(X[rng.integers(len(X), size=len(b1))] * W1.T).sum(axis=1)  # each unit is at 0 on some row
    network = X, labels, W1, b1, W2, b2
    assert_close(candidate.softmax_backprop(*network), reference.softmax_backprop(*network))


@pytest.mark.task("hidden")
def test_units_that_are_off(candidate, reference, rng):
    """A unit that is off on all rows has gradients of 0, and where all are off only b2 has any.

    对所有行都未激活的单元梯度为 0；若全部未激活，则只有 b2 有梯度。
    """
    for off in (1, None):
        X, labels, W1, b1, W2, b2 = draw_network(rng)
        b1[:off] = -1000.0
        network = X, labels, W1, b1, W2, b2
        assert_close(candidate.softmax_backprop(*network), reference.softmax_backprop(*network))


@pytest.mark.task("output")
def test_sizes_of_one(candidate, reference, rng):
    """One row, one feature, one hidden unit or one class; with one class nothing is left to learn.

    只有一行、一个特征、一个隐藏单元或一个类别；只有一个类别时，没有什么可学。
    """
    for sizes in ((1, 3, 4, 5), (4, 1, 3, 5), (5, 3, 1, 4), (4, 3, 5, 1), (1, 1, 1, 1)):
        network = draw_network(rng, sizes)
        assert_close(candidate.softmax_backprop(*network), reference.softmax_backprop(*network))
    network = draw_network(rng)
    assert_close(candidate.softmax_backprop(*network)[1]["b2"], reference.softmax_backprop(*network)[1]["b2"])


@pytest.mark.task("decay")
def test_weight_decay(candidate, reference, rng):
    """Half of weight_decay times the squared weights is added, for both matrices and neither bias.

    加上 `weight_decay` 的一半乘以权重的平方和，作用于两个矩阵，不作用于偏置。
    """
    for decay in (float(rng.uniform(0.1, 0.4)), 3, 10.0):
        network = draw_network(rng)
        expected = reference.softmax_backprop(*network, decay)
        assert_close(candidate.softmax_backprop(*network, weight_decay=decay), expected)


@pytest.mark.task("contract")
def test_single_precision(candidate, reference, rng):
    """float32 arrays give a float32 loss and float32 gradients, with decay and without.

    `float32` 数组得到 `float32` 的损失和梯度，有无权重衰减都一样。
    """
    for decay in (0.0, 0.5, 2):
        X, labels, W1, b1, W2, b2 = draw_network(rng, dtype=np.float32)
        W2 *= np.float32(10 / np.abs(np.maximum(X @ W1 + b1, 0) @ W2).max())
        network = X, labels, W1, b1, W2, b2
        loss, gradients = candidate.softmax_backprop(*network, decay)
        expected = reference.softmax_backprop(*network, decay)
        assert_close(np.asarray(loss), np.asarray(expected[0]))
        assert_close(gradients, expected[1])


@pytest.mark.task("contract")
def test_bad_shapes(candidate, reference, rng):
    """Every shape that does not fit raises ValueError, also where numpy would broadcast it; so do no rows.

    任何不匹配的形状都抛出 `ValueError`，即便 numpy 能够广播；没有行时也一样。
    """
    network = draw_network(rng)
    X, labels, W1, b1, W2, b2 = network
    bad = {
        "X": [X[0], X[:1], X[:-1], X[:, :1], X[:, :-1], X.T, X[None]],
        "labels": [labels[:1], labels[:-1], labels[:, None], labels[None], labels[0].reshape(()), np.eye(9)[labels]],
        "W1": [W1.T, W1[:-1], W1[:, :-1], W1[:, :1], W1[0], W1[None]],
        "b1": [b1[:1], b1[:-1], b1[None], b1[:, None], b1[0].reshape(())],
        "W2": [W2.T, W2[:-1], W2[:, :-1], W2[:, :1], W2[:, 0], W2[None]],
        "b2": [b2[:1], b2[:-1], b2[None], b2[:, None], b2[0].reshape(())],
        ("X", "labels"): [(X[:0], labels[:0]), (X[0], labels[0].reshape(()))],
    }
    sound = dict(zip(NAMES, network, strict=True))
    expected = reference.softmax_backprop(*network)
    assert_close(assert_refuses(candidate.softmax_backprop, sound, bad, pairs=False), expected)


@pytest.mark.task("contract")
def test_bad_values(candidate, reference, rng):
    """Labels outside 0 to C - 1 and a bad weight_decay raise ValueError, alone, together, and beside a bad shape.

    标签越界或 `weight_decay` 不合法时抛出 `ValueError`，单独、同时出现或伴随形状错误都一样。
    """
    network = draw_network(rng)
    labels, b2 = network[1], network[5]
    place = int(rng.integers(len(labels)))
    wrong = [np.where(np.arange(len(labels)) == place, value, labels) for value in (-1, len(b2), -len(b2), 10**9)]
    bad = {"labels": wrong, "weight_decay": [-1e-9, NAN, INF, -2, -INF], "b2": [b2[:-1], b2[:1]]}
    sound = {**dict(zip(NAMES, network, strict=True)), "weight_decay": 0.5}
    expected = reference.softmax_backprop(*network, 0.5)
    assert_close(assert_refuses(candidate.softmax_backprop, sound, bad), expected)


@pytest.mark.task("contract")
def test_arguments_stay(candidate, reference, rng):
    """All arguments are as they were, after a result that is right.

    在结果正确的前提下，所有参数保持原样。
    """
    network = draw_network(rng)
    for decay in (0.0, 0.3):
        expected = reference.softmax_backprop(*network, decay)
        assert_close(candidate.softmax_backprop(*network, decay), expected)
        assert_unchanged(*network)
