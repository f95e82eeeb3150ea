"""Log-probabilities of answers and the DPO loss; the contract is in statement.en.md and statement.zh.md."""

from torch import Tensor


def sequence_logps(logits: Tensor, tokens: Tensor, mask: Tensor) -> Tensor:
    """Log-probability (B,) of the tokens that `mask` keeps, each predicted by the logits of the position before it.

    logits: (B, L, V), floating point; tokens: (B, L), int64; mask: (B, L), bool, True = belongs to the answer.
    The result has the dtype of `logits`, or float32 where that is bfloat16 or float16.
    """
    raise NotImplementedError


def dpo_loss(
    policy_chosen: Tensor,
    policy_rejected: Tensor,
    reference_chosen: Tensor,
    reference_rejected: Tensor,
    beta: float = 0.1,
    label_smoothing: float = 0.0,
) -> tuple[Tensor, Tensor, Tensor]:
    """(loss, chosen_rewards, rejected_rewards) from four tensors (B,) of log-probabilities.

    The loss has no axes and is differentiable in the policy's; the rewards, (B,), carry no gradient. ValueError for
    shapes that are not one (B,), an empty batch, and `beta` or `label_smoothing` out of range.
    """
    raise NotImplementedError
