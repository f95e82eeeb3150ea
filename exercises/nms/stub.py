"""Non-maximum suppression: the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""


def nms(boxes, scores, labels, iou_threshold):
    """Indices of the boxes that remain, by falling score, `int64` (K,).

    boxes: (N, 4) corners x1, y1, x2, y2. scores: (N,). labels: (N,). iou_threshold: from 0 to 1.
    Raises ValueError for bad arguments.
    """
    raise NotImplementedError
