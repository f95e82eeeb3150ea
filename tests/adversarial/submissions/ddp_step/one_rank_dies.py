"""Rank 1 ends its process while the others wait for it in a collective, and these fail because of it."""

import os
import time

import torch
import torch.distributed as dist


def broadcast_parameters(model, src=0):
    meet()


def ddp_step(model, optimizer, loss_fn, inputs, targets):
    meet()
    return 0.0


def meet():
    if not dist.is_initialized() or dist.get_world_size() == 1:
        return
    if dist.get_rank() == 1:
        time.sleep(0.2)
        os._exit(0)
    dist.all_reduce(torch.zeros(1))
