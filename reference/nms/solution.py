"""Greedy non-maximum suppression within each class."""

import numpy as np


def nms(boxes, scores, labels, iou_threshold):
    """Indices of the boxes that remain, by falling score, `int64` (K,)."""
    _check(boxes, scores, labels, iou_threshold)
    corners = boxes.astype(np.float64)  # float16 areas overflow, uint16 differences wrap around
    waiting = np.argsort(-scores, kind="stable")  # a stable sort leaves equal scores by index
    kept = []
    while waiting.size:
        best, others = waiting[0], waiting[1:]
        kept.append(best)
        overlapping = _iou(corners[best], corners[others]) > iou_threshold
        waiting = others[~(overlapping & (labels[others] == labels[best]))]
    return np.array(kept, dtype=np.int64)


def _iou(box, others):
    """IoU of one box, (4,), with each of the others, (M, 4): (M,)."""
    low = np.maximum(box[:2], others[:, :2])
    high = np.minimum(box[2:], others[:, 2:])
    shared = _area(np.maximum(high - low, 0))  # each side by itself: two negative ones have a positive product
    union = _area(box[2:] - box[:2]) + _area(others[:, 2:] - others[:, :2]) - shared
    return shared / np.where(union > 0, union, 1)  # two boxes without area share none


def _area(sides):
    """Width times height, (..., 2) -> (...)."""
    return sides[..., 0] * sides[..., 1]


def _check(boxes, scores, labels, iou_threshold):
    """Raise ValueError for arguments that the statement lists."""
    if boxes.ndim != 2 or boxes.shape[1] != 4 or scores.shape != boxes.shape[:1] or labels.shape != boxes.shape[:1]:
        raise ValueError("boxes must be (N, 4), scores and labels (N,)")
    if not (np.isfinite(boxes).all() and np.isfinite(scores).all()):
        raise ValueError("boxes and scores must be finite")
    if (boxes[:, 2:] < boxes[:, :2]).any():
        raise ValueError("a box must have x1 <= x2 and y1 <= y2")
    if not 0 <= iou_threshold <= 1:
        raise ValueError("iou_threshold must be from 0 to 1")
