"""AdamW: Adam with decoupled weight decay (Loshchilov and Hutter 2017)."""

import math

import torch


class AdamW:
    """Updates parameters in place from their `.grad`; the attribute `lr` may be set between steps."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        if not 0 <= lr < math.inf:
            raise ValueError(f"lr must be finite and not negative, not {lr}")
        if not all(0 <= beta < 1 for beta in betas):
            raise ValueError(f"each of betas must be from 0 to below 1, not {betas}")
        if not 0 < eps < math.inf:
            raise ValueError(f"eps must be finite and greater than 0, not {eps}")
        if not 0 <= weight_decay < math.inf:
            raise ValueError(f"weight_decay must be finite and not negative, not {weight_decay}")
        self.params = list(params)
        self.lr, self.betas, self.eps, self.weight_decay = lr, betas, eps, weight_decay
        self.counts = [0 for _ in self.params]  # updates of each parameter so far
        self.means = [torch.zeros_like(p) for p in self.params]  # of gradients
        self.squares = [torch.zeros_like(p) for p in self.params]  # means of their squares

    @torch.no_grad()
    def step(self):
        """One update of every parameter that has a gradient."""
        beta1, beta2 = self.betas
        for k, p in enumerate(self.params):
            if p.grad is None:  # took no part in the loss: no decay either
                continue
            self.counts[k] += 1
            mean, square = self.means[k], self.squares[k]
            mean.mul_(beta1).add_(p.grad, alpha=1 - beta1)
            square.mul_(beta2).addcmul_(p.grad, p.grad, value=1 - beta2)
            unbiased_mean = mean / (1 - beta1 ** self.counts[k])
            unbiased_square = square / (1 - beta2 ** self.counts[k])
            p.mul_(1 - self.lr * self.weight_decay)
            p.sub_(self.lr * unbiased_mean / (unbiased_square.sqrt() + self.eps))
