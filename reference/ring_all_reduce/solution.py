"""Ring all-reduce: a reduce-scatter around the ring, then an all-gather around the ring."""

import torch
import torch.distributed as dist


def ring_all_reduce(tensor, op="sum"):
    """Replace `tensor` on every rank by the sum (or mean) of the tensors of all ranks, in place."""
    if op not in ("sum", "mean"):
        raise ValueError(f"op must be 'sum' or 'mean', not {op!r}")
    if op == "mean" and not tensor.is_floating_point():
        raise ValueError("there is no mean of integers")
    if not dist.is_initialized():
        return
    rank, n = dist.get_rank(), dist.get_world_size()
    flat = tensor.contiguous().view(-1)  # the memory of `tensor`, or a copy if it has gaps
    chunks = flat.tensor_split(n)

    # Reduce-scatter. In step k a rank passes on chunk r - k, to which it has just added its own part. After n - 1 steps
    # chunk r + 1 has been everywhere, and is complete here.
    for step in range(n - 1):
        incoming = chunks[(rank - step - 1) % n]
        incoming += exchange(chunks[(rank - step) % n], incoming)

    # All-gather. The complete chunks go around once more, and replace what is there.
    for step in range(n - 1):
        incoming = chunks[(rank - step) % n]
        incoming.copy_(exchange(chunks[(rank - step + 1) % n], incoming))

    if op == "mean":
        flat /= n
    tensor.copy_(flat.view(tensor.shape))


def exchange(outgoing, like):
    """Send a chunk to the next rank while one of the shape of `like` comes from the rank before; returns that."""
    rank, n = dist.get_rank(), dist.get_world_size()
    received = torch.empty_like(like)
    sending = dist.isend(outgoing, (rank + 1) % n)  # all ranks send at once: whoever waited here would wait forever
    dist.recv(received, (rank - 1) % n)
    sending.wait()
    return received
