"""Each chunk under torch.utils.checkpoint, which makes the logits again when backward comes to them."""

import torch
import torch.nn.functional as F
from torch.utils.checkpoint import checkpoint


def loss_of_chunk(hidden, weight, labels, ignore_index):
    logits = F.linear(hidden, weight)
    return F.cross_entropy(logits, labels, ignore_index=ignore_index, reduction="sum")


def chunked_cross_entropy(hidden, weight, labels, chunk_size=1024, ignore_index=-100):
    sizes = (hidden.dim(), weight.dim(), labels.dim()) == (2, 2, 1)
    if not sizes or hidden.size(1) != weight.size(1) or hidden.size(0) != labels.size(0):
        raise ValueError("shapes")
    if chunk_size <= 0:
        raise ValueError("chunk_size")
    total = (hidden.sum() + weight.sum()) * 0  # so that both are in the graph when there is no chunk
    for part, wanted in zip(hidden.split(chunk_size), labels.split(chunk_size), strict=True):
        total = total + checkpoint(loss_of_chunk, part, weight, wanted, ignore_index, use_reentrant=False)
    return total / torch.clamp((labels != ignore_index).sum(), min=1)
