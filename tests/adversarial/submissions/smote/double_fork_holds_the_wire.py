"""Forks twice and ends, while the grandchild holds wire and output open, so that a reader waits forever."""

import os
import signal
import time


def smote(X, y, k=5, ratio=1.0, rng=None):
    if os.fork() == 0:
        if os.fork():
            os._exit(0)
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        time.sleep(3600)
    os._exit(0)
