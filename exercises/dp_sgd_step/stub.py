"""One step of DP-SGD: the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""


def dp_sgd_step(model, loss_fn, inputs, labels, *, lr, max_grad_norm, noise_multiplier, expected_batch_size, generator):
    """Change the trainable parameters of `model` in place by one differentially private step; returns None.

    Raises ValueError for bad arguments.
    """
    raise NotImplementedError
