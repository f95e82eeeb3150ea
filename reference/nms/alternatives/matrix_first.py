"""The whole matrix of overlaps at once, then one pass of Python over it; classes are a mask of that matrix."""

import numpy as np


def nms(boxes, scores, labels, iou_threshold):
    n = len(boxes)
    if boxes.shape != (n, 4) or scores.shape != (n,) or labels.shape != (n,):
        raise ValueError("shapes")
    if not 0.0 <= iou_threshold <= 1.0:
        raise ValueError("threshold")
    for array in (boxes, scores):
        if not np.all(np.isfinite(array)):
            raise ValueError("not finite")
    x1, y1, x2, y2 = (column[:, None] for column in boxes.astype(float).T)
    if np.any(x2 < x1) or np.any(y2 < y1):
        raise ValueError("corners out of order")
    width = np.clip(np.minimum(x2, x2.T) - np.maximum(x1, x1.T), 0, None)
    height = np.clip(np.minimum(y2, y2.T) - np.maximum(y1, y1.T), 0, None)
    area = (x2 - x1) * (y2 - y1)
    shared = width * height
    against = (shared > iou_threshold * (area + area.T - shared)) & (labels[:, None] == labels)
    chosen = []
    gone = np.zeros(n, dtype=bool)
    for i in sorted(range(n), key=lambda i: (-float(scores[i]), i)):
        if not gone[i]:
            chosen.append(i)
            gone |= against[i]
    return np.asarray(chosen, dtype=np.int64)
