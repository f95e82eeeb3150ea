"""Plain Python numbers, which neither wrap nor overflow; each box is compared with those that its class has kept."""

import numpy as np


def check(boxes, scores, labels, iou_threshold):
    """ValueError for bad arguments."""
    count = len(boxes)
    if boxes.shape != (count, 4) or scores.shape != (count,) or labels.shape != (count,):
        raise ValueError("boxes must be (N, 4), scores and labels (N,)")
    if not np.isfinite(boxes).all() or not np.isfinite(scores).all():
        raise ValueError("boxes and scores must be finite")
    if (boxes[:, 2:] < boxes[:, :2]).any():
        raise ValueError("corners out of order")
    if not 0 <= iou_threshold <= 1:
        raise ValueError("the threshold must be from 0 to 1")


def overlap(a, b):
    """Shared area of two boxes, and the area of their union."""
    (ax1, ay1, ax2, ay2), (bx1, by1, bx2, by2) = a, b
    shared = max(0, min(ax2, bx2) - max(ax1, bx1)) * max(0, min(ay2, by2) - max(ay1, by1))
    return shared, (ax2 - ax1) * (ay2 - ay1) + (bx2 - bx1) * (by2 - by1) - shared


def nms(boxes, scores, labels, iou_threshold):
    check(boxes, scores, labels, iou_threshold)
    corners, ranks, classes = boxes.tolist(), scores.tolist(), labels.tolist()
    kept = {}
    order = []
    for index in sorted(range(len(ranks)), key=lambda i: (-ranks[i], i)):
        box, rivals = corners[index], kept.setdefault(classes[index], [])
        for rival in rivals:
            shared, union = overlap(box, rival)
            if shared > iou_threshold * union:
                break
        else:
            rivals.append(box)
            order.append(index)
    return np.array(order, dtype=np.int64)
