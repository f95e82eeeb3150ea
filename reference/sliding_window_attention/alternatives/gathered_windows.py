"""No loop: every query has its window as a row of a strided view, and the sinks beside it."""

import torch
import torch.nn.functional as F


def sliding_window_attention(q, k, v, window, sinks=0):
    if not (q.dim() == k.dim() == v.dim() == 3 and q.size(0) == k.size(0) == v.size(0)):
        raise ValueError("three tensors of (N, L, D)")
    (_, n_q, d), (_, n_k, d_k) = q.shape, k.shape
    if d != d_k or v.size(1) != n_k or n_q > n_k or window <= 0 or sinks < 0:
        raise ValueError("sizes do not fit")
    if q.numel() == 0:
        return q.new_empty(q.size(0), n_q, v.size(2))
    w, s, shift = min(window, n_k), min(sinks, n_k), n_k - n_q
    k_rows, v_rows = (F.pad(x, (0, 0, w - 1, 0))[:, shift:].unfold(1, w, 1) for x in (k, v))  # (N, Lq, D, w)
    where = torch.arange(shift, n_k, device=q.device)[:, None]
    in_window = where + torch.arange(1 - w, 1, device=q.device) >= 0
    out_of_window = torch.arange(s, device=q.device) <= where - w
    logits = torch.cat([(q.unsqueeze(2) @ k_rows).squeeze(2), q @ k[:, :s].transpose(1, 2)], dim=2) * d**-0.5
    logits = torch.where(torch.cat([in_window, out_of_window], dim=1), logits, float("-inf"))
    near, far = torch.softmax(logits, dim=2).split([w, s], dim=2)
    return torch.einsum("nqw,nqdw->nqd", near, v_rows) + far @ v[:, :s]
