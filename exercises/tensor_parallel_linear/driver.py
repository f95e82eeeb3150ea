"""One rank: its layers and its place in the process group. The judge runs this file beside yours.

Every rank is a process of its own. Where there shall be a process group, the judge calls `open_store` on rank 0 and
passes its answer to `join` on all ranks. Then it calls `run`, `pair` or `refused` on all ranks at once, with the whole
weights, as the statement says, and with the inputs of each rank. Nothing here is secret and nothing is judged here.
"""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from typing import Any

import solution
import torch
import torch.distributed as dist

PATIENCE = timedelta(seconds=60)  # longer than the judge's, whose message says more

own: dict[str, Any] = {}  # the `store`, if this is rank 0


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


def make(kind: str, weight: torch.Tensor, bias: torch.Tensor | None, flag: bool) -> torch.nn.Module:
    """A layer of the submission, with `gather_output` or `input_is_parallel`, which is left out where it is the default."""
    if kind == "column":
        return solution.ColumnParallelLinear(weight, bias, **({} if flag else {"gather_output": False}))
    return solution.RowParallelLinear(weight, bias, **({"input_is_parallel": True} if flag else {}))


def described(layer: torch.nn.Module) -> dict[str, Any]:
    """Its parameters and their gradients, by name; None for a bias that is not there."""
    found: dict[str, Any] = {"bias": None if layer.bias is None else "missing"}
    for name, parameter in layer.named_parameters():
        gradient = None if parameter.grad is None else parameter.grad.clone()
        found[name] = [parameter.detach().clone(), gradient]
    return found


def run(
    kind: str,
    flag: bool,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    inputs: list[torch.Tensor],
    gradients: list[torch.Tensor],
    needs_grad: bool = True,
    trained: list[torch.Tensor] | None = None,
) -> dict[str, Any]:
    """Forward and backward of one layer for each of the inputs; what there is to see afterwards.

    With `trained`, this rank's parameters hold these numbers by then, in place, as after steps of an optimizer.
    """
    layer = make(kind, weight, bias, flag)
    with torch.no_grad():
        for parameter, number in zip((layer.weight, layer.bias), trained or [], strict=False):
            parameter.copy_(number)
    leaves = [x.clone().requires_grad_(needs_grad) for x in inputs]
    outputs = [layer(x) for x in leaves]
    for y, gradient in zip(outputs, gradients, strict=True):
        y.backward(gradient)
    return {
        "outputs": [y.detach() for y in outputs],
        "inputs": [x.detach() for x in leaves],
        "input gradients": [x.grad for x in leaves],
        "given gradients": gradients,
        "parameters": described(layer),
    }


def pair(
    first: list[torch.Tensor | None],
    second: list[torch.Tensor | None],
    x: torch.Tensor,
    gradient: torch.Tensor,
    gather: bool = False,
) -> dict[str, Any]:
    """Column-parallel, relu, row-parallel; the input is added to the output.

    With `gather` what is in between is whole, and its mean over the last axis is added to the output too.
    """
    up, down = make("column", *first, gather), make("row", *second, not gather)
    leaf = x.clone().requires_grad_()
    hidden = leaf * 2  # not a leaf: its gradient comes from two sides
    middle = torch.relu(up(hidden))
    y = down(middle) + hidden
    if gather:
        y = y + middle.mean(-1, keepdim=True)
    y.backward(gradient)
    return {"output": y.detach(), "input gradient": leaf.grad, "up": described(up), "down": described(down)}


def step(kind: str, weight: torch.Tensor, bias: torch.Tensor) -> list[torch.Tensor]:
    """Change all parameters of a layer in place; the tensors that it was given."""
    layer = make(kind, weight, bias, True)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.add_(1)
    return [weight, bias]


def refused(kind: str, weight: torch.Tensor, bias: torch.Tensor | None) -> bool:
    """Whether making the layer raises ValueError."""
    try:
        make(kind, weight, bias, False)
    except ValueError:
        return True
    return False
