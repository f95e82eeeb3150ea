"""Sampling the next token: the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""

import torch
from torch import Tensor


def next_token_probs(logits: Tensor, temperature: float = 1.0, top_k: int | None = None, top_p: float = 1.0) -> Tensor:
    """Probabilities (B, V) of the next token, from `logits` (B, V): temperature, then top-k, then top-p."""
    raise NotImplementedError


def sample_tokens(
    logits: Tensor,
    generator: torch.Generator,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float = 1.0,
) -> Tensor:
    """Tokens (B,), int64: one for each row of `logits` (B, V), drawn with `next_token_probs`."""
    raise NotImplementedError
