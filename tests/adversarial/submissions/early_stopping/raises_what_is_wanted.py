"""Raises RuntimeError or ValueError wherever one might be expected, and agrees with everything else."""


class EarlyStopping:
    best = property(lambda self: None)
    best_epoch = property(lambda self: None)

    def __init__(self, patience, min_delta=0.0, mode="min"):
        if not (patience >= 1 and 0 <= min_delta < 1e300 and mode in ("min", "max")):
            raise ValueError

    def step(self, metric, model):
        return metric != metric

    def restore(self, model):
        raise RuntimeError

    def state_dict(self):
        raise RuntimeError

    def load_state_dict(self, state):
        raise ValueError
