"""Models, losses and a generator for `dp_sgd_step`, which cannot be sent to the process that holds the submission.

Nothing is judged here, and nothing is known of the samples to come.
"""

import solution
import torch
from torch import nn
from torch.nn import functional


class Tagger(nn.Module):
    """Logits (B, V) for tokens (B, L). Two layers share a table, `scale` is frozen, and `spare` is used by nothing."""

    def __init__(self, n_tokens, width, n_spare):
        super().__init__()
        self.embed = nn.Embedding(n_tokens, width)
        self.head = nn.Linear(width, n_tokens)
        self.head.weight = self.embed.weight  # one parameter with two names
        self.mix = nn.Linear(width, width)
        self.scale = nn.Parameter(torch.ones(()), requires_grad=False)
        self.spare = nn.Parameter(torch.zeros(n_spare))

    def forward(self, tokens):
        return self.scale * self.head(torch.tanh(self.mix(self.embed(tokens).mean(dim=1))))


def half_square(outputs, labels):
    """Half the squared distance, averaged over the batch."""
    return (outputs - labels).square().sum(dim=1).mean() / 2


class Stage:
    """One model, its loss and a generator."""

    def __init__(self, weights, seed=0, training=True):
        """`weights`: all parameters by name, of a linear layer or of a `Tagger`."""
        if "weight" in weights:
            self.model, self.loss_fn = nn.Linear(*reversed(weights["weight"].shape)), half_square
        else:
            sizes = (*weights["embed.weight"].shape, *weights["spare"].shape)
            self.model, self.loss_fn = Tagger(*sizes), functional.cross_entropy
            weights = weights | {"head.weight": weights["embed.weight"]}
        self.model.to(weights["mix.bias" if "mix.bias" in weights else "bias"].dtype)
        self.model.load_state_dict(weights)
        self.model.train(training)
        self.held = dict(self.model.named_parameters())  # as an optimizer or an average of the weights holds them
        self.generator = torch.Generator().manual_seed(seed)

    def step(self, inputs, labels, lr, max_grad_norm, noise_multiplier, expected_batch_size):
        """What `dp_sgd_step` returned."""
        return solution.dp_sgd_step(
            self.model,
            self.loss_fn,
            inputs,
            labels,
            lr=lr,
            max_grad_norm=max_grad_norm,
            noise_multiplier=noise_multiplier,
            expected_batch_size=expected_batch_size,
            generator=self.generator,
        )

    def weights(self):
        """Copies of all parameters, by name."""
        return {name: value.detach().clone() for name, value in self.held.items()}

    def fill_gradients(self, number):
        """Leave gradients behind, as other code may have done; not for parameters whose name has "mix" in it."""
        for name, parameter in self.held.items():
            if parameter.requires_grad and "mix" not in name:
                parameter.grad = torch.full_like(parameter, number)

    def gradients(self):
        """The mean of `.grad` by name, None where there is none."""
        return {name: None if one.grad is None else float(one.grad.mean()) for name, one in self.held.items()}

    def modes(self):
        """Who is in training mode, and who requires gradients."""
        return [one.training for one in self.model.modules()], [one.requires_grad for one in self.held.values()]
