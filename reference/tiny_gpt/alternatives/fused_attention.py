"""The same model with its arithmetic in functions, fused attention, and a cache of rotated keys in plain lists."""

import torch
import torch.nn.functional as F
from torch import nn


class History:
    def __init__(self):
        self.length, self.pieces = 0, {}


def linear(rows, columns):
    return nn.Linear(columns, rows, bias=False)


class TinyGPT(nn.Module):
    def __init__(self, vocab_size, d_model, num_heads, d_ff, num_layers):
        super().__init__()
        if any(size < 1 for size in (vocab_size, d_model, num_heads, d_ff, num_layers)) or d_model % (num_heads * 2):
            raise ValueError("sizes")
        self.heads, self.size = num_heads, vocab_size
        self.embed, self.final_norm, self.layers = nn.Embedding(vocab_size, d_model), scale(d_model), nn.ModuleList()
        for _ in range(num_layers):
            parts = {f"{name}_proj": linear(d_model, d_model) for name in ("q", "k", "v", "out")}
            parts |= {"attn_norm": scale(d_model), "ffn_norm": scale(d_model), "down_proj": linear(d_model, d_ff)}
            parts |= {"gate_proj": linear(d_ff, d_model), "up_proj": linear(d_ff, d_model)}
            self.layers.append(nn.ModuleDict(parts))

    def new_cache(self):
        return History()

    def forward(self, tokens, cache=None):
        if tokens.dim() != 2 or 0 in tokens.shape or not bool(((tokens >= 0) & (tokens < self.size)).all()):
            raise ValueError("tokens")
        start = 0 if cache is None else cache.length
        if start and cache.pieces[0][0][0].shape[0] != tokens.shape[0]:
            raise ValueError("another batch")
        length = tokens.shape[1]
        rows = torch.arange(start, start + length, device=tokens.device)
        allowed = rows[:, None] >= torch.arange(start + length, device=tokens.device)
        h = F.embedding(tokens, self.embed.weight)
        for number, layer in enumerate(self.layers):
            z = normed(h, layer["attn_norm"])
            q, k, v = (
                F.linear(z, layer[f"{name}_proj"].weight).view(*z.shape[:2], self.heads, -1).transpose(1, 2)
                for name in "qkv"
            )
            q, k = turned(q, rows), turned(k, rows)
            if cache is not None:
                keys, values = cache.pieces.setdefault(number, ([], []))
                keys.append(k)
                values.append(v)
                k, v = torch.cat(keys, 2), torch.cat(values, 2)
            mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=allowed)
            h = h + layer["out_proj"](mixed.transpose(1, 2).reshape(z.shape))
            z = normed(h, layer["ffn_norm"])
            gate = layer["gate_proj"](z)
            h = h + layer["down_proj"](gate * gate.sigmoid() * layer["up_proj"](z))
        if cache is not None:
            cache.length += length
        return F.linear(normed(h, self.final_norm), self.embed.weight)

    def generate(self, tokens, max_new_tokens):
        if max_new_tokens < 0:
            raise ValueError("max_new_tokens")
        history = self.new_cache()
        with torch.no_grad():
            logits, result = self(tokens, history), tokens.clone()
            for _ in range(max_new_tokens):
                chosen = logits[:, -1].max(dim=1, keepdim=True).indices
                result = torch.hstack([result, chosen])
                logits = self(chosen, history)
        return result


def scale(width):
    holder = nn.Module()
    holder.weight = nn.Parameter(torch.ones(width))
    return holder


def normed(z, holder):
    return z * torch.rsqrt(z.square().mean(-1, keepdim=True) + 1e-6) * holder.weight


def turned(x, rows):
    a, b = x.chunk(2, dim=-1)
    half = a.shape[-1]
    angles = torch.outer(rows.double(), 10000.0 ** (-torch.arange(half, device=x.device).double() / half))
    turn = torch.polar(torch.ones_like(angles), angles).to(torch.complex(a, b).dtype)
    product = torch.complex(a, b) * turn
    return torch.cat([product.real, product.imag], dim=-1)
