"""One step of DP-SGD (Abadi et al. 2016): clip the gradient of every sample, add noise to the sum, divide, descend."""

import math

import torch


def dp_sgd_step(model, loss_fn, inputs, labels, *, lr, max_grad_norm, noise_multiplier, expected_batch_size, generator):
    """Change the trainable parameters of `model` in place by one differentially private step; returns None."""
    for name, number in {"lr": lr, "max_grad_norm": max_grad_norm, "expected_batch_size": expected_batch_size}.items():
        if not 0 < number < math.inf:
            raise ValueError(f"{name} must be finite and greater than 0, not {number}")
    if not 0 <= noise_multiplier < math.inf:
        raise ValueError(f"noise_multiplier must be finite and not negative, not {noise_multiplier}")
    if len(inputs) != len(labels):
        raise ValueError(f"{len(inputs)} inputs and {len(labels)} labels")

    parameters = [p for p in model.parameters() if p.requires_grad]  # a shared one comes once
    total = [torch.zeros_like(p) for p in parameters]
    for place in range(len(inputs)):
        sample = slice(place, place + 1)
        loss = loss_fn(model(inputs[sample]), labels[sample])
        gradients = torch.autograd.grad(loss, parameters, materialize_grads=True)  # `.grad` stays; unused: zeros
        norm = float(torch.cat([g.flatten() for g in gradients]).norm())  # of all parameters together
        factor = max_grad_norm / norm if norm > max_grad_norm else 1.0
        for sum_, gradient in zip(total, gradients, strict=True):
            sum_ += factor * gradient

    std = noise_multiplier * max_grad_norm  # a sample moves the sum by at most max_grad_norm, however many there are
    with torch.no_grad():
        for parameter, sum_ in zip(parameters, total, strict=True):
            noise = torch.randn(parameter.shape, generator=generator, dtype=parameter.dtype, device=parameter.device)
            parameter -= lr / expected_batch_size * (sum_ + std * noise)
