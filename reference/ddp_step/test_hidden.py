"""Hidden cases: every rank must end where one process would. A route has the expert of every row of a shard."""

from contextlib import contextmanager

import pytest
import torch
from grader.judge import assert_close, assert_unchanged

ALL = [0, 1, 2]  # experts
SHAPES = {f"experts.{n}.weight": (3, 4) for n in ALL} | {"head.weight": (2, 3), "head.bias": 2, "shift": 4, "scale": 4}
PLAN = {"model": "mixture", "sizes": (3, 4, 3, 2), "loss": "cross_entropy", "optimizer": "SGD"}
PLAN["options"] = {"lr": 0.3, "momentum": 0.9, "weight_decay": 0.2}  # moves what has a gradient, be it zero, only
MET = {}  # the ranks that stand in a process group together and have passed the case, with the port where they met


@contextmanager
def together(ranks, count, joined=True):
    """Ranks in a process group, if `joined`; that of the case before if they are the same and passed it."""
    group = ranks(count)
    members = tuple(group) if joined else ()
    known = MET.pop(members, 0)
    MET.clear()
    port = group[0].driver.open_store(count, known)
    if port != known:
        group.call("driver.join", [(rank, len(members), port) for rank in range(count)])
    yield group
    MET[members] = port


@pytest.fixture
def draw(rng, torch_rng):
    """A function of routes: a plan, the state of its model, and per step and rank the rows and their labels."""

    def drawn(routes, dtype=torch.float64, **more):
        def shard(route):
            x = torch.randn(len(route), 1 + 4, generator=torch_rng, dtype=dtype)
            x[:, 0] = torch.tensor(route)
            return x, torch.from_numpy(rng.integers(0, 2, len(route)))

        state = {name: torch.randn(shape, generator=torch_rng, dtype=dtype) for name, shape in SHAPES.items()}
        state |= {"flags": state["shift"] > 0, "version": torch.tensor(2 * rng.integers(2**60, 2**61) + 1)}
        return PLAN | more, state, [[shard(route) for route in step] for step in routes]

    return drawn


def one_process(plan, start, steps):
    """Losses and final state of a single process that gets the rows of all ranks in every step; models as formulas."""
    state = {name: value.clone() for name, value in start.items()}
    trained = [name for name in state if name.endswith(("weight", "bias")) and name not in plan.get("frozen", [])]
    lr, apart = plan["options"]["lr"], plan.get("apart", [])
    groups = [{"params": [state[n].requires_grad_()], "lr": lr / 2 if n in apart else lr} for n in trained]
    optimizer, losses = getattr(torch.optim, plan["optimizer"])(groups, **plan["options"]), []
    for x, labels in ([torch.cat(parts) for parts in zip(*shards, strict=True)] for shards in steps):
        routed = zip(x[:, 0].int(), (x[:, 1:] - state["shift"]) * state["scale"], strict=True)
        hidden = [state.get(f"experts.{n}.weight", state["experts.0.weight"]) @ row for n, row in routed]  # or tied
        logits = torch.stack(hidden) @ state["head.weight"].T + state["head.bias"]
        loss = torch.nn.functional.cross_entropy(logits, labels)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, {name: value.detach() for name, value in state.items()}


def check(ranks, *drawn, first=None, losses=False, joined=True):
    """For each plan, every rank ends in the state of one process; `first` has something else called after `build`."""
    with together(ranks, len(drawn[0][2][0]), joined) as group:
        for plan, state, steps in drawn:
            expected_losses, expected = one_process(plan, state, steps)
            group.call("driver.build", [(plan, state)] * len(group))
            if first:
                group.call(*first)
            returned = [group.call("driver.step", shards) for shards in steps]
            assert_close(group.call("driver.state"), [expected] * len(group))
            if losses:
                assert_close(returned, [[loss] * len(group) for loss in expected_losses], rtol=1e-4, atol=1e-5)
                assert all(isinstance(x, float) for xs in returned for x in xs), "a loss is no float\n损失不是 `float`"


@pytest.mark.task("broadcast")
def test_broadcast_of_every_tensor(ranks, draw):
    """All parameters, a frozen one too, and all buffers of rank 2 reach the others in place, whatever these held.

    rank 2 的全部参数（包括冻结的参数）和全部 buffer 都就地传到其他 rank，无论它们原来是什么值。
    """
    plan, source, (rows,) = draw([[ALL]], frozen=["head.bias"])
    nan, inf = ({n: v * x if v.is_floating_point() else ~v for n, v in source.items()} for x in (torch.nan, torch.inf))
    with together(ranks, 3) as group:
        group.call("driver.build", [(plan, state) for state in (nan, inf, source)])
        assert_close(group.call("driver.broadcast", [(2,)] * 3), [None] * 3)
        assert_close(group.call("driver.state"), [source] * 3)
        group.call("driver.backward", rows * 3)
        group.call("driver.update")  # of an optimizer that was made before the call
        assert_close(group.call("driver.state"), [one_process(plan, source, [rows])[1]] * 3)


@pytest.mark.task("average")
def test_three_ranks_with_adam(ranks, draw):
    """Three ranks with equal shards, two steps of Adam: one process would end there, with these losses.

    三个 rank 分片大小相同，用 Adam 训练两步，最终参数和每步损失都与单进程相同。
    """
    check(ranks, draw([[ALL] * 3] * 2, optimizer="Adam", options={"lr": 0.1}), losses=True)


@pytest.mark.task("average")
def test_shared_weight_groups_and_earlier_gradients(ranks, draw):
    """Experts that share a weight, an optimizer with two groups, and gradients from before the call.

    两个专家共享权重，优化器有两个参数组，且调用之前已有梯度。
    """
    plan, state, (earlier, *steps) = draw([[ALL] * 2, [[0, 1], [1, 0]]], tied=True, apart=["head.bias"])
    del state["experts.1.weight"]
    check(ranks, (plan, state, steps), first=("driver.backward", earlier))


@pytest.mark.task("average")
def test_what_stays_as_it_was(ranks, draw):
    """Rows, training modes, `requires_grad` and torch's grad mode are as they were after both functions, also without rows.

    两个函数调用之后，样本、训练模式、`requires_grad` 和 torch 的梯度模式都保持原样，没有样本的 rank 也一样。
    """
    plan, state, (rows,) = draw([[ALL, []]], evaluated=["experts.1"], frozen=["head.bias"])
    with together(ranks, 2) as group:
        group.call("driver.build", [(plan, state)] * 2)
        for name, args, mode in (("broadcast", None, True), ("broadcast", None, False), ("step", rows, True)):
            with torch.set_grad_enabled(mode):
                group.call(f"driver.{name}", args)
            expected = {"evaluated": ["experts.1"], "frozen": ["head.bias"], "grad": mode}
            assert_close(group.call("driver.modes"), [expected] * 2)
        assert_unchanged(*rows[0], *rows[1])


@pytest.mark.task("uneven")
def test_every_row_counts_once(ranks, draw):
    """Shards of different sizes: a rank weighs as much as it has rows, in the gradients and in the loss.

    分片大小不同时，每个 rank 在梯度和损失中的权重都与它的样本行数成正比。
    """
    check(ranks, draw([[ALL, [*ALL, 0, 1, 2, 2]], [[*ALL, 1, 1], ALL]]), losses=True)


@pytest.mark.task("uneven")
def test_rank_without_rows(ranks, draw):
    """A rank without rows ends with the parameters and loss of the other, in float64 and in float32.

    没有样本的 rank 最终的参数和损失与另一个 rank 相同，`float64` 与 `float32` 均如此。
    """
    check(ranks, draw([[ALL] * 2, [[], [2, 1]]]), draw([[ALL, []]], torch.float32), losses=True)


@pytest.mark.task("missing")
def test_parameter_used_on_some_ranks(ranks, draw):
    """A parameter that only one rank's rows use is updated alike on both, also where its gradient is zero.

    只被一个 rank 的样本用到的参数，在两个 rank 上都得到相同的更新，梯度为零时也是如此。
    """
    plan, state, steps = draw([[[0, 0], [2, 1]], [[2, 1], [0, 0]]])
    steps[1][1][0][:, 1:] = state["shift"]  # features of zeros, so the gradient of the expert's weight is zero
    check(ranks, (plan, state, steps))


@pytest.mark.task("missing")
def test_parameter_used_nowhere(ranks, draw):
    """A parameter that no rank's rows use, or that is frozen, is left alone by momentum and weight decay.

    没有被任何 rank 的样本用到的参数，以及冻结的参数，动量和权重衰减都不会改变它。
    """
    check(ranks, draw([[ALL] * 2, [[0, 1], [1, 0]]], frozen=["head.weight"]))


@pytest.mark.task("alone")
@pytest.mark.parametrize("joined", [False, True])
def test_one_process(ranks, draw, joined):
    """Without a process group, or in one of one rank, a step is an ordinary step, and a broadcast does nothing.

    没有进程组，或进程组中只有一个 rank 时，一步就是普通的训练步，广播什么也不做。
    """
    check(ranks, draw([[ALL], [[0, 1]]]), first=("driver.broadcast",), losses=True, joined=joined)
