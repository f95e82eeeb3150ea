"""What a candidate gets: every byte from an allow-list, and nothing that gives an answer away."""

from __future__ import annotations

import io
import re
import sys
import zipfile

import pytest

from grader.content.pack import Pack
from grader.model.session import Session
from grader.model.text import Lang
from grader.report.editor_text import for_editor
from grader.sessions.bundle import KIT, Sender, candidate_files, expected_files, root_name, to_zip
from grader.sessions.one_language import in_language
from grader.sessions.requirements import needed
from tests.unit.sessions.conftest import freeze, make_entry

ALWAYS = {
    "README.md",
    "QUESTIONS.md",
    "answers.yaml",
    "interview.json",
    "conftest.py",
    "pytest.ini",
    "requirements.txt",
}


def test_the_list_of_files(session: Session) -> None:
    """There is exactly this, and nothing else."""
    names = set(candidate_files(session, "en", live=False))
    code = {f"5-code/{name}" for name in ("STATEMENT.md", "solution.py", "test_public.py")}
    assert names == ALWAYS | code | {"6-answer.md"}


def test_every_byte_is_accounted_for(session: Session, pack: Pack) -> None:
    """The exercise's files are its public ones in one language, its statement made for an editor; the rest is ours."""
    files = candidate_files(session, "en", live=False)
    public = pack.root / "exercises" / "f1_auc"
    assert files["5-code/STATEMENT.md"] == for_editor((public / "statement.en.md").read_text(encoding="utf-8")).encode()
    assert files["5-code/solution.py"] == (public / "stub.py").read_bytes()
    suite = in_language((public / "test_public.py").read_text(encoding="utf-8"), "en")
    assert files["5-code/test_public.py"] == suite.encode()
    ours, theirs = KIT.read_text().splitlines(), files["conftest.py"].decode().splitlines()
    assert [line for line in theirs if line not in ours] == [
        '"""Lets `python -m pytest` run the public cases of every folder against its solution.py."""',
        'TOLERANCES: dict[str, dict[str, tuple[float, float]]] = {"5-code": {"float64": (1e-09, 1e-12)}}'
        "  # folder: dtype: (rtol, atol)",
    ]
    assert files["6-answer.md"] == b""


def test_a_bundle_without_code_has_no_kit(pack: Pack) -> None:
    """Nobody needs pytest to answer in words."""
    files = candidate_files(freeze([make_entry("entry-open")], pack), "en", live=False)
    assert set(files) == {"README.md", "QUESTIONS.md", "answers.yaml", "interview.json", "1-answer.md"}
    assert "pytest" not in files["README.md"].decode()


def test_it_says_from_whom_and_until_when(session: Session) -> None:
    """The README begins with who asks, whom to write to, the deadline, the language and the Python that grades."""
    sender = Sender(company="Acme", contact="hr@acme.test", deadline="2030-12-04")
    text = candidate_files(session, "en", live=False, sender=sender)["README.md"].decode()
    python = ".".join(str(part) for part in sys.version_info[:3])
    for fact in ("- From: Acme", "- Questions to: hr@acme.test", "- Hand in by: 2030-12-04", "English", python):
        assert fact in " ".join(text.split())
    assert "From" not in candidate_files(session, "en", live=False)["README.md"].decode()


def test_requirements_are_what_is_imported(session: Session) -> None:
    """The packages of the public files, each with the version that grades, and no module of ours."""
    lines = candidate_files(session, "en", live=False)["requirements.txt"].decode().splitlines()[1:]
    assert [line.partition("  #")[0] for line in lines] == ["numpy", "pytest"]
    assert all("graded with" in line for line in lines)
    assert needed(
        ["import torch.nn as nn, os", "from sklearn.x import y", "import solution", "from . import z", "("]
    ) == [
        "numpy",
        "pytest",
        "scikit-learn",
        "torch",
    ]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_nothing_private_is_in_it(session: Session, pack: Pack, lang: Lang) -> None:
    """No model answer, rubric, reason, hint, red flag, key, entry id, reference, hidden case or mutant."""
    everything = b"\n".join(candidate_files(session, lang, live=False).values()).decode()
    for private in ("MODEL-ANSWER", "RUBRIC-", "WHY-", "HINT-", "RED-FLAG", "entry-", "correct", "difficulty", "12.5"):
        assert private not in everything
    folder = pack.root / "reference" / "f1_auc"
    public = everything.splitlines()
    for path in folder.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            own = {line.strip() for line in path.read_text(encoding="utf-8").splitlines() if len(line.strip()) > 45}
            shared = own & {line.strip() for line in public}
            stated = {
                line.strip()
                for p in (pack.root / "exercises" / "f1_auc").glob("*")
                if p.is_file()
                for line in p.read_text(encoding="utf-8").splitlines()
            }
            assert shared <= stated, f"{path.name} is in the bundle"


@pytest.mark.parametrize(("lang", "says"), [("en", "±2% is close enough"), ("zh", "允许误差 ±2%")])
def test_a_candidate_is_told_the_tolerance(session: Session, lang: Lang, says: str) -> None:
    """How near a number must come stands beside the question, and beside the line for its answer."""
    files = candidate_files(session, lang, live=False)
    assert says in files["QUESTIONS.md"].decode()
    assert "±2%" in next(line for line in files["answers.yaml"].decode().splitlines() if line.startswith('  "3"'))


def test_labels_do_not_tell(pack: Pack) -> None:
    """Over many seeds the right choice is under every label."""
    entry = make_entry("choice-x", "choice")
    labels = {freeze([entry], pack, seed).questions[0].right_labels for seed in range(40)}
    assert labels == {"A", "B", "C", "D"}


def test_it_is_deterministic(session: Session) -> None:
    """The same session gives the same zip, byte for byte."""
    first, second = (to_zip(candidate_files(session, "zh", live=False), root_name(session)) for _ in range(2))
    assert first == second


def test_the_zip_holds_one_folder(session: Session) -> None:
    """Everything is below a folder that names the session's code and nothing else."""
    data = to_zip(candidate_files(session, "en", live=False), root_name(session))
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        assert {name.partition("/")[0] for name in file.namelist()} == {f"interview-{session.code}"}
        assert {info.date_time for info in file.infolist()} == {(2020, 1, 1, 0, 0, 0)}


def test_live_leaves_talk_out(session: Session) -> None:
    """With `live` there is no trace of a question that is only talked over."""
    files = candidate_files(session, "en", live=True)
    assert "6-answer.md" not in files
    assert "Prompt open" not in files["QUESTIONS.md"].decode()


def test_what_may_come_back(session: Session) -> None:
    """Answers, the solution (also as a notebook) and the essay; no test, no conftest."""
    assert set(expected_files(session)) == {
        "answers.yaml",
        "5-code/solution.py",
        "5-code/solution.ipynb",
        "6-answer.md",
    }


def test_the_readme_is_chinese(session: Session) -> None:
    """With --lang zh nothing but names of files and commands is English."""
    text = candidate_files(session, "zh", live=False)["README.md"].decode()
    words = re.findall(r"[A-Za-z]{4,}", re.sub(r"```.*?```|`[^`]*`", "", text, flags=re.DOTALL))
    assert set(words) <= {"answers", "yaml", "viva", "pytest", "numpy", "torch", "Python", "Linux", "macOS", "Windows"}
