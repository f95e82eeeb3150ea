"""One file that freezes a session."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grader.content.pack import Pack
from grader.errors import ContentError, UsageError
from grader.model.session import Session
from grader.sessions.freeze import split_notes
from grader.sessions.session_file import _digest, dump_session, locate, read_session, write_session
from tests.unit.sessions.conftest import freeze, make_entry


def test_a_session_comes_back(tmp_path: Path, session: Session) -> None:
    """What was written is read as it was."""
    write_session(tmp_path / "new" / "session.json", session)
    assert read_session(tmp_path / "new" / "session.json") == session


def test_it_says_whose_it_is(session: Session) -> None:
    """The head of the file warns in both languages that it holds answers."""
    head = json.loads(dump_session(session))["warning"]
    assert "FOR THE INTERVIEWER ONLY" in head
    assert "仅供面试官使用" in head


def test_an_edit_is_noticed(tmp_path: Path, session: Session) -> None:
    """A changed answer is not believed."""
    path = tmp_path / "session.json"
    path.write_bytes(dump_session(session).replace(b"MODEL-ANSWER", b"OTHER-ANSWER", 1))
    with pytest.raises(ContentError, match="edited or damaged"):
        read_session(path)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"schema": "viva.session/9"}', '{"schema": "viva.session/1"}', "[" * 9999]
)
def test_what_is_no_session(tmp_path: Path, text: str) -> None:
    """Any other document is refused in a sentence that names the file."""
    path = tmp_path / "session.json"
    path.write_text(text)
    with pytest.raises(ContentError, match=r"session\.json"):
        read_session(path)


def test_a_folder_is_enough(tmp_path: Path, session: Session) -> None:
    """A session may be named by its folder; a folder of forms asks for one of them."""
    write_session(tmp_path / "form-1" / "session.json", session)
    assert locate(tmp_path / "form-1") == tmp_path / "form-1" / "session.json"
    with pytest.raises(UsageError, match="holds 1 forms"):
        locate(tmp_path)
    with pytest.raises(UsageError, match="does not exist"):
        locate(tmp_path / "nowhere")


def test_numbers_are_drawn_once(pack: Pack) -> None:
    """The same entries and seed give the same session; another seed other labels or numbers."""
    entries = [make_entry("entry-choice", "choice"), make_entry("entry-order", "order")]
    assert freeze(entries, pack, 1) == freeze(entries, pack, 1)
    assert freeze(entries, pack, 1).questions != freeze(entries, pack, 2).questions


def test_an_order_is_never_shown_in_order(pack: Pack) -> None:
    """The steps as shown are not the answer."""
    for seed in range(60):
        (question,) = freeze([make_entry("entry-order", "order")], pack, seed).questions
        assert [step.place for step in question.steps] != [1, 2, 3, 4]


def test_an_exercise_is_frozen(session: Session, pack: Pack) -> None:
    """Files, digest and notes of both languages are in the session."""
    exercise = session.questions[4].exercise
    assert exercise is not None
    assert exercise.suite_digest == pack.exercise("f1_auc").suite_digest
    assert exercise.notes.en.startswith("# Notes for the interviewer")
    assert "面试官" not in exercise.notes.en
    assert exercise.notes.zh.startswith("# 面试官")


def test_notes_in_one_language() -> None:
    """Notes without a Chinese part serve both."""
    assert split_notes("# Notes\n\nText").zh == "# Notes\n\nText"


def test_a_session_with_a_unit_in_one_language_is_read(tmp_path: Path, pack: Pack) -> None:
    """Sessions of when units were one string keep theirs in both languages; no other value is one."""
    made = freeze([make_entry("entry-numeric", "numeric")], pack)
    document = json.loads(dump_session(made))
    document["session"]["questions"][0]["numeric"]["unit"] = "GiB"
    document["digest"] = _digest(document["session"])
    path = tmp_path / "session.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    assert read_session(path) == made
    document["session"]["questions"][0]["numeric"]["unit"] = 3
    document["digest"] = _digest(document["session"])
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(ContentError):
        read_session(path)


@pytest.mark.parametrize("share", ["NaN", "Infinity", "1e308", "-0.1", "1.01"])
def test_a_share_that_is_none_is_refused(tmp_path: Path, session: Session, share: str) -> None:
    """Code earns from none to all of the points; a guide of anything else could not be written."""
    document = json.loads(dump_session(session))
    document["session"]["code_share"] = json.loads(share)
    document["digest"] = _digest(document["session"])
    path = tmp_path / "session.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(ContentError, match="code_share"):
        read_session(path)
