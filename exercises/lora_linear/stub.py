"""LoRA linear layer: the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""

from torch import Tensor, nn


class LoRALinear(nn.Module):
    """A frozen linear layer plus a trained low-rank product: weight x + bias + alpha / rank * lora_B lora_A x."""

    def __init__(self, in_features: int, out_features: int, rank: int, alpha: float, bias: bool = True) -> None:
        """Make `weight`, `bias`, `lora_A` and `lora_B`; ValueError for a size below 1 or an unsound `alpha`."""
        super().__init__()
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        """(…, in_features) -> (…, out_features); ValueError unless the last axis has length `in_features`."""
        raise NotImplementedError

    def merge(self) -> None:
        """Add the scaled product to `weight`, once; from then on `forward` uses `weight` and `bias` alone."""
        raise NotImplementedError

    def unmerge(self) -> None:
        """Take it away again; nothing happens on a layer that is not merged."""
        raise NotImplementedError
