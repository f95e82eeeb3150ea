"""Taking back what candidates sent, with a judge that costs nothing."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from grader.model.session import Session
from grader.model.session_results import Attempt, Judged, Turned
from grader.model.text import Text
from grader.model.verdict import Isolation, Resources, Status, TaskScore, Verdict
from grader.sessions.collect import Collector, Work, candidate_key
from grader.sessions.ledger import Ledger
from grader.sessions.one_language import in_language

NOW = "2026-11-22T10:00:00.000+00:00"
SUITE = {"f1_auc": "sha256:today"}


def make_verdict(
    name: str, status: Status = Status.ACCEPTED, score: float = 10.0, suite: str = "sha256:today"
) -> Verdict:
    """A verdict out of ten points."""
    return Verdict(
        submission=name,
        status=status,
        score=score,
        max_score=10.0,
        tasks=(TaskScore(id="all", title=Text(en="All", zh="全部"), score=score, max_score=10.0),),
        cases=(),
        diagnosis=(),
        resources=Resources(),
        isolation=Isolation(level="strict", layers=()),
        device="cpu",
        seed=1,
        exercise_id="f1_auc",
        exercise_version=1,
        suite_digest=suite,
        submission_digest="sha256:x",
        versions={},
        integrity=(),
        message="",
        created=NOW,
    )


def make_judged(candidate: str, question: int, score: float = 10.0, source: str = "x = 1\n") -> Judged:
    """A recorded verdict."""
    return Judged(
        candidate=candidate,
        question=question,
        file_digest="sha256:x",
        source=source,
        suite_then="sha256:today",
        verdict=make_verdict(candidate, score=score),
        at=NOW,
    )


class FakeJudge:
    """Accepts everything, or fails on our side, and remembers what it was asked."""

    def __init__(self, status: Status = Status.ACCEPTED) -> None:
        self.asked: list[str] = []
        self.status = status

    def __call__(self, slug: str, pieces: Sequence[Work]) -> Iterator[Verdict]:
        assert slug == "f1_auc"
        for name in (piece.candidate for piece in pieces):
            self.asked.append(name)
            yield make_verdict(name, self.status)


def hand_in(folder: Path, session: Session, name: str, code: str = "x = 1\n", of: str = "") -> Path:
    """A zip as a candidate would send it."""
    lines = {"session": of or session.code, "name": name}
    text = "".join(f'{key}: "{value}"\n' for key, value in lines.items()) + "answers: {}\n"
    path = folder / f"{name}.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("interview/answers.yaml", text)
        file.writestr("interview/5-code/solution.py", code)
    return path


def run(
    session: Session, ledger_path: Path, paths: list[Path], judge: FakeJudge, *, regrade: bool = False
) -> Collector:
    with Ledger(ledger_path) as ledger:
        collector = Collector(session, ledger, lambda: NOW, regrade=regrade)
        work = collector.take(paths)
        collector.judge(work, judge, SUITE, lambda _done, _of: None)
    return collector


def test_everything_is_recorded(tmp_path: Path, session: Session) -> None:
    """An attempt and a verdict for each candidate."""
    paths = [hand_in(tmp_path, session, name) for name in ("Ada", "Bo")]
    collector = run(session, tmp_path / "r", paths, FakeJudge())
    assert collector.account.graded == 2
    kinds = [(type(record).__name__, record.candidate) for record in Ledger(tmp_path / "r").records]  # type: ignore[union-attr]
    assert kinds == [("Attempt", "Ada"), ("Attempt", "Bo"), ("Judged", "Ada"), ("Judged", "Bo")]


@pytest.mark.parametrize(
    ("code", "graded"),
    [
        (None, "5-code/solution.ipynb"),
        ("stub", "5-code/solution.ipynb"),
        ("en", "5-code/solution.ipynb"),  # as a bundle in one language hands it out
        ("zh", "5-code/solution.ipynb"),
        ("x = 1\n", "5-code/solution.py"),
    ],
)
def test_a_notebook_is_graded_unless_code_was_written(
    tmp_path: Path, session: Session, code: str | None, graded: str
) -> None:
    """The notebook counts where `solution.py` is missing or as it was given; else it is named as not graded."""
    asked = session.questions[4]
    assert asked.exercise is not None
    path = tmp_path / "Ada.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a/answers.yaml", "answers: {}\n")
        file.writestr("a/5-code/solution.ipynb", '{"cells": []}')
        if code is not None:
            stub = asked.exercise.files["solution.py"]
            spoken = {"en": in_language(stub, "en"), "zh": in_language(stub, "zh")}
            given = {"stub": stub.replace("\n", "\r\n") + "\n", **spoken}
            file.writestr("a/5-code/solution.py", given.get(code, code))
    with Ledger(tmp_path / "r") as ledger:
        collector = Collector(session, ledger, lambda: NOW, regrade=False)
        assert [piece.file for piece in collector.take([path])] == [graded]
    said = [note.en for _, note in collector.account.notes]
    assert ("5-code/solution.ipynb was not graded, because the solution.py beside it was" in said) == graded.endswith(
        ".py"
    )


def test_code_beside_a_solution_is_judged_with_it(tmp_path: Path, session: Session) -> None:
    """It changes the digest, so other helpers are other work; what nothing imports is told."""

    def taken(helper: str) -> tuple[Work, Collector]:
        path = hand_in(tmp_path, session, "Ada", "import helper\n")
        with zipfile.ZipFile(path, "a") as file:
            file.writestr("interview/5-code/helper.py", helper)
            file.writestr("interview/5-code/old.py", "x = 0\n")
        with Ledger(tmp_path / f"r{helper}") as ledger:
            collector = Collector(session, ledger, lambda: NOW, regrade=False, imported=lambda _: ["helper.py"])
            (piece,) = collector.take([path])
        return piece, collector

    piece, collector = taken("x = 1")
    assert piece.beside == {"helper.py": b"x = 1", "old.py": b"x = 0\n"}
    said = [note.en for _, note in collector.account.notes]
    assert said[1:] == ["5-code/old.py was not run, because nothing that was graded imports it"]
    assert taken("x = 2")[0].digest != piece.digest


def test_missing_code_is_told(tmp_path: Path, session: Session) -> None:
    """At grading, and not only in the report."""
    path = tmp_path / "Ada.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a/answers.yaml", "answers: {}\n")
    account = run(session, tmp_path / "r", [path], FakeJudge()).account
    assert "no solution.py for question 5 was handed in, which counts as nothing" in [n.en for _, n in account.notes]


def test_what_was_graded_is_not_graded_again(tmp_path: Path, session: Session) -> None:
    """A second run asks the judge nothing and records nothing."""
    paths = [hand_in(tmp_path, session, "Ada")]
    run(session, tmp_path / "r", paths, FakeJudge())
    before = (tmp_path / "r").read_bytes()
    judge = FakeJudge()
    assert run(session, tmp_path / "r", paths, judge).account.skipped == 1
    assert judge.asked == []
    assert (tmp_path / "r").read_bytes() == before


def test_an_interrupted_run_goes_on(tmp_path: Path, session: Session) -> None:
    """What was judged before an interruption is kept; only the rest is judged then."""
    paths = [hand_in(tmp_path, session, name) for name in ("Ada", "Bo", "Cem")]

    class Interrupted(FakeJudge):
        def __call__(self, slug: str, pieces: Sequence[Work]) -> Iterator[Verdict]:
            for place, verdict in enumerate(super().__call__(slug, pieces)):
                if place == 2:
                    raise KeyboardInterrupt
                yield verdict

    with pytest.raises(KeyboardInterrupt):
        run(session, tmp_path / "r", paths, Interrupted())
    judge = FakeJudge()
    run(session, tmp_path / "r", paths, judge)
    assert judge.asked == ["Cem"]


def test_a_regrade_stands_beside_the_old(tmp_path: Path, session: Session) -> None:
    """With --regrade there are two verdicts afterwards, the old one unchanged."""
    paths = [hand_in(tmp_path, session, "Ada")]
    run(session, tmp_path / "r", paths, FakeJudge())
    old = (tmp_path / "r").read_bytes()
    run(session, tmp_path / "r", paths, FakeJudge(), regrade=True)
    assert (tmp_path / "r").read_bytes().startswith(old)
    assert sum(isinstance(record, Judged) for record in Ledger(tmp_path / "r").records) == 2


def test_our_failure_is_tried_again(tmp_path: Path, session: Session) -> None:
    """A judge error is told and does not count as graded."""
    paths = [hand_in(tmp_path, session, "Ada")]
    account = run(session, tmp_path / "r", paths, FakeJudge(Status.JUDGE_ERROR)).account
    assert account.ours == 1
    assert "the grader failed" in account.notes[-1][1].en
    judge = FakeJudge()
    run(session, tmp_path / "r", paths, judge)
    assert judge.asked == ["Ada"]


def test_a_changed_submission_is_graded(tmp_path: Path, session: Session) -> None:
    """A new version of the code is a new attempt, and both are kept."""
    run(session, tmp_path / "r", [hand_in(tmp_path, session, "Ada")], FakeJudge())
    judge = FakeJudge()
    run(session, tmp_path / "r", [hand_in(tmp_path, session, "Ada", code="x = 2\n")], judge)
    assert judge.asked == ["Ada"]
    assert sum(isinstance(record, Attempt) for record in Ledger(tmp_path / "r").records) == 2


def test_another_sessions_archive_is_refused(tmp_path: Path, session: Session) -> None:
    """Answers to another session are not scored with this one's key; the refusal is recorded once."""
    paths = [hand_in(tmp_path, session, "Ada", of="ffffff")]
    for _ in range(2):
        collector = run(session, tmp_path / "r", paths, FakeJudge())
        assert "of the session ffffff" in collector.account.refused[0].reason.en
    assert [type(record) for record in Ledger(tmp_path / "r").records] == [Turned]


def test_the_folder_tells_the_session_too(tmp_path: Path, session: Session) -> None:
    """Code alone, in the folder of another session's bundle, is refused; in a folder of one's own it is graded."""
    for root in ("interview-ffffff", "my answers"):
        with zipfile.ZipFile(tmp_path / f"{root}.zip", "w") as file:
            file.writestr(f"{root}/5-code/solution.py", "x = 1\n")
    collector = run(session, tmp_path / "r", sorted(tmp_path.glob("*.zip")), FakeJudge())
    assert [turned.archive for turned in collector.account.refused] == ["interview-ffffff.zip"]
    assert "of the session ffffff" in collector.account.refused[0].reason.en
    assert collector.account.graded == 1


def test_a_second_attempt_is_told(tmp_path: Path, session: Session) -> None:
    """Something else from the same candidate is told; the same again is not; an old version again is the last one."""
    codes = ["x = 1\n", "x = 1\n", "x = 2\n", "x = 1\n"]
    runs = [run(session, tmp_path / "r", [hand_in(tmp_path, session, "Ada", code)], FakeJudge()) for code in codes]
    told = [any("handed in again" in note.en for _, note in collector.account.notes) for collector in runs]
    assert told == [False, False, True, True]
    attempts = [record for record in Ledger(tmp_path / "r").records if isinstance(record, Attempt)]
    assert [attempt.code[5] for attempt in attempts] == [attempts[0].code[5], attempts[1].code[5], attempts[0].code[5]]
    assert attempts[0].code != attempts[1].code


def test_nobody_can_hand_in_for_somebody_else(tmp_path: Path, session: Session) -> None:
    """Two archives of the same name in one run: the second is refused, and does not replace the first."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    paths = [hand_in(tmp_path / folder, session, "Ada", code=f"x = '{folder}'\n") for folder in "ab"]
    collector = run(session, tmp_path / "r", paths, FakeJudge())
    assert "name each file after its candidate" in collector.account.refused[0].reason.en
    assert collector.account.graded == 1


@pytest.mark.parametrize(
    ("file", "name", "key"),
    [
        ("Ada Okafor.zip", "somebody else", "Ada Okafor"),
        ("interview-abc123.zip", "Ada", "Ada"),
        ("interview-abc123 (2).zip", "Ada", "Ada"),
        ("interview-abc123.zip", "", "interview-abc123"),
        ("李雷.zip", "", "李雷"),
    ],
)
def test_who_handed_in(file: str, name: str, key: str) -> None:
    """The file's name, which the recruiter chose, goes before what a candidate claims to be called."""
    assert candidate_key(Path(file), name, "interview-abc123") == key
