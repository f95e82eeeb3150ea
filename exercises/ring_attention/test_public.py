"""Public cases of ring_attention: small ones, worked out by hand."""

import math

import pytest
import torch

from grader.judge import assert_close, assert_each_raises


def column(*values):
    """(1, L, 1), float64."""
    return torch.tensor(values, dtype=torch.float64).reshape(1, -1, 1)


def attend(ranks, blocks, causal=False, zigzag=False):
    """What each rank of a group returns for its block."""
    group = ranks(len(blocks))
    port = group[0].driver.open_store(len(blocks))
    group.call("driver.join", [(rank, len(blocks), port) for rank in range(len(blocks))])
    answers = group.call("driver.attend", [(*block, causal, zigzag) for block in blocks])
    return [answer["returned"] for answer in answers]


@pytest.mark.task("ring")
def test_two_ranks_by_hand(ranks):
    """Keys of weights 1 and 3 on rank 0, 3 and 9 on rank 1: all queries get the same mean of all values.

    rank 0 上的键权重为 1 和 3，rank 1 上为 3 和 9：所有查询都得到全部值的同一个加权平均。
    """
    q, third = column(1, 1), math.log(3)
    blocks = [(q, column(0, third), column(16, 8)), (q, column(third, 2 * third), column(0, 8))]
    assert_close(attend(ranks, blocks), [column(7, 7)] * 2)


@pytest.mark.task("causal")
def test_causal_by_hand(ranks):
    """The values are 2, 6, 4, 8 in order, and every visible one weighs the same.

    值依次为 2、6、4、8，可见的权重都相同。
    """
    blocks = [(column(0, 0), column(1, 1), v) for v in (column(2, 6), column(4, 8))]
    assert_close(attend(ranks, blocks, causal=True), [column(2, 4), column(4, 5)])


@pytest.mark.task("zigzag")
def test_zigzag_by_hand(ranks):
    """Rank 0 holds the first and the last position, rank 1 those between: 2, 4, 8, 6 in order.

    rank 0 持有第一个和最后一个位置，rank 1 持有中间的：按位置排列为 2、4、8、6。
    """
    blocks = [(column(0, 0), column(1, 1), v) for v in (column(2, 6), column(4, 8))]
    assert_close(attend(ranks, blocks, causal=True, zigzag=True), [column(2, 5), column(3, 14 / 3)])


@pytest.mark.task("alone")
def test_no_group_by_hand(candidate):
    """Without a group it is ordinary attention; keys of another length and odd halves are refused.

    没有进程组时就是普通注意力；长度不符的键和无法对半分的长度会被拒绝。
    """
    q, k, v = column(0, 0, 0), column(1, 1, 1), column(2, 6, 7)
    assert_close(candidate.ring_attention(q, k, v), column(5, 5, 5))
    assert_close(candidate.ring_attention(q, k, v, True), column(2, 4, 5))
    assert_each_raises(ValueError, candidate.ring_attention, [(q, column(1, 1), v), (q, k, v, True, True)])
