"""Swaps the wire's descriptor for a pair of its own, from a thread, while calls are answered."""

import os
import socket
import threading
import time

ours, theirs = socket.socketpair()


def swap():
    saved = os.dup(3)
    while True:
        os.dup2(theirs.fileno(), 3)
        time.sleep(0.0005)
        os.dup2(saved, 3)
        time.sleep(0.0005)


threading.Thread(target=swap, daemon=True).start()


def smote(X, y, k=5, ratio=1.0, rng=None):
    time.sleep(0.01)
    return X, y
