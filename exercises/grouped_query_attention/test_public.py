"""Public cases of grouped_query_attention: small ones, worked out by hand."""

import math

import pytest
import torch

from grader.judge import assert_close, assert_each_raises


@pytest.mark.task("values")
def test_groups_by_hand(candidate):
    """With 4 query heads and 2 KV heads, heads 0 and 1 read KV head 0, heads 2 and 3 read KV head 1.

    4 个查询头、2 个 KV 头时，查询头 0 和 1 读 KV 头 0，查询头 2 和 3 读 KV 头 1。
    """
    q = torch.zeros(1, 4, 1, 4)
    q[0, 1, 0, 0] = q[0, 3, 0, 0] = 2 * math.log(3)  # halved by the root of D: the keys weigh 1 to 3
    k = torch.tensor([[[[0.0, 5, 0, 0], [1, 0, 7, 0]], [[1, 0, 2, 0], [0, 0, 0, 3]]]])
    v = torch.tensor([[[[4.0], [8.0]], [[40.0], [80.0]]]])
    expected = torch.tensor([6.0, 7.0, 60.0, 50.0]).reshape(1, 4, 1, 1)
    assert_close(candidate.grouped_query_attention(q, k, v), expected)


@pytest.mark.task("masking")
def test_mask_of_each_query_head(candidate):
    """Query heads of one group have masks of their own; where no key is allowed the result is zeros.

    同一组的查询头各有各的掩码；一个键都不可关注时，结果为零。
    """
    q, k = torch.zeros(1, 4, 1, 2), torch.ones(1, 2, 2, 2)
    v = torch.tensor([[[[1.0], [3.0]], [[10.0], [30.0]]]])
    mask = torch.tensor([[True, True], [True, False], [False, True], [False, False]])
    expected = torch.tensor([2.0, 1.0, 30.0, 0.0]).reshape(1, 4, 1, 1)
    assert_close(candidate.grouped_query_attention(q, k, v, mask[:, None]), expected)


@pytest.mark.task("gradients")
def test_shared_values_by_hand(candidate):
    """Of two query heads that share one key, each adds its upstream gradient to that of the value.

    两个查询头共用一个键时，值的梯度是两者上游梯度之和。
    """
    q, k = torch.ones(1, 2, 1, 3), torch.ones(1, 1, 1, 3)
    v = torch.tensor([[[[2.0]]]], requires_grad=True)
    result = candidate.grouped_query_attention(q, k, v)
    assert_close(result.detach(), torch.full((1, 2, 1, 1), 2.0))
    (result * torch.tensor([[[[3.0]], [[4.0]]]])).sum().backward()
    assert_close(v.grad, torch.tensor([[[[7.0]]]]))


@pytest.mark.task("contract")
def test_three_heads_for_two(candidate):
    """Three query heads cannot share two KV heads, but they can share one.

    3 个查询头不能共用 2 个 KV 头，但可以共用 1 个。
    """
    q, k = torch.ones(1, 3, 1, 2), torch.ones(1, 2, 1, 2)
    v = torch.tensor([[[[5.0]], [[7.0]]]])
    assert_close(candidate.grouped_query_attention(q, k[:, :1], v[:, :1]), torch.full((1, 3, 1, 1), 5.0))
    assert_each_raises(ValueError, candidate.grouped_query_attention, [(q, k, v)])
