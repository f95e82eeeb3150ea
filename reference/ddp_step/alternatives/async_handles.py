"""All-reduces that run side by side: each is started without waiting, and all are awaited before the step.

The weights n_r / N are applied to the gradients after `backward()`.
"""

import numpy as np
import torch
import torch.distributed as dist


def broadcast_parameters(model, src=0):
    if dist.is_initialized():
        tensors = [*model.parameters(), *model.buffers()]
        works = [dist.broadcast(tensor.data, src, async_op=True) for tensor in tensors]
        for work in works:
            work.wait()


def ddp_step(model, optimizer, loss_fn, inputs, targets):
    counts, weight = row_counts(len(inputs))
    model.zero_grad(set_to_none=True)
    local = torch.zeros(1)
    if counts[rank()]:
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        local[0] = loss.detach() * weight

    params = [p for _, p in sorted(model.named_parameters()) if p.requires_grad]
    exists = torch.tensor([0 if p.grad is None else 1 for p in params], dtype=torch.uint8)
    wait(reduce(exists, dist.ReduceOp.MAX))
    pending = [reduce(local)]
    for p, present in zip(params, exists, strict=True):
        if not present:
            continue
        if p.grad is None:
            p.grad = torch.zeros_like(p)
        p.grad.mul_(weight)
        pending.append(reduce(p.grad))
    wait(*pending)
    optimizer.step()
    return local.item()


def row_counts(n):
    """The number of rows on every rank, and this rank's share of them."""
    counts = torch.zeros(dist.get_world_size() if dist.is_initialized() else 1, dtype=torch.long)
    counts[rank()] = n
    wait(reduce(counts))
    return counts.numpy(), float(n / np.sum(counts.numpy()))


def rank():
    return dist.get_rank() if dist.is_initialized() else 0


def reduce(tensor, op=dist.ReduceOp.SUM):
    return dist.all_reduce(tensor, op, async_op=True) if dist.is_initialized() else None


def wait(*works):
    for work in works:
        if work is not None:
            work.wait()
