"""Wrong solutions of laplace_mechanism that one shape, one dtype or one sample too small would let through."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "reference" / "laplace_mechanism"
RETURN = "return rng.laplace(loc=value, scale=sensitivity / epsilon)"
RELEASE = "return laplace_mechanism(mean, sensitivity, epsilon, rng)"
BAD = '_require_positive("sensitivity", sensitivity)\n    _require_positive("epsilon", epsilon)'
# What it is: what replaces what in the reference, and the task that must notice.
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
    "noise cut off at 6.5 scales": (
        RETURN,
        "b = sensitivity / epsilon\n    return value + np.clip(rng.laplace(0, b, np.shape(value)), -6.5 * b, 6.5 * b)",
        "distribution",
    ),
    "noise drawn again beyond 8 scales": (
        RETURN,
        "noise = rng.laplace(size=np.shape(value))\n"
        "    return value + np.where(abs(noise) > 8, rng.laplace(size=np.shape(value)), noise) * sensitivity / epsilon",
        "distribution",
    ),
    "a generator with a 16-bit seed": (
        RETURN,
        "return np.random.default_rng(rng.integers(2**16)).laplace(loc=value, scale=sensitivity / epsilon)",
        "generator",
    ),
    "a float32 for a number": (
        RETURN,
        "noisy = rng.laplace(loc=value, scale=sensitivity / epsilon)\n"
        "    return noisy if isinstance(value, np.ndarray) else np.float32(noisy)",
        "arrays",
    ),
    "noise drawn in float32": (
        RETURN,
        "noise = rng.standard_exponential(np.shape(value), np.float32) * rng.choice([-1, 1], np.shape(value))\n"
        "    return value + (noise * sensitivity / epsilon).astype(np.float64)",
        "arrays",
    ),
    "whole noise for whole numbers": (
        RETURN,
        "noise = rng.laplace(scale=sensitivity / epsilon, size=np.shape(value))\n"
        "    return value + (np.rint(noise) if np.asarray(value).dtype.kind == 'i' else noise) * 1.0",
        "arrays",
    ),
    "a 0-d array that grows an axis": (
        RETURN,
        "noisy = rng.laplace(loc=value, scale=sensitivity / epsilon)\n"
        "    return np.atleast_1d(noisy) if isinstance(value, np.ndarray) else noisy",
        "arrays",
    ),
    "only the quotient is looked at": (BAD, '_require_positive("scale", sensitivity / (epsilon or -1))', "arguments"),
    "the global generator is seeded": (RETURN, f"np.random.seed(0)\n    {RETURN}", "generator"),
    "the global generator is advanced": (RELEASE, f"np.random.rand()\n    {RELEASE}", "generator"),
    "bounds out of order cancel a bad epsilon": (
        RELEASE,
        "return rng.laplace(mean, _positive(sensitivity / epsilon if epsilon else 0))\n\n"
        "def _positive(x):\n    _require_positive('scale', x)\n    return x",
        "private_mean",
    ),
    "no empty arrays": (BAD, f"{BAD}\n    value[0] if np.ndim(value) else None", "arrays"),
    "scales 10% large": (RETURN, RETURN.replace("epsilon)", "epsilon * 1.1)"), "scale"),
    "scales 10% small": (RETURN, RETURN.replace("epsilon)", "epsilon * 0.9)"), "scale"),
    "numbers 10% small": (
        RETURN,
        RETURN.replace("epsilon)", "epsilon * (1 if isinstance(value, np.ndarray) else 0.9))"),
        "scale",
    ),
    "means 10% small": (RELEASE, RELEASE.replace("sensitivity", "0.9 * sensitivity"), "private_mean"),
}
SEEDS = range(2)
_RUN = """
import json, sys
from pathlib import Path
from grader.judge.plugin import LocalProvider
from grader.judge.run import collect, run_locally
order = json.load(sys.stdin)
suite = collect((order["suite"],))
def failed(file, seed):
    records = run_locally(suite, LocalProvider(Path(file), seed=seed), 60.0)
    return [record.outcome.task for record in records if record.outcome.status.value != "accepted"]
print(json.dumps({name: [failed(file, seed) for seed in order["seeds"]] for name, file in order["files"].items()}))
"""


@pytest.fixture(scope="module")
def failed_tasks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[list[str]]]:
    """For each wrong solution and the reference, the tasks whose cases failed, by seed."""
    folder, source = tmp_path_factory.mktemp("wrong"), (REFERENCE / "solution.py").read_text(encoding="utf-8")
    files = {"the reference": str(REFERENCE / "solution.py")}
    for number, (name, (old, new, _)) in enumerate(WRONG.items()):
        assert source.count(old) == 1, f"{name}: the reference has changed"
        file = folder / f"wrong_{number}.py"
        file.write_text(source.replace(old, new), encoding="utf-8")
        files[name] = str(file)
    order = {"suite": str(REFERENCE / "test_hidden.py"), "files": files, "seeds": list(SEEDS)}
    command = [sys.executable, "-W", "ignore", "-c", _RUN]
    run = subprocess.run(command, input=json.dumps(order), capture_output=True, text=True, cwd=ROOT, check=True)
    found: dict[str, list[list[str]]] = json.loads(run.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_solution_is_caught_by_its_task(name: str, failed_tasks: dict[str, list[list[str]]]) -> None:
    """On every seed."""
    assert all(WRONG[name][2] in tasks for tasks in failed_tasks[name]), failed_tasks[name]


def test_the_reference_fails_nothing(failed_tasks: dict[str, list[list[str]]]) -> None:
    """So that the wrong ones fail for what they do wrong."""
    assert failed_tasks["the reference"] == [[] for _ in SEEDS]
