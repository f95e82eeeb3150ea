"""Ring all-reduce with blocking sends and receives: rank 0 receives first, all others send first."""

import torch
import torch.distributed as dist


def ring_all_reduce(tensor, op="sum"):
    whole = tensor.is_floating_point()
    if op == "mean" and whole or op == "sum":
        pass
    else:
        raise ValueError("op")
    if not (dist.is_initialized() and dist.get_world_size() > 1):
        return
    r, n = dist.get_rank(), dist.get_world_size()
    line = tensor.reshape(-1).clone()
    edges = [c * (len(line) // n) + min(c, len(line) % n) for c in range(n + 1)]

    def chunk(c):
        return line[edges[c % n] : edges[c % n + 1]]

    def swap(c):
        """Sends chunk c, returns what came in, which is chunk c - 1."""
        box = torch.zeros(chunk(c - 1).shape, dtype=line.dtype)
        if r == 0:
            dist.recv(box, n - 1)
            dist.send(chunk(c), 1)
        else:
            dist.send(chunk(c), (r + 1) % n)
            dist.recv(box, r - 1)
        return box

    for c in range(r, r - n + 1, -1):
        box = swap(c)
        chunk(c - 1).add_(box)
    if op == "mean":
        chunk(r + 1).div_(n)
    for c in range(r + 1, r - n + 2, -1):
        box = swap(c)
        chunk(c - 1)[:] = box
    tensor.copy_(line.reshape(tensor.shape))
