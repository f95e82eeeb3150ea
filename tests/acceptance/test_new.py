"""`viva new exercise`, and what `viva check` says until it is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.conftest import Run


@pytest.fixture
def pack(viva: Run, tmp_path: Path) -> Path:
    """A new pack with the skeleton `rms_norm`."""
    done = viva("new", "exercise", "rms_norm", "--pack", "pack", "--lang", "en")
    assert (done.returncode, done.stderr.count("\n")) == (0, 1)
    assert "`viva check rms_norm --pack pack`" in done.stderr
    assert all((tmp_path / line).is_file() for line in done.stdout.splitlines())
    return tmp_path / "pack"


def test_a_draft_is_a_short_list(viva: Run, pack: Path) -> None:
    """The first few things to write, each with its place; nothing is run, and a draft is no failure."""
    done = viva("check", "rms_norm", "--pack", pack)
    head, *lines, more = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert head.startswith("✎ rms_norm is a draft; left to write: ")
    assert len(lines) == 5
    assert lines[0].strip() == f"{pack}/exercises/rms_norm/statement.en.md:1: name the thing as the field does"
    assert more.strip() == f"and {int(head.split()[-4].rstrip(',')) - 5} more"


def test_a_draft_that_breaks_its_format_fails(viva: Run, pack: Path) -> None:
    """With the sentence that any other exercise would get."""
    (pack / "reference/rms_norm/mutants.yaml").write_text("schema: 1\nmutants: none\n", encoding="utf-8")
    done = viva("check", "rms_norm", "--pack", pack)
    assert done.returncode == 1
    assert "✗" in done.stdout
    assert "mutants.yaml: mutants: line 2: " in done.stdout


def test_an_active_exercise_has_no_marks(viva: Run, pack: Path) -> None:
    """They are named, and nothing else is tried."""
    manifest = pack / "exercises/rms_norm/exercise.yaml"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace("draft", "active"), encoding="utf-8")
    done = viva("check", "rms_norm", "--pack", pack)
    assert done.returncode == 1
    assert "✗ nothing of it is left to write" in done.stdout
    assert len(done.stdout.splitlines()) == 8


@pytest.mark.parametrize(
    ("lang", "says"), [("en", "already there; choose another slug"), ("zh", "已存在；请换一个题名")]
)
def test_a_second_time_is_refused(viva: Run, pack: Path, lang: str, says: str) -> None:
    """In one sentence, with exit status 2."""
    done = viva("new", "exercise", "rms_norm", "--pack", pack, "--lang", lang)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
