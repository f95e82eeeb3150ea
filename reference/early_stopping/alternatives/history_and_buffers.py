"""Remembers the epoch of the last improvement instead of a counter, and reuses one set of tensors for the snapshot."""

import math
import operator

import torch


class EarlyStopping:
    def __init__(self, patience, min_delta=0.0, mode="min"):
        if patience < 1 or mode not in ("min", "max") or not math.isfinite(min_delta) or min_delta < 0:
            raise ValueError("bad argument")
        self.patience = patience
        self._better = operator.lt if mode == "min" else operator.gt
        self._margin = -min_delta if mode == "min" else min_delta
        self._best = math.inf if mode == "min" else -math.inf
        self._last = -1  # epoch of the latest improvement; -1 stands for the moment before the first epoch
        self._count = 0
        self._names, self._tensors = [], []

    @property
    def best(self):
        return None if self._last < 0 else self._best

    @property
    def best_epoch(self):
        return None if self._last < 0 else self._last

    def step(self, metric, model):
        value = metric.item() if isinstance(metric, torch.Tensor) else float(metric)
        if self._better(value, self._best + self._margin):
            self._best = float(value)
            self._last = self._count
            self._take(model)
        self._count += 1
        return self._count - 1 - self._last >= self.patience

    def _take(self, model):
        live = dict(model.named_parameters()) | dict(model.named_buffers())
        with torch.no_grad():
            if not self._names:
                self._names = list(live)
                self._tensors = [torch.empty_like(live[name], requires_grad=False) for name in self._names]
            for name, kept in zip(self._names, self._tensors):
                kept.copy_(live[name])

    def restore(self, model):
        if self._last < 0:
            raise RuntimeError("no improvement yet")
        live = dict(model.named_parameters()) | dict(model.named_buffers())
        for name, kept in zip(self._names, self._tensors):
            live[name].data.copy_(kept)

    def state_dict(self):
        return {
            "numbers": (self._best, self._last, self._count),
            "names": list(self._names),
            "tensors": [tensor.clone() for tensor in self._tensors],
        }

    def load_state_dict(self, state):
        self._best, self._last, self._count = state["numbers"]
        self._names = list(state["names"])
        self._tensors = [tensor.clone() for tensor in state["tensors"]]
