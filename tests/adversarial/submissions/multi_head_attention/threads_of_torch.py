"""Starts torch's own threads after a fork, which makes parallel work hang, and forks again."""

import os

import torch
from torch import nn

torch.set_num_threads(8)


class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, num_heads):
        super().__init__()
        torch.ones(2000, 2000) @ torch.ones(2000, 2000)
        if os.fork() == 0:
            torch.ones(2000, 2000) @ torch.ones(2000, 2000)
            os._exit(0)

    def forward(self, query, key, value, mask=None):
        return query
