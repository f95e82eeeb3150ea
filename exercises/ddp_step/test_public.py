"""Public cases: models so small that each expected number can be worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from grader.judge import assert_close

LINE = {"model": "line", "sizes": [1, 1], "loss": "mse", "optimizer": "SGD", "options": {"lr": 0.1}}


def column(*values: float) -> torch.Tensor:
    """(rows, 1), float64."""
    return torch.tensor(values, dtype=torch.float64).reshape(-1, 1)


def rows(*values: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Inputs, and targets that are all 0: with y = w * x the gradient is the mean of 2 * w * x^2."""
    return column(*values), column(*[0.0] * len(values))


def start(ranks, plan: dict[str, Any], states: list[dict[str, torch.Tensor]]):
    """A process group with one rank per state."""
    group = ranks(len(states))
    port = group[0].driver.open_store(len(states))
    group.call("driver.join", [(rank, len(states), port) for rank in range(len(states))])
    group.call("driver.build", [(plan, state) for state in states])
    return group


@pytest.mark.task("broadcast")
def test_broadcast(ranks):
    """Ranks 0, 1 and 2 have the weights 1, 2 and 3; afterwards all have 1.

    rank 0、1、2 的权重分别为 1、2、3；广播之后都为 1。
    """
    group = start(ranks, LINE, [{"weight": column(value)} for value in (1.0, 2.0, 3.0)])
    group.call("driver.broadcast")
    assert_close([state["weight"].item() for state in group.call("driver.state")], [1.0, 1.0, 1.0])


@pytest.mark.task("average")
def test_equal_shards(ranks):
    """Row 1 on rank 0 and row 2 on rank 1: loss (1 + 4) / 2, gradient (2 + 8) / 2.

    样本 1 在 rank 0 上，样本 2 在 rank 1 上：损失为 (1 + 4) / 2，梯度为 (2 + 8) / 2。
    """
    group = start(ranks, LINE, [{"weight": column(1.0)}] * 2)
    losses = group.call("driver.step", [rows(1.0), rows(2.0)])
    assert_close([state["weight"].item() for state in group.call("driver.state")], [0.5, 0.5])
    assert_close(losses, [2.5, 2.5])


@pytest.mark.task("uneven")
def test_uneven_shards(ranks):
    """Rows 1 and 2 on rank 0, row 3 on rank 1: loss (1 + 4 + 9) / 3, gradient (2 + 8 + 18) / 3.

    样本 1 和 2 在 rank 0 上，样本 3 在 rank 1 上：损失为 (1 + 4 + 9) / 3，梯度为 (2 + 8 + 18) / 3。
    """
    group = start(ranks, LINE, [{"weight": column(1.0)}] * 2)
    losses = group.call("driver.step", [rows(1.0, 2.0), rows(3.0)])
    assert_close([state["weight"].item() for state in group.call("driver.state")], [1 - 0.1 * 28 / 3] * 2)
    assert_close(losses, [14 / 3] * 2)


@pytest.mark.task("missing")
def test_unused_parameters(ranks):
    """Expert 0 is used on rank 0, expert 1 on rank 1, expert 2 nowhere; the head is frozen; weights decay by 0.5.

    rank 0 用到专家 0，rank 1 用到专家 1，两个 rank 都没有用到专家 2；输出头被冻结；权重衰减为 0.5。
    """
    state = {"head.weight": column(1.0), "head.bias": column(0.0)[0]}
    state |= {f"experts.{number}.weight": column(1.0) for number in range(3)}
    frozen = ["head.weight", "head.bias"]
    plan = {**LINE, "model": "experts", "sizes": [3, 1, 1, 1], "frozen": frozen}
    plan["options"] = {"lr": 0.1, "weight_decay": 0.5}
    expected = {
        **state,
        "experts.0.weight": column(1 - 0.1 * (1 + 0.5)),
        "experts.1.weight": column(1 - 0.1 * (4 + 0.5)),
    }
    group = start(ranks, plan, [state] * 2)
    inputs = [torch.tensor([row], dtype=torch.float64) for row in ([0.0, 1.0], [1.0, 2.0])]  # (expert, feature)
    group.call("driver.step", [(row, column(0.0)) for row in inputs])
    assert_close(group.call("driver.state"), [expected] * 2)


@pytest.mark.task("alone")
def test_no_group(driver):
    """Without a process group, rows 1 and 2 give an ordinary step: loss 2.5, gradient 5.

    没有进程组时，样本 1 和 2 上的一步就是普通的训练步：损失为 2.5，梯度为 5。
    """
    driver.build(LINE, {"weight": column(1.0)})
    loss = driver.step(*rows(1.0, 2.0))
    assert_close(driver.state()["weight"].item(), 0.5)
    assert_close(loss, 2.5)
