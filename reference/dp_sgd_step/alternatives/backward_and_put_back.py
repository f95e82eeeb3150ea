"""Ordinary backward calls on `.grad`, which is put aside first and put back at the end."""

import torch


def _finite_positive(value, or_zero=False):
    ok = value < float("inf") and (value >= 0 if or_zero else value > 0)
    if not ok:
        raise ValueError(f"bad value: {value}")


def dp_sgd_step(model, loss_fn, inputs, labels, *, lr, max_grad_norm, noise_multiplier, expected_batch_size, generator):
    _finite_positive(lr)
    _finite_positive(max_grad_norm)
    _finite_positive(expected_batch_size)
    _finite_positive(noise_multiplier, or_zero=True)
    if inputs.size(0) != labels.size(0):
        raise ValueError("length")
    weights = list(filter(lambda p: p.requires_grad, model.parameters()))
    aside = [p.grad for p in weights]
    sums = [torch.zeros_like(p, requires_grad=False) for p in weights]
    for x, y in zip(inputs.split(1), labels.split(1)):
        if not len(x):  # an empty lot splits into one empty piece
            break
        for p in weights:
            p.grad = None
        loss_fn(model(x), y).backward()
        squares = sum(p.grad.square().sum().item() for p in weights if p.grad is not None)
        shrink = min(1.0, max_grad_norm / squares**0.5) if squares > 0 else 1.0
        for s, p in zip(sums, weights):
            if p.grad is not None:
                s.add_(p.grad, alpha=shrink)
    for p, s, old in zip(weights, sums, aside):
        p.grad = old
        s += noise_multiplier * max_grad_norm * torch.empty_like(s).normal_(generator=generator)
        p.data.add_(s, alpha=-lr / expected_batch_size)
