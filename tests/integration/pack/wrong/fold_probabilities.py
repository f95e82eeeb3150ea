"""A scaler that is fitted on all rows: the held-out fold tells the model its scale."""

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler


def fold_probabilities(x, y, folds):
    x = StandardScaler().fit_transform(x)
    p = np.empty(len(x))
    for fold in np.unique(folds):
        held_out = folds == fold
        p[held_out] = LogisticRegression().fit(x[~held_out], y[~held_out]).predict_proba(x[held_out])[:, 1]
    return p
