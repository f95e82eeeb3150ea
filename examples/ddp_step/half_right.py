"""One mistake: gradients and losses are averaged over the ranks, as if all of them had equally many rows."""

import torch
import torch.distributed as dist


def broadcast_parameters(model, src=0):
    if not dist.is_initialized():
        return
    for t in [*model.parameters(), *model.buffers()]:
        dist.broadcast(t.data, src)


def ddp_step(model, optimizer, loss_fn, inputs, targets):
    optimizer.zero_grad(set_to_none=True)
    loss = torch.zeros(1, dtype=torch.float64)
    if len(inputs) > 0:
        out = loss_fn(model(inputs), targets)
        out.backward()
        loss[0] = out.item()

    if dist.is_initialized():
        size = dist.get_world_size()
        params = [p for p in model.parameters() if p.requires_grad]
        has_grad = torch.tensor([p.grad is not None for p in params]).int()
        dist.all_reduce(has_grad)
        for p, n in zip(params, has_grad.tolist(), strict=True):
            if n == 0:
                continue
            if p.grad is None:
                p.grad = torch.zeros_like(p)
            dist.all_reduce(p.grad, op=dist.ReduceOp.SUM)
            p.grad /= size
        dist.all_reduce(loss)
        loss /= size

    optimizer.step()
    return loss.item()
