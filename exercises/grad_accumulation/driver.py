"""A small model, its optimizer, and the `GradAccumulator` between them, which get one micro-batch at a time.

Neither can be sent to the process that holds the submission, so they are made here. Nothing is judged here, and nothing
is known of the micro-batches to come.
"""

import gc
import weakref

import solution
import torch
from torch import nn


class Momentum:
    """SGD with momentum and weight decay, used like an optimizer of torch.optim; those take a second to start."""

    def __init__(self, params):
        self.param_groups = [{"params": list(params), "lr": 0.5, "momentum": 0.9, "weight_decay": 0.1}]
        self.state = {}
        self.steps = 0

    def zero_grad(self, set_to_none=True):
        for p in self.param_groups[0]["params"]:
            if set_to_none:
                p.grad = None
            elif p.grad is not None:
                p.grad.zero_()

    @torch.no_grad()
    def step(self):
        self.steps += 1
        group = self.param_groups[0]
        for p in group["params"]:
            if p.grad is not None:
                moved = p.grad + group["weight_decay"] * p
                if p in self.state:
                    moved = moved + group["momentum"] * self.state[p]
                self.state[p] = moved
                p.sub_(group["lr"] * moved)


class Saved:
    """A tensor that a graph keeps for backward; it lives as long as the graph keeps it."""

    def __init__(self, tensor):
        self.tensor = tensor


class Traced(torch.autograd.Function):
    """The same logits in memory of their own, which lives as long as a tensor uses it, detached or not."""

    @staticmethod
    def forward(ctx, logits, traces):
        memory = logits.detach().numpy().copy()
        traces.append(weakref.ref(memory))
        return torch.from_numpy(memory)

    @staticmethod
    def backward(ctx, gradient):
        return gradient, None


class Tagger(nn.Module):
    """Logits for every token by itself. `rare` is used where token 0 occurs, and `scale` does not require gradients."""

    def __init__(self, n_tokens, width):
        super().__init__()
        self.embed = nn.Embedding(n_tokens, width)
        self.head = nn.Linear(width, n_tokens, bias=False)
        self.head.weight = self.embed.weight  # one parameter with two names
        self.mix = nn.Linear(width, width)
        self.rare = nn.Linear(width, width, bias=False)
        self.scale = nn.Parameter(torch.ones(()), requires_grad=False)
        self.calls = 0
        self.traces = []  # weak references to the logits, their memory, and what the graph keeps for backward

    def forward(self, inputs):
        self.calls += 1
        with torch.autograd.graph.saved_tensors_hooks(self._keep, lambda saved: saved.tensor):
            logits = Traced.apply(self._logits(inputs), self.traces)
        self.traces.append(weakref.ref(logits))
        return logits

    def _logits(self, inputs):
        hidden = torch.tanh(self.mix(self.embed(inputs)))
        zero = inputs == 0
        if zero.any():
            hidden = hidden + zero.unsqueeze(-1) * self.rare(hidden)
        return self.scale * self.head(hidden)

    def _keep(self, tensor):
        saved = Saved(tensor)
        self.traces.append(weakref.ref(saved))
        return saved


class Stage:
    """One accumulator at work."""

    def __init__(self, weights, held=None, training=True):
        """`weights`: all parameters, by name; `held`: names of the parameters that the optimizer gets, all if None."""
        self.model = Tagger(*weights["embed.weight"].shape).to(weights["embed.weight"].dtype)
        self.model.load_state_dict(weights | {"head.weight": weights["embed.weight"]})
        self.model.train(training)
        params = [p for name, p in self.model.named_parameters() if held is None or name in held]
        self.optimizer = Momentum(params)
        self.accumulator = solution.GradAccumulator(self.model, self.optimizer)

    def add(self, inputs, labels):
        """What `add` returned."""
        return self.accumulator.add(inputs, labels)

    def step(self):
        """What `step` returned."""
        return self.accumulator.step()

    def optimizer_steps(self):
        """How often the optimizer made a step."""
        return self.optimizer.steps

    def weights(self):
        """Copies of all parameters, by name."""
        return {name: value.detach().clone() for name, value in self.model.named_parameters()}

    def with_gradient(self):
        """The names of the parameters that have a gradient at present."""
        return [name for name, parameter in self.model.named_parameters() if parameter.grad is not None]

    def fill_gradients(self, number):
        """Leave gradients behind, as other code may have done."""
        for parameter in self.model.parameters():
            if parameter.requires_grad:
                parameter.grad = torch.full_like(parameter, number)

    def calls(self):
        """How often the model was called, and how much of what it made for that is still held by something."""
        traces = self.model.traces
        if any(trace() is not None for trace in traces):
            gc.collect()  # they may hang in a cycle
        return self.model.calls, sum(trace() is not None for trace in traces)

    def modes(self):
        """Who is in training mode, and who requires gradients."""
        return [one.training for one in self.model.modules()], [p.requires_grad for p in self.model.parameters()]
