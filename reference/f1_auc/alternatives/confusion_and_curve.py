"""F1 from a confusion matrix over re-coded labels; AUC as the trapezoidal area under the ROC curve."""

import numpy as np


def _confusion(y_true, y_pred):
    labels, codes = np.unique(np.concatenate([y_true, y_pred]), return_inverse=True)
    codes = codes.reshape(2, -1)
    matrix = np.zeros((labels.size, labels.size), dtype=np.int64)
    np.add.at(matrix, (codes[0], codes[1]), 1)
    return labels, matrix


def f1_score(y_true, y_pred, average="binary"):
    y_true, y_pred = np.asarray(y_true), np.asarray(y_pred)
    if y_true.shape != y_pred.shape:
        raise ValueError("shapes differ")
    labels, matrix = _confusion(y_true, y_pred)
    tp = np.diag(matrix).astype(float)
    fp, fn = matrix.sum(axis=0) - tp, matrix.sum(axis=1) - tp
    with np.errstate(invalid="ignore"):
        per_label = np.nan_to_num(2 * tp / (2 * tp + fp + fn))
    match average:
        case "binary":
            return np.float64(per_label[labels == 1].sum())
        case "macro":
            return per_label.mean()
        case "micro":
            return 2 * tp.sum() / (2 * tp.sum() + fp.sum() + fn.sum())
        case "weighted":
            return (per_label * (tp + fn)).sum() / (tp + fn).sum()
    raise ValueError("average must be binary, macro, micro or weighted")


def roc_auc(y_true, y_score):
    y_true, y_score = np.asarray(y_true), np.asarray(y_score)
    order = np.argsort(-y_score, kind="stable")
    hits, scores = y_true[order], y_score[order]
    # One point of the curve behind the last item of each group of equal scores.
    ends = np.append(np.flatnonzero(scores[1:] != scores[:-1]), scores.size - 1)
    tp = np.concatenate([[0], np.cumsum(hits)[ends]])
    fp = np.concatenate([[0], np.cumsum(1 - hits)[ends]])
    if tp[-1] == 0 or fp[-1] == 0:
        raise ValueError("y_true must hold both classes")
    return np.trapezoid(tp / tp[-1], fp / fp[-1])
