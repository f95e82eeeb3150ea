"""Hangs in one rank and leaves children of ranks behind that hold every descriptor."""

import os
import time


def broadcast_parameters(model, src=0):
    if os.fork() == 0:
        os.setsid()
        time.sleep(3600)
    time.sleep(3600)


def ddp_step(model, optimizer, loss_fn, inputs, targets):
    if os.fork() == 0:
        os.setsid()
        time.sleep(3600)
    time.sleep(3600)
