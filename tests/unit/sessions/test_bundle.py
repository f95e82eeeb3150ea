"""What a candidate gets: every byte from an allow-list, and nothing that gives an answer away."""

from __future__ import annotations

import io
import re
import zipfile

import pytest

from grader.content.pack import Pack
from grader.model.session import Session
from grader.model.text import Lang
from grader.sessions.bundle import KIT, candidate_files, expected_files, root_name, to_zip
from tests.unit.sessions.conftest import freeze, make_entry

ALWAYS = {"README.md", "QUESTIONS.md", "answers.yaml"}


def test_the_list_of_files(session: Session) -> None:
    """There is exactly this, and nothing else."""
    names = set(candidate_files(session, "en", live=False))
    code = {f"5-code/{name}" for name in ("STATEMENT.md", "conftest.py", "solution.py", "test_public.py")}
    assert names == ALWAYS | code | {"6-answer.md"}


def test_every_byte_is_accounted_for(session: Session, pack: Pack) -> None:
    """The exercise's files are its public ones byte for byte; the kit is ours; the rest is built from prompts."""
    files = candidate_files(session, "en", live=False)
    public = pack.root / "exercises" / "f1_auc"
    assert files["5-code/STATEMENT.md"] == (public / "statement.en.md").read_bytes()
    assert files["5-code/solution.py"] == (public / "stub.py").read_bytes()
    assert files["5-code/test_public.py"] == (public / "test_public.py").read_bytes()
    ours, theirs = KIT.read_text().splitlines(), files["5-code/conftest.py"].decode().splitlines()
    assert [line for line in theirs if line not in ours] == [
        'TOLERANCES: dict[str, tuple[float, float]] = {"float64": (1e-09, 1e-12)}  # dtype: (rtol, atol)'
    ]
    assert files["6-answer.md"] == b""


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
    """Answers, the solution and the essay; no test, no conftest."""
    assert set(expected_files(session)) == {"answers.yaml", "5-code/solution.py", "6-answer.md"}


def test_the_readme_is_chinese(session: Session) -> None:
    """With --lang zh nothing but names of files and commands is English."""
    text = candidate_files(session, "zh", live=False)["README.md"].decode()
    words = re.findall(r"[A-Za-z]{4,}", re.sub(r"`[^`]*`", "", text))
    assert set(words) <= {"answers", "yaml", "pytest", "numpy", "torch"}
