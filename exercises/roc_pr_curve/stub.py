"""ROC and PR curves with ties; the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""

import numpy as np


def roc_pr_curve(
    labels: np.ndarray, scores: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, float]:
    """(thresholds, fpr, recall, precision, average_precision) of `labels` 0 and 1, (n,), and their `scores`, (n,).

    Four float64 arrays (d + 1,): the point of the threshold infinity, then one for each of the d different scores, from
    the highest to the lowest. ValueError for shapes that differ or are not (n,), labels other than 0 and 1, scores that
    are not finite, and labels of one class only.
    """
    raise NotImplementedError
