"""MoE router: the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""

from torch import Tensor


def moe_router(
    logits: Tensor, k: int, capacity: int | None = None, renormalize: bool = True
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """`(experts, weights, slots, balance_loss, z_loss)` for logits (T, E); the first three are (T, k).

    ValueError for logits of other shapes, a `k` outside 1 to E and a `capacity` below 1.
    """
    raise NotImplementedError
