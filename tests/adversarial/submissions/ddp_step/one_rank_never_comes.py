"""Rank 1 never enters the collective in which the others wait for it."""

import time

import torch
import torch.distributed as dist


def broadcast_parameters(model, src=0):
    meet()


def ddp_step(model, optimizer, loss_fn, inputs, targets):
    meet()
    return 0.0


def meet():
    if dist.is_initialized() and dist.get_rank() == 1:
        time.sleep(3600)
    if dist.is_initialized():
        dist.all_reduce(torch.zeros(1))
