"""Walks a list of 2 (n - 1) chunk numbers on a flat copy; the first half adds, the second half replaces."""

import torch
import torch.distributed as dist


def chunks_of(flat: torch.Tensor, count: int) -> list[torch.Tensor]:
    """Contiguous views, the first of which are longer by one if the length is not divisible."""
    each, longer = divmod(len(flat), count)
    return list(flat.split([each + (index < longer) for index in range(count)]))


def ring_all_reduce(tensor: torch.Tensor, op: str = "sum") -> None:
    """Replace `tensor` on every rank by the sum (or mean) of the tensors of all ranks, in place, by sends and receives only."""
    if op not in ("sum", "mean"):
        raise ValueError(f"unknown op {op!r}")
    if op == "mean" and not tensor.is_floating_point():
        raise ValueError("the mean needs a floating-point dtype")
    if not (dist.is_available() and dist.is_initialized()) or dist.get_world_size() == 1:
        return
    rank, ranks = dist.get_rank(), dist.get_world_size()
    following, previous = (rank + 1) % ranks, (rank - 1) % ranks

    flat = tensor.detach().reshape(-1).clone()
    chunks = chunks_of(flat, ranks)
    steps = ranks - 1
    for step in range(2 * steps):
        outgoing, own = chunks[(rank - step) % ranks], chunks[(rank - step - 1) % ranks]
        arriving = torch.empty_like(own)
        message = dist.isend(outgoing, following) if outgoing.numel() else None
        if own.numel():
            dist.recv(arriving, previous)
            if step < steps:
                own.add_(arriving)
            else:
                own.copy_(arriving)
        if message is not None:
            message.wait()
    if op == "mean":
        flat /= ranks
    tensor.copy_(flat.view(tensor.shape))
