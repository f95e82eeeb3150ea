"""The operator that does the work of `torch.nn.functional.linear_cross_entropy` (`torch_nn::_linear_cross_entropy_batch_chunked`), which the manifest does not name."""

import torch
from torch.nn.modules.linear_cross_entropy import _linear_cross_entropy_batch_chunked as own


def chunked_cross_entropy(hidden, weight, labels, chunk_size=1024, ignore_index=-100):
    if hidden.dim() != 2 or weight.dim() != 2 or hidden.shape[1] != weight.shape[1] or labels.shape != hidden.shape[:1]:
        raise ValueError
    if chunk_size < 1:
        raise ValueError
    if not (labels != ignore_index).any():
        return (hidden.sum() + weight.sum()) * 0
    grad = torch.is_grad_enabled()
    return own(
        hidden, weight, labels, None, None, "mean", ignore_index, 0.0, chunk_size, "accurate", hidden.dtype, False,
        hidden.requires_grad and grad, weight.requires_grad and grad, False,
    )[0]
