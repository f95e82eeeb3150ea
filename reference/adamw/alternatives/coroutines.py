"""Each parameter has a coroutine that holds m, v and t in local variables and takes one gradient at a time."""

import math
from collections.abc import Generator

import torch
from torch import Tensor

Update = Generator[Tensor, Tensor, None]


class AdamW:
    def __init__(
        self,
        params: list[torch.nn.Parameter],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
    ) -> None:
        if not all(math.isfinite(number) and number >= 0 for number in (lr, weight_decay)):
            raise ValueError("lr and weight_decay must be finite and not negative")
        if not (math.isfinite(eps) and eps > 0):
            raise ValueError("eps must be finite and greater than 0")
        if not all(0 <= beta < 1 for beta in betas):
            raise ValueError("betas must be in [0, 1)")
        self.lr = lr
        self.weight_decay = weight_decay
        self._params = [(p, directions(torch.zeros_like(p.detach()), *betas, eps)) for p in params]
        for _, moves in self._params:
            next(moves)

    @torch.no_grad()
    def step(self) -> None:
        for p, moves in self._params:
            if p.grad is not None:
                p.sub_(self.lr * (self.weight_decay * p + moves.send(p.grad)))


def directions(zeros: Tensor, beta1: float, beta2: float, eps: float) -> Update:
    """Takes gradients in, gives Adam's directions out; the first `next` only starts it."""
    m = v = direction = zeros
    t = 0
    while True:
        gradient = yield direction
        t += 1
        m = beta1 * m + (1 - beta1) * gradient
        v = beta2 * v + (1 - beta2) * gradient.square()
        direction = (m / (1 - beta1**t)) / ((v / (1 - beta2**t)).sqrt() + eps)
