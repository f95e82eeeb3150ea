"""One round of speculative sampling (Leviathan et al. 2023, Chen et al. 2023): what is kept follows the target.

Shapes: B sequences, K proposals each, V tokens. p is the target, q the draft.
"""

import torch
from torch import Tensor, nn


def speculative_step(
    draft_tokens: Tensor, draft_probs: Tensor, target_probs: Tensor, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Verify the proposals of each sequence, and add one token: tokens (B, K + 1) and accepted (B,)."""
    _check(draft_tokens, draft_probs, target_probs)
    batch, proposals = draft_tokens.shape
    q = draft_probs.gather(2, draft_tokens[..., None]).squeeze(2)  # (B, K)
    p = target_probs.gather(2, draft_tokens[..., None]).squeeze(2)  # of the first K places
    kept = torch.rand(p.shape, generator=generator, dtype=torch.float64) * q < p
    accepted = kept.cumprod(dim=1).sum(dim=1)  # (B,): how many stand before the first refusal

    last = _last_token(accepted, draft_probs, target_probs, generator)
    places = torch.arange(proposals + 1)
    tokens = nn.functional.pad(draft_tokens, (0, 1)).masked_fill(places > accepted[:, None], -1)
    return tokens.scatter(1, accepted[:, None], last[:, None]), accepted


def _last_token(accepted: Tensor, draft_probs: Tensor, target_probs: Tensor, generator: torch.Generator) -> Tensor:
    """The replacement of the first refusal, or the bonus token: (B,)."""
    rows = torch.arange(len(accepted))
    wanted = target_probs[rows, accepted]  # (B, V)
    # Nothing was proposed in place K: what is missing there is all of p, which makes the bonus no special case.
    offered = nn.functional.pad(draft_probs, (0, 0, 0, 1))[rows, accepted]
    missing = (wanted - offered).clamp(min=0)
    weights = torch.where(missing.sum(dim=1, keepdim=True) > 0, missing, wanted)
    return torch.multinomial(weights, 1, generator=generator).squeeze(1)


def _check(draft_tokens: Tensor, draft_probs: Tensor, target_probs: Tensor) -> None:
    """Raise ValueError for what the statement lists."""
    if (draft_tokens.ndim, draft_probs.ndim) != (2, 3):
        raise ValueError("draft_tokens must be (B, K), draft_probs (B, K, V)")
    (batch, proposals), size = draft_tokens.shape, draft_probs.shape[2]
    if draft_probs.shape[:2] != (batch, proposals) or target_probs.shape != (batch, proposals + 1, size):
        raise ValueError(f"for tokens {(batch, proposals)}: {tuple(draft_probs.shape)}, {tuple(target_probs.shape)}")
    if (draft_tokens < 0).any() or (draft_tokens >= size).any():
        raise ValueError(f"draft tokens must be from 0 to {size - 1}")
    if (draft_probs.gather(2, draft_tokens[..., None]) == 0).any():
        raise ValueError("a draft token has the draft probability 0")
