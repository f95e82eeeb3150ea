"""Early stopping around one number: the bar that the next metric has to clear."""

import math


class EarlyStopping:
    def __init__(self, patience, min_delta=0.0, mode="min"):
        if patience < 1:
            raise ValueError("patience counts epochs, so it is 1 or more")
        if math.isnan(min_delta) or not 0 <= min_delta < math.inf:
            raise ValueError("min_delta is a finite margin of 0 or more")
        if mode not in ("min", "max"):
            raise ValueError("mode is 'min' or 'max'")
        self.patience = patience
        self.margin = min_delta
        self.larger_is_better = mode == "max"
        # All that changes, in one place: saving and loading need not list it again.
        self.run = {
            "epoch": 0,
            "streak": 0,
            "best": None,
            "best_epoch": None,
            "bar": -math.inf if self.larger_is_better else math.inf,
            "weights": None,
        }

    @property
    def best(self):
        return self.run["best"]

    @property
    def best_epoch(self):
        return self.run["best_epoch"]

    def step(self, metric, model):
        value, run = float(metric), self.run
        # Both comparisons are false for NaN.
        cleared = value > run["bar"] if self.larger_is_better else value < run["bar"]
        if cleared:
            run["best"], run["best_epoch"] = value, run["epoch"]
            run["bar"] = value + self.margin if self.larger_is_better else value - self.margin
            run["weights"] = {key: tensor.clone() for key, tensor in model.state_dict().items()}
        run["streak"] = 0 if cleared else run["streak"] + 1
        run["epoch"] += 1
        return run["streak"] >= self.patience

    def restore(self, model):
        if self.run["weights"] is None:
            raise RuntimeError("no epoch was an improvement, so there are no weights to restore")
        model.load_state_dict(self.run["weights"])

    def state_dict(self):
        # A shallow copy will do: a snapshot is replaced as a whole and never written to.
        return dict(self.run)

    def load_state_dict(self, state):
        self.run = dict(state)
