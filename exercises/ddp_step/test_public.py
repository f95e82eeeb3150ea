"""Public cases: models so small that each expected number can be worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from grader.judge import assert_close


def column(*values: float) -> torch.Tensor:
    """(rows, 1), float64."""
    return torch.tensor(values, dtype=torch.float64).reshape(-1, 1)


def line_job(*shards: torch.Tensor) -> dict[str, Any]:
    """Y = w * x with w = 1, all targets 0, SGD with rate 0.1: the gradient is the mean of 2 * w * x^2."""
    return {
        "model": "line",
        "sizes": [1, 1],
        "states": [{"weight": column(1.0)}] * len(shards),
        "optimizer": "sgd",
        "options": {"lr": 0.1},
        "loss": "mse",
        "steps": [[(x, torch.zeros_like(x)) for x in shards]],
    }


@pytest.mark.task("broadcast")
def test_broadcast(driver):
    """Rank 0 has the weight 1 and rank 1 the weight 2; afterwards both have 1.

    rank 0 的权重为 1，rank 1 的权重为 2；广播之后两者都为 1。
    """
    job = line_job(column(1.0), column(1.0))
    results = driver.broadcast({**job, "states": [{"weight": column(1.0)}, {"weight": column(2.0)}]})
    assert_close([result["state"]["weight"].item() for result in results], [1.0, 1.0])


@pytest.mark.task("average")
def test_equal_shards(driver):
    """Row 1 on rank 0 and row 2 on rank 1: loss (1 + 4) / 2, gradient (2 + 8) / 2.

    样本 1 在 rank 0 上，样本 2 在 rank 1 上：损失为 (1 + 4) / 2，梯度为 (2 + 8) / 2。
    """
    results = driver.train(line_job(column(1.0), column(2.0)))
    assert_close([result["state"]["weight"].item() for result in results], [0.5, 0.5])
    assert_close([result["losses"] for result in results], [[2.5], [2.5]])


@pytest.mark.task("uneven")
def test_uneven_shards(driver):
    """Rows 1 and 2 on rank 0, row 3 on rank 1: loss (1 + 4 + 9) / 3, gradient (2 + 8 + 18) / 3.

    样本 1 和 2 在 rank 0 上，样本 3 在 rank 1 上：损失为 (1 + 4 + 9) / 3，梯度为 (2 + 8 + 18) / 3。
    """
    results = driver.train(line_job(column(1.0, 2.0), column(3.0)))
    assert_close([result["state"]["weight"].item() for result in results], [1 - 0.1 * 28 / 3] * 2)
    assert_close([result["losses"] for result in results], [[14 / 3]] * 2)


@pytest.mark.task("missing")
def test_unused_parameters(driver):
    """Expert 0 is used on rank 0, expert 1 on rank 1, expert 2 nowhere; the head is frozen; weights decay by 0.5.

    rank 0 用到专家 0，rank 1 用到专家 1，两个 rank 都没有用到专家 2；输出头被冻结；权重衰减为 0.5。
    """
    state = {"head.weight": column(1.0), "head.bias": column(0.0)[0]}
    for number in range(3):
        state |= {f"experts.{number}.weight": column(1.0), f"experts.{number}.bias": column(0.0)[0]}
    rows = [torch.tensor([row], dtype=torch.float64) for row in ([0.0, 1.0], [1.0, 2.0])]  # (expert, feature)
    job = {
        **line_job(*rows),
        "model": "experts",
        "sizes": [3, 1, 1, 1],
        "states": [state] * 2,
        "options": {"lr": 0.1, "weight_decay": 0.5},
        "frozen": ["head.weight", "head.bias"],
        "steps": [[(row, column(0.0)) for row in rows]],
    }
    expected = {
        **state,
        "experts.0.weight": column(1 - 0.1 * (1 + 0.5)),
        "experts.0.bias": column(-0.1)[0],
        "experts.1.weight": column(1 - 0.1 * (4 + 0.5)),
        "experts.1.bias": column(-0.2)[0],
    }
    assert_close([result["state"] for result in driver.train(job)], [expected] * 2)


@pytest.mark.task("alone")
def test_no_group(driver):
    """Without a process group, rows 1 and 2 give an ordinary step: loss 2.5, gradient 5.

    没有进程组时，样本 1 和 2 上的一步就是普通的训练步：损失为 2.5，梯度为 5。
    """
    results = driver.train(line_job(column(1.0, 2.0)), False)
    assert_close(results[0]["state"]["weight"].item(), 0.5)
    assert_close(results[0]["losses"], [2.5])
