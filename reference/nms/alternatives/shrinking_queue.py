"""Takes the best box off a shrinking queue and drops from the queue what it suppresses."""

import numpy as np


def overlaps(box: np.ndarray, others: np.ndarray) -> np.ndarray:
    """IoU of one box (4,) with others (M, 4), float64; 0 where neither has an area."""
    low, high = np.maximum(box[:2], others[:, :2]), np.minimum(box[2:], others[:, 2:])
    common = np.prod(np.maximum(high - low, 0.0), axis=1)
    union = np.prod(box[2:] - box[:2]) + np.prod(others[:, 2:] - others[:, :2], axis=1) - common
    return np.divide(common, union, out=np.zeros_like(common), where=union > 0)


def nms(boxes, scores, labels, iou_threshold):
    """Indices of the boxes that remain, by falling score, `int64` (K,)."""
    count = len(boxes) if boxes.ndim else -1
    if boxes.shape != (count, 4) or scores.shape != (count,) or labels.shape != (count,):
        raise ValueError("boxes must be (N, 4), scores and labels (N,)")
    if not 0 <= iou_threshold <= 1:
        raise ValueError("iou_threshold must be from 0 to 1")
    exact = boxes.astype(np.float64)
    if not (np.isfinite(exact).all() and np.isfinite(scores).all()) or (exact[:, 2:] < exact[:, :2]).any():
        raise ValueError("boxes and scores must be finite, and corners in order")
    queue = np.argsort(-scores, kind="stable")
    kept = []
    while queue.size:
        best, queue = queue[0], queue[1:]
        kept.append(best)
        rivals = (labels[queue] == labels[best]) & (overlaps(exact[best], exact[queue]) > iou_threshold)
        queue = queue[~rivals]
    return np.array(kept, dtype=np.int64)
