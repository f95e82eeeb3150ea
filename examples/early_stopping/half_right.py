"""One mistake: the snapshot is `model.state_dict()` itself, whose tensors go on being trained."""

import math


class EarlyStopping:
    def __init__(self, patience, min_delta=0.0, mode="min"):
        if mode not in {"min", "max"}:
            raise ValueError(f"unknown mode: {mode}")
        if patience < 1:
            raise ValueError("patience must be >= 1")
        if not math.isfinite(min_delta) or min_delta < 0:
            raise ValueError("min_delta must be finite and >= 0")
        self.patience, self.min_delta, self.mode = patience, min_delta, mode
        self.epoch = -1
        self.counter = 0
        self.best = None
        self.best_epoch = None
        self.best_weights = None

    def is_better(self, value):
        if math.isnan(value):
            return False
        reference = self.best
        if self.mode == "max":
            return value > (-math.inf if reference is None else reference + self.min_delta)
        return value < (math.inf if reference is None else reference - self.min_delta)

    def step(self, metric, model):
        value = float(metric)
        self.epoch += 1
        if self.is_better(value):
            self.best = value
            self.best_epoch = self.epoch
            self.best_weights = model.state_dict()
            self.counter = 0
        else:
            self.counter += 1
        return self.counter >= self.patience

    def restore(self, model):
        if self.best_weights is None:
            raise RuntimeError("nothing to restore yet")
        model.load_state_dict(self.best_weights)

    def state_dict(self):
        names = ("epoch", "counter", "best", "best_epoch", "best_weights")
        return {name: getattr(self, name) for name in names}

    def load_state_dict(self, state):
        for name, value in state.items():
            setattr(self, name, value)
