"""A model and the `EarlyStopping` that watches it, of which one thing is asked at a time.

A model cannot be sent to the process that holds the submission, so it is made here. Nothing is judged here, and nothing
is known of the epochs to come.
"""

import io

import solution
import torch
from torch import nn


def make_model(rich):
    """A model with batch normalization; a `rich` one has all else that a module may hold, too."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)  # so that a mistake which keeps a new model's weights is always the same
        model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(3, 1))
        if rich:
            enrich(model, nn.Linear(3, 1, bias=False))
    for parameter in model.parameters():
        parameter.grad = torch.full_like(parameter, 0.5) if parameter.requires_grad else None
    return model


def enrich(model, head):
    """A frozen parameter, one that two layers share, other dtypes, a buffer outside the state dict, layers in both modes."""
    model.append(head)
    model[2].double()
    model[3].weight = model[2].weight
    model[0].weight.requires_grad_(False)
    model[1].eval()
    model.register_buffer("seen", torch.tensor(0))
    model.register_buffer("flags", torch.zeros(9, dtype=torch.bool))
    model.register_buffer("halves", torch.zeros(3, dtype=torch.float16))
    model.register_buffer("cache", torch.zeros(4), persistent=False)


class Stage:
    """A model, the parameters that an optimizer holds, and the stopper that watches them."""

    def __init__(self, arguments, rich=False):
        """`arguments`: keyword arguments of `EarlyStopping`; `rich`: see `make_model`."""
        self.arguments, self.rich = arguments, rich
        self.stopper = solution.EarlyStopping(**arguments)
        self.saved = {}
        self.another_model()

    def another_model(self):
        """Make a model anew and go on with it."""
        self.model = make_model(self.rich)
        self.held = dict(self.model.named_parameters())  # as an optimizer does: listed once, before any training

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
        """Copies of all parameters and buffers of the model's state dict, by name."""
        return {name: value.detach().clone() for name, value in self.model.state_dict().items()}

    def rest(self):
        """What else there is to a model: the gradients and `requires_grad` of parameters, and who is in training mode."""
        parameters = dict(self.model.named_parameters(remove_duplicate=False))
        return {
            "grad": {name: None if one.grad is None else one.grad.clone() for name, one in parameters.items()},
            "requires_grad": {name: one.requires_grad for name, one in parameters.items()},
            "training": [module.training for module in self.model.modules()],
        }

    def cache(self):
        """A copy of the buffer that is in no state dict."""
        return self.model.cache.clone()

    def step(self, metric):
        """What `step` returned. A metric in a tensor is set to zero afterwards, as loops do that sum up a loss."""
        self.stop = self.stopper.step(metric, self.model)
        if isinstance(metric, torch.Tensor):
            metric.detach().zero_()
        return self.stop

    def look(self):
        """The attributes `best` and `best_epoch`."""
        return self.stopper.best, self.stopper.best_epoch

    def types(self):
        """The names of their types, and of that of the last result of `step`."""
        types = [type(value) for value in (*self.look(), self.stop)]
        return [f"{one.__module__}.{one.__qualname__}".removeprefix("builtins.") for one in types]

    def epoch(self, metric):
        """What `step` returned, and the attributes `best` and `best_epoch` after it."""
        return self.step(metric), *self.look()

    def restore(self):
        """Let the stopper restore the model."""
        self.stopper.restore(self.model)

    def checkpoint(self, name=""):
        """Keep what `state_dict` returns."""
        self.saved[name] = self.stopper.state_dict()

    def load(self, name=""):
        """Let the stopper, used as it is, load the kept state itself."""
        self.stopper.load_state_dict(self.saved[name])

    def resume(self, name=""):
        """What a new process does: read the kept state from a file (in memory), and load it with a new stopper and model."""
        file = io.BytesIO()
        torch.save(self.saved[name], file)
        file.seek(0)
        self.stopper = solution.EarlyStopping(**self.arguments)
        self.another_model()
        self.stopper.load_state_dict(torch.load(file, weights_only=True))
