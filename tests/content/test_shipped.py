"""The shipped pack as files; `viva check` proves what takes grading."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.content.pack import Pack, builtin_pack_root

ROOT = builtin_pack_root()
PACK = Pack(ROOT)
FIRST = ("multi_head_attention", "ddp_step", "early_stopping", "smote", "f1_auc", "laplace_mechanism")


def test_the_six_named_exercises_are_there() -> None:
    """The exercises that the product is named for exist and are active."""
    assert {PACK.exercise(slug).status for slug in FIRST} == {"active"}


@pytest.mark.parametrize("slug", PACK.slugs)
def test_an_exercise_keeps_the_format(slug: str) -> None:
    """Manifest, statements, suites and mutants keep the format, and the topics are in the syllabus."""
    assert PACK.check_exercise(slug).id == slug


@pytest.mark.parametrize("entry_id", PACK.entry_paths)
def test_an_entry_keeps_the_format(entry_id: str) -> None:
    """The entry keeps the format, and its topics and exercise exist."""
    assert PACK.check_entry(entry_id).id == entry_id


@pytest.mark.parametrize("slug", PACK.slugs)
def test_every_exercise_has_an_entry(slug: str) -> None:
    """An exercise can be found from the bank."""
    assert slug in {getattr(PACK.entry(entry_id), "exercise", None) for entry_id in PACK.entry_paths}


@pytest.mark.parametrize("slug", PACK.slugs)
def test_the_statement_names_every_entry_point(slug: str) -> None:
    """Both statements name everything that a submission must define."""
    exercise = PACK.exercise(slug)
    for lang in ("en", "zh"):
        text = (exercise.public_dir / f"statement.{lang}.md").read_text(encoding="utf-8")
        assert all(name in text for name in exercise.entry_points)


@pytest.mark.parametrize("slug", PACK.slugs)
def test_nothing_private_is_among_the_public_files(slug: str) -> None:
    """No line of the hidden suite, and no whole function of the reference, stands in a file that may be shown."""
    exercise = PACK.exercise(slug)
    public = "\n".join(p.read_text(encoding="utf-8") for p in exercise.public_dir.glob("*.*") if p.is_file())
    hidden = exercise.hidden_suite.read_text(encoding="utf-8").splitlines()
    cases = [line for line in hidden if line.startswith("def test_")]
    shared = [line for line in cases if line in public]
    assert len(shared) < len(cases) / 2


@pytest.mark.parametrize(
    "folder", sorted(file.parent for file in (ROOT / "examples").glob("*/right.py")), ids=lambda p: p.name
)
def test_the_demo_has_its_three_submissions(folder: Path) -> None:
    """Each exercise has a right, a half-right and a cheating example."""
    assert folder.name in PACK.slugs
    assert {p.name for p in folder.glob("*.py")} == {"right.py", "half_right.py", "cheating.py"}
