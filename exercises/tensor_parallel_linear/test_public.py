"""Public cases: layers so small that each expected number can be worked out by hand."""

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


ONE = torch.tensor([[1.0]])


@pytest.mark.task("column")
def test_column_by_hand(ranks):
    """Weights 1 and 2 on two ranks, x = 3: the output is (3, 6), and the gradient of x for (1, 1) is 1 + 2.

    两个 rank 上的权重为 1 和 2，x = 3：输出为 (3, 6)；输出的梯度为 (1, 1) 时，x 的梯度为 1 + 2。
    """
    group = start(ranks, 2)
    weight, x, gradient = torch.tensor([[1.0], [2.0]]), torch.tensor([[3.0]]), torch.tensor([[1.0, 1.0]])
    results = group.call("driver.run", [("column", True, weight, None, [x], [gradient])] * 2)
    assert_close([result["outputs"] for result in results], [[torch.tensor([[3.0, 6.0]])]] * 2)
    assert_close([result["input gradients"] for result in results], [[torch.tensor([[3.0]])]] * 2)
    assert_close([result["parameters"]["weight"] for result in results], [[ONE, 3 * ONE], [2 * ONE, 3 * ONE]])


@pytest.mark.task("row")
def test_row_by_hand(ranks):
    """The example of the statement: two ranks, x = (3, 4), weights 1 and 2, bias 10.

    题目中的示例：两个 rank，x = (3, 4)，权重为 1 和 2，偏置为 10。
    """
    group = start(ranks, 2)
    weight, bias, x = torch.tensor([[1.0, 2.0]]), torch.tensor([10.0]), torch.tensor([[3.0, 4.0]])
    results = group.call("driver.run", [("row", False, weight, bias, [x], [ONE])] * 2)
    assert_close([result["outputs"] for result in results], [[21 * ONE]] * 2)
    assert_close([result["input gradients"] for result in results], [[weight]] * 2)
    parameters = [{"weight": [ONE, 3 * ONE]}, {"weight": [2 * ONE, 4 * ONE]}]
    assert_close([r["parameters"] for r in results], [p | {"bias": [bias, torch.ones(1)]} for p in parameters])


@pytest.mark.task("pair")
def test_pair_by_hand(ranks):
    """x = 1 is doubled; weights 1 and 3 up, 1 and 1 down: 2 + 6, and 2 once more for the input that is added.

    x = 1 先乘 2；第一层权重为 1 和 3，第二层为 1 和 1：2 + 6，再加上输入的 2。
    """
    group = start(ranks, 2)
    first, second = [torch.tensor([[1.0], [3.0]]), None], [torch.tensor([[1.0, 1.0]]), None]
    results = group.call("driver.pair", [(first, second, ONE, ONE)] * 2)
    assert_close([[result["output"], result["input gradient"]] for result in results], [[10 * ONE, 10 * ONE]] * 2)


@pytest.mark.task("contract")
def test_uneven_by_hand(ranks):
    """Three outputs or inputs do not divide by two ranks; two do.

    3 个输出或输入不能被 2 个 rank 整除；2 个可以。
    """
    group = start(ranks, 2)
    for kind, shape, refused in (
        ("column", (3, 2), True),
        ("row", (2, 3), True),
        ("column", (2, 3), False),
        ("row", (3, 2), False),
    ):
        assert_close(group.call("driver.refused", [(kind, torch.ones(shape), None)] * 2), [refused] * 2)


@pytest.mark.task("alone")
def test_no_group(ranks):
    """Without a process group a row-parallel layer is a linear layer.

    没有进程组时，行并行层就是普通的线性层。
    """
    group = start(ranks, 1, joined=False)
    arguments = ("row", False, torch.tensor([[1.0, 2.0]]), torch.tensor([10.0]), [torch.tensor([[3.0, 4.0]])], [ONE])
    (result,) = group.call("driver.run", [arguments])
    assert_close([result["outputs"], result["input gradients"]], [[21 * ONE], [torch.tensor([[1.0, 2.0]])]])
