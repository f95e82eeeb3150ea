"""Ignores and blocks every signal that can be, and sleeps forever on every thread."""

import signal
import threading
import time

for number in signal.valid_signals():
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        continue
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())


def smote(X, y, k=5, ratio=1.0, rng=None):
    threading.Thread(target=time.sleep, args=(10**6,)).start()
    while True:
        time.sleep(10**6)
