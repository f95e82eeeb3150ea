"""Hidden cases: every rank must end where one process would, over random models, rows and shards."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from grader.judge import assert_close
from torch.nn import functional

LOSSES = {"mse": functional.mse_loss, "cross_entropy": functional.cross_entropy}
OPTIMIZERS = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}
BUFFERS = ("shift", "version")


def one_process(job: dict[str, Any]) -> dict[str, Any]:
    """Losses and final state of a single process that gets the rows of all ranks in every step."""
    state = {name: value.clone() for name, value in job["states"][0].items()}
    fixed = {*job.get("frozen", []), *BUFFERS}
    trainable = [value.requires_grad_() for name, value in state.items() if name not in fixed]
    optimizer = OPTIMIZERS[job["optimizer"]](trainable, **job["options"])
    losses = []
    for shards in job["steps"]:
        inputs, targets = (torch.cat(parts) for parts in zip(*shards, strict=True))
        loss = LOSSES[job["loss"]](forward(state, inputs), targets)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return {"losses": losses, "state": {name: value.detach() for name, value in state.items()}}


def forward(state: dict[str, torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    """The models `mlp` and `experts`, as formulas; x: (rows, d_in) -> (rows, d_out)."""
    if "fc1.weight" in state:
        hidden = torch.tanh((x - state["shift"]) @ state["fc1.weight"].T + state["fc1.bias"])
        return hidden @ state["fc2.weight"].T + state["fc2.bias"]
    experts = [f"experts.{int(row[0])}" for row in x]
    pairs = zip(experts, x[:, 1:], strict=True)
    hidden = torch.stack([state[f"{name}.weight"] @ row + state[f"{name}.bias"] for name, row in pairs])
    return hidden @ state["head.weight"].T + state["head.bias"]


def mlp_job(
    rng: np.random.Generator, generator: torch.Generator, counts: list[list[int]], **more: Any
) -> dict[str, Any]:
    """A regression; `counts` has the number of rows per step and rank."""
    d_in, d_hidden, d_out = (int(n) for n in rng.integers(2, 6, 3))
    dtype = more.pop("dtype", torch.float64)

    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=generator, dtype=dtype)

    steps = [[(normal(n, d_in), normal(n, d_out)) for n in per_rank] for per_rank in counts]
    state = mlp_state(normal, d_in, d_hidden, d_out)
    job = {"model": "mlp", "sizes": [d_in, d_hidden, d_out], "loss": "mse", "optimizer": "sgd", "options": {"lr": 0.2}}
    return {**job, "states": [state] * len(counts[0]), "steps": steps, **more}


def mlp_state(normal: Any, d_in: int, d_hidden: int, d_out: int) -> dict[str, torch.Tensor]:
    return {
        "fc1.weight": normal(d_hidden, d_in),
        "fc1.bias": normal(d_hidden),
        "fc2.weight": normal(d_out, d_hidden),
        "fc2.bias": normal(d_out),
        "shift": normal(d_in),
        "version": torch.tensor(3),
    }


def experts_job(
    rng: np.random.Generator, generator: torch.Generator, routes: list[list[list[int]]], **more: Any
) -> dict[str, Any]:
    """A classification; `routes` has, per step and rank, the expert that each row goes to."""
    d_in, d_hidden, d_out = (int(n) for n in rng.integers(2, 5, 3))
    n_experts = 1 + max(max(rows) for step in routes for rows in step)

    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    def shard(rows: list[int]) -> tuple[torch.Tensor, torch.Tensor]:
        chosen = torch.tensor(rows, dtype=torch.float64).unsqueeze(1)
        return torch.cat([chosen, normal(len(rows), d_in)], dim=1), torch.from_numpy(rng.integers(0, d_out, len(rows)))

    state = {}
    for name in [f"experts.{number}" for number in range(n_experts)]:
        state |= {f"{name}.weight": normal(d_hidden, d_in), f"{name}.bias": normal(d_hidden)}
    state |= {"head.weight": normal(d_out, d_hidden), "head.bias": normal(d_out)}
    job = {"model": "experts", "sizes": [n_experts, d_in, d_hidden, d_out], "loss": "cross_entropy"}
    job |= {"optimizer": "sgd", "options": {"lr": 0.5}, "states": [state] * len(routes[0])}
    return {**job, "steps": [[shard(rows) for rows in step] for step in routes], **more}


def check_states(results: Any, expected: dict[str, Any]) -> None:
    """Every rank has the parameters (and buffers) of the single process; the first index of a message is the rank."""
    assert_close([result["state"] for result in results], [expected["state"]] * len(results))


def check_losses(results: Any, expected: dict[str, Any]) -> None:
    """Every rank has returned the mean loss over all rows, at every step; the first index of a message is the rank."""
    assert_close([result["losses"] for result in results], [expected["losses"]] * len(results))


def distinct_states(
    rng: np.random.Generator, generator: torch.Generator, count: int
) -> tuple[list[int], list[dict[str, torch.Tensor]]]:
    """Sizes of an mlp, and a different state for each rank."""
    sizes = [int(n) for n in rng.integers(2, 6, 3)]

    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    versions = rng.permutation(100)[:count]
    states = [{**mlp_state(normal, *sizes), "version": torch.tensor(int(version))} for version in versions]
    return sizes, states


@pytest.mark.task("broadcast")
def test_broadcast_reaches_every_rank(driver, rng, torch_rng):
    """All parameters, a frozen one too, and all buffers of rank 0 reach the two other ranks.

    rank 0 的全部参数（包括一个冻结的参数）和全部 buffer 都传到另外两个 rank。
    """
    sizes, states = distinct_states(rng, torch_rng, 3)
    job = {"model": "mlp", "sizes": sizes, "states": states, "optimizer": "sgd", "options": {"lr": 0.1}}
    results = driver.broadcast({**job, "frozen": ["fc1.bias"]})
    assert_close([result["state"] for result in results], [states[0]] * 3)


@pytest.mark.task("broadcast")
def test_broadcast_from_another_rank_in_place(driver, rng, torch_rng):
    """With `src=1` rank 1 is the source, and an optimizer that was made before the call still updates the model.

    `src=1` 时以 rank 1 为来源，调用之前创建的优化器仍能更新模型。
    """
    sizes, states = distinct_states(rng, torch_rng, 2)
    rows = tuple(torch.randn(4, n, generator=torch_rng, dtype=torch.float64) for n in (sizes[0], sizes[2]))
    job = {"model": "mlp", "sizes": sizes, "loss": "mse", "optimizer": "sgd", "options": {"lr": 0.3}}
    expected = one_process({**job, "states": [states[1]], "steps": [[rows]]})
    check_states(driver.broadcast({**job, "states": states, "rows": [rows]}, 1), expected)


@pytest.mark.task("average")
def test_two_ranks_equal_one_process(driver, rng, torch_rng):
    """Two ranks with equal shards, three steps of SGD with momentum and weight decay: one process would end there.

    两个 rank 分片大小相同，用带动量和权重衰减的 SGD 训练三步，结果与单进程相同。
    """
    options = {"lr": 0.2, "momentum": 0.9, "weight_decay": 0.1}
    job = mlp_job(rng, torch_rng, [[int(rng.integers(2, 6))] * 2] * 3, options=options)
    results = driver.train(job)
    expected = one_process(job)
    check_states(results, expected)
    check_losses(results, expected)


@pytest.mark.task("average")
def test_three_ranks_with_adam(driver, rng, torch_rng):
    """Three ranks with equal shards and three steps of Adam: one process would end there.

    三个 rank 分片大小相同，用 Adam 训练三步，结果与单进程相同。
    """
    job = mlp_job(rng, torch_rng, [[4] * 3] * 3, optimizer="adam", options={"lr": 0.1})
    results = driver.train(job)
    expected = one_process(job)
    check_states(results, expected)
    check_losses(results, expected)


@pytest.mark.task("average")
def test_float32_model(driver, rng, torch_rng):
    """A float32 model stays float32 and ends where one process would, up to rounding.

    float32 模型保持 float32，结果在舍入误差范围内与单进程相同。
    """
    job = mlp_job(rng, torch_rng, [[3] * 2] * 2, dtype=torch.float32)
    check_states(driver.train(job), one_process(job))


@pytest.mark.task("uneven")
def test_every_row_counts_once(driver, rng, torch_rng):
    """Shards of different sizes: a rank weighs as much as it has rows, in the gradients and in the loss.

    分片大小不同时，每个 rank 在梯度和损失中的权重都与它的样本行数成正比。
    """
    counts = [rng.permutation([1, 3, 7]).tolist() for _ in range(2)]
    job = mlp_job(rng, torch_rng, counts)
    results = driver.train(job)
    expected = one_process(job)
    check_states(results, expected)
    check_losses(results, expected)


@pytest.mark.task("uneven")
def test_rank_without_rows(driver, rng, torch_rng):
    """A rank without rows adds nothing, and still ends with the same parameters and loss as the others.

    没有样本的 rank 不贡献任何内容，但最终的参数和损失仍与其他 rank 相同。
    """
    counts = [rng.permutation(rows).tolist() for rows in ([0, 2, 5], [0, 0, 3], [4, 0, 4])]
    job = mlp_job(rng, torch_rng, counts, options={"lr": 0.2, "momentum": 0.9})
    results = driver.train(job)
    expected = one_process(job)
    check_states(results, expected)
    check_losses(results, expected)


@pytest.mark.task("missing")
def test_parameter_used_on_some_ranks(driver, rng, torch_rng):
    """A parameter that only some ranks' rows use is updated alike on every rank.

    只被部分 rank 的样本用到的参数，在每个 rank 上都得到相同的更新。
    """
    first, second, third = rng.permutation(3).tolist()
    routes = [
        [[first] * 4, [second, first, second, first], [first, third, first, third]],
        [[second, third] * 2, [first] * 4, [first, second, third, first]],
    ]
    job = experts_job(rng, torch_rng, routes)
    check_states(driver.train(job), one_process(job))


@pytest.mark.task("missing")
def test_parameter_used_nowhere(driver, rng, torch_rng):
    """A parameter that no rank's rows use is left alone: neither momentum nor weight decay moves it.

    没有被任何 rank 的样本用到的参数保持原样：动量和权重衰减都不会改变它。
    """
    idle = int(rng.integers(3))
    everyone, others = [0, 1, 2], [number for number in range(3) if number != idle]
    routes = [[everyone, everyone], [others, others], [everyone, everyone], [others, others]]
    job = experts_job(rng, torch_rng, routes, options={"lr": 0.3, "momentum": 0.9, "weight_decay": 0.2})
    check_states(driver.train(job), one_process(job))


@pytest.mark.task("missing")
def test_frozen_parameter(driver, rng, torch_rng):
    """A parameter with `requires_grad=False` stays as it is, although the optimizer holds it and decays weights.

    `requires_grad=False` 的参数保持原样，尽管优化器持有它，并且设有权重衰减。
    """
    frozen = [["fc1.weight"], ["fc1.bias", "fc2.weight"], ["fc2.bias"]][int(rng.integers(3))]
    job = mlp_job(rng, torch_rng, [[3, 3]] * 2, options={"lr": 0.2, "weight_decay": 0.5}, frozen=frozen)
    check_states(driver.train(job), one_process(job))


@pytest.mark.task("alone")
def test_without_a_group(driver, rng, torch_rng):
    """Without a process group a step is an ordinary step, and there is nobody to broadcast to.

    没有进程组时，一步就是普通的训练步，广播也没有接收方。
    """
    job = mlp_job(rng, torch_rng, [[5]] * 2, options={"lr": 0.2, "momentum": 0.5})
    results = driver.train(job, False)
    expected = one_process(job)
    check_states(results, expected)
    check_losses(results, expected)
    check_states(driver.broadcast(job, None, False), {"state": job["states"][0]})


@pytest.mark.task("alone")
def test_group_of_one(driver, rng, torch_rng):
    """In a group of one rank a step is an ordinary step.

    进程组中只有一个 rank 时，一步就是普通的训练步。
    """
    job = mlp_job(rng, torch_rng, [[4]] * 2, options={"lr": 0.2, "momentum": 0.5})
    results = driver.train(job)
    expected = one_process(job)
    check_states(results, expected)
    check_losses(results, expected)
