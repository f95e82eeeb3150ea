"""A pair as one complex number, turned by multiplying it with a number of size 1; all of it in double precision."""

import numpy as np
import torch


def rope(x, positions, base=10000.0, interleaved=False):
    if len(x.shape) != 4:
        raise ValueError("four axes")
    b, h, n, d = x.shape
    if d < 2 or d % 2:
        raise ValueError("width")
    if list(positions.shape) not in ([n], [b, n]) or bool(torch.any(positions < 0)):
        raise ValueError("positions")
    if not np.isfinite(base) or base <= 0:
        raise ValueError("base")
    theta = torch.exp(torch.arange(d // 2, device=x.device).double() * (-2 * np.log(base) / d))
    phase = torch.einsum("...l,k->...lk", positions.double(), theta)
    phase = phase if positions.dim() == 1 else phase.unsqueeze(1)
    turn = torch.polar(torch.ones_like(phase), phase)
    pairs = x.double().unflatten(-1, (d // 2, 2) if interleaved else (2, d // 2))
    if not interleaved:
        pairs = pairs.transpose(-1, -2)
    result = torch.view_as_real(torch.complex(pairs[..., 0], pairs[..., 1]) * turn)
    if not interleaved:
        result = result.transpose(-1, -2)
    return result.flatten(3).to(x.dtype)
