"""One rank: its tensors and its place in the process group. The judge runs this file beside yours.

Every rank is a process of its own that is told nothing of the tensors of the others. Where there shall be a process
group, the judge calls `open_store` on rank 0 and passes its answer to `join` on all ranks. Then it calls `reduce` on all
ranks at once, with the tensors that belong to each. Nothing here is secret and nothing is judged here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
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


def view_of(whole: torch.Tensor, layout: str) -> torch.Tensor:
    """The part of `whole` that is reduced."""
    if layout == "transposed":
        return whole.t()
    if layout == "every other":
        return whole[1::2]
    if layout == "column":
        return whole[:, 1]
    return whole


def reduce(wholes: Sequence[torch.Tensor], layout: str = "plain", *op: str) -> list[Any]:
    """Call `ring_all_reduce` on a view of each tensor in turn; what each call returned, and each tensor afterwards."""
    memory = [whole.view_as(whole) for whole in wholes]  # in place is what shows here too
    returned = [solution.ring_all_reduce(view_of(whole, layout), *op) for whole in wholes]
    return [returned, memory]


def refused(tensor: torch.Tensor, op: str) -> list[Any]:
    """Whether `ring_all_reduce` raises ValueError, and the tensor afterwards."""
    try:
        solution.ring_all_reduce(tensor, op)
    except ValueError:
        return [True, tensor]
    return [False, tensor]
