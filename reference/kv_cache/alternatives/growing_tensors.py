"""A cache that grows by concatenation and holds keys as they were projected; they are turned when they are read."""

import torch
import torch.nn.functional as F
from torch import nn


class Past:
    def __init__(self, empty, capacity):
        self.keys = self.values = empty
        self.capacity = capacity

    @property
    def length(self):
        return self.keys.shape[1]


class CachedAttention(nn.Module):
    def __init__(self, d_model, num_heads):
        super().__init__()
        if d_model <= 0 or num_heads <= 0 or d_model % num_heads or d_model // num_heads % 2:
            raise ValueError("d_model must be an even multiple of num_heads")
        self.sizes = num_heads, d_model // num_heads
        for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
            self.add_module(name, nn.Linear(d_model, d_model, bias=False))

    def new_cache(self, batch_size, capacity):
        if batch_size <= 0 or capacity <= 0:
            raise ValueError("a cache needs room")
        return Past(self.k_proj.weight.new_empty(batch_size, 0, self.k_proj.out_features), capacity)

    def forward(self, x, cache=None):
        heads, width = self.sizes
        if x.dim() != 3 or x.size(2) != heads * width:
            raise ValueError("x is not (B, T, d_model)")
        batch, count, _ = x.shape
        if cache is not None and (cache.keys.shape[0] != batch or cache.length + count > cache.capacity):
            raise ValueError("x does not fit into the cache")
        keys, values = self.k_proj(x), self.v_proj(x)
        if cache is not None:
            keys = cache.keys = torch.cat([cache.keys, keys], dim=1)
            values = cache.values = torch.cat([cache.values, values], dim=1)
        if count == 0:
            return x.clone()
        total = keys.shape[1]
        places = torch.arange(total, device=x.device)
        query = rotate(self.split(self.q_proj(x)), places[total - count :])
        sees = places <= places[total - count :, None]
        heard = F.scaled_dot_product_attention(
            query, rotate(self.split(keys), places), self.split(values), attn_mask=sees
        )
        return self.out_proj(heard.permute(0, 2, 1, 3).reshape(batch, count, heads * width))

    def split(self, z):
        return z.reshape(*z.shape[:2], *self.sizes).permute(0, 2, 1, 3)


def rotate(x, positions):
    half = x.shape[-1] // 2
    theta = 10000.0 ** (-torch.arange(half, dtype=torch.float64, device=x.device) / half)
    turn = torch.polar(torch.ones_like(theta), positions[:, None] * theta)
    turned = torch.complex(x[..., :half].double(), x[..., half:].double()) * turn
    return torch.cat([turned.real, turned.imag], dim=-1).to(x.dtype)
