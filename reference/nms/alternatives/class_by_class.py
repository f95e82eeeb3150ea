"""Each class alone in plain Python, then all survivors are sorted once more."""

import math

import numpy as np


def _overlap(a, b):
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared)


def nms(boxes, scores, labels, iou_threshold):
    if boxes.ndim != 2 or boxes.shape[1] != 4 or any(x.shape != (boxes.shape[0],) for x in (scores, labels)):
        raise ValueError("shape")
    if math.isnan(iou_threshold) or iou_threshold < 0 or iou_threshold > 1:
        raise ValueError("iou_threshold")
    rows = boxes.tolist()
    values = scores.tolist()
    if not all(map(math.isfinite, [v for row in rows for v in row] + values)):
        raise ValueError("not finite")
    if any(row[2] < row[0] or row[3] < row[1] for row in rows):
        raise ValueError("corners")
    by_class = {}
    for i, label in enumerate(labels.tolist()):
        by_class.setdefault(label, []).append(i)
    survivors = []
    for members in by_class.values():
        kept = []
        for i in sorted(members, key=lambda j: -values[j]):
            if all(_overlap(rows[i], rows[j]) <= iou_threshold for j in kept):
                kept.append(i)
        survivors += kept
    survivors.sort(key=lambda j: (-values[j], j))
    return np.array(survivors, dtype=np.int64)
