"""SMOTE: new minority rows between a minority row and one of its nearest minority neighbours."""


def smote(X, y, k=5, ratio=1.0, rng=None):
    """Oversample the rarer of two classes.

    X: (n, d) floats or integers. y: (n,) integer labels of exactly two classes.
    k: neighbours to choose from. ratio: wanted minority count / majority count, in (0, 1].
    rng: numpy Generator; None makes a new one.
    Returns X_new (n + s, d), float32 or float64, and y_new (n + s,): the given rows in their order, then s new minority rows.
    Raises ValueError for bad arguments.
    """
    raise NotImplementedError
