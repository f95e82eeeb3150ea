"""Both curves from a tally of ones and zeros for each score, in plain Python."""

import math
from collections import defaultdict

import numpy as np


def roc_pr_curve(labels, scores):
    if labels.shape != scores.shape or len(labels.shape) != 1:
        raise ValueError("shapes")
    tally = defaultdict(lambda: [0, 0])  # score: how many zeros, how many ones
    for label, score in zip(labels.tolist(), scores.tolist(), strict=True):
        if label not in (0, 1) or not math.isfinite(score):
            raise ValueError("values")
        tally[score][label] += 1
    total = [sum(pair[label] for pair in tally.values()) for label in (0, 1)]
    if 0 in total:
        raise ValueError("one class")
    points, area, fp, tp = [(math.inf, 0.0, 0.0, 1.0)], 0.0, 0, 0
    for score in sorted(tally, reverse=True):
        zeros, ones = tally[score]
        fp, tp = fp + zeros, tp + ones
        points.append((score, fp / total[0], tp / total[1], tp / (tp + fp)))
        area += ones / total[1] * points[-1][3]
    return (*np.array(points, dtype=np.float64).T, area)
