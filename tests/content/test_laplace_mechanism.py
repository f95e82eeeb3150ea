"""Wrong solutions of laplace_mechanism that one shape, one dtype or one sample too small would let through."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
from scipy import stats

from tests.content.wrong_solutions import ROOT, SEEDS, THE_REFERENCE, FailedTasks, failed_tasks_of

REFERENCE = ROOT / "reference" / "laplace_mechanism"
RETURN = "return rng.laplace(loc=value, scale=sensitivity / epsilon)"
RELEASE = "return laplace_mechanism(mean, sensitivity, epsilon, rng)"
NOISE = "rng.laplace(loc=value, scale=sensitivity / epsilon)"
WIDTH = "(upper - lower) / len(values)"
# What it is, beyond the mutants: what replaces what in the reference, and the task that must notice.
WRONG = {
    "a mean with uniform noise": (
        RELEASE,
        "_require_positive('s', sensitivity), _require_positive('e', epsilon)\n"
        "    return mean + rng.uniform(-2, 2) * sensitivity / epsilon",
        "private_mean",
    ),
    "a mean with normal noise of equal mean size": (
        RELEASE,
        "_require_positive('s', sensitivity), _require_positive('e', epsilon)\n"
        "    return mean + rng.normal() * np.sqrt(np.pi / 2) * sensitivity / epsilon",
        "private_mean",
    ),
    "a number with normal noise of equal mean size": (
        RETURN,
        "if not isinstance(value, np.ndarray):\n"
        f"        return rng.normal(value, np.sqrt(np.pi / 2) * sensitivity / epsilon)\n    {RETURN}",
        "distribution",
    ),
    "logistic noise of equal mean size": (
        NOISE,
        "rng.logistic(value, sensitivity / epsilon / np.log(4))",
        "distribution",
    ),
    "noise cut off at 7 scales": (
        RETURN,
        "b = sensitivity / epsilon\n    return value + np.clip(rng.laplace(0, b, np.shape(value)), -7 * b, 7 * b)",
        "distribution",
    ),
    "noise drawn again beyond 8 scales": (
        RETURN,
        "noise = rng.laplace(size=np.shape(value))\n"
        "    return value + np.where(abs(noise) > 8, rng.laplace(size=np.shape(value)), noise) * sensitivity / epsilon",
        "distribution",
    ),
    "noise of six decimals": (
        NOISE,
        "value + np.round(rng.laplace(scale=sensitivity / epsilon, size=np.shape(value)), 6)",
        "distribution",
    ),
    "antithetic noise": (
        RETURN,
        "n = int(np.prod(np.shape(value)))\n    half = rng.laplace(0, sensitivity / epsilon, (n + 1) // 2)\n"
        "    return value + np.append(half, -half)[:n].reshape(np.shape(value))",
        "arrays",
    ),
    "a 0-d array that grows an axis": (
        RETURN,
        f"noisy = {NOISE}\n    return np.atleast_1d(noisy) if isinstance(value, np.ndarray) else noisy",
        "arrays",
    ),
    "values that went through float32": (NOISE, NOISE.replace("=value", "=np.float32(value)"), "arrays"),
    "integers that went through int32": (
        NOISE,
        NOISE.replace(
            "=value", "=value if np.asarray(value).dtype.kind == 'f' else np.asarray(value).astype(np.int32)"
        ),
        "arrays",
    ),
    "the global generator for numbers": (
        NOISE,
        f"{NOISE} if isinstance(value, np.ndarray) else np.random.laplace(value, sensitivity / epsilon)",
        "generator",
    ),
    "the global generator is advanced": (RELEASE, f"np.random.rand()\n    {RELEASE}", "generator"),
    "a copy of the generator for means": (
        RELEASE,
        "from copy import deepcopy\n    return laplace_mechanism(mean, sensitivity, epsilon, deepcopy(rng))",
        "private_mean",
    ),
    "bounds out of order cancel a bad epsilon": (
        RELEASE,
        "return rng.laplace(mean, _positive(sensitivity / epsilon if epsilon else 0))\n\n"
        "def _positive(x):\n    _require_positive('scale', x)\n    return x",
        "private_mean",
    ),
    "epsilon no smaller than a hundredth": (NOISE, NOISE.replace("/ epsilon", "/ max(epsilon, 0.01)"), "arguments"),
    "a NaN is looked for with min": ("np.isnan(values).any()", "min(values) != min(values)", "private_mean"),
    "n is the number of different records": (WIDTH, "(upper - lower) / len(np.unique(values))", "private_mean"),
    "the larger bound for the width": (WIDTH, "max(abs(lower), abs(upper)) / len(values)", "private_mean"),
    "the distance of sizes for the width": (WIDTH, "abs(abs(upper) - abs(lower)) / len(values)", "private_mean"),
    "records that are sorted in place": (RELEASE, f"values.sort()\n    {RELEASE}", "private_mean"),
    "records that went through float32": ("np.clip(values,", "np.clip(np.float32(values),", "private_mean"),
    "scales 10% large": (NOISE, NOISE.replace("=sens", "=1.1 * sens"), "scale"),
    "scales 10% small": (NOISE, NOISE.replace("=sens", "=0.9 * sens"), "scale"),
    "numbers 10% small": (
        NOISE,
        NOISE.replace("=sens", "=(1 if isinstance(value, np.ndarray) else 0.9) * sens"),
        "scale",
    ),
    "whole numbers 10% large": (
        NOISE,
        NOISE.replace("=sens", "=(1.1 if isinstance(value, int) else 1) * sens"),
        "scale",
    ),
    "means 10% small": (RELEASE, RELEASE.replace("sensitivity", "0.9 * sensitivity"), "private_mean"),
    "means 10% large": (RELEASE, RELEASE.replace("sensitivity", "1.1 * sensitivity"), "private_mean"),
}


@pytest.fixture(scope="module")
def failed_tasks() -> FailedTasks:
    """Of each wrong solution and of the reference."""
    return failed_tasks_of("laplace_mechanism", {name: [(old, new)] for name, (old, new, _) in WRONG.items()})


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_solution_is_caught_by_its_task(name: str, failed_tasks: FailedTasks) -> None:
    """On every seed."""
    assert all(WRONG[name][2] in tasks for tasks in failed_tasks[name]), failed_tasks[name]


def test_the_reference_fails_nothing(failed_tasks: FailedTasks) -> None:
    """So that the wrong ones fail for what they do wrong."""
    assert failed_tasks[THE_REFERENCE] == [[] for _ in SEEDS]


@pytest.mark.parametrize("seed", range(20))
def test_the_reference_is_what_scipy_calls_laplace(seed: int) -> None:
    """Noise of arrays, numbers and means against scipy's distribution, on fixed seeds."""
    spec = importlib.util.spec_from_file_location("laplace_reference", REFERENCE / "solution.py")
    assert spec is not None
    assert spec.loader is not None
    solution = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(solution)
    rng = np.random.default_rng(seed)
    records = np.array([-5.0, 1.0, 2.0, 30.0])  # clipped to 0, 1, 2 and 10; sensitivity 10 / 4
    samples = {
        "array": solution.laplace_mechanism(np.full(3_000, 7), 2.0, 0.5, rng),
        "number": [solution.laplace_mechanism(7, 2.0, 0.5, rng) for _ in range(3_000)],
        "mean": [solution.private_mean(records, 0.0, 10.0, 0.5, rng) for _ in range(3_000)],
    }
    laws = {"array": stats.laplace(7, 4), "number": stats.laplace(7, 4), "mean": stats.laplace(3.25, 5)}
    assert min(stats.kstest(sample, laws[name].cdf).pvalue for name, sample in samples.items()) > 1e-5
