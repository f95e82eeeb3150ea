"""F1 and ROC AUC from scratch: see the statement for the contract."""


def f1_score(y_true, y_pred, average="binary"):
    """F1 of 1-D integer labels `y_true` and `y_pred`, both (n,), as a float.

    `average` is "binary" (F1 of label 1), "macro", "micro" or "weighted" (over the union of the labels). A zero
    denominator gives 0.0.
    Raises ValueError for another `average` and for arrays of different lengths.
    """
    raise NotImplementedError


def roc_auc(y_true, y_score):
    """Area under the ROC curve of labels 0 and 1, (n,), and their scores, (n,), as a float; a tied pair counts half.

    O(n log n). Raises ValueError when `y_true` holds one class only.
    """
    raise NotImplementedError
