"""A model and the `EarlyStopping` that watches it, of which one thing is asked at a time.

A model cannot be sent to the process that holds the submission, so it is made here. Nothing is judged here, and nothing
is known of the epochs to come.
"""

import io

import solution
import torch
from torch import nn


class Stage:
    """A model with batch normalisation, the parameters that an optimizer holds, and the stopper that watches them."""

    def __init__(self, arguments, sizes):
        """`arguments`: keyword arguments of `EarlyStopping`; `sizes`: inputs, hidden units and outputs of the model."""
        inputs, hidden, outputs = sizes
        self.model = nn.Sequential(nn.Linear(inputs, hidden), nn.BatchNorm1d(hidden), nn.Linear(hidden, outputs))
        self.held = dict(self.model.named_parameters())  # as an optimizer does: listed once, before any training
        self.arguments = arguments
        self.stopper = solution.EarlyStopping(**arguments)
        self.saved = None

    def set(self, tensors):
        """Overwrite the named parameters and buffers in place, as training would."""
        own = self.model.state_dict()
        with torch.no_grad():
            for name, value in tensors.items():
                own[name].copy_(value)

    def descend(self, gradients):
        """What a step of SGD with learning rate 1 does to the parameters that it holds."""
        with torch.no_grad():
            for name, parameter in self.held.items():
                parameter.sub_(gradients[name])

    def weights(self):
        """Copies of all parameters and buffers of the model, by name."""
        return {name: value.detach().clone() for name, value in self.model.state_dict().items()}

    def step(self, metric):
        """What `step` returned."""
        return self.stopper.step(metric, self.model)

    def look(self):
        """The attributes `best` and `best_epoch`."""
        return self.stopper.best, self.stopper.best_epoch

    def epoch(self, metric):
        """What `step` returned, and the attributes `best` and `best_epoch` after it."""
        return self.step(metric), self.stopper.best, self.stopper.best_epoch

    def restore(self):
        """Let the stopper restore the model."""
        self.stopper.restore(self.model)

    def checkpoint(self):
        """Keep what `state_dict` returns."""
        self.saved = self.stopper.state_dict()

    def resume(self):
        """Write the kept state to a file in memory, read it back, and go on with a new stopper that loads it."""
        file = io.BytesIO()
        torch.save(self.saved, file)
        file.seek(0)
        self.stopper = solution.EarlyStopping(**self.arguments)
        self.stopper.load_state_dict(torch.load(file, weights_only=True))
