"""All in the order of one stable sort, rows side by side; tokens are drawn by inverting the cumulative distribution."""

import math

import torch
from torch import Tensor

SLACK = 1e-6


def next_token_probs(logits: Tensor, temperature: float = 1.0, top_k: int | None = None, top_p: float = 1.0) -> Tensor:
    if not (math.isfinite(temperature) and temperature >= 0):
        raise ValueError("temperature must be finite and not negative")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k must be at least 1")
    if not 0 < top_p <= 1:
        raise ValueError("top_p must be in (0, 1]")

    ranked, tokens = logits.sort(dim=-1, descending=True, stable=True)
    if temperature == 0:
        probs = torch.zeros_like(ranked, dtype=torch.float64)
        probs[:, 0] = 1
    else:
        ranked = ranked.double()
        probs = torch.exp((ranked - ranked[:, :1]) / temperature)
        if top_k is not None:
            probs[:, top_k:] = 0
        probs /= probs.sum(-1, keepdim=True)
        if top_p < 1:
            before = probs.cumsum(-1) - probs
            before[:, 0] = 0
            reached = before >= top_p - SLACK
            reached[:, 0] = False
            probs = probs.masked_fill(reached, 0)
            probs /= probs.sum(-1, keepdim=True)
    return torch.zeros_like(probs).scatter(-1, tokens, probs).to(logits.dtype)


def sample_tokens(
    logits: Tensor,
    generator: torch.Generator,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float = 1.0,
) -> Tensor:
    reach = next_token_probs(logits, temperature, top_k, top_p).double().cumsum(-1)
    reach = reach / reach[:, -1:]  # ends at 1 exactly, and what is drawn is below 1
    draws = torch.rand(len(logits), 1, dtype=torch.float64, generator=generator, device=generator.device)
    return torch.searchsorted(reach, draws.to(reach.device), right=True).squeeze(1)
