"""Changes the warm parent's modules, builtins and files, so that later submissions find them changed."""

import builtins
import os
import sys

import numpy as np


def smote(X, y, k=5, ratio=1.0, rng=None):
    builtins.sum = builtins.len = lambda *args, **kwargs: 0
    np.unique = np.concatenate = np.argsort = None
    sys.modules["numpy"] = None
    sys.path[:] = ["/tmp"]
    os.environ["PYTHONSTARTUP"] = "/tmp/start.py"
    os.chdir("/")
    os.umask(0)
    return X, y
