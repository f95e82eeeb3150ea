"""
title:
  en: a stopper whose snapshot shares memory with the model, so that restore brings back the latest weights
  zh: 快照与模型共用内存，因而恢复出来的是最新权重的实现
advice:
  en: >-
    `model.state_dict()`, and a shallow copy of it, refer to the live tensors. Clone every tensor, or use
    `copy.deepcopy`.
  zh: "`model.state_dict()` 以及它的浅拷贝引用的都是正在训练的张量。应对每个张量 `clone()`，或使用 `copy.deepcopy`。"
task: restore
"""

import math


class EarlyStopping:
    """Stops after `patience` epochs in a row without an improvement of more than `min_delta`."""

    def __init__(self, patience, min_delta=0.0, mode="min"):
        if patience < 1:
            raise ValueError(f"patience must be at least 1, got {patience}")
        if not 0 <= min_delta < math.inf:  # NaN fails every comparison, so it is refused here too
            raise ValueError(f"min_delta must be finite and not negative, got {min_delta}")
        if mode not in ("min", "max"):
            raise ValueError(f"mode must be 'min' or 'max', got {mode!r}")
        self.patience = patience
        self.min_delta = min_delta
        self.mode = mode
        self.best = None  # metric of the latest improvement
        self.best_epoch = None
        self.epochs = 0  # calls of step so far
        self.waited = 0  # steps in a row without an improvement
        self.snapshot = None  # the model's parameters and buffers at the latest improvement

    def step(self, metric, model):
        """Take in the metric of one finished epoch; True when training should stop."""
        metric = float(metric)  # a tensor would keep its graph alive
        if self._improves(metric):
            self.best, self.best_epoch, self.waited = metric, self.epochs, 0
            self.snapshot = dict(model.state_dict())
        else:
            self.waited += 1
        self.epochs += 1
        return self.waited >= self.patience

    def _improves(self, metric):
        """Is `metric` better than the best so far by more than `min_delta`? Never for NaN."""
        if self.mode == "min":
            best = math.inf if self.best is None else self.best
            return metric < best - self.min_delta
        best = -math.inf if self.best is None else self.best
        return metric > best + self.min_delta

    def restore(self, model):
        """Write the best epoch's parameters and buffers into `model`, in place."""
        if self.snapshot is None:
            raise RuntimeError("there is nothing to restore: no step has been an improvement")
        model.load_state_dict(self.snapshot)  # copies the values, so the snapshot stays our own

    def state_dict(self):
        """All that changes from step to step; a snapshot is replaced and never changed, so it need not be copied."""
        return {
            "best": self.best,
            "best_epoch": self.best_epoch,
            "epochs": self.epochs,
            "waited": self.waited,
            "snapshot": self.snapshot,
        }

    def load_state_dict(self, state):
        """Go on from what `state_dict` returned."""
        self.best = state["best"]
        self.best_epoch = state["best_epoch"]
        self.epochs = state["epochs"]
        self.waited = state["waited"]
        self.snapshot = state["snapshot"]
