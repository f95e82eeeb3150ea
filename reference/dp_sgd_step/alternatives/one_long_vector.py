"""Works with one long vector, as the formula does: it is filled sample by sample, gets its noise, and is cut up again."""

import math

import torch


def check(inputs, labels, noise_multiplier, positive):
    """ValueError for bad arguments."""
    if len(inputs) != len(labels):
        raise ValueError("inputs and labels must have the same number of samples")
    if not all(math.isfinite(number) and number > 0 for number in positive):
        raise ValueError("lr, max_grad_norm and expected_batch_size must be finite and greater than 0")
    if not (math.isfinite(noise_multiplier) and noise_multiplier >= 0):
        raise ValueError("noise_multiplier must be finite and not negative")


def gradient(loss, parameters):
    """The gradient of a loss as one long vector; zeros where the loss does not depend on a parameter."""
    if not loss.requires_grad:
        return torch.zeros(sum(p.numel() for p in parameters), dtype=parameters[0].dtype)
    parts = torch.autograd.grad(loss, parameters, allow_unused=True, materialize_grads=True)
    return torch.cat([part.reshape(-1) for part in parts])


def dp_sgd_step(model, loss_fn, inputs, labels, *, lr, max_grad_norm, noise_multiplier, expected_batch_size, generator):
    check(inputs, labels, noise_multiplier, (lr, max_grad_norm, expected_batch_size))
    parameters = [p for p in model.parameters() if p.requires_grad]
    if not parameters:
        return
    sizes = [p.numel() for p in parameters]
    noise = torch.randn(sum(sizes), generator=generator, dtype=parameters[0].dtype)
    total = noise * (noise_multiplier * max_grad_norm)
    for i in range(len(inputs)):
        with torch.enable_grad():
            loss = loss_fn(model(inputs[i : i + 1]), labels[i : i + 1])
        sample = gradient(loss, parameters)
        norm = sample.double().norm().item()
        total += sample if norm <= max_grad_norm else sample * (max_grad_norm / norm)
    with torch.no_grad():
        for p, part in zip(parameters, total.split(sizes), strict=True):
            p.sub_(part.reshape(p.shape), alpha=lr / expected_batch_size)
