"""Public cases: tensors so small that each expected number can be worked out by hand."""

from __future__ import annotations

import pytest
import torch

from grader.judge import assert_close


def start(ranks, count: int, *, joined: bool = True):
    """Ranks in a process group, if they are to be joined."""
    group = ranks(count)
    port = group[0].driver.open_store(count)
    group.call("driver.join", [(rank, count if joined else 0, port) for rank in range(count)])
    return group


@pytest.mark.task("sum")
def test_three_ranks_by_hand(ranks):
    """The example of the statement: three ranks, four elements.

    题目中的示例：三个 rank，四个元素。
    """
    group = start(ranks, 3)
    tensors = [torch.tensor([1.0, 2.0, 3.0, 4.0]) * 10**rank for rank in range(3)]
    results = group.call("driver.reduce", [([tensor],) for tensor in tensors])
    assert_close(results, [[[None], [torch.tensor([111.0, 222.0, 333.0, 444.0])]]] * 3)


@pytest.mark.task("lengths")
def test_one_element_by_hand(ranks):
    """One element on two ranks, and none.

    两个 rank 上只有一个元素，以及没有元素。
    """
    group = start(ranks, 2)
    results = group.call("driver.reduce", [([torch.tensor([rank + 1.0]), torch.zeros(0)],) for rank in range(2)])
    assert_close(results, [[[None, None], [torch.tensor([3.0]), torch.zeros(0)]]] * 2)


@pytest.mark.task("memory")
def test_column_by_hand(ranks):
    """Column 1 of a matrix is reduced; the rest of the matrix stays.

    只归约矩阵的第 1 列，矩阵的其余部分不变。
    """
    group = start(ranks, 2)
    wholes = [torch.tensor([[1, 2], [3, 4]]), torch.tensor([[5, 6], [7, 8]])]
    results = group.call("driver.reduce", [([whole], "column") for whole in wholes])
    expected = [torch.tensor([[1, 8], [3, 12]]), torch.tensor([[5, 8], [7, 12]])]
    assert_close([after[0] for _, after in results], expected)


@pytest.mark.task("mean")
def test_mean_by_hand(ranks):
    """The mean of 1 and 4, and of 2 and 8; a mean of integers is refused.

    1 与 4 的均值、2 与 8 的均值；整数的均值被拒绝。
    """
    group = start(ranks, 2)
    results = group.call(
        "driver.reduce", [([torch.tensor([1.0, 2.0]) * 4**rank], "plain", "mean") for rank in range(2)]
    )
    assert_close([after[0] for _, after in results], [torch.tensor([2.5, 5.0])] * 2)
    integers = torch.tensor([4, 6])
    assert_close(group.call("driver.refused", [(integers, "mean")] * 2), [[True, integers]] * 2)


@pytest.mark.task("alone")
def test_no_group(ranks):
    """Without a process group the tensor stays as it is.

    没有进程组时，张量保持原样。
    """
    group = start(ranks, 1, joined=False)
    tensor = torch.tensor([1.0, 2.0])
    assert_close(group.call("driver.reduce", [([tensor],)]), [[[None], [tensor]]])
