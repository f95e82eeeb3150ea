"""Public cases of stratified_kfold: small ones, whose counts follow from the statement."""

import numpy as np
import pytest

from grader.judge import assert_close, fresh


@pytest.mark.task("partition")
def test_leave_one_out(candidate, rng):
    """With k = n every test set holds one item, and its training set all others.

    `k = n` 时每个测试集只有一个样本，其余样本都在训练集里。
    """
    folds = candidate.stratified_kfold(np.array([5, 5, 9]), 3, fresh(rng))
    folds = sorted(folds, key=lambda pair: pair[1].tolist())
    everything = [
        (np.array([1, 2]), np.array([0])),
        (np.array([0, 2]), np.array([1])),
        (np.array([0, 1]), np.array([2])),
    ]
    assert_close(folds, everything)


@pytest.mark.task("balance")
def test_leftovers_of_two_classes(candidate, rng):
    """Three items of each of two classes over two folds: two and one, one and two.

    两个类别各三个样本分到两折：一折是 2 个和 1 个，另一折是 1 个和 2 个。
    """
    labels = np.array([0, 1, 0, 1, 0, 1])
    folds = candidate.stratified_kfold(labels, 2, fresh(rng))
    counts = sorted([int((labels[test] == 0).sum()), int((labels[test] == 1).sum())] for _, test in folds)
    assert counts == [[1, 2], [2, 1]], (
        f"zeros and ones by fold are {counts}, expected [[1, 2], [2, 1]]\n各折 0 与 1 的个数是 {counts}，应为 [[1, 2], [2, 1]]"
    )


@pytest.mark.task("random")
def test_not_always_the_same(candidate, rng):
    """Two generators in different states split 40 items in different ways.

    两个状态不同的生成器把 40 个样本分得不一样。
    """
    labels = np.repeat([0, 1], 20)
    first, second = (candidate.stratified_kfold(labels, 2, fresh(rng))[0][1].tolist() for _ in range(2))
    # Both classes in the same two halves: less than 1 in 10^10 (C(20, 10) is 184,756).
    assert first != second, "both splits are the same\n两次划分完全相同"


@pytest.mark.task("contract")
def test_more_folds_than_items(candidate, rng):
    """k of n is accepted, k of n + 1 raises ValueError.

    `k` 等于 n 可以，等于 n + 1 时抛出 `ValueError`。
    """
    labels = np.array([1, 0, 1])
    tests = [test for _, test in candidate.stratified_kfold(labels, 3, fresh(rng))]
    assert_close(np.sort(np.concatenate(tests)), np.array([0, 1, 2]))
    with pytest.raises(ValueError):
        candidate.stratified_kfold(labels, 4, fresh(rng))
