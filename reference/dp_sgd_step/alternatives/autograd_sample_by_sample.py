"""Asks autograd for one sample's gradients at a time, and adds each to the sums with its own factor."""

import math

import torch


def dp_sgd_step(model, loss_fn, inputs, labels, *, lr, max_grad_norm, noise_multiplier, expected_batch_size, generator):
    """Change the trainable parameters of `model` in place by one differentially private step; returns None."""
    if len(inputs) != len(labels):
        raise ValueError("inputs and labels must have the same number of samples")
    if not all(0 < number < math.inf for number in (lr, max_grad_norm, expected_batch_size)):
        raise ValueError("lr, max_grad_norm and expected_batch_size must be positive and finite")
    if not 0 <= noise_multiplier < math.inf:
        raise ValueError("noise_multiplier must be finite and not negative")

    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    sums = [torch.zeros_like(parameter) for parameter in trainable]
    for x, y in zip(inputs.split(1), labels.split(1), strict=True) if len(inputs) else ():
        with torch.enable_grad():
            loss = loss_fn(model(x), y)
        if not loss.requires_grad:
            continue
        found = torch.autograd.grad(loss, trainable, allow_unused=True)
        squares = [gradient.double().square().sum().item() for gradient in found if gradient is not None]
        norm = math.sqrt(math.fsum(squares))
        factor = max_grad_norm / norm if norm > max_grad_norm else 1.0
        for total, gradient in zip(sums, found, strict=True):
            if gradient is not None:
                total.add_(gradient, alpha=factor)

    with torch.no_grad():
        for parameter, total in zip(trainable, sums, strict=True):
            noise = torch.randn(parameter.shape, dtype=parameter.dtype, generator=generator)
            total.add_(noise, alpha=noise_multiplier * max_grad_norm)
            parameter.sub_(total, alpha=lr / expected_batch_size)
