"""Group advantages and the GRPO loss; the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""

from torch import Tensor


def group_advantages(rewards: Tensor) -> Tensor:
    """Rewards (P, G) less the mean of their group, over its standard deviation (divisor G); 0 where all are equal.

    ValueError unless `rewards` has two axes of length 1 or more.
    """
    raise NotImplementedError


def grpo_loss(
    logps: Tensor,
    old_logps: Tensor | None,
    ref_logps: Tensor | None,
    advantages: Tensor,
    mask: Tensor,
    clip_low: float = 0.2,
    clip_high: float = 0.2,
    beta: float = 0.04,
) -> tuple[Tensor, Tensor, Tensor]:
    """(loss, kl, clip_fraction), tensors without axes.

    logps, old_logps, ref_logps: (B, L); advantages: (B,); mask: (B, L), bool, True = token of the answer. The loss is
    differentiable in `logps` only. ValueError for shapes and factors that the statement rules out.
    """
    raise NotImplementedError
