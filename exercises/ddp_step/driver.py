"""One rank: its model, its optimizer, its place in the process group. The judge runs this file beside yours.

Every rank is a process of its own that is told nothing of the rows and the states of the others. Where there shall be a
process group, the judge calls `open_store` on rank 0 and passes its answer to `join` on all ranks. For each model it
calls `build`; then `step` or `broadcast` on all ranks at once, with what belongs to each; at last it asks for the
`state`. Nothing here is secret and nothing is judged here.
"""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import solution
import torch
import torch.distributed as dist
from torch import nn
from torch.nn import functional

PATIENCE = timedelta(seconds=60)  # longer than the judge's, whose message says more


class Experts(nn.Module):
    """Each row goes through the one expert that its first column names; an expert without rows is not called."""

    def __init__(self, n_experts: int, d_in: int, d_hidden: int, d_out: int) -> None:
        super().__init__()
        self.experts = nn.ModuleList(nn.Linear(d_in, d_hidden, bias=False) for _ in range(n_experts))
        self.head = nn.Linear(d_hidden, d_out)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: (rows, 1 + d_in) -> (rows, d_out)."""
        chosen, features = x[:, 0].long(), x[:, 1:]
        hidden = features.new_zeros(len(x), self.head.in_features)
        for number, expert in enumerate(self.experts):
            rows = (chosen == number).nonzero().squeeze(1)
            if len(rows):
                hidden = hidden.index_copy(0, rows, expert(features[rows]))
        return self.head(hidden)


class Mixture(Experts):
    """Experts of shifted and scaled features, with buffers that training leaves alone."""

    def __init__(self, n_experts: int, d_in: int, d_hidden: int, d_out: int) -> None:
        super().__init__(n_experts, d_in, d_hidden, d_out)
        self.register_buffer("shift", torch.zeros(d_in))
        self.register_buffer("scale", torch.ones(d_in), persistent=False)
        self.register_buffer("version", torch.tensor(0))
        self.register_buffer("flags", torch.zeros(d_in, dtype=torch.bool))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: (rows, 1 + d_in) -> (rows, d_out)."""
        return super().forward(torch.cat([x[:, :1], (x[:, 1:] - self.shift) * self.scale], dim=1))


class Line(nn.Linear):
    """One weight matrix without a bias."""

    def __init__(self, d_in: int, d_out: int) -> None:
        super().__init__(d_in, d_out, bias=False)


MODELS = {"line": Line, "experts": Experts, "mixture": Mixture}
LOSSES = {"mse": functional.mse_loss, "cross_entropy": functional.cross_entropy}  # both are means over the rows

own: dict[str, Any] = {}  # this rank's `model`, `optimizer` and `loss`, and the `store` if it is rank 0


def build(plan: dict[str, Any], state: dict[str, torch.Tensor]) -> None:
    """Make this rank's model, with `state`, and its optimizer.

    The plan is the same on all ranks: `model` and `sizes` (a name of MODELS and its arguments), `optimizer` and
    `options` (a class of torch.optim and its keyword arguments) and `loss` (a name of LOSSES). It may also name
    parameters that are `frozen`, parameters that are `apart` (in a group of the optimizer with half the learning rate),
    modules that are `evaluated`, and say that experts 0 and 1 are `tied`: their weight is one parameter.
    """
    model = MODELS[plan["model"]](*plan["sizes"]).to(next(iter(state.values())).dtype)
    if plan.get("tied"):
        model.experts[1].weight = model.experts[0].weight
    for name, tensor in tensors_of(model):
        tensor.detach().copy_(state[name])
    for name in plan.get("frozen", []):
        model.get_parameter(name).requires_grad_(False)
    for name in plan.get("evaluated", []):
        model.get_submodule(name).training = False
    own["model"], own["loss"] = model, LOSSES[plan["loss"]]
    own["optimizer"] = getattr(torch.optim, plan["optimizer"])(groups_of(model, plan), **plan["options"])


def tensors_of(model: nn.Module) -> Iterator[tuple[str, torch.Tensor]]:
    """Every parameter and every buffer, by name."""
    return itertools.chain(model.named_parameters(), model.named_buffers())


def groups_of(model: nn.Module, plan: dict[str, Any]) -> list[dict[str, Any]]:
    """The groups of the optimizer; those that are apart come first."""
    apart = plan.get("apart", [])
    together = {"params": [p for name, p in model.named_parameters() if name not in apart]}
    halved = {"params": [model.get_parameter(name) for name in apart], "lr": plan["options"]["lr"] / 2}
    return [halved, together] if apart else [together]


def open_store(world: int, kept: int = 0) -> int:
    """On rank 0: the port, on the loopback interface, of the place where the ranks meet.

    A new one that the kernel chooses, unless they met last at the port `kept`.
    """
    if "store" not in own or own["store"].port != kept:
        own["store"] = dist.TCPStore("127.0.0.1", 0, world, is_master=True, timeout=PATIENCE, wait_for_workers=False)
    return own["store"].port


def join(rank: int, world: int, port: int) -> None:
    """Leave the process group of an earlier case, and become rank `rank` of one of `world` ranks, unless that is 0."""
    if dist.is_initialized():
        dist.destroy_process_group()
    if world == 0:
        return
    os.environ["GLOO_SOCKET_IFNAME"] = "lo0" if sys.platform == "darwin" else "lo"
    store = own["store"] if rank == 0 else dist.TCPStore("127.0.0.1", port, world, timeout=PATIENCE)
    dist.init_process_group("gloo", store=store, rank=rank, world_size=world, timeout=PATIENCE)


def step(inputs: torch.Tensor, targets: torch.Tensor) -> Any:
    """Call `ddp_step` with this rank's rows; what it returned."""
    returned = solution.ddp_step(own["model"], own["optimizer"], own["loss"], inputs, targets)
    own["grad_mode"] = torch.is_grad_enabled()
    return returned


def broadcast(*src: int) -> Any:
    """Call `broadcast_parameters`; what it returned."""
    returned = solution.broadcast_parameters(own["model"], *src)
    own["grad_mode"] = torch.is_grad_enabled()
    return returned


def backward(inputs: torch.Tensor, targets: torch.Tensor) -> None:
    """Add the gradients of this rank's own rows, without the submission."""
    own["loss"](own["model"](inputs), targets).backward()


def update() -> None:
    """An ordinary step of this rank's optimizer, without the submission."""
    own["optimizer"].step()


def state() -> dict[str, torch.Tensor]:
    """A copy of the parameters and buffers of this rank's model."""
    return {name: value.detach().clone() for name, value in tensors_of(own["model"])}


def modes() -> dict[str, Any]:
    """The modules that are evaluated, the parameters that are frozen, and torch's grad mode after the last call."""
    evaluated = [name for name, module in own["model"].named_modules() if not module.training]
    frozen = [name for name, parameter in own["model"].named_parameters() if not parameter.requires_grad]
    return {"evaluated": evaluated, "frozen": frozen, "grad": own["grad_mode"]}
