"""
title:
  en: a stopper whose first metric becomes the best whatever it is, NaN and infinity included
  zh: 第一个指标无论是什么（包括 NaN 和无穷大）都成为最佳值的实现
advice:
  en: >-
    Once NaN is the best, no later metric can beat it, because every comparison with NaN is false. Let the first
    metric pass the same test as all others, against an infinitely bad best.
  zh: NaN 一旦成为最佳值，就再也没有指标能超过它。应让第一个指标也接受同样的检验，与无穷差的最佳值相比。
task: nonfinite
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
            # state_dict() shares memory with the model, so every tensor is copied
            self.snapshot = {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}
        else:
            self.waited += 1
        self.epochs += 1
        return self.waited >= self.patience

    def _improves(self, metric):
        """Is `metric` better than the best so far by more than `min_delta`? Never for NaN."""
        if self.best is None:
            return True
        if self.mode == "min":
            best = self.best
            return metric < best - self.min_delta
        best = self.best
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
