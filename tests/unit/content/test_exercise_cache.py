"""Exercises that are kept between processes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from grader.content import exercise_cache, pack
from grader.content.pack import load_exercise
from grader.errors import ContentError
from grader.model.exercise import Exercise

ROOT = Path(__file__).resolve().parents[3]
SLUG = "early_stopping"  # it has a tolerance, hints, alternatives and mutants


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A pack of one exercise that may be changed."""
    for half in ("exercises", "reference"):
        shutil.copytree(ROOT / half / SLUG, tmp_path / "pack" / half / SLUG)
    return tmp_path / "pack"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of this test's own."""
    monkeypatch.setenv("VIVA_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The exercises that were read from their files."""
    found: list[Path] = []
    read = pack._read_exercise

    def remember(public_dir: Path, private_dir: Path, digest: str) -> Exercise:
        found.append(public_dir)
        return read(public_dir, private_dir, digest)

    monkeypatch.setattr(pack, "_read_exercise", remember)
    return found


def test_what_was_kept_is_what_reading_gives(copy: Path, cache: Path, reads: list[Path]) -> None:
    """To the last field; the second time nothing is read."""
    first, second = load_exercise(copy, SLUG), load_exercise(copy, SLUG)
    assert second == first
    assert len(reads) == 1
    assert [mutant.id for mutant in second.mutants] == [mutant.id for mutant in first.mutants]
    with pytest.raises(TypeError):
        second.tolerance["float32"] = second.tolerance["float64"]  # type: ignore[index]


@pytest.mark.parametrize(
    "file", ["exercises/{}/exercise.yaml", "reference/{}/test_hidden.py", "reference/{}/mutants.yaml"]
)
def test_a_changed_file_is_read_again(file: str, copy: Path, cache: Path, reads: list[Path]) -> None:
    """Whatever a verdict depends on is in the digest."""
    first = load_exercise(copy, SLUG)
    path = copy / file.format(SLUG)
    path.write_text(path.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    assert load_exercise(copy, SLUG).suite_digest != first.suite_digest
    assert len(reads) == 2


def test_the_same_exercise_elsewhere_has_its_own_paths(copy: Path, cache: Path, tmp_path: Path) -> None:
    """What is kept says nothing of where the pack lies."""
    load_exercise(copy, SLUG)
    moved = copy.rename(tmp_path / "moved")
    exercise = load_exercise(moved, SLUG)
    assert exercise.public_dir == moved / "exercises" / SLUG


@pytest.mark.parametrize("damage", [b"", b"junk", b"\x00" * 64])
def test_a_damaged_file_is_no_cache(damage: bytes, copy: Path, cache: Path, reads: list[Path]) -> None:
    """The exercise is read from its own files."""
    first = load_exercise(copy, SLUG)
    (kept,) = (cache / "exercises").iterdir()
    kept.write_bytes(damage)
    assert load_exercise(copy, SLUG) == first
    assert len(reads) == 2


def test_other_code_reads_anew(copy: Path, cache: Path, reads: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """What older code made of a manifest is not believed."""
    load_exercise(copy, SLUG)
    monkeypatch.setattr(exercise_cache, "code_digest", lambda: "another" * 4)
    load_exercise(copy, SLUG)
    assert len(reads) == 2


def test_without_a_cache_everything_is_read(copy: Path, reads: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty VIVA_CACHE means none."""
    monkeypatch.setenv("VIVA_CACHE", "")
    load_exercise(copy, SLUG)
    load_exercise(copy, SLUG)
    assert len(reads) == 2


def test_a_file_that_went_missing_is_missed(copy: Path, cache: Path) -> None:
    """Statements are not in the digest, and are needed all the same."""
    load_exercise(copy, SLUG)
    (copy / "exercises" / SLUG / "statement.zh.md").unlink()
    with pytest.raises(ContentError, match="there is no such file"):
        load_exercise(copy, SLUG)
