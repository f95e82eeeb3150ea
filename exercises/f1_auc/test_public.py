"""Public cases of f1_auc: small ones, worked out by hand."""

import numpy as np
import pytest

from grader.judge import assert_close


@pytest.mark.task("binary")
def test_binary_by_hand(candidate):
    """Three true positives, one false positive and two false negatives give F1 = 2/3.

    三个真阳性、一个假阳性、两个假阴性，F1 为 2/3。
    """
    y_true = np.array([1, 1, 1, 1, 1, 0, 0, 0])
    y_pred = np.array([1, 1, 1, 0, 0, 1, 0, 0])
    assert_close(candidate.f1_score(y_true, y_pred), 2 / 3)


@pytest.mark.task("averages")
def test_averages_by_hand(candidate):
    """Macro, weighted and micro F1 of the statement's example are 7/12, 13/18 and 2/3.

    题面示例的宏平均、加权与微平均 F1 分别为 7/12、13/18 和 2/3。
    """
    y_true = np.array([0, 1, 1, 2, 2, 2])
    y_pred = np.array([0, 1, 2, 2, 2, 7])
    assert_close(candidate.f1_score(y_true, y_pred, "macro"), 7 / 12)
    assert_close(candidate.f1_score(y_true, y_pred, "weighted"), 13 / 18)
    assert_close(candidate.f1_score(y_true, y_pred, "micro"), 2 / 3)


@pytest.mark.task("contract")
def test_unknown_average(candidate):
    """An average that does not exist is refused with ValueError.

    不存在的 `average` 会被拒绝，抛出 `ValueError`。
    """
    y_true, y_pred = np.array([0, 1, 1]), np.array([0, 1, 0])
    assert_close(candidate.f1_score(y_true, y_pred, "micro"), 2 / 3)
    with pytest.raises(ValueError):
        candidate.f1_score(y_true, y_pred, "median")


@pytest.mark.task("auc")
def test_auc_by_hand(candidate):
    """Five of six pairs in the right order give an AUC of 5/6.

    六对样本中有五对次序正确，AUC 为 5/6。
    """
    y_true = np.array([1, 0, 1, 0, 1])
    y_score = np.array([2.5, -1.0, 0.25, 0.5, 9.0])
    assert_close(candidate.roc_auc(y_true, y_score), 5 / 6)


@pytest.mark.task("ties")
def test_tied_pair(candidate):
    """A positive and a negative with the same score count one half.

    分数相等的一个正例和一个负例按二分之一计。
    """
    assert_close(candidate.roc_auc(np.array([0, 0, 1, 1]), np.array([0.1, 0.5, 0.5, 0.9])), 0.875)
