"""x * cos + partner(x) * sin with tables of full width; interleaved vectors are sorted into halves and back."""

import torch


def _partner(x):
    left, right = x.split(x.size(-1) // 2, dim=-1)
    return torch.cat((-right, left), -1)


def rope(x, positions, base=10000.0, interleaved=False):
    if x.dim() != 4 or x.size(3) % 2 or not x.size(3):
        raise ValueError("x")
    if positions.size() != x.shape[2:3] and positions.size() != (x.size(0), x.size(2)):
        raise ValueError("positions")
    if positions.numel() and positions.amin() < 0:
        raise ValueError("negative position")
    if not 0 < base < float("inf"):
        raise ValueError("base")
    width = x.size(3)
    order = torch.arange(width, device=x.device)
    if interleaved:
        order = torch.cat([order[::2], order[1::2]])
    frequencies = torch.pow(torch.tensor(base, dtype=torch.float64), -torch.arange(0, width, 2).double() / width)
    table = positions.double().unsqueeze(-1) * frequencies.to(x.device).repeat(2)
    if table.dim() == 3:
        table = table.unsqueeze(1)
    work = x if x.dtype == torch.float64 else x.float()
    work = work[..., order]
    work = work * table.cos().to(work.dtype) + _partner(work) * table.sin().to(work.dtype)
    return work[..., torch.argsort(order)].type_as(x)
