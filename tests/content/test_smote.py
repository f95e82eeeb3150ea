"""The reference of smote beside scikit-learn, and wrong solutions that one draw or one dtype would let through."""

from __future__ import annotations

import importlib.util
from types import ModuleType

import numpy as np
import pytest

from tests.content.wrong_solutions import ROOT, SEEDS, THE_REFERENCE, FailedTasks, failed_tasks_of

REFERENCE = ROOT / "reference" / "smote"
BASE = "base = rng.integers(m, size=count)"
TOWARDS = "rng.integers(k, size=count)]"
POSITION = "t = rng.random((count, 1))"
NEW = "new = _between_neighbours("
SQUARED = "squared = np.stack([((rows - row) ** 2).sum(axis=1) for row in rows])"
ROWS = "rows = X[y == labels[rare]].astype(np.float64)"
# What it is: what replaces what in the reference, and the task that must notice.
WRONG = {
    "base and position from one number": (BASE, "u = rng.random(count)\n    base = (u * m).astype(int)", "statistics"),
    "neighbour decided by the base": (TOWARDS, "base % k]", "statistics"),
    "one neighbour for all rows of a base": (TOWARDS, "rng.integers(k, size=m)[base]]", "statistics"),
    "the furthest neighbour left out": (TOWARDS, "rng.integers(max(k - 1, 1), size=count)]", "statistics"),
    "the rest of the bases all one row": (
        BASE,
        "base = np.concatenate([np.repeat(np.arange(m), count // m), np.full(count % m, m - 1)])",
        "statistics",
    ),
    "some rows more likely bases": (
        BASE,
        "base = rng.choice(m, count, p=np.linspace(1, 3, m) / np.linspace(1, 3, m).sum())",
        "statistics",
    ),
    "positions up to 0.97": (POSITION, "t = rng.uniform(0, 0.97, (count, 1))", "statistics"),
    "positions from 0.01": (POSITION, "t = rng.uniform(0.01, 1, (count, 1))", "statistics"),
    "positions used twice": (POSITION, "t = np.resize(rng.random(count // 2 + 1), (2, count)).T[:, :1]", "statistics"),
    "positions evenly spread": (POSITION, "t = rng.permutation(np.linspace(0, 1, count))[:, None]", "statistics"),
    "positions of nine digits": (POSITION, "t = rng.integers(10**9, size=(count, 1)) / 10**9", "statistics"),
    "positions of 32 bits": (POSITION, "t = rng.integers(2**32, size=(count, 1)) / 2**32", "statistics"),
    "a 31-bit seed": (
        NEW,
        "state = np.random.default_rng(rng.integers(2**31))\n    rng = state\n    new = _between_neighbours(",
        "generator",
    ),
    "a seed from a fraction": (
        NEW,
        "rng = np.random.default_rng(int(rng.random() * 65536))\n    new = _between_neighbours(",
        "generator",
    ),
    "a seed of two bytes": (
        NEW,
        "rng = np.random.default_rng(int.from_bytes(rng.bytes(2), 'little'))\n    new = _between_neighbours(",
        "generator",
    ),
    "a short seed for positions only": (
        BASE,
        "seed = rng.integers(10**6)\n    t_rng = np.random.default_rng(seed)\n    base = rng.integers(m, size=count)",
        "generator",
    ),
    "the global generator is advanced": (NEW, "np.random.rand()\n    new = _between_neighbours(", "generator"),
    "random is seeded": (NEW, "__import__('random').seed(1)\n    new = _between_neighbours(", "generator"),
    "equal rows are merged": (ROWS, "rows = np.unique(X[y == labels[rare]].astype(np.float64), axis=0)", "tiny"),
    "labels told by their sign": (ROWS, "rows = X[(y > 0) == (labels[rare] > 0)].astype(np.float64)", "segments"),
    "one neighbour too many": ("k = min(k, m - 1)", "k = min(k + 1, m - 1)", "segments"),
    "the largest difference": (
        SQUARED,
        "squared = np.stack([abs(rows - row).max(axis=1) for row in rows])",
        "segments",
    ),
    "integers through float32": (
        "X = X.astype(np.float64)",
        "X = X.astype(np.float32).astype(np.float64)",
        "arguments",
    ),
    "3-D X where no row is needed": ("X.ndim != 2 or ", "X.ndim < 2 or ", "arguments"),
    "1-D X where no row is needed": ("X.ndim != 2 or ", "X.ndim > 2 or ", "arguments"),
    "infinity of one sign": ("np.isfinite(X).all()", "(X < np.inf).all()", "arguments"),
}
ALSO = {"a short seed for positions only": (POSITION, "t = t_rng.random((count, 1))"),
        "base and position from one number": (POSITION, "t = u[:, None]")}  # fmt: skip


@pytest.fixture(scope="module")
def failed_tasks() -> FailedTasks:
    """Of each wrong solution and of the reference."""
    return failed_tasks_of(
        "smote", {name: [(old, new), *([ALSO[name]] if name in ALSO else [])] for name, (old, new, _) in WRONG.items()}
    )


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_solution_is_caught_by_its_task(name: str, failed_tasks: FailedTasks) -> None:
    """On every seed."""
    assert all(WRONG[name][2] in tasks for tasks in failed_tasks[name]), failed_tasks[name]


def test_the_reference_fails_nothing(failed_tasks: FailedTasks) -> None:
    """So that the wrong ones fail for what they do wrong."""
    assert failed_tasks[THE_REFERENCE] == [[] for _ in SEEDS]


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    """The reference solution as a module."""
    spec = importlib.util.spec_from_file_location("smote_reference", REFERENCE / "solution.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("seed", range(20))
def test_new_rows_start_towards_the_neighbours_of_scikit_learn(reference: ModuleType, seed: int) -> None:
    """Each lies on a segment between a minority row and one of the k that `NearestNeighbors` finds nearest to it."""
    from sklearn.neighbors import NearestNeighbors

    rng = np.random.default_rng(seed)
    m, d, k = int(rng.integers(5, 30)), int(rng.integers(2, 6)), int(rng.integers(1, 4))
    rows = rng.normal(size=(m, d)) * rng.uniform(0.1, 10.0, d)
    X, y = np.concatenate([rng.normal(size=(200, d)), rows]), np.repeat([0, 1], [200, m])
    new = reference.smote(X, y, k, rng=rng)[0][200 + m :]
    near = NearestNeighbors(n_neighbors=k).fit(rows).kneighbors(return_distance=False)  # without the rows themselves
    start, end = np.repeat(rows, k, axis=0), rows[near.ravel()]
    detour = np.linalg.norm(new[:, None] - start, axis=2) + np.linalg.norm(new[:, None] - end, axis=2)
    excess = detour - np.linalg.norm(end - start, axis=1)  # (s, m * k), zero on a segment alone
    assert (excess.min(axis=1) < 1e-12).all()
