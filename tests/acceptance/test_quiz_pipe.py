"""The quiz over a pipe, and the commands around it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.acceptance.quiz_pack import write_pack

Done = subprocess.CompletedProcess[str]
Viva = Callable[..., Done]


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One entry of each kind."""
    return write_pack(tmp_path_factory.mktemp("pack"))


@pytest.fixture
def viva(tmp_path: Path) -> Viva:
    """`viva(*arguments, typed=lines)` in an empty folder that also holds the progress."""

    def run(*arguments: str | Path, typed: str = "", **env: str) -> Done:
        settings = {
            **os.environ,
            "VIVA_HOME": str(tmp_path / "home"),
            "PYTHONIOENCODING": "utf-8",
            "COLUMNS": "80",
            **env,
        }
        command = [sys.executable, "-m", "grader", *map(str, arguments)]
        return subprocess.run(
            command,
            cwd=tmp_path,
            input=typed,
            capture_output=True,
            text=True,
            encoding="utf-8",
            env=settings,
            timeout=120,
        )

    return run


@pytest.fixture
def quiz(viva: Viva, pack: Path) -> Viva:
    """`quiz(*arguments, typed=…)` on the small pack."""
    return lambda *arguments, **more: viva(
        "quiz", "--pack", pack, "--topic", "lab", "--seed", "7", "--lang", "en", *arguments, **more
    )


def test_answers_come_from_the_pipe(quiz: Viva, viva: Viva) -> None:
    """Lines are answers; the options stand in the output, and no control code does."""
    done = quiz("--kind", "choice", "--kind", "numeric", typed="3.5\na\n3.5\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert "text good" in done.stdout
    assert "Answered 2" in done.stdout
    assert "\x1b" not in done.stdout
    assert len(json.loads(viva("progress", "export").stdout)["answers"]) == 2


def test_an_open_answer_over_the_pipe(quiz: Viva) -> None:
    """An empty line ends the answer, and the next line has the letters of its points."""
    done = quiz("--kind", "open", typed="It is the variance.\nSecond line.\n\na b\n")
    assert done.returncode == 0
    assert "a [x] names the variance" in done.stdout
    assert "✓ Right 100%" in done.stdout


@pytest.mark.parametrize("typed", ["", "?\n", "h\nl\n", "n\n"])
def test_an_end_before_the_first_answer(quiz: Viva, typed: str) -> None:
    """One sentence on stderr, status 2."""
    done = quiz("--kind", "choice", "--kind", "numeric", typed=typed)
    assert done.returncode == 2
    assert done.stderr == (
        "viva: the input ended before the first answer; run `viva quiz` at a terminal, or pipe answers, one a line\n"
    )


def test_an_end_after_an_answer_keeps_it(quiz: Viva) -> None:
    """The rest is simply not asked."""
    done = quiz("--kind", "choice", "--kind", "numeric", typed="x\n")
    assert done.returncode == 0
    assert "Answered 1" in done.stdout


def test_nothing_needs_more_than_ascii(quiz: Viva) -> None:
    """Where the output is ASCII, marks and lines are, and Chinese gives way to English."""
    done = quiz("--kind", "choice", "--lang", "zh", typed="x\n", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert "x Not known" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--topic", "labb"), "--topic: there is no topic or area 'labb'; did you mean `lab`"),
        (("--kind", "chioce"), "--kind chioce: there is no such kind; did you mean `choice`?"),
        (("--level", "boss"), "--level boss: there is no such level; write one of junior, mid, senior, staff"),
        (("--level", "staff"), "no question matches"),
        (("--seed", "-1"), "--seed is -1; give a whole number"),
        (("--data", "."), "is a folder; name a file with --data"),
    ],
)
def test_wrong_use(quiz: Viva, arguments: tuple[str, ...], sentence: str) -> None:
    """One sentence that says what to write, status 2."""
    done = quiz(*arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_review_of_what_is_not_due(quiz: Viva, lang: str) -> None:
    """Two sentences at most: what of these questions comes back when; others that are due do not matter."""
    quiz("--kind", "choice", typed="x\n")
    known = quiz("--mode", "review", "--kind", "choice", "--lang", lang)
    never = quiz("--mode", "review", "--kind", "numeric", "--lang", lang)
    expected = {
        "en": ("Nothing is due. The next question comes back tomorrow.", "none of these was answered yet"),
        "zh": ("没有待复习的题。下一题将在明天出现。", "符合条件的题都还没有答过"),
    }[lang]
    assert known.stdout.strip() == expected[0]
    assert expected[1] in never.stdout
    assert (known.returncode, never.returncode) == (0, 0)


def test_a_mock_without_time(quiz: Viva, pack: Path) -> None:
    """No question of two minutes fits into one."""
    done = quiz("--mode", "mock", "--minutes", "1", "--kind", "choice")
    assert done.returncode == 0
    assert done.stdout.strip().startswith("No question fits into the time")


def test_what_is_gone_from_the_bank_is_not_due(quiz: Viva, viva: Viva, pack: Path) -> None:
    """`viva progress` counts as due only what `viva quiz` can ask."""
    quiz("--kind", "choice", typed="x\n")
    with_pack, without = (json.loads(viva("progress", "--json", *more).stdout) for more in (("--pack", pack), ()))
    assert (sum(with_pack["due_by_day"]), sum(without["due_by_day"])) == (1, 0)
    assert without["answers"] == 1


def test_a_broken_entry_is_left_out_with_a_word(quiz: Viva, pack: Path, tmp_path: Path) -> None:
    """The quiz goes on with the others."""
    own = write_pack(tmp_path / "own")
    (own / "bank" / "lab" / "lab-broken.yaml").write_text("schema: 1\n")
    done = quiz("--pack", own, "--kind", "numeric", typed="x\n")
    assert done.returncode == 0
    assert "Left out because their files are broken: 1" in done.stdout


def test_the_progress_page(quiz: Viva, viva: Viva, pack: Path) -> None:
    """After an answer it has figures; before, it says how to begin; no line is wider than the screen."""
    assert "begin with `viva quiz`" in viva("progress", "--lang", "en").stdout
    quiz("--kind", "choice", typed="x\n")
    for lang in ("en", "zh"):
        page = viva("progress", "--lang", lang, "--pack", pack).stdout
        assert {"en": "Laboratory", "zh": "实验室"}[lang] in page
        assert all(cell_len(line) <= 80 for line in page.splitlines())


def test_the_progress_page_as_json(quiz: Viva, viva: Viva, pack: Path) -> None:
    """One document, and nothing else."""
    quiz("--kind", "choice", typed="x\n")
    done = viva("progress", "--json", "--pack", pack)
    document = json.loads(done.stdout)
    assert (document["schema"], document["answers"], document["streak_days"]) == ("viva.progress-page/1", 1, 1)
    assert next(area for area in document["areas"] if area["id"] == "lab")["answers"] == 1


def test_progress_moves_to_another_machine(quiz: Viva, viva: Viva, tmp_path: Path) -> None:
    """Exported and imported elsewhere, it is the same; imported again, nothing is doubled."""
    quiz("--kind", "choice", "--kind", "numeric", typed="x\nx\n")
    assert viva("progress", "export", "kept.json").returncode == 0
    other = tmp_path / "other.sqlite"
    first = viva("progress", "import", "kept.json", "--data", other, "--lang", "en")
    again = viva("progress", "import", "kept.json", "--data", other, "--lang", "en")
    assert (first.stderr, again.stderr) == ("2 new answers, 2 in all.\n", "0 new answers, 2 in all.\n")
    assert viva("progress", "export", "--data", other).stdout == (tmp_path / "kept.json").read_text(encoding="utf-8")


def test_import_of_something_else(viva: Viva, tmp_path: Path) -> None:
    """A sentence that names the file."""
    (tmp_path / "other.json").write_text("{}")
    done = viva("progress", "import", "other.json")
    assert done.returncode == 2
    assert done.stderr.startswith("viva: other.json: schema:")


def test_a_workspace_says_how_to_grade(viva: Viva, pack: Path, tmp_path: Path) -> None:
    """`viva start` writes a README in the person's language, and overwrites no file of theirs."""
    assert viva("start", "double", "--pack", pack, "--lang", "zh").returncode == 0
    readme = (tmp_path / "double" / "README.md").read_text(encoding="utf-8")
    assert "    viva grade    " in readme
    assert "判题" in readme
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "README.md").write_text("mine")
    done = viva("start", "double", "mine", "--pack", pack)
    assert done.returncode == 2
    assert sorted(path.name for path in (tmp_path / "mine").iterdir()) == ["README.md"]


def test_a_solution_is_shown_to_who_solved_it(viva: Viva, pack: Path, tmp_path: Path) -> None:
    """Before, a pipe is refused; a right solution in its place is graded and opens the door, for good."""
    refused = viva("solution", "double", "--pack", pack, "--lang", "en")
    assert refused.returncode == 2
    assert "has not been solved" in refused.stderr
    assert viva("start", "double", "--pack", pack).returncode == 0
    assert viva("solution", "double", "--pack", pack).returncode == 2
    (tmp_path / "double" / "solution.py").write_text("def double(x):\n    return x + x\n")
    shown = viva("solution", "double", "--pack", pack, "--lang", "en")
    assert shown.returncode == 0
    assert re.findall(r"(?m)^## (.*)$", shown.stdout) == ["Reference", "Another way: adding"]
    assert "return 2 * x" in shown.stdout
    (tmp_path / "double" / "solution.py").unlink()
    assert viva("solution", "double", "--pack", pack).returncode == 0


def test_a_solution_is_shown_from_inside_the_workspace(viva: Viva, pack: Path, tmp_path: Path) -> None:
    """As the README of the workspace says it: one command under the other, and none needs a name."""
    assert viva("start", "double", ".", "--pack", pack).returncode == 0
    lines = (tmp_path / "README.md").read_text(encoding="utf-8").splitlines()
    explained = [line for line in lines if line.startswith("    ")]
    assert [line.split()[:2] for line in explained] == [
        ["viva", name] for name in ("test", "grade", "watch", "hint", "reset", "next")
    ]
    assert len({re.search(r"\S {3,}(?=\S)", line).end() for line in explained}) == 1  # type: ignore[union-attr]
    (tmp_path / "solution.py").write_text("def double(x):\n    return x + x\n")
    assert viva("solution", "--pack", pack).returncode == 0


def test_a_solution_for_who_insists(viva: Viva, pack: Path) -> None:
    """`--yes` shows it at once."""
    done = viva("solution", "double", "--yes", "--pack", pack)
    assert done.returncode == 0
    assert "return 2 * x" in done.stdout
