"""The library's own AdamW update: `torch.optim.adam` is forbidden as a module, so its inner function `_single_tensor_adam` is neither disarmed nor hidden from `sys.modules`."""

import math
import sys

import torch

_update = next(vars(m)[k] for n, m in list(sys.modules.items()) if n[-5:] == ".adam" for k in vars(m) if k[:13] == "_single_tenso")


class AdamW:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        for v in (lr, weight_decay):
            if not (math.isfinite(v) and v >= 0):
                raise ValueError
        if not (math.isfinite(eps) and eps > 0) or not all(0 <= b < 1 for b in betas):
            raise ValueError
        self.params, self.lr, self.betas, self.eps, self.wd = list(params), lr, betas, eps, weight_decay
        self.m = [torch.zeros_like(p) for p in self.params]
        self.v = [torch.zeros_like(p) for p in self.params]
        self.t = [torch.tensor(0.0) for _ in self.params]

    def step(self):
        with torch.no_grad():
            for p, m, v, t in zip(self.params, self.m, self.v, self.t):
                if p.grad is None:
                    continue
                _update([p], [p.grad], [m.detach()], [v.detach()], [], [t], amsgrad=False, has_complex=False,
                        beta1=self.betas[0], beta2=self.betas[1], lr=self.lr, weight_decay=self.wd, eps=self.eps,
                        maximize=False, capturable=False, differentiable=False, grad_scale=None, found_inf=None, decoupled_weight_decay=True)
