"""Kills its own process with SIGKILL, as a grader that gave up would."""

import os
import signal


def smote(X, y, k=5, ratio=1.0, rng=None):
    os.kill(os.getpid(), signal.SIGKILL)
