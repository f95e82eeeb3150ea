"""Each parameter has an object of its own that keeps its averages in float64 and counts its updates."""

import math

import torch


class Averages:
    """The running averages of one parameter."""

    def __init__(self, parameter: torch.nn.Parameter) -> None:
        self.first = torch.zeros_like(parameter, dtype=torch.float64, requires_grad=False)
        self.second = torch.zeros_like(self.first)
        self.updates = 0

    def direction(self, gradient: torch.Tensor, betas: tuple[float, float], eps: float) -> torch.Tensor:
        """Take a gradient in, and return the step of learning rate 1."""
        g = gradient.detach().double()
        self.updates += 1
        self.first = betas[0] * self.first + (1 - betas[0]) * g
        self.second = betas[1] * self.second + (1 - betas[1]) * g * g
        m, v = (
            average / (1 - beta**self.updates) for average, beta in zip((self.first, self.second), betas, strict=True)
        )
        return m / (v.sqrt() + eps)


class AdamW:
    """Adam with decoupled weight decay."""

    def __init__(
        self,
        params: list[torch.nn.Parameter],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
    ) -> None:
        if not (0 <= lr < math.inf and 0 <= weight_decay < math.inf):
            raise ValueError("lr and weight_decay must be finite and at least 0")
        if not 0 < eps < math.inf:
            raise ValueError("eps must be finite and positive")
        if not all(0 <= beta < 1 for beta in betas):
            raise ValueError("betas must be at least 0 and below 1")
        self.lr, self.betas, self.eps, self.weight_decay = lr, tuple(betas), eps, weight_decay
        self.parts = [(p, Averages(p)) for p in params]

    @torch.no_grad()
    def step(self) -> None:
        """Update in place each parameter whose `.grad` is not None."""
        for p, averages in self.parts:
            if p.grad is not None:
                move = averages.direction(p.grad, self.betas, self.eps)
                p.copy_(p.double() - self.lr * (self.weight_decay * p.double() + move))
