"""Public cases of sliding_window_attention: small ones, worked out by hand."""

import math

import pytest
import torch

from grader.judge import assert_close, assert_each_raises


@pytest.mark.task("window")
def test_own_key_and_the_one_before(candidate):
    """A window of 2: the own key weighs 3 times as much as the one before, and 3 times less where the query is negative.

    窗口为 2：自己的键权重是前一个的 3 倍；查询为负时则相反。
    """
    q = torch.tensor([[[2.0, 0, 0, 0], [2.0, 0, 0, 0], [-2.0, 0, 0, 0]]])  # halved by the root of D
    k = torch.tensor([[[0.0, 5, 0, 0], [math.log(3), 0, 7, 0], [math.log(9), 0, 0, 9]]])
    v = torch.tensor([[[16.0, 0.0], [8.0, 8.0], [4.0, 0.0]]])
    expected = torch.tensor([[[16.0, 0.0], [10.0, 6.0], [7.0, 6.0]]])
    assert_close(candidate.sliding_window_attention(q, k, v, 2), expected)


@pytest.mark.task("sinks")
def test_two_sinks_by_hand(candidate):
    """Two sinks beside a window of 1: only the first query does not see the second sink, and no key counts twice.

    窗口为 1，另有两个 sink：只有第一个查询看不到第二个 sink，没有键被算两次。
    """
    q, k = torch.zeros(1, 5, 1), torch.ones(1, 5, 1)
    v = torch.tensor([[[2.0], [4.0], [9.0], [3.0], [6.0]]])
    expected = torch.tensor([[[2.0], [3.0], [5.0], [3.0], [4.0]]])
    assert_close(candidate.sliding_window_attention(q, k, v, 1, 2), expected)


@pytest.mark.task("offset")
def test_one_new_token(candidate):
    """A single query over four keys is at the position of the last one.

    单个查询对四个键，它位于最后一个键的位置。
    """
    q, k = torch.zeros(1, 1, 1), torch.ones(1, 4, 1)
    v = torch.tensor([[[1.0], [2.0], [4.0], [8.0]]])
    assert_close(candidate.sliding_window_attention(q, k, v, 2), torch.tensor([[[6.0]]]))
    assert_close(candidate.sliding_window_attention(q, k, v, 1, 1), torch.tensor([[[4.5]]]))


@pytest.mark.task("contract")
def test_no_window(candidate):
    """A window of 0, a negative number of sinks and more queries than keys are refused, sound arguments are not.

    窗口为 0、sink 数为负、查询多于键都会被拒绝，有效的参数不会。
    """
    q, k, v = torch.zeros(1, 1, 1), torch.ones(1, 2, 1), torch.tensor([[[5.0], [7.0]]])
    assert_close(candidate.sliding_window_attention(q, k, v, 1), torch.tensor([[[7.0]]]))
    bad = [(q, k, v, 0), (q, k, v, 1, -1), (torch.zeros(1, 3, 1), k, v, 1)]
    assert_each_raises(ValueError, candidate.sliding_window_attention, bad)
