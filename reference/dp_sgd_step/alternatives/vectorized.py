"""All samples at once through torch.func, and one flat vector for gradients and noise."""

import math

import torch
from torch.func import functional_call, grad, vmap
from torch.nn.utils import parameters_to_vector


def dp_sgd_step(model, loss_fn, inputs, labels, *, lr, max_grad_norm, noise_multiplier, expected_batch_size, generator):
    positive = (lr, max_grad_norm, expected_batch_size)
    if not all(math.isfinite(x) and x > 0 for x in positive):
        raise ValueError("lr, max_grad_norm and expected_batch_size must be finite and positive")
    if not (math.isfinite(noise_multiplier) and noise_multiplier >= 0):
        raise ValueError("noise_multiplier must be finite and at least 0")
    if inputs.shape[0] != labels.shape[0]:
        raise ValueError("inputs and labels differ in length")
    trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
    rest = {name: p.detach() for name, p in model.named_parameters() if not p.requires_grad}

    def loss_of_one(weights, x, y):
        return loss_fn(functional_call(model, {**rest, **weights}, (x[None],)), y[None])

    flat = parameters_to_vector(trained.values()).detach()
    total = torch.zeros_like(flat)
    if len(inputs):
        detached = {name: p.detach() for name, p in trained.items()}
        each = vmap(grad(loss_of_one), in_dims=(None, 0, 0))(detached, inputs, labels)
        rows = torch.cat([g.flatten(1) for g in each.values()], dim=1)  # (B, number of weights)
        norms = rows.norm(dim=1, keepdim=True)
        total = (rows / (norms / max_grad_norm).clamp(min=1.0)).sum(dim=0)
    noise = torch.normal(0.0, 1.0, flat.shape, generator=generator, dtype=flat.dtype)
    moved = flat - lr * (total + noise * (noise_multiplier * max_grad_norm)) / expected_batch_size
    with torch.no_grad():
        start = 0
        for p in trained.values():
            p.copy_(moved[start : start + p.numel()].view_as(p))
            start += p.numel()
