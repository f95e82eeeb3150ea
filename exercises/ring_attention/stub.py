"""Attention over a sequence that is spread over ranks: the contract is in statement.en.md and statement.zh.md."""

import torch.distributed as dist  # noqa: F401 - for you to use
from torch import Tensor


def ring_attention(q: Tensor, k: Tensor, v: Tensor, causal: bool = False, zigzag: bool = False) -> Tensor:
    """Attention of this rank's queries q (N, L, D) over the keys and values of all ranks; every rank calls it.

    k (N, L, D) and v (N, L, Dv) are those of this rank's positions: r * L and after, or with `zigzag` chunks r and
    2P - 1 - r of 2P. Returns (N, L, Dv) in the dtype of `q`. Without a process group it is ordinary attention.
    """
    raise NotImplementedError
