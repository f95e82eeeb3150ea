"""Draws all replacements at once, as the place where a uniform number falls in cumulative weights."""

import torch
from torch import Tensor


def _check(draft_tokens: Tensor, draft_probs: Tensor, target_probs: Tensor) -> None:
    if draft_tokens.ndim != 2 or draft_probs.ndim != 3 or target_probs.ndim != 3:
        raise ValueError("draft_tokens need two axes, the tables three")
    batch, count = draft_tokens.shape
    vocabulary = draft_probs.shape[2]
    if draft_probs.shape[:2] != (batch, count) or target_probs.shape != (batch, count + 1, vocabulary):
        raise ValueError("the shapes must be (B, K), (B, K, V) and (B, K + 1, V)")
    if ((draft_tokens < 0) | (draft_tokens >= vocabulary)).any():
        raise ValueError("draft tokens must be in the vocabulary")
    if (draft_probs.gather(2, draft_tokens[..., None]) == 0).any():
        raise ValueError("a draft token has the draft probability 0")


def _draw(weights: Tensor, generator: torch.Generator) -> Tensor:
    """One index for each row of weights, whose sums need not be 1; never one of weight 0."""
    edges = weights.double().cumsum(1)
    total = edges[:, -1:]
    falls = torch.rand(len(weights), 1, generator=generator, dtype=torch.float64) * total
    # The largest double below the total: rounding must not push a number past the last weight.
    falls = torch.minimum(falls, torch.nextafter(total, torch.zeros_like(total)))
    return torch.searchsorted(edges, falls, right=True).squeeze(1)


def speculative_step(
    draft_tokens: Tensor, draft_probs: Tensor, target_probs: Tensor, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Verify the proposals of each sequence, and add one token: (tokens, accepted)."""
    _check(draft_tokens, draft_probs, target_probs)
    batch, count = draft_tokens.shape
    rows = torch.arange(batch)

    chosen = draft_tokens[..., None]
    q = draft_probs.gather(2, chosen).squeeze(2).double()
    p = target_probs[:, :count].gather(2, chosen).squeeze(2).double()
    lots = torch.rand(batch, count, generator=generator, dtype=torch.float64)
    accepted = (lots * q < p).long().cumprod(1).sum(1)

    # Behind the last proposal the draft has nothing: the positive part of p - 0 is p, which is the bonus.
    p_last = target_probs[rows, accepted]
    q_last = torch.cat([draft_probs, torch.zeros_like(target_probs[:, :1])], dim=1)[rows, accepted]
    surplus = (p_last - q_last).clamp(min=0)
    weights = torch.where(surplus.any(1, keepdim=True), surplus, p_last)

    places = torch.arange(count + 1)
    tokens = torch.cat([draft_tokens, draft_tokens.new_full((batch, 1), -1)], dim=1)
    tokens = tokens.masked_fill(places > accepted[:, None], -1)
    tokens[rows, accepted] = _draw(weights, generator)
    return tokens, accepted
