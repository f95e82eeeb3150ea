"""Arrays, with scipy's special functions where scipy is allowed; also for exercises of plain Python."""

from __future__ import annotations

from grader.guest.environments import Environment


def first_products() -> None:
    """Random numbers, a matrix product and a norm."""
    import numpy as np

    rng = np.random.default_rng(0)
    np.linalg.norm(rng.normal(size=(8, 8)) @ rng.normal(size=(8, 8)))


def warm() -> None:
    """What numpy imports when it is first asked for."""
    import numpy as np

    np.unique(np.zeros(2))  # imports numpy.ma
    np.linalg.svd(np.eye(2))


ENVIRONMENT = Environment(
    packages=("numpy",),
    libraries=("numpy",),
    names={"np": "numpy", "numpy": "numpy"},
    also={"scipy": ("scipy.special",)},  # the rest may be forbidden, and only an import can be refused
    first_uses=first_products,
    warm=warm,
)
