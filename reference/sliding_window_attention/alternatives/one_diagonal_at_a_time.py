"""Goes through the window offset by offset: one diagonal of the score matrix at a time, for all queries at once."""

import math

import torch
from torch import Tensor
from torch.nn.functional import pad


def check(q: Tensor, k: Tensor, v: Tensor, window: int, sinks: int) -> None:
    """ValueError for arguments that do not fit."""
    if not q.ndim == k.ndim == v.ndim == 3 or not len(q) == len(k) == len(v):
        raise ValueError("q, k and v must have three axes, and the same N")
    if q.shape[2] != k.shape[2] or k.shape[1] != v.shape[1] or q.shape[1] > k.shape[1]:
        raise ValueError("the shapes of q, k and v do not fit")
    if window < 1 or sinks < 0:
        raise ValueError("window must be at least 1, sinks at least 0")


def sliding_window_attention(q: Tensor, k: Tensor, v: Tensor, window: int, sinks: int = 0) -> Tensor:
    check(q, k, v, window, sinks)
    queries, keys = q.shape[1], k.shape[1]
    if q.shape[0] == 0 or queries == 0:
        return q[..., :1] * v[:, :queries]

    q = q / math.sqrt(q.shape[2])
    first = keys - queries  # the position of query 0
    diagonals = []  # for each offset: the first query that has such a key, and the place of that key
    for offset in range(min(window, keys)):
        begin = max(0, offset - first)
        diagonals.append((begin, begin + first - offset))

    columns = []
    for begin, place in diagonals:
        scores = (q[:, begin:] * k[:, place : place + queries - begin]).sum(dim=2)
        columns.append(pad(scores, (begin, 0), value=-math.inf))
    positions = torch.arange(first, keys, device=q.device)
    left_behind = torch.arange(min(sinks, keys), device=q.device) <= positions[:, None] - min(window, keys)
    to_sinks = q @ k[:, :sinks].mT
    weights = torch.cat([torch.stack(columns, dim=2), to_sinks.masked_fill(~left_behind, -math.inf)], dim=2)
    weights = weights.softmax(dim=2)

    out = weights[:, :, len(columns) :] @ v[:, :sinks]
    for column, (begin, place) in enumerate(diagonals):
        share = weights[:, begin:, column : column + 1] * v[:, place : place + queries - begin]
        out = out + pad(share, (0, 0, begin, 0))
    return out
