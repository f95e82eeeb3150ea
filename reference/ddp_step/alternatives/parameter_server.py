"""Rank 0 as a server: it gathers the sums of gradients, averages them and sends the result back.

Each rank differentiates `loss * n`, the sum over the rows, so that only the division by the number of all rows is left to the server.
"""

import itertools

import torch
import torch.distributed as dist


def broadcast_parameters(model, src=0):
    if not dist.is_initialized() or dist.get_world_size() < 2:
        return
    for tensor in itertools.chain(model.parameters(), model.buffers()):
        copy = tensor.detach().clone()
        dist.broadcast(copy, src)
        with torch.no_grad():
            tensor.copy_(copy)


def ddp_step(model, optimizer, loss_fn, inputs, targets):
    optimizer.zero_grad(set_to_none=True)
    report = {"rows": len(inputs), "loss": 0.0, "grads": {}}
    if len(inputs):
        loss = loss_fn(model(inputs), targets) * len(inputs)
        loss.backward()
        report["loss"] = loss.item()
        report["grads"] = {name: p.grad for name, p in model.named_parameters() if p.grad is not None}

    loss, grads = exchange(report)
    for name, p in model.named_parameters():
        p.grad = grads.get(name)
    optimizer.step()
    return loss


def exchange(report):
    """Send this rank's report to rank 0; return the mean loss and gradients that rank 0 made of all of them."""
    if not dist.is_initialized():
        return serve([report])
    reports = [None] * dist.get_world_size() if dist.get_rank() == 0 else None
    dist.gather_object(report, reports, dst=0)
    answer = [serve(reports) if reports else None]
    dist.broadcast_object_list(answer, src=0)
    return answer[0]


def serve(reports):
    rows = sum(report["rows"] for report in reports)
    grads = {}
    for report in reports:
        for name, grad in report["grads"].items():
            grads[name] = grads.get(name, 0) + grad / rows
    return sum(report["loss"] for report in reports) / rows, grads
