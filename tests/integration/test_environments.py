"""scikit-learn and pandas in strict boxes: right and wrong solutions, what is on disk, threads, memory."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.content.pack import load_exercise
from grader.engine.engine import Engine
from grader.grading.statement_examples import wrong_examples
from grader.guest.environments import known, named
from grader.model.exercise import Exercise
from grader.model.verdict import Status, Verdict
from grader.wiring import open_engine
from tests.integration.conftest import OTHER, RIGHT, graded, write_exercise

pytestmark = pytest.mark.usefixtures("nothing_left")

PACK = Path(__file__).with_name("pack")
CAUGHT_BY = {"fold_probabilities": "leak", "customer_spend": "missing"}  # slug -> the task that a wrong one loses


@pytest.fixture(scope="module", params=CAUGHT_BY)
def exercise(request: pytest.FixtureRequest) -> Exercise:
    """One exercise of each environment."""
    return load_exercise(PACK, request.param)


@pytest.fixture(scope="module")
def folds() -> Exercise:
    """The exercise for scikit-learn."""
    return load_exercise(PACK, "fold_probabilities")


@pytest.fixture(scope="module")
def spend() -> Exercise:
    """The exercise for pandas."""
    return load_exercise(PACK, "customer_spend")


@pytest.fixture(scope="module")
def harmed() -> Iterator[Engine]:
    """A strict engine whose parents are warm."""
    with open_engine("strict", warm=True) as engine:
        assert isinstance(engine, Engine)
        yield engine


def wrong(exercise: Exercise) -> str:
    """A solution with a mistake that people make."""
    return (PACK / "wrong" / f"{exercise.id}.py").read_text(encoding="utf-8")


def tasks(verdict: Verdict) -> dict[str, float]:
    """Score by task."""
    return {task.id: task.score for task in verdict.tasks}


def messages(verdict: Verdict) -> list[str]:
    """What is said of the cases that failed."""
    return [case.message.en for case in verdict.cases if case.message.en]


def test_the_reference_is_accepted(engine: Engine, exercise: Exercise) -> None:
    """What a model or a grouping gives in a box is what it gives in the judge."""
    verdict = graded(engine, exercise, exercise.solution.read_text(encoding="utf-8"))
    assert verdict.status is Status.ACCEPTED, messages(verdict)


def test_it_is_accepted_from_a_warm_parent(harmed: Engine, exercise: Exercise) -> None:
    """A child of a parent that has fitted and grouped does so too, and does not hang."""
    for seed in range(3):
        verdict = graded(harmed, exercise, exercise.solution.read_text(encoding="utf-8"), seed)
        assert verdict.status is Status.ACCEPTED, messages(verdict)


def test_a_wrong_solution_is_caught_by_its_task(engine: Engine, exercise: Exercise) -> None:
    """With no point for it."""
    verdict = graded(engine, exercise, wrong(exercise))
    assert verdict.status is Status.WRONG_ANSWER
    assert tasks(verdict)[CAUGHT_BY[exercise.id]] == 0


def test_a_difference_in_a_table_is_told_by_column_and_row(engine: Engine, spend: Exercise) -> None:
    """In the words of the table."""
    verdict = graded(engine, spend, wrong(spend))
    (message,) = set(messages(verdict))
    assert message.startswith("the result's ['orders'] is ")


def test_a_table_that_is_changed_in_place_is_told(engine: Engine, spend: Exercise) -> None:
    """The suite's own table stays as it was, so that the right result alone is not enough."""
    source = spend.solution.read_text(encoding="utf-8")
    harmful = source.replace("    by_customer =", "    orders['seen'] = True\n    by_customer =")
    verdict = graded(engine, spend, harmful)
    assert "an argument was changed in place" in messages(verdict)
    assert tasks(verdict) == {"values": 0.0, "missing": 1.0}


def test_examples_of_statements_know_the_names_of_their_environment(exercise: Exercise) -> None:
    """`pd` and `sklearn` are given, as `np` is."""
    assert list(wrong_examples(exercise)) == []


def test_the_suite_means_the_same_under_plain_pytest(exercise: Exercise, tmp_path: Path) -> None:
    """In one process, where a breakpoint works."""
    shutil.copytree(PACK, tmp_path / "pack")  # away from these tests, whose settings ignore it
    suite = tmp_path / "pack" / exercise.hidden_suite.relative_to(PACK)
    arguments = [str(suite), "--viva-candidate", str(exercise.solution), "--viva-seed", "3", "-q"]
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert "2 passed" in done.stdout, done.stdout


ELSEWHERE = {
    "numpy": ("scipy", "sklearn", "pandas", "torch", "pytest"),
    "torch": ("scipy", "sklearn", "pandas", "pytest"),
    "sklearn": ("pandas", "torch", "pytest", "matplotlib", "yaml"),
    "pandas": ("scipy", "sklearn", "torch", "pytest", "matplotlib", "yaml"),
}


@pytest.mark.parametrize("environment", known())
def test_what_is_not_allowed_is_not_on_disk(engine: Engine, environment: str, tmp_path: Path) -> None:
    """An environment brings its own packages and what these require, and no other; it needs no allowance for them."""
    exercise = write_exercise(tmp_path, environment=environment, packages="")
    own = sorted(set(named(environment).libraries))
    source = f"import {', '.join(own)}\nimport importlib.util as u\n"
    source += f"there = [n for n in {ELSEWHERE[environment]!r} if u.find_spec(n)]\n"
    source += f"def probe(): return 'done' if not there else repr(there)\n{OTHER}"
    verdict = graded(engine, exercise, source)
    assert verdict.status is Status.ACCEPTED, messages(verdict)


def test_scipy_is_there_where_it_is_allowed(engine: Engine, tmp_path: Path) -> None:
    """With its compiled libraries, and without scikit-learn."""
    exercise = write_exercise(tmp_path, environment="numpy", packages="numpy, scipy")
    source = "from scipy.special import gammaln\nfrom scipy.stats import norm\nfrom scipy.linalg import cholesky\n"
    source += (
        f"def probe(): return 'done' if norm.cdf(0) == 0.5 and abs(gammaln(3) - 0.693147) < 1e-6 else 'no'\n{OTHER}"
    )
    assert graded(engine, exercise, source).status is Status.ACCEPTED
    absent = graded(engine, exercise, f"import sklearn\n{RIGHT}")
    assert "No module named 'sklearn'" in "".join(messages(absent))


_FITS = """
import numpy as np
from sklearn.cluster import KMeans
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score

def probe():
    x = np.random.default_rng(0).normal(size=(200, 4))
    y = (x[:, 0] > 0).astype(int)
    for model in (KMeans(3), RandomForestClassifier(8, n_jobs=2), HistGradientBoostingClassifier(max_iter=5)):
        model.fit(x, y)
    cross_val_score(LogisticRegression(), x, y, cv=2, n_jobs=-1)
    cross_val_score(LogisticRegression(), x, y, cv=2, n_jobs=int(2))
    return "done"
"""


@pytest.mark.parametrize("kind", ["engine", "harmed"])
def test_models_that_would_use_threads_and_processes_fit(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """OpenMP, BLAS and joblib work within one process, whether its parent has used them or not."""
    exercise = write_exercise(tmp_path, environment="sklearn", packages="sklearn")
    verdict = graded(request.getfixturevalue(kind), exercise, _FITS + OTHER)
    assert verdict.status is Status.ACCEPTED, messages(verdict)


@pytest.mark.parametrize("environment", ["sklearn", "pandas"])
def test_memory_is_counted_beside_what_the_environment_takes(engine: Engine, environment: str, tmp_path: Path) -> None:
    """A limit of 64 MiB leaves room for a table of 32, and none for one of 320."""
    exercise = write_exercise(tmp_path, environment=environment, packages="", limits="memory_mb: 64")
    fits, fails = (f"import numpy as np\ndef probe(): np.ones({n} << 17); return 'done'\n{OTHER}" for n in (32, 320))
    assert graded(engine, exercise, fits).status is Status.ACCEPTED
    assert graded(engine, exercise, fails).status is Status.MEMORY_LIMIT


@pytest.mark.parametrize(
    "compiled",
    ["torch.compile(probe)", "torch.compile(fullgraph=True)(probe)", "torch.compile(probe, backend='eager')"],
)
def test_torch_compile_gives_back_what_it_is_given(engine: Engine, tmp_path: Path, compiled: str) -> None:
    """A box has no compiler, and a solution that asks for one is as right as without, and as quick."""
    exercise = write_exercise(tmp_path, environment="torch")
    source = f"import torch\ndef probe():\n    return 'done'\nprobe = {compiled}\ndef other():\n    return 'fine'\n"
    source += "layer = torch.nn.Linear(2, 2)\nlayer.compile()\nassert layer(torch.ones(2)).shape == (2,)\n"
    verdict = graded(engine, exercise, source)
    assert verdict.status is Status.ACCEPTED, verdict
