"""Early stopping: watch a validation metric, say when to stop, keep the weights of the best epoch."""


class EarlyStopping:
    """Stops after `patience` epochs in a row without an improvement of more than `min_delta`.

    Attributes: `best`, the best metric so far (float, or None), and `best_epoch`, its epoch (int, or None).
    """

    def __init__(self, patience, min_delta=0.0, mode="min"):
        """`mode` is "min" when smaller metrics are better and "max" when larger ones are; bad arguments: ValueError."""
        raise NotImplementedError

    def step(self, metric, model):
        """Take in the metric of one finished epoch; True when training should stop."""
        raise NotImplementedError

    def restore(self, model):
        """Put the weights and buffers of the best epoch back into `model`, in place; RuntimeError if there are none."""
        raise NotImplementedError

    def state_dict(self):
        """All that a resumed run needs, as plain data and tensors."""
        raise NotImplementedError

    def load_state_dict(self, state):
        """Go on from what `state_dict` returned."""
        raise NotImplementedError
