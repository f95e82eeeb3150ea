"""Estimators, splitters and scorers, made from plain descriptions, and the call of `nested_cv` with them.

None of these can be sent to the process that holds the submission. Nothing is judged here, and nothing is known of what
should come out.
"""

import math

import solution
from sklearn.base import BaseEstimator
from sklearn.linear_model import Ridge
from sklearn.metrics import make_scorer, mean_squared_error
from sklearn.model_selection import GroupKFold, KFold, StratifiedKFold, TimeSeriesSplit
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

FITS = []  # how many rows each fit of a Traced got


class Traced(BaseEstimator):
    """An estimator that only remembers which rows it was fitted on: the sums of the first feature, and of y times it."""

    def __init__(self, width=1, depth=1, fixed=0.0):
        self.width = width
        self.depth = depth
        self.fixed = fixed

    def fit(self, x, y):
        FITS.append(len(x))
        before = getattr(self, "seen_", 0.0)  # it goes on from an earlier fit, as with warm_start
        self.seen_ = before + x[:, 0].sum() + 3 * (x[:, 0] * y).sum()
        return self


class Centered(BaseEstimator):
    """A step that takes away a share of the means of the rows it was fitted on."""

    def __init__(self, share=1.0):
        self.share = share

    def fit(self, x, y):
        self.means_ = x.mean(axis=0)
        return self

    def transform(self, x):
        return x - self.share * self.means_


def traced_score(estimator, x, y):
    """A number that hangs on the parameters, on the rows of the fit, and on those given here."""
    turn = 1.7 * estimator.width + 0.9 * estimator.depth + estimator.fixed
    return math.sin(turn * (1 + 0.01 * estimator.seen_) + 0.37 * x[:, 0].sum() + 0.11 * (x[:, 0] * y).sum())


def steps_score(pipeline, x, y):
    """The score of the Traced at the end of a pipeline, for rows that went through the Centered before it."""
    return traced_score(pipeline.steps[1][1], pipeline.steps[0][1].transform(x), y)


def stepped_score(estimator, x, y):
    """Equal for many parameters: how far width and depth are apart, capped."""
    return -float(min(abs(estimator.width - estimator.depth), 2))


def models(kind):
    """An estimator and a scorer."""
    if kind == "traced":
        return Traced(fixed=0.25), traced_score
    if kind == "used":
        used = Traced(fixed=0.25)
        used.seen_ = 1000.0  # as after a fit, on other rows
        return used, traced_score
    if kind == "stepped":
        return Traced(), stepped_score
    if kind == "steps":
        return Pipeline([("center", Centered()), ("trace", Traced(fixed=0.25))]), steps_score
    return Pipeline([("scale", StandardScaler()), ("ridge", Ridge())]), make_scorer(
        mean_squared_error, greater_is_better=False
    )


def splitter(kind, k, seed=None):
    """A splitter with k folds; shuffled where there is a seed; an ordered one never trains on later rows."""
    if kind == "group":
        return GroupKFold(k)
    if kind == "ordered":
        return TimeSeriesSplit(k)
    made = StratifiedKFold if kind == "stratified" else KFold
    return made(k, shuffle=seed is not None, random_state=seed)


def seen_by(estimator):
    """Names of what fitting left behind, in the estimator and its steps."""
    parts = [estimator, *(step for _, step in getattr(estimator, "steps", []))]
    return sorted(name for part in parts for name in vars(part) if name.endswith("_"))


def plain(params):
    """Parameters that are numbers or text; steps are left out."""
    return {name: value for name, value in params.items() if isinstance(value, (int, float, str, bool))}


def run(kind, param_grid, x, y, outer, inner, groups=None, named=False):
    """What `nested_cv` returns; afterwards `left` tells of the estimator."""
    estimator, scoring = models(kind)
    FITS.clear()
    arguments = (estimator, param_grid, x, y, splitter(*outer), splitter(*inner), scoring)
    result = solution.nested_cv(*arguments, groups=groups) if named else solution.nested_cv(*arguments, groups)
    run.left = {"fitted": seen_by(estimator), "params": plain(estimator.get_params()), "fits": sorted(FITS)}
    return result


def left():
    """What the last run left: attributes of a fit, parameters, and the sizes of all fits of a Traced."""
    return run.left
