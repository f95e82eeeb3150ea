"""Keys outside, queries inside: each tile is a finished attention of its own, and finished parts are merged by lse."""

import torch


def flash_attention(q, k, v, causal=False, block_size=128):
    if {q.dim(), k.dim(), v.dim()} != {3} or block_size <= 0:
        raise ValueError("three axes and a positive block_size are wanted")
    (n, n_q, width), (_, n_k, value_width) = q.shape, v.shape
    if k.shape != (n, n_k, width) or v.shape[0] != n:
        raise ValueError("shapes do not fit")
    out = torch.zeros((n, n_q, value_width), dtype=q.dtype, device=q.device)
    lse = torch.full((n, n_q), float("-inf"), dtype=q.dtype, device=q.device)
    for keys in torch.arange(n_k, device=q.device).split(block_size):
        if not len(keys):
            break
        first = max(0, int(keys[0]) - (n_k - n_q)) if causal else 0  # earlier queries see none of these keys
        for rows in torch.arange(first, n_q, device=q.device).split(block_size):
            if not len(rows):
                continue
            scores = torch.einsum("nqd,nkd->nqk", q[:, rows], k[:, keys]) * width**-0.5
            if causal:
                scores[:, keys > rows[:, None] + (n_k - n_q)] = float("-inf")
            part = scores.logsumexp(-1)
            merged = torch.logaddexp(lse[:, rows], part)
            level = merged.nan_to_num(neginf=0.0)[..., None]
            of_part = torch.einsum("nqk,nkv->nqv", (scores - level).exp(), v[:, keys])
            out[:, rows] = out[:, rows] * (lse[:, rows, None] - level).exp() + of_part
            lse[:, rows] = merged
    return out, lse
