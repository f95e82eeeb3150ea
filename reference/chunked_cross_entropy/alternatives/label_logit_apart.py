"""The logit of each label comes from its own row of the weight, so that chunks of logits serve the log-sum-exp alone."""

import torch
from torch import Tensor


class _MeanNegativeLogLikelihood(torch.autograd.Function):
    """Mean over all rows of log-sum-exp minus the label's logit; backward makes the chunks of logits once more."""

    @staticmethod
    def forward(ctx, hidden: Tensor, weight: Tensor, labels: Tensor, chunk_size: int) -> Tensor:
        log_sums = torch.cat([(rows @ weight.T).logsumexp(1) for rows in hidden.split(chunk_size)])
        of_labels = (hidden * weight[labels]).sum(1)
        ctx.save_for_backward(hidden, weight, labels, log_sums)
        ctx.chunk_size = chunk_size
        return (log_sums - of_labels).mean()

    @staticmethod
    def backward(ctx, upstream: Tensor):
        hidden, weight, labels, log_sums = ctx.saved_tensors
        scale = upstream / len(labels)
        for_hidden, for_weight = ctx.needs_input_grad[:2]
        of_hidden = -weight[labels] if for_hidden else None
        of_weight = torch.zeros_like(weight).index_add_(0, labels, hidden, alpha=-1) if for_weight else None
        for start in range(0, len(labels), ctx.chunk_size):
            part = slice(start, start + ctx.chunk_size)
            shares = (hidden[part] @ weight.T).sub_(log_sums[part, None]).exp_()
            if for_hidden:
                of_hidden[part] += shares @ weight
            if for_weight:
                of_weight += shares.T @ hidden[part]
        return (
            of_hidden * scale if for_hidden else None,
            of_weight * scale if for_weight else None,
            None,
            None,
        )


def chunked_cross_entropy(
    hidden: Tensor, weight: Tensor, labels: Tensor, chunk_size: int = 1024, ignore_index: int = -100
) -> Tensor:
    """Mean cross-entropy () of `labels` (N,) under the logits of `hidden` (N, D) times `weight` (V, D) transposed."""
    if hidden.ndim != 2 or weight.ndim != 2 or hidden.shape[1] != weight.shape[1]:
        raise ValueError("hidden and weight need two axes, the last of one length")
    if labels.shape != hidden.shape[:1]:
        raise ValueError("labels need one entry for each row of hidden")
    if chunk_size < 1:
        raise ValueError("chunk_size must be at least 1")
    counts = (labels != ignore_index).nonzero().squeeze(1)
    if not len(counts):
        return (hidden[:0].sum() + weight[:0].sum()) * 0
    return _MeanNegativeLogLikelihood.apply(hidden[counts], weight, labels[counts], chunk_size)
