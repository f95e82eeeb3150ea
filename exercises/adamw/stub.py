"""AdamW: the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""

import torch


class AdamW:
    """Adam with decoupled weight decay. The attribute `lr` may be read and set between steps."""

    def __init__(
        self,
        params: list[torch.nn.Parameter],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
    ) -> None:
        """Keep the parameters and start their averages at zero; ValueError for options out of range."""
        raise NotImplementedError

    def step(self) -> None:
        """Update in place each parameter whose `.grad` is not None."""
        raise NotImplementedError
