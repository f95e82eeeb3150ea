"""Public cases of flash_attention: small ones, worked out by hand."""

import math

import pytest
import torch

from grader.judge import assert_close, assert_each_raises


@pytest.mark.task("values")
def test_three_tiles_by_hand(candidate):
    """Keys of weights 1, 3 and 4, each in a tile of its own, later ones greater: the mean is 6, the sum is 8.

    三个键权重为 1、3、4，各成一块，且越往后越大：加权平均为 6，指数之和为 8。
    """
    q = torch.tensor([[[2.0, 0.0, 0.0, 0.0]]])  # halved by the root of D
    k = torch.tensor([[[0.0, 5, 0, 0], [math.log(3), 0, 7, 0], [math.log(4), 0, 0, 9]]])
    v = torch.tensor([[[16.0, 0.0], [8.0, 8.0], [2.0, 6.0]]])
    for block_size in (1, 2, 3, 4):
        out, lse = candidate.flash_attention(q, k, v, block_size=block_size)
        assert_close(out, torch.tensor([[[6.0, 6.0]]]))
        assert_close(lse, torch.tensor([[math.log(8)]]))


@pytest.mark.task("causal")
def test_two_new_tokens_by_hand(candidate):
    """The last two of four tokens ask: the first of them sees three keys, the second all four.

    四个 token 中的最后两个作为查询：前一个看到三个键，后一个看到全部四个。
    """
    q, k = torch.zeros(1, 2, 1), torch.ones(1, 4, 1)
    v = torch.tensor([[[3.0], [6.0], [9.0], [2.0]]])
    for block_size in (1, 3, 128):
        out, lse = candidate.flash_attention(q, k, v, True, block_size)
        assert_close(out, torch.tensor([[[6.0], [5.0]]]))
        assert_close(lse, torch.tensor([[math.log(3), math.log(4)]]))


@pytest.mark.task("stability")
def test_greatest_key_last_by_hand(candidate):
    """Products of -10,000, 0 and 10,000: the last takes everything.

    点积依次为 -10000、0、10000：最后一个独占权重。
    """
    q, k = torch.tensor([[[100.0]]]), torch.tensor([[[-100.0], [0.0], [100.0]]])
    out, lse = candidate.flash_attention(q, k, torch.tensor([[[1.0], [2.0], [4.0]]]), block_size=1)
    assert_close(out, torch.tensor([[[4.0]]]))
    assert_close(lse, torch.tensor([[10000.0]]))


@pytest.mark.task("contract")
def test_no_tile(candidate):
    """A `block_size` of 0 and keys of another width are refused, sound arguments are not.

    为 0 的 `block_size` 和宽度不同的键会被拒绝，有效的参数不会。
    """
    q, k, v = torch.ones(1, 2, 1), torch.ones(1, 1, 1), torch.tensor([[[5.0, 7.0]]])
    out, lse = candidate.flash_attention(q, k, v, block_size=1)
    assert_close(out, v.repeat(1, 2, 1))
    assert_close(lse, torch.ones(1, 2))
    bad = [(q, k, v, False, 0), (q, torch.ones(1, 1, 2), v)]
    assert_each_raises(ValueError, candidate.flash_attention, bad)
