"""
title: {en: a scaler that is fitted on all rows, zh: 在全部行上拟合的标准化}
advice: {en: The held-out fold tells the model its scale; fit the scaler on the other folds only., zh: 留出折把自己的尺度泄漏给了模型；只应在其余折上拟合。}
task: leak
"""

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
