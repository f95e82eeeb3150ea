"""A data-parallel step: sum over rows everywhere, and divide once by the number of all rows."""

import torch
import torch.distributed as dist


def broadcast_parameters(model, src=0):
    if world() == 1:
        return
    with torch.no_grad():
        for group in (model.parameters(), model.buffers()):
            for tensor in group:
                dist.broadcast(tensor, src=src)


def ddp_step(model, optimizer, loss_fn, inputs, targets):
    for parameter in model.parameters():
        parameter.grad = None
    n = inputs.size(0)
    totals = torch.tensor([float(n), 0.0], dtype=torch.float64)  # rows, sum of their losses
    if n > 0:
        mean_loss = loss_fn(model(inputs), targets)
        mean_loss.backward()
        totals[1] = n * mean_loss.item()
    add_up(totals)
    rows, loss_sum = totals.tolist()

    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    for parameter, used in zip(trained, used_anywhere(trained), strict=True):
        if not used:
            continue  # its gradient stays None, and the optimizer passes it by
        if parameter.grad is None:
            total = torch.zeros_like(parameter)
        else:
            total = parameter.grad * n  # from the mean over this rank's rows back to their sum
        add_up(total)
        parameter.grad = total / rows
    optimizer.step()
    return loss_sum / rows


def used_anywhere(parameters):
    """For each parameter: does any rank have a gradient? The answer is the same on all ranks, as collectives need."""
    flags = torch.tensor([parameter.grad is not None for parameter in parameters], dtype=torch.uint8)
    if world() > 1:
        dist.all_reduce(flags, op=dist.ReduceOp.MAX)
    return flags.bool().tolist()


def add_up(tensor):
    if world() > 1:
        dist.all_reduce(tensor)


def world():
    return dist.get_world_size() if dist.is_initialized() else 1
