"""Ring all-reduce; the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""

import torch
import torch.distributed as dist  # noqa: F401 - for you to use


def ring_all_reduce(tensor: torch.Tensor, op: str = "sum") -> None:
    """Replace `tensor` on every rank by the sum (or mean) of the tensors of all ranks, in place, by sends and receives only.

    Every rank of the default process group calls it. Without a process group, or alone in it, nothing changes.
    """
    raise NotImplementedError
