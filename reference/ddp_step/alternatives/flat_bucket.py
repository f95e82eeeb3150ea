"""One collective per step: gradients, flags, row count and loss travel together in a single flat tensor."""

import torch
import torch.distributed as dist
from torch.nn.utils import parameters_to_vector, vector_to_parameters


def broadcast_parameters(model, src=0):
    if alone():
        return
    with torch.no_grad():
        flat = parameters_to_vector(model.parameters())
        dist.broadcast(flat, src=src)
        vector_to_parameters(flat, model.parameters())
    for buffer in model.buffers():
        dist.broadcast(buffer, src=src)


def ddp_step(model, optimizer, loss_fn, inputs, targets):
    params = [p for p in model.parameters() if p.requires_grad]
    for p in params:
        p.grad = None
    n = inputs.shape[0]
    total_loss = 0.0
    if n > 0:
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        total_loss = n * loss.item()

    # layout: n_r * gradient of each parameter | 1 where it exists | sum of the losses | number of rows
    grads = [torch.zeros(p.numel()) if p.grad is None else n * p.grad.reshape(-1) for p in params]
    flags = torch.tensor([float(p.grad is not None) for p in params])
    tail = torch.tensor([total_loss, n])
    bucket = torch.cat([part.to(params[0].dtype) for part in (*grads, flags, tail)])
    if not alone():
        dist.all_reduce(bucket)

    *sums, flags, tail = bucket.split([p.numel() for p in params] + [len(params), 2])
    rows = tail[1]
    for p, grad, used in zip(params, sums, flags, strict=True):
        if used > 0:
            p.grad = (grad / rows).view_as(p)
    optimizer.step()
    return float(tail[0] / rows)


def alone():
    return not dist.is_initialized() or dist.get_world_size() == 1
