"""Public cases of scaled_dot_product: small ones, worked out by hand."""

import pytest
import torch

from grader.judge import assert_close, assert_each_raises


@pytest.mark.task("values")
def test_one_query_by_hand(candidate):
    """With D = 4 the products 0 and 2 log 3 are halved, and the keys are weighted 1 to 3.

    D = 4 时，点积 0 和 2 log 3 都减半，两个键的权重之比为 1:3。
    """
    q = torch.tensor([[2.197225, 0.0, 0.0, 0.0]])
    k = torch.tensor([[0.0, 5.0, 0.0, 0.0], [1.0, 0.0, 7.0, 0.0]])
    v = torch.tensor([[4.0, 0.0, -4.0], [0.0, 8.0, 12.0]])
    assert_close(candidate.scaled_dot_product(q, k, v), torch.tensor([[1.0, 6.0, 8.0]]))


@pytest.mark.task("masking")
def test_hidden_keys_by_hand(candidate):
    """Equal logits share among the keys that are allowed; where none is, the result is zeros.

    logits 相等时，在可以关注的键之间平分；一个键都不可关注时，结果为零。
    """
    q, k = torch.zeros(3, 2), torch.ones(4, 2)
    v = torch.tensor([[1.0], [2.0], [4.0], [8.0]])
    mask = torch.tensor([[True, False, False, True], [False, False, False, False], [False, True, True, False]])
    assert_close(candidate.scaled_dot_product(q, k, v, mask), torch.tensor([[4.5], [0.0], [3.0]]))


@pytest.mark.task("causal")
def test_two_new_tokens_by_hand(candidate):
    """The last two of four tokens ask: the first of them sees three keys, the second all four.

    四个 token 中的最后两个作为查询：前一个看到三个键，后一个看到全部四个。
    """
    q, k = torch.zeros(2, 1), torch.ones(4, 1)
    v = torch.tensor([[3.0], [6.0], [9.0], [2.0]])
    assert_close(candidate.scaled_dot_product(q, k, v, causal=True), torch.tensor([[6.0], [5.0]]))


@pytest.mark.task("stability")
def test_large_float16_by_hand(candidate):
    """In `float16`, the larger of the products 57,600 and 28,800 takes everything; if it is hidden, the other does.

    `float16` 下，点积 57600 和 28800 中较大的独占权重；它被屏蔽时，则由另一个独占。
    """
    q, k, v = (torch.tensor(rows, dtype=torch.float16) for rows in ([[240.0]], [[240.0], [120.0]], [[1.0], [2.0]]))
    assert_close(candidate.scaled_dot_product(q, k, v), v[:1])
    assert_close(candidate.scaled_dot_product(q, k, v, torch.tensor([False, True])), v[1:])


@pytest.mark.task("contract")
def test_other_widths(candidate):
    """Queries and keys of different widths are refused.

    查询与键的宽度不同时会被拒绝。
    """
    q, k, v = torch.ones(2, 3), torch.ones(1, 3), torch.tensor([[5.0, 7.0]])
    assert_close(candidate.scaled_dot_product(q, k, v), v.repeat(2, 1))
    assert_each_raises(ValueError, candidate.scaled_dot_product, [(q, torch.ones(1, 2), v)])
