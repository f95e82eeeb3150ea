"""Taking back what candidates sent: read, score, judge and record; what was recorded before is not done again.

`judge` comes from above, because this module knows no engine: it is given an exercise's slug and sources, and yields
their verdicts in that order.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.errors import UsageError
from grader.model.session import Question, Session
from grader.model.session_results import Attempt, Judged, Turned
from grader.model.text import Text
from grader.model.verdict import Status, Verdict
from grader.sessions.answers import MAX_NAME, essays, missing_code, read_written
from grader.sessions.archive import Refused, Returned, find_returns, read_return, shown
from grader.sessions.bundle import ANSWERS, expected_files, root_name, session_of_root
from grader.sessions.ledger import Ledger

Judge = Callable[[str, Sequence[tuple[str, bytes]]], Iterator[Verdict]]
Tell = Callable[[int, int], None]  # done, of how many
_AGAIN = Text(en="handed in again, something else; the last one counts", zh="再次提交且内容不同；以最后一次为准")
_COPY = re.compile(r"[\s_-]*(\(\d+\)|copy|副本)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One file to be judged."""

    candidate: str
    question: Question
    data: bytes

    @property
    def digest(self) -> str:
        """Of the bytes that were handed in."""
        return "sha256:" + hashlib.sha256(self.data).hexdigest()


@dataclass(slots=True, kw_only=True)
class Account:
    """What one run did: `taken` candidates handed something in; the other counts are of coding questions."""

    taken: int = 0
    graded: int = 0
    skipped: int = 0
    ours: int = 0
    refused: list[Turned] = field(default_factory=list)
    notes: list[tuple[str, Text]] = field(default_factory=list)


class Collector:
    """One run over what was sent back for one session."""

    def __init__(self, session: Session, ledger: Ledger, now: Callable[[], str], *, regrade: bool) -> None:
        self.session = session
        self.account = Account()
        self._ledger = ledger
        self._now = now
        self._regrade = regrade
        self._expected = expected_files(session)
        self._graded = {
            (record.candidate, record.question, record.file_digest, record.verdict.suite_digest)
            for record in ledger.records
            if isinstance(record, Judged) and record.verdict.status is not Status.JUDGE_ERROR
        }
        self._attempts = {r.candidate: r.digest for r in ledger.records if isinstance(r, Attempt)}  # the last of each
        self._refusals = {(r.archive, r.reason.en) for r in ledger.records if isinstance(r, Turned)}
        self._archives: dict[str, Path] = {}

    def take(self, paths: Iterable[Path]) -> list[Work]:
        """Read everything, record attempts and refusals, and return the files to judge."""
        work: list[Work] = []
        for path in find_returns(paths, self._expected):
            work += self._take_one(path)
        return work

    def judge(self, work: Sequence[Work], judge: Judge, suites: dict[str, str], tell: Tell) -> None:
        """Judge and record the files that have no verdict of the same suite yet; `suites` are today's digests."""
        open_work = [piece for piece in work if self._is_open(piece, suites)]
        self.account.skipped = len(work) - len(open_work)
        done = 0
        for question in self.session.questions:
            own = [piece for piece in open_work if piece.question.number == question.number]
            if not own or question.exercise is None:
                continue
            verdicts = judge(question.exercise.id, [(piece.candidate, piece.data) for piece in own])
            for piece, verdict in zip(own, verdicts, strict=True):
                self._record(piece, verdict, question.exercise.suite_digest)
                done += 1
                tell(done, len(open_work))

    def _is_open(self, piece: Work, suites: dict[str, str]) -> bool:
        assert piece.question.exercise is not None
        suite = suites[piece.question.exercise.id]
        return self._regrade or (piece.candidate, piece.question.number, piece.digest, suite) not in self._graded

    def _record(self, piece: Work, verdict: Verdict, suite_then: str) -> None:
        self._ledger.add(
            Judged(
                candidate=piece.candidate,
                question=piece.question.number,
                file_digest=piece.digest,
                source=piece.data.decode("utf-8", "backslashreplace"),
                suite_then=suite_then,
                verdict=verdict,
                at=self._now(),
            )
        )
        if verdict.status is Status.JUDGE_ERROR:
            self.account.ours += 1
            self.account.notes.append((piece.candidate, _our_failure(verdict.message)))
        else:
            self.account.graded += 1

    def _take_one(self, path: Path) -> list[Work]:
        returned = read_return(path, self._expected)
        if isinstance(returned, Refused):
            return self._refuse(returned.name, returned.reason)
        written = read_written(returned.files.get(ANSWERS), self.session)
        found = written.session or session_of_root(returned.root) or self.session.code
        if found != self.session.code:
            return self._refuse(returned.name, _other_session(found, self.session.code))
        candidate = candidate_key(path, written.name, root_name(self.session))
        if candidate in self._archives:
            return self._refuse(returned.name, _same_person(candidate, self._archives[candidate]))
        self._archives[candidate] = path
        work = self._work_of(candidate, returned)
        attempt = Attempt(
            candidate=candidate,
            name=written.name or candidate,
            archive=returned.name,
            digest=returned.digest,
            at=self._now(),
            answers=written.answers,
            essays=essays(returned.files, self._expected),
            minutes=written.minutes,
            code={piece.question.number: piece.digest for piece in work},
            missing=missing_code(returned.files, self._expected),
            notes=(*returned.notes, *written.notes),
        )
        self._record_attempt(attempt)
        return work

    def _record_attempt(self, attempt: Attempt) -> None:
        self.account.taken += 1
        self.account.notes += [(attempt.candidate, note) for note in attempt.notes]
        last = self._attempts.get(attempt.candidate)
        if last == attempt.digest:
            return
        if last is not None:
            self.account.notes.append((attempt.candidate, _AGAIN))
        self._attempts[attempt.candidate] = attempt.digest
        self._ledger.add(attempt)

    def _work_of(self, candidate: str, returned: Returned) -> list[Work]:
        return [
            Work(candidate=candidate, question=question, data=returned.files[name])
            for name, question in self._expected.items()
            if question is not None and question.exercise and name in returned.files
        ]

    def _refuse(self, archive: str, reason: Text) -> list[Work]:
        turned = Turned(archive=archive, reason=reason, at=self._now())
        self.account.refused.append(turned)
        if (archive, reason.en) not in self._refusals:
            self._ledger.add(turned)
        return []


def candidate_key(path: Path, name: str, root: str) -> str:
    """Who handed in: the file's name, which the recruiter chose; the candidate's own where the bundle's was kept."""
    stem = path.name if path.is_dir() else path.stem
    stem = _COPY.sub("", stem.strip())
    key = name if stem.startswith(root) and name else stem
    cleaned = " ".join(shown(key).split())[:MAX_NAME]
    if not cleaned:
        raise UsageError(
            f"{shown(str(path))} has no name to call the candidate by; rename it after the candidate",
            f"从 {shown(str(path))} 看不出候选人是谁；请以候选人的名字重新命名",
        )
    return cleaned


def _our_failure(message: str) -> Text:
    why = shown(message)
    return Text(en=f"the grader failed, run the command again: {why}", zh=f"判题程序出错，请重新运行命令：{why}")


def _same_person(candidate: str, other: Path) -> Text:
    first = shown(other.name)
    return Text(
        en=f"it is from {candidate!r}, as {first} is; name each file after its candidate",
        zh=f"它与 {first} 同属 {candidate!r}；请用候选人姓名为文件命名",
    )


def _other_session(found: str, ours: str) -> Text:
    found = shown(found)
    return Text(en=f"it is of the session {found}, not of {ours}", zh=f"它属于面试 {found}，而不是 {ours}")
