"""Learning rate with warm-up and cosine decay: see statement.en.md (English) and statement.zh.md (Chinese)."""


def cosine_warmup(step: int, max_lr: float, warmup_steps: int, total_steps: int, min_lr: float = 0.0) -> float:
    """The learning rate of step `step`, counted from 0: up to `max_lr` in a line, down to `min_lr` along half a cosine.

    ValueError for numbers of steps and rates out of range; the statement lists them.
    """
    raise NotImplementedError
