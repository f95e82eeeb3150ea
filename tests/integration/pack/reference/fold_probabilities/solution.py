"""Out-of-fold probabilities."""

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def fold_probabilities(x, y, folds):
    """The probability of class 1 for each row of `x` (n, d), by a model fitted without the row's fold."""
    p = np.empty(len(x))
    for fold in np.unique(folds):
        held_out = folds == fold
        model = make_pipeline(StandardScaler(), LogisticRegression())
        model.fit(x[~held_out], y[~held_out])  # the scaler sees no row of the fold either
        p[held_out] = model.predict_proba(x[held_out])[:, 1]
    return p
