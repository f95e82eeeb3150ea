"""The next token of a language model: temperature, top-k and top-p (Holtzman et al. 2020), and the draw."""

import math

import torch
from torch import Tensor

ROUNDING = 1e-6  # what a sum of probabilities may lack


def next_token_probs(logits: Tensor, temperature: float = 1.0, top_k: int | None = None, top_p: float = 1.0) -> Tensor:
    """Probabilities (B, V) of the next token, from `logits` (B, V): temperature, then top-k, then top-p."""
    _check(temperature, top_k, top_p)
    if temperature == 0:  # greedy: one token is left, and at any temperature it has probability 1
        temperature, top_k = 1.0, 1
    # Only a stable sort leaves equal logits in the order of their ids.
    ranked, order = logits.sort(dim=-1, descending=True, stable=True)  # (B, V)
    places = torch.arange(logits.shape[1])  # (V,)
    scaled = ranked / temperature
    if top_k is not None:
        scaled = scaled.masked_fill(places >= top_k, -math.inf)
    probs = scaled.softmax(dim=-1)
    if top_p < 1:
        before = probs.cumsum(dim=-1) - probs  # of the tokens ranked above
        reached = (before >= top_p - ROUNDING) & (places > 0)
        probs = probs.masked_fill(reached, 0.0)
        probs = probs / probs.sum(dim=-1, keepdim=True)
    return probs.gather(-1, order.argsort(dim=-1))  # from places back to tokens


def sample_tokens(
    logits: Tensor,
    generator: torch.Generator,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float = 1.0,
) -> Tensor:
    """Tokens (B,), int64: one for each row of `logits` (B, V), drawn with `next_token_probs`."""
    probs = next_token_probs(logits, temperature, top_k, top_p)
    return torch.multinomial(probs, 1, generator=generator).squeeze(-1)


def _check(temperature: float, top_k: int | None, top_p: float) -> None:
    if not 0 <= temperature < math.inf:
        raise ValueError(f"temperature must be finite and at least 0, not {temperature}")
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k must be at least 1, not {top_k}")
    if not 0 < top_p <= 1:
        raise ValueError(f"top_p must be greater than 0 and at most 1, not {top_p}")
