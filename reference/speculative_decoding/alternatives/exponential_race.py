"""All rows at once; a token is drawn as the winner of a race of exponential waiting times, so nothing is normalized."""

import torch
from torch import Tensor


def speculative_step(
    draft_tokens: Tensor, draft_probs: Tensor, target_probs: Tensor, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Verify the proposals of each sequence, and add one token: (tokens, accepted)."""
    proposed = _checked_probability(draft_tokens, draft_probs, target_probs)
    rows, length = draft_tokens.shape
    wanted = target_probs[:, :length].gather(2, draft_tokens[..., None])[..., 0].double()
    kept = torch.rand(rows, length, dtype=torch.float64, generator=generator) < wanted / proposed
    accepted = kept.long().cumprod(1).sum(1)

    row = torch.arange(rows)
    target = target_probs[row, accepted].double()
    weights = target.clone()
    refused = (accepted < length).nonzero()[:, 0]
    weights[refused] -= draft_probs[refused, accepted[refused]].double()
    weights = weights.clamp(min=0)
    weights = torch.where(weights.any(1, keepdim=True), weights, target)

    place = torch.arange(length + 1)
    tokens = torch.nn.functional.pad(draft_tokens, (0, 1))
    tokens = tokens.masked_fill(place > accepted[:, None], -1)
    tokens[row, accepted] = _race(weights, generator)
    return tokens, accepted


def _checked_probability(draft_tokens: Tensor, draft_probs: Tensor, target_probs: Tensor) -> Tensor:
    """The draft's probability of each of its proposals, (B, K)."""
    if draft_tokens.ndim != 2 or draft_probs.ndim != 3 or target_probs.ndim != 3:
        raise ValueError("the tensors need 2, 3 and 3 dimensions")
    rows, length = draft_tokens.shape
    vocabulary = draft_probs.shape[2]
    if draft_probs.shape[:2] != (rows, length) or target_probs.shape != (rows, length + 1, vocabulary):
        raise ValueError("the shapes do not fit together")
    if ((draft_tokens < 0) | (draft_tokens >= vocabulary)).any():
        raise ValueError("a draft token is outside of the vocabulary")
    proposed = draft_probs.gather(2, draft_tokens[..., None])[..., 0]
    if (proposed == 0).any():
        raise ValueError("a draft token has probability 0")
    return proposed.double()


def _race(weights: Tensor, generator: torch.Generator) -> Tensor:
    """One index per row, drawn in proportion to the weights: the first arrival of Poisson processes."""
    uniform = torch.rand(weights.shape, dtype=torch.float64, generator=generator)
    arrival = -torch.log1p(-uniform) / weights
    return arrival.masked_fill(weights == 0, torch.inf).argmin(1)
