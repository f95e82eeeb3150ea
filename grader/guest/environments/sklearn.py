"""Estimators of scikit-learn, with all of scipy below them."""

from __future__ import annotations

from grader.guest.environments import Environment
from grader.guest.environments import numpy as arrays


def one_thread() -> None:
    """Leave scikit-learn no libraries whose threads it could set, and have `n_jobs` mean one after the other.

    The libraries have one thread each already; it would count and set them through ctypes, which is out of service in a
    box. Worker processes would be started as programs, and a box has none.
    """
    import joblib
    import sklearn.utils.parallel
    from joblib._parallel_backends import SequentialBackend
    from threadpoolctl import ThreadpoolController

    sklearn.utils.parallel._threadpool_controller = ThreadpoolController().select(internal_api="none")
    joblib.register_parallel_backend("sequential", SequentialBackend, make_default=True)


def first_fits() -> None:
    """A scaler and a linear model behind it: what nearly every exercise does."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    arrays.first_products()
    x, y = np.eye(4), np.array([0, 1, 0, 1])
    make_pipeline(StandardScaler(), LogisticRegression()).fit(x, y).predict_proba(x)


def warm() -> None:
    """One estimator of each kind, and one that OpenMP works for."""
    import numpy as np
    from sklearn import cluster, decomposition, ensemble, metrics, model_selection, neighbors, svm, tree

    arrays.warm()
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(24, 3)), np.arange(24) % 2
    decomposition.PCA(2).fit(x)
    cluster.KMeans(2, n_init=1, random_state=0).fit(x)
    a_tree = tree.DecisionTreeClassifier(random_state=0)  # the global random state is not drawn from
    forest = ensemble.RandomForestClassifier(2, random_state=0)
    boosting = ensemble.HistGradientBoostingClassifier(max_iter=1, random_state=0)
    for model in (a_tree, forest, boosting, neighbors.KNeighborsClassifier(), svm.SVC(random_state=0)):
        model.fit(x, y).predict(x)
    model_selection.cross_val_score(a_tree, x, y, cv=2)
    metrics.roc_auc_score(y, x[:, 0])


ENVIRONMENT = Environment(
    packages=("scikit-learn", "scipy", "numpy"),
    libraries=("numpy", "scipy", "sklearn"),
    names={**arrays.ENVIRONMENT.names, "scipy": "scipy", "sklearn": "sklearn"},
    also=arrays.ENVIRONMENT.also,
    one_thread=one_thread,
    first_uses=first_fits,
    warm=warm,
)
