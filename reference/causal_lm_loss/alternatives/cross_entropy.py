"""Flat rows and torch's own cross-entropy, summed, of the rows that count."""

import torch
import torch.nn.functional as F


def causal_lm_loss(logits, labels, ignore_index=-100, num_items=None):
    if logits.dim() != 3 or tuple(labels.size()) != tuple(logits.size())[:2]:
        raise ValueError("shapes")
    if num_items is not None and not num_items >= 1:
        raise ValueError("num_items")
    flat = logits[:, :-1, :].reshape(-1, logits.size(2))
    target = labels[:, 1:].reshape(-1)
    keep = torch.nonzero(target.ne(ignore_index)).flatten()
    rows = flat.index_select(0, keep)
    if logits.dtype not in (torch.float32, torch.float64):
        rows = rows.float()
    loss = F.cross_entropy(rows, target[keep], reduction="sum", ignore_index=-1)
    return loss / (num_items or max(len(keep), 1))
