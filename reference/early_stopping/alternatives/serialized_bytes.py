"""Keeps the snapshot as the bytes of a saved file, in a tensor of uint8, which any state can hold."""

import io
import math

import torch


class EarlyStopping:
    """Stops after `patience` epochs in a row without an improvement of more than `min_delta`.

    Attributes: `best`, the best metric so far (float, or None), and `best_epoch`, its epoch (int, or None).
    """

    def __init__(self, patience, min_delta=0.0, mode="min"):
        """`mode` is "min" when smaller metrics are better and "max" when larger ones are; bad arguments: ValueError."""
        if patience < 1:
            raise ValueError("patience must be at least 1")
        if not 0 <= min_delta < math.inf:
            raise ValueError("min_delta must be finite and at least 0")
        if mode not in ("min", "max"):
            raise ValueError('mode must be "min" or "max"')
        self._patience, self._min_delta, self._mode = patience, min_delta, mode
        self.best = self.best_epoch = self._file = None
        self._epochs = 0
        self._since = 0  # the first epoch of the present run of steps without an improvement

    def _improves(self, value):
        if self._mode == "min":
            return value < (math.inf if self.best is None else self.best) - self._min_delta
        return value > (-math.inf if self.best is None else self.best) + self._min_delta

    def step(self, metric, model):
        """Take in the metric of one finished epoch; True when training should stop."""
        value = float(metric.detach() if isinstance(metric, torch.Tensor) else metric)
        epoch = self._epochs
        self._epochs += 1
        if self._improves(value):
            self.best, self.best_epoch, self._since = value, epoch, epoch + 1
            file = io.BytesIO()
            torch.save(dict(model.state_dict()), file)
            self._file = torch.frombuffer(file.getbuffer(), dtype=torch.uint8).clone()
        return self._epochs - self._since >= self._patience

    def restore(self, model):
        """Put the weights and buffers of the best epoch back into `model`, in place; RuntimeError if there are none."""
        if self._file is None:
            raise RuntimeError("there has been no improvement yet")
        model.load_state_dict(torch.load(io.BytesIO(self._file.numpy().tobytes()), weights_only=True))

    def state_dict(self):
        """All that a resumed run needs, as plain data and tensors."""
        return {
            "best": self.best,
            "best_epoch": self.best_epoch,
            "epochs": self._epochs,
            "since": self._since,
            "file": None if self._file is None else self._file.clone(),
        }

    def load_state_dict(self, state):
        """Go on from what `state_dict` returned."""
        self.best, self.best_epoch = state["best"], state["best_epoch"]
        self._epochs, self._since = state["epochs"], state["since"]
        self._file = None if state["file"] is None else state["file"].clone()
