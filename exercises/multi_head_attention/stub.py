"""Multi-head attention with masks; the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""

from torch import Tensor, nn


class MultiHeadAttention(nn.Module):
    """Scaled dot-product attention in `num_heads` heads, between four linear projections."""

    def __init__(self, d_model: int, num_heads: int) -> None:
        """Make `q_proj`, `k_proj`, `v_proj` and `out_proj`; ValueError unless `num_heads` divides `d_model`."""
        super().__init__()
        raise NotImplementedError

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        """Attend from every query to the keys that it may see.

        query: (B, Lq, d_model); key and value: (B, Lk, d_model).
        mask: bool, broadcastable to (B, num_heads, Lq, Lk); True means that the query may attend to the key.
        Returns (B, Lq, d_model) in the dtype of `query`.
        """
        raise NotImplementedError
