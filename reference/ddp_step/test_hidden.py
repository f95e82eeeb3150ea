"""Hidden cases: every rank must end where one process would, over random models, rows and shards.

What one process would do is worked out before any rank is asked, and each rank is told its own rows step by step.
"""

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

State = dict[str, torch.Tensor]
Steps = list[list[tuple[torch.Tensor, torch.Tensor]]]  # per step, per rank: inputs and targets


def one_process(plan: dict[str, Any], start: State, steps: Steps) -> tuple[list[float], State]:
    """Losses and final state of a single process that gets the rows of all ranks in every step."""
    state = {name: value.clone() for name, value in start.items()}
    fixed = {*plan.get("frozen", []), *BUFFERS}
    trainable = [value.requires_grad_() for name, value in state.items() if name not in fixed]
    optimizer = OPTIMIZERS[plan["optimizer"]](trainable, **plan["options"])
    losses = []
    for shards in steps:
        inputs, targets = (torch.cat(parts) for parts in zip(*shards, strict=True))
        loss = LOSSES[plan["loss"]](forward(state, inputs), targets)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, {name: value.detach() for name, value in state.items()}


def forward(state: State, x: torch.Tensor) -> torch.Tensor:
    """The models `mlp` and `experts`, as formulas; x: (rows, d_in) -> (rows, d_out)."""
    if "fc1.weight" in state:
        hidden = torch.tanh((x - state["shift"]) @ state["fc1.weight"].T + state["fc1.bias"])
        return hidden @ state["fc2.weight"].T + state["fc2.bias"]
    experts = [f"experts.{int(row[0])}" for row in x]
    pairs = zip(experts, x[:, 1:], strict=True)
    hidden = torch.stack([state[f"{name}.weight"] @ row + state[f"{name}.bias"] for name, row in pairs])
    return hidden @ state["head.weight"].T + state["head.bias"]


class Draw:
    """Random plans, states and rows of one case."""

    def __init__(self, rng: np.random.Generator, generator: torch.Generator, dtype: torch.dtype = torch.float64):
        self.rng, self.generator, self.dtype = rng, generator, dtype

    def sizes(self, below: int) -> list[int]:
        return self.rng.integers(2, below, 3).tolist()

    def normal(self, *shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=self.generator, dtype=self.dtype)

    def rows(self, d_in: int, d_out: int, counts: list[list[int]]) -> Steps:
        """Rows of a regression; `counts` has their number per step and rank."""
        return [[(self.normal(n, d_in), self.normal(n, d_out)) for n in per_rank] for per_rank in counts]

    def mlp_state(self, d_in: int, d_hidden: int, d_out: int) -> State:
        state = {"fc1.weight": self.normal(d_hidden, d_in), "fc1.bias": self.normal(d_hidden)}
        state |= {"fc2.weight": self.normal(d_out, d_hidden), "fc2.bias": self.normal(d_out)}
        return state | {"shift": self.normal(d_in), "version": torch.tensor(int(self.rng.integers(1, 1000)))}

    def mlp(self, counts: list[list[int]], **more: Any) -> tuple[dict[str, Any], State, Steps]:
        """A regression with an mlp."""
        sizes = self.sizes(6)
        plan = {"model": "mlp", "sizes": sizes, "loss": "mse", "optimizer": "sgd", "options": {"lr": 0.2}, **more}
        return plan, self.mlp_state(*sizes), self.rows(sizes[0], sizes[2], counts)

    def experts(self, routes: list[list[list[int]]], **options: float) -> tuple[dict[str, Any], State, Steps]:
        """A classification; `routes` has, per step and rank, the expert (one of three) that each row goes to."""
        d_in, d_hidden, d_out = self.sizes(5)
        plan = {"model": "experts", "sizes": [3, d_in, d_hidden, d_out], "loss": "cross_entropy"}
        plan |= {"optimizer": "sgd", "options": {"lr": 0.5, **options}}
        state = {"head.weight": self.normal(d_out, d_hidden), "head.bias": self.normal(d_out)}
        for name in ("experts.0", "experts.1", "experts.2"):
            state |= {f"{name}.weight": self.normal(d_hidden, d_in), f"{name}.bias": self.normal(d_hidden)}

        def shard(route: list[int]) -> tuple[torch.Tensor, torch.Tensor]:
            chosen = torch.tensor(route, dtype=torch.float64).unsqueeze(1)
            targets = torch.from_numpy(self.rng.integers(0, d_out, len(route)))
            return torch.cat([chosen, self.normal(len(route), d_in)], dim=1), targets

        return plan, state, [[shard(route) for route in step] for step in routes]


@pytest.fixture
def draw(rng: np.random.Generator, torch_rng: torch.Generator) -> Draw:
    """Random plans, states and rows in float64."""
    return Draw(rng, torch_rng)


def start(ranks: Any, plan: dict[str, Any], states: list[State]) -> Any:
    """A process group with one rank per state."""
    group = ranks(len(states))
    group.call("driver.build", [(plan, state) for state in states])
    port = group[0].driver.open_store(len(states))
    group.call("driver.join", [(rank, len(states), port) for rank in range(len(states))])
    return group


def check(ranks: Any, plan: dict[str, Any], state: State, steps: Steps, *, losses: bool = True) -> None:
    """Every rank ends in the state of one process, and returned its losses; the first index of a message is the rank.

    `losses` is False where a case is about the parameters alone.
    """
    expected_losses, expected = one_process(plan, state, steps)
    group = start(ranks, plan, [state] * len(steps[0]))
    returned = [group.call("driver.step", shards) for shards in steps]
    assert_close(group.call("driver.state"), [expected] * len(group))
    if losses:
        assert_close([list(by_rank) for by_rank in zip(*returned, strict=True)], [expected_losses] * len(group))


@pytest.mark.task("broadcast")
def test_broadcast_reaches_every_rank(ranks, draw):
    """All parameters, a frozen one too, and all buffers of rank 0 reach the two other ranks.

    rank 0 的全部参数（包括一个冻结的参数）和全部 buffer 都传到另外两个 rank。
    """
    plan, *_ = draw.mlp([], frozen=["fc1.bias"])
    states = [draw.mlp_state(*plan["sizes"]) for _ in range(3)]
    group = start(ranks, plan, states)
    group.call("driver.broadcast")
    assert_close(group.call("driver.state"), [states[0]] * 3)


@pytest.mark.task("broadcast")
def test_broadcast_from_another_rank_in_place(ranks, draw):
    """With `src=1` rank 1 is the source, and an optimizer that was made before the call still updates the model.

    `src=1` 时以 rank 1 为来源，调用之前创建的优化器仍能更新模型。
    """
    plan, source, ((rows,),) = draw.mlp([[4]])
    _, expected = one_process(plan, source, [[rows]])
    group = start(ranks, plan, [draw.mlp_state(*plan["sizes"]), source])
    group.call("driver.broadcast", [(1,), (1,)])
    group.call("driver.local_step", [rows, rows])
    assert_close(group.call("driver.state"), [expected] * 2)


@pytest.mark.task("average")
def test_two_ranks_equal_one_process(ranks, draw):
    """Two ranks with equal shards, three steps of SGD with momentum and weight decay: one process would end there.

    两个 rank 分片大小相同，用带动量和权重衰减的 SGD 训练三步，结果与单进程相同。
    """
    options = {"lr": 0.2, "momentum": 0.9, "weight_decay": 0.1}
    check(ranks, *draw.mlp([[int(draw.rng.integers(2, 6))] * 2] * 3, options=options))


@pytest.mark.task("average")
def test_three_ranks_with_adam(ranks, draw):
    """Three ranks with equal shards and three steps of Adam: one process would end there.

    三个 rank 分片大小相同，用 Adam 训练三步，结果与单进程相同。
    """
    check(ranks, *draw.mlp([[4] * 3] * 3, optimizer="adam", options={"lr": 0.1}))


@pytest.mark.task("average")
def test_float32_model(ranks, rng, torch_rng):
    """A float32 model stays float32 and ends where one process would, up to rounding.

    float32 模型保持 float32，结果在舍入误差范围内与单进程相同。
    """
    check(ranks, *Draw(rng, torch_rng, torch.float32).mlp([[3] * 2] * 2), losses=False)


@pytest.mark.task("uneven")
def test_every_row_counts_once(ranks, draw):
    """Shards of different sizes: a rank weighs as much as it has rows, in the gradients and in the loss.

    分片大小不同时，每个 rank 在梯度和损失中的权重都与它的样本行数成正比。
    """
    check(ranks, *draw.mlp([draw.rng.permutation([1, 3, 7]).tolist() for _ in range(2)]))


@pytest.mark.task("uneven")
def test_rank_without_rows(ranks, draw):
    """A rank without rows adds nothing, and still ends with the same parameters and loss as the others.

    没有样本的 rank 不贡献任何内容，但最终的参数和损失仍与其他 rank 相同。
    """
    counts = [draw.rng.permutation(rows).tolist() for rows in ([0, 2, 5], [0, 0, 3], [4, 0, 4])]
    check(ranks, *draw.mlp(counts, options={"lr": 0.2, "momentum": 0.9}))


@pytest.mark.task("missing")
def test_parameter_used_on_some_ranks(ranks, draw):
    """A parameter that only some ranks' rows use is updated alike on every rank.

    只被部分 rank 的样本用到的参数，在每个 rank 上都得到相同的更新。
    """
    first, second, third = draw.rng.permutation(3).tolist()
    routes = [
        [[first] * 4, [second, first, second, first], [first, third, first, third]],
        [[second, third] * 2, [first] * 4, [first, second, third, first]],
    ]
    check(ranks, *draw.experts(routes), losses=False)


@pytest.mark.task("missing")
def test_parameter_used_nowhere(ranks, draw):
    """A parameter that no rank's rows use is left alone: neither momentum nor weight decay moves it.

    没有被任何 rank 的样本用到的参数保持原样：动量和权重衰减都不会改变它。
    """
    idle = int(draw.rng.integers(3))
    everyone, others = [0, 1, 2], [number for number in range(3) if number != idle]
    routes = [[everyone, everyone], [others, others]] * 2
    check(ranks, *draw.experts(routes, lr=0.3, momentum=0.9, weight_decay=0.2), losses=False)


@pytest.mark.task("missing")
def test_frozen_parameter(ranks, draw):
    """A parameter with `requires_grad=False` stays as it is, although the optimizer holds it and decays weights.

    `requires_grad=False` 的参数保持原样，尽管优化器持有它，并且设有权重衰减。
    """
    frozen = [["fc1.weight"], ["fc1.bias", "fc2.weight"], ["fc2.bias"]][int(draw.rng.integers(3))]
    options = {"lr": 0.2, "weight_decay": 0.5}
    check(ranks, *draw.mlp([[3, 3]] * 2, options=options, frozen=frozen), losses=False)


@pytest.mark.task("alone")
def test_without_a_group(ranks, draw):
    """Without a process group a step is an ordinary step, and there is nobody to broadcast to.

    没有进程组时，一步就是普通的训练步，广播也没有接收方。
    """
    plan, state, steps = draw.mlp([[5]] * 2, options={"lr": 0.2, "momentum": 0.5})
    expected_losses, expected = one_process(plan, state, steps)
    driver = ranks(1)[0].driver
    driver.build(plan, state)
    driver.broadcast()
    assert_close(driver.state(), state)
    losses = [driver.step(*rows) for (rows,) in steps]
    assert_close(driver.state(), expected)
    assert_close(losses, expected_losses)


@pytest.mark.task("alone")
def test_group_of_one(ranks, draw):
    """In a group of one rank a step is an ordinary step.

    进程组中只有一个 rank 时，一步就是普通的训练步。
    """
    check(ranks, *draw.mlp([[4]] * 2, options={"lr": 0.2, "momentum": 0.5}))
