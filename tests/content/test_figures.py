"""What is measured of exercises: it holds for the files as they are, and a hole in a suite lowers the score."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from grader.content.exercise_figures import TABLE, current_figures, read_figures, table
from grader.content.pack import Pack, builtin_pack_root
from grader.engine.engine import Engine
from grader.grading.mutation.score import ENOUGH, mutation_score
from grader.grading.steadiness import VERDICTS

PACK = Pack(builtin_pack_root())
ACTIVE = [slug for slug in PACK.slugs if PACK.exercise(slug).status == "active"]
_CASE = "def test_auc_with_many_ties"


@pytest.mark.parametrize("slug", ACTIVE)
def test_figures_hold_for_the_files_as_they_are(slug: str) -> None:
    """After a change of an exercise its score is measured again: `viva check SLUG --mutate --record`.

    200 verdicts take minutes and are made when somebody has them, with `make steady`; where they were, none failed.
    """
    figures = current_figures(PACK)[slug]
    assert figures.score is not None
    assert figures.score >= ENOUGH
    assert (figures.verdicts or VERDICTS, figures.rejected) == (VERDICTS, 0)


def test_the_table_of_exercises_has_these_figures() -> None:
    """What people read is what was measured, and what the files say."""
    assert (PACK.root / TABLE).read_text(encoding="utf-8") == table(PACK, read_figures(PACK.root))


def _copy(tmp_path: Path) -> Path:
    for half in ("exercises", "reference"):
        shutil.copytree(PACK.root / half / "f1_auc", tmp_path / half / "f1_auc")
    return tmp_path


def test_a_hole_in_a_suite_lowers_the_score(tmp_path: Path) -> None:
    """Without the cases about bad arguments, mutants that accept them stay alive, and are shown where they are."""
    root = _copy(tmp_path)
    suites = [root / "reference/f1_auc/test_hidden.py", root / "exercises/f1_auc/test_public.py"]
    with Engine(strict=False, warm=True) as engine:
        whole = mutation_score(Pack(root).exercise("f1_auc"), engine, seed=1, lanes=2)
        for suite in suites:
            suite.write_text(_without(suite.read_text(encoding="utf-8"), task="contract"), encoding="utf-8")
        holed = mutation_score(Pack(root).exercise("f1_auc"), engine, seed=1, lanes=2)
    assert whole.score >= ENOUGH
    assert holed.score < whole.score
    assert any(survivor.inside in ("roc_auc", "f1_score", "_same_shape") for survivor in holed.survivors)


def _without(suite: str, task: str) -> str:
    """A suite whose cases of one task claim nothing."""
    mark = f'@pytest.mark.task("{task}")\n'
    before, *cases = suite.split(mark)
    assert cases
    return before + "".join(mark + _emptied(case) for case in cases)


def _emptied(case: str) -> str:
    """A case that returns at once, and what follows it in the file."""
    head, rest = case.split(":\n", 1)
    return f"{head}:\n    return\n{rest}"
