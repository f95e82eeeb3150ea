"""All parameters of a dtype in one flat vector with a mask of those that have gradients; decay factors kept as arrays."""

import torch


def ok(x, low, high):
    return low <= x < high


class AdamW:
    def __init__(self, params, lr=0.001, betas=(0.9, 0.999), eps=1e-08, weight_decay=0.01):
        inf = float("inf")
        valid = ok(lr, 0, inf) and ok(weight_decay, 0, inf) and ok(eps, 0, inf) and eps != 0
        if not valid or not all(ok(beta, 0, 1) for beta in betas):
            raise ValueError("option out of range")
        self.lr = lr
        self.options = (*betas, eps, weight_decay)
        self.groups = {}
        for p in params:
            self.groups.setdefault((p.dtype, p.device), []).append(p)
        self.state = {}
        for key, group in self.groups.items():
            size = sum(p.numel() for p in group)
            # rows: m, v, beta1 ** t, beta2 ** t of every single element
            self.state[key] = torch.zeros(4, size, dtype=torch.float64, device=key[1])
            self.state[key][2:] = 1

    def step(self):
        for key, group in self.groups.items():
            self._step(group, self.state[key])

    def _step(self, group, state):
        b1, b2, eps, decay = self.options
        with torch.no_grad():
            theta = torch.cat([p.reshape(-1) for p in group]).double()
            has = torch.cat([torch.full((p.numel(),), p.grad is not None, device=p.device) for p in group])
            g = torch.cat(
                [torch.zeros_like(p).view(-1) if p.grad is None else p.grad.reshape(-1) for p in group]
            ).double()
            new = torch.stack(
                [b1 * state[0] + (1 - b1) * g, b2 * state[1] + (1 - b2) * g**2, b1 * state[2], b2 * state[3]]
            )
            state.copy_(torch.where(has, new, state))
            m, v, left1, left2 = state
            update = decay * theta + m / (1 - left1) / ((v / (1 - left2)) ** 0.5 + eps)
            theta = torch.where(has, theta - self.lr * update, theta)
            for p, values in zip(group, theta.split([p.numel() for p in group])):
                p.data.copy_(values.view(p.shape))
