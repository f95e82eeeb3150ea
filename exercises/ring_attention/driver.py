"""One rank: its place in the process group, and its own block of the sequence. The judge runs this file beside yours.

Every rank is a process of its own that is told nothing of the blocks of the others. The judge calls `open_store` on
rank 0 and passes its answer to `join` on all ranks; then it calls `attend` on all ranks at once, with what belongs to
each. Nothing here is secret and nothing is judged here.
"""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from typing import Any

import solution
import torch.distributed as dist
from torch import Tensor

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
    """Leave the process group of an earlier case, and become rank `rank` of one of `world` ranks."""
    if dist.is_initialized():
        dist.destroy_process_group()
    os.environ["GLOO_SOCKET_IFNAME"] = "lo0" if sys.platform == "darwin" else "lo"
    store = own["store"] if rank == 0 else dist.TCPStore("127.0.0.1", port, world, timeout=PATIENCE)
    dist.init_process_group("gloo", store=store, rank=rank, world_size=world, timeout=PATIENCE)


def attend(q: Tensor, k: Tensor, v: Tensor, causal: bool, zigzag: bool, strided: bool = False) -> dict[str, Any]:
    """Call `ring_attention` with this rank's block; what it returned, and what became of its arguments.

    With `strided`, the arguments lie in memory as after a transpose.
    """
    given = [x.mT.contiguous().mT if strided else x.contiguous() for x in (q, k, v)]
    returned = solution.ring_attention(*given, causal, zigzag)
    return {"returned": returned, "arguments": given}


def refused(q: Tensor, k: Tensor, v: Tensor, causal: bool, zigzag: bool) -> bool:
    """Whether `ring_attention` raises ValueError."""
    try:
        solution.ring_attention(q, k, v, causal, zigzag)
    except ValueError:
        return True
    return False
