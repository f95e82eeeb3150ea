"""Out-of-fold probabilities: see the statement for the contract."""


def fold_probabilities(x, y, folds):
    """The probability of class 1 for each row of `x` (n, d), by a model fitted without the row's fold."""
    raise NotImplementedError
