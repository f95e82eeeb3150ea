"""One rank: its model, its optimizer, its place in the process group. The judge runs this file beside yours.

Every rank is a process of its own that is told nothing of the rows and the states of the others. The judge calls
`build` on each; then, where there shall be a process group, `open_store` on rank 0, whose answer it passes to `join` on
all ranks; then `step` or `broadcast` on all ranks at once, with what belongs to each; at last it asks for the `state`.
Nothing here is secret and nothing is judged here.
"""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from typing import Any

import solution
import torch
import torch.distributed as dist
from torch import nn
from torch.nn import functional

PATIENCE = timedelta(seconds=60)  # longer than the judge's, whose message says more


class Mlp(nn.Module):
    """Two layers, and two buffers that training leaves alone."""

    def __init__(self, d_in: int, d_hidden: int, d_out: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(d_in, d_hidden)
        self.fc2 = nn.Linear(d_hidden, d_out)
        self.register_buffer("shift", torch.zeros(d_in))
        self.register_buffer("version", torch.tensor(0))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: (rows, d_in) -> (rows, d_out)."""
        return self.fc2(torch.tanh(self.fc1(x - self.shift)))


class Experts(nn.Module):
    """Each row goes through the one expert that its first column names; an expert without rows is not called."""

    def __init__(self, n_experts: int, d_in: int, d_hidden: int, d_out: int) -> None:
        super().__init__()
        self.experts = nn.ModuleList(nn.Linear(d_in, d_hidden) for _ in range(n_experts))
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


class Line(nn.Linear):
    """One weight matrix without a bias."""

    def __init__(self, d_in: int, d_out: int) -> None:
        super().__init__(d_in, d_out, bias=False)


MODELS = {"line": Line, "mlp": Mlp, "experts": Experts}
LOSSES = {"mse": functional.mse_loss, "cross_entropy": functional.cross_entropy}  # both are means over the rows
OPTIMIZERS = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}

own: dict[str, Any] = {}  # this rank's `model`, `optimizer` and `loss`, and the `store` if it is rank 0


def build(plan: dict[str, Any], state: dict[str, torch.Tensor]) -> None:
    """Begin a case: leave the process group of an earlier one, make this rank's model, with `state`, and its optimizer.

    The plan is the same on all ranks: `model` and `sizes` (a name of MODELS and its arguments), `optimizer` and
    `options` (a name of OPTIMIZERS and its keyword arguments), `loss` (a name of LOSSES) and, where some parameters are
    frozen, `frozen` (their names).
    """
    if dist.is_initialized():
        dist.destroy_process_group()
    model = MODELS[plan["model"]](*plan["sizes"])
    model.to(next(iter(state.values())).dtype).load_state_dict(state)
    for name in plan.get("frozen", []):
        model.get_parameter(name).requires_grad_(False)
    own["model"], own["loss"] = model, LOSSES[plan["loss"]]
    own["optimizer"] = OPTIMIZERS[plan["optimizer"]](model.parameters(), **plan["options"])


def open_store(world: int) -> int:
    """On rank 0: open the place where the ranks meet, on a free port of the loopback interface; the port."""
    own["store"] = dist.TCPStore("127.0.0.1", 0, world, is_master=True, timeout=PATIENCE, wait_for_workers=False)
    return own["store"].port


def join(rank: int, world: int, port: int) -> None:
    """Become rank `rank` of a process group of `world` ranks."""
    os.environ["GLOO_SOCKET_IFNAME"] = "lo0" if sys.platform == "darwin" else "lo"
    store = own["store"] if rank == 0 else dist.TCPStore("127.0.0.1", port, world, timeout=PATIENCE)
    dist.init_process_group("gloo", store=store, rank=rank, world_size=world, timeout=PATIENCE)


def step(inputs: torch.Tensor, targets: torch.Tensor) -> float:
    """Call `ddp_step` with this rank's rows."""
    return float(solution.ddp_step(own["model"], own["optimizer"], own["loss"], inputs, targets))


def broadcast(*src: int) -> None:
    """Call `broadcast_parameters`."""
    solution.broadcast_parameters(own["model"], *src)


def local_step(inputs: torch.Tensor, targets: torch.Tensor) -> None:
    """An ordinary step of this rank's optimizer on its own rows, without the submission."""
    own["loss"](own["model"](inputs), targets).backward()
    own["optimizer"].step()


def state() -> dict[str, torch.Tensor]:
    """A copy of the parameters and buffers of this rank's model."""
    return {name: value.detach().clone() for name, value in own["model"].state_dict().items()}
