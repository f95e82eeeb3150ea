"""Gradients made by autograd, chunk by chunk, while the loss is: backward only multiplies them by what comes in."""

import torch
import torch.nn.functional as F


class Ahead(torch.autograd.Function):
    @staticmethod
    def forward(ctx, hidden, weight, loss, of_hidden, of_weight):
        ctx.save_for_backward(of_hidden, of_weight)
        return loss.clone()

    @staticmethod
    def backward(ctx, upstream):
        return *(upstream * part for part in ctx.saved_tensors), None, None, None


def chunked_cross_entropy(hidden, weight, labels, chunk_size=1024, ignore_index=-100):
    sizes = (hidden.dim(), weight.dim(), labels.dim()) == (2, 2, 1)
    if not sizes or hidden.size(1) != weight.size(1) or hidden.size(0) != labels.size(0):
        raise ValueError("shapes")
    if chunk_size <= 0:
        raise ValueError("chunk_size")
    number = torch.clamp((labels != ignore_index).sum(), min=1)
    loss, of_hidden, of_weight = hidden.new_zeros(()), [], torch.zeros_like(weight, requires_grad=False)
    projection = weight.detach().requires_grad_()
    for rows, wanted in zip(hidden.detach().split(chunk_size), labels.split(chunk_size), strict=True):
        with torch.enable_grad():
            rows = rows.clone().requires_grad_()
            logits = F.linear(rows, projection)
            part = F.cross_entropy(logits, wanted, ignore_index=ignore_index, reduction="sum") / number
        of_rows, of_projection = torch.autograd.grad(part, (rows, projection))
        loss += part.detach()
        of_hidden.append(of_rows)
        of_weight += of_projection
    return Ahead.apply(hidden, weight, loss, torch.cat([hidden.detach()[:0], *of_hidden]), of_weight)
