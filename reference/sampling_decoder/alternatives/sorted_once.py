"""One stable sort of all rows, everything in ranked order in float64; draws invert the cumulative probabilities."""

import math

import torch
from torch import Tensor

SLACK = 1e-6


def next_token_probs(logits: Tensor, temperature: float = 1.0, top_k: int | None = None, top_p: float = 1.0) -> Tensor:
    """Probabilities (B, V) of the next token."""
    ranked, ids = _ranked(logits, temperature, top_k, top_p)
    return torch.zeros_like(logits, dtype=torch.float64).scatter(1, ids, ranked).to(logits.dtype)


def sample_tokens(
    logits: Tensor,
    generator: torch.Generator,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float = 1.0,
) -> Tensor:
    """Tokens (B,), int64."""
    ranked, ids = _ranked(logits, temperature, top_k, top_p)
    cumulative = ranked.cumsum(dim=1)
    draws = torch.rand(len(logits), 1, generator=generator, dtype=torch.float64)
    ranks = torch.searchsorted(cumulative, draws * cumulative[:, -1:], right=True)
    last = (ranked > 0).sum(dim=1, keepdim=True) - 1
    return ids.gather(1, torch.minimum(ranks, last)).squeeze(1)


def _ranked(logits: Tensor, temperature: float, top_k: int | None, top_p: float) -> tuple[Tensor, Tensor]:
    """(probabilities, ids), both (B, V), best token first."""
    if not 0 <= temperature < math.inf:
        raise ValueError("temperature must be finite and at least 0")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k must be at least 1")
    if not 0 < top_p <= 1:
        raise ValueError("top_p must be in (0, 1]")

    scores, ids = logits.double().sort(dim=1, descending=True, stable=True)
    if temperature == 0:
        probs = torch.zeros_like(scores)
        probs[:, 0] = 1
        return probs, ids
    probs = ((scores - scores[:, :1]) / temperature).softmax(dim=1)
    if top_k is not None:
        probs[:, top_k:] = 0
        probs /= probs.sum(dim=1, keepdim=True)
    if top_p < 1:
        before = probs.cumsum(dim=1) - probs
        reached = before >= top_p - SLACK
        reached[:, 0] = False
        probs[reached] = 0
        probs /= probs.sum(dim=1, keepdim=True)
    return probs, ids
