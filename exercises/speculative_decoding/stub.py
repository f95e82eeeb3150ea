"""One round of speculative sampling: the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""

import torch
from torch import Tensor


def speculative_step(
    draft_tokens: Tensor, draft_probs: Tensor, target_probs: Tensor, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Verify the proposals of each sequence, and add one token: (tokens, accepted).

    draft_tokens: int64, (B, K), drawn from draft_probs, (B, K, V). target_probs: (B, K + 1, V). `tokens`: int64,
    (B, K + 1), the accepted proposals, a replacement or bonus token, then -1; `accepted`: int64, (B,). ValueError for
    shapes that do not fit, tokens outside of the vocabulary, and tokens whose draft probability is 0.
    """
    raise NotImplementedError
