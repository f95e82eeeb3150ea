"""Taking back what candidates sent: read, score, judge and record; what was recorded before is not done again.

`judge` comes from above, because this module knows no engine: it is given an exercise's slug and what is to be judged,
and yields the verdicts in that order. `source_of` and `imported` come from there, too: they know notebooks and imports.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import get_args

from grader.errors import UsageError
from grader.files import decode_source
from grader.model.session import Question, Session
from grader.model.session_results import Attempt, Correction, Judged, Turned
from grader.model.text import Lang, Text
from grader.model.verdict import Status, Verdict
from grader.report.session_clock import time_told
from grader.sessions.answers import MAX_NAME, essays, missing_code, read_written
from grader.sessions.archive import Refused, Returned, find_returns, read_return, shown
from grader.sessions.bundle import (
    ANSWERS,
    expected_files,
    notebook_file,
    root_name,
    session_of_root,
    solution_file,
)
from grader.sessions.clock import CLOCK, read_returned
from grader.sessions.ledger import Ledger
from grader.sessions.names import fold, squashed
from grader.sessions.one_language import in_language
from grader.sessions.people import current, new_names

Judge = Callable[[str, Sequence["Work"]], Iterator[Verdict]]
Tell = Callable[[int, int], None]  # done, of how many
IsSame = Callable[[str, str], bool | None]  # whether two names mean one person; None where nobody can say
_AGAIN = Text(en="handed in again, something else; the last one counts", zh="再次提交且内容不同；以最后一次为准")
_COPY = re.compile(r"[\s_-]*(\(\d+\)|copy|副本)$", re.IGNORECASE)


def nobody_says(_name: str, _near: str) -> None:
    """Nobody is there to say whether two names that are nearly alike mean one person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One file to be judged, by the name that it was handed in under: a Python file or a notebook.

    `beside` are other Python files below its folder, by their paths there: it may import them.
    """

    candidate: str
    question: Question
    file: str
    data: bytes
    beside: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """Of the bytes that were handed in."""
        digest = hashlib.sha256(self.data)
        for path, data in sorted(self.beside.items()):
            digest.update(b"".join(len(part).to_bytes(8) + part for part in (path.encode(), data)))
        return "sha256:" + digest.hexdigest()


def _shown_source(piece: Work) -> str:
    """The code of a piece of work for a report; bytes that do not fit show as such."""
    try:
        return decode_source(piece.data)
    except UnicodeDecodeError:
        return piece.data.decode("utf-8", "backslashreplace")


def _all_beside(piece: Work) -> Collection[str]:
    """As if everything beside a piece of work were imported."""
    return piece.beside


@dataclass(slots=True, kw_only=True)
class Account:
    """What one run did: `taken` candidates handed something in; the other counts are of coding questions."""

    taken: int = 0
    graded: int = 0
    skipped: int = 0
    ours: int = 0
    refused: list[Turned] = field(default_factory=list)
    notes: list[tuple[str, Text]] = field(default_factory=list)
    times: list[tuple[str, Text]] = field(default_factory=list)


class Collector:
    """One run over what was sent back for one session."""

    def __init__(
        self,
        session: Session,
        ledger: Ledger,
        now: Callable[[], str],
        *,
        regrade: bool,
        is_same: IsSame = nobody_says,
        source_of: Callable[[Work], str] = _shown_source,
        imported: Callable[[Work], Collection[str]] = _all_beside,
    ) -> None:
        self.session = session
        self._source_of = source_of
        self._imported = imported
        self._is_same = is_same
        self.account = Account()
        self._ledger = ledger
        self._now = now
        self._regrade = regrade
        self._expected = expected_files(session)
        holding = current(ledger.records)
        self._called = new_names(ledger.records)
        self._graded = {
            (record.candidate, record.question, record.file_digest, record.verdict.suite_digest)
            for record in holding
            if isinstance(record, Judged) and record.verdict.status is not Status.JUDGE_ERROR
        }
        self._attempts = {r.candidate: r.digest for r in holding if isinstance(r, Attempt)}  # the last of each
        self._refusals = {(r.archive, r.reason.en) for r in holding if isinstance(r, Turned)}
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
            verdicts = judge(question.exercise.id, own)
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
                source=self._source_of(piece),
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
        returned = read_return(path, self._expected, beside=(CLOCK,))
        if isinstance(returned, Refused):
            return self._refuse(returned.name, returned.reason)
        written = read_written(returned.files.get(ANSWERS), self.session)
        found = written.session or session_of_root(returned.root) or self.session.code
        if found != self.session.code:
            return self._refuse(returned.name, _other_session(found, self.session.code))
        own = candidate_key(path, written.name, root_name(self.session))
        candidate = self._called.get(fold(own), own)
        near = self._nearly(candidate)
        same = self._is_same(candidate, near) if near else False
        if same is None:
            return self._refuse(returned.name, _nearly_the_same(candidate, near))
        if same:
            self._ledger.add(Correction(action="rename", name=candidate, to=near, at=self._now()))
            candidate = near
        if candidate in self._archives:
            return self._refuse(returned.name, _same_person(candidate, self._archives[candidate]))
        self._archives[candidate] = path
        work = self._work_of(candidate, returned)
        clock, doubt = read_returned(returned.files.get(CLOCK), self.session, datetime.fromisoformat(self._now()))
        missing = missing_code(returned.files, self._expected)
        notes = [_no_code(number) for number in missing]
        unread = [name for name in returned.files if _is_second(name, returned.files, work)]
        notes += [_second_file(name) for name in unread]
        notes += [_not_imported(name) for name in self._not_imported(returned.files, work)]
        attempt = Attempt(
            candidate=candidate,
            name=written.name if written.name and candidate == own else candidate,
            archive=returned.name,
            digest=returned.digest,
            at=self._now(),
            answers=written.answers,
            essays=essays(returned.files, self._expected),
            minutes=written.minutes,
            code={piece.question.number: piece.digest for piece in work},
            missing=missing,
            notes=(*returned.notes, *written.notes, *notes, *([doubt] if doubt else [])),
            clock=clock,
        )
        self._record_attempt(attempt)
        return work

    def _nearly(self, candidate: str) -> str:
        """Who has handed in under nearly this name; empty where nobody has, or somebody under just this one."""
        plain = squashed(candidate)
        if not plain or candidate in self._attempts:
            return ""
        return next((other for other in self._attempts if squashed(other) == plain), "")

    def _record_attempt(self, attempt: Attempt) -> None:
        self.account.taken += 1
        self.account.notes += [(attempt.candidate, note) for note in attempt.notes]
        used = time_told(attempt.clock.minutes if attempt.clock else None, sum(attempt.minutes.values()) or None)
        self.account.times += [(attempt.candidate, used)] if used else []
        last = self._attempts.get(attempt.candidate)
        if last == attempt.digest:
            return
        if last is not None:
            self.account.notes.append((attempt.candidate, _AGAIN))
        self._attempts[attempt.candidate] = attempt.digest
        self._ledger.add(attempt)

    def _work_of(self, candidate: str, returned: Returned) -> list[Work]:
        files = {q.number: _file_of(q, returned.files) for q in self.session.questions if q.exercise}
        return [
            Work(
                candidate=candidate,
                question=question,
                file=name,
                data=returned.files[name],
                beside=_beside(name, returned.files),
            )
            for question in self.session.questions
            if (name := files.get(question.number))
        ]

    def _not_imported(self, files: Mapping[str, bytes], work: Sequence[Work]) -> list[str]:
        """Code that lies in a folder of code, and that nothing which is judged imports."""
        used = {f"{_folder(piece.file)}{path}" for piece in work for path in self._imported(piece)}
        return [name for name in files if name.endswith(".py") and name not in used and name not in self._expected]

    def refuse(self, path: Path, reason: Text) -> None:
        """Record that something was sent back which is not taken."""
        self._refuse(shown(path.name), reason)

    def _refuse(self, archive: str, reason: Text) -> list[Work]:
        turned = Turned(archive=archive, reason=reason, at=self._now())
        self.account.refused.append(turned)
        if (archive, reason.en) not in self._refusals:
            self._ledger.add(turned)
        return []


def _file_of(question: Question, files: Mapping[str, bytes]) -> str | None:
    """The file that answers a coding question: `solution.py`, unless it is as it was given and a notebook is there."""
    plain, notebook = solution_file(question), notebook_file(question)
    if notebook not in files:
        return plain if plain in files else None
    given = question.exercise.files.get("solution.py", "") if question.exercise else ""
    handed_out = [given, *(in_language(given, lang) for lang in get_args(Lang))]  # a bundle speaks one language
    untouched = files.get(plain, b"").split() in ([], *(one.encode().split() for one in handed_out))
    return notebook if untouched else plain


def _beside(name: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The other Python files of a solution's folder; a notebook imports none."""
    folder = _folder(name)
    others = (path for path in files if path.startswith(folder) and path.endswith(".py") and path != name)
    return {path.removeprefix(folder): files[path] for path in others} if name.endswith(".py") else {}


def _folder(name: str) -> str:
    return name.rpartition("/")[0] + "/"


def _is_second(name: str, files: Mapping[str, bytes], work: Sequence[Work]) -> bool:
    """Whether a notebook lies beside a solution that is graded instead."""
    return name.endswith(".ipynb") and name in files and all(piece.file != name for piece in work)


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


def _nearly_the_same(candidate: str, near: str) -> Text:
    return Text(
        en=f"{candidate!r} is nearly the name of {near!r}, who has handed in; name the file {near!r} if they are one "
        "person, else choose a name that differs more",
        zh=f"{candidate!r} 与已交卷的 {near!r} 几乎同名；若是同一人，请把文件命名为 {near!r}，"
        "否则请换一个更易区分的名字",
    )


def _no_code(number: int) -> Text:
    return Text(
        en=f"no solution.py for question {number} was handed in, which counts as nothing",
        zh=f"没有提交第 {number} 题的 solution.py，该题按零分计",
    )


def _second_file(name: str) -> Text:
    return Text(
        en=f"{shown(name)} was not graded, because the solution.py beside it was",
        zh=f"{shown(name)} 未判题，因为已判同一目录中的 solution.py",
    )


def _not_imported(name: str) -> Text:
    return Text(
        en=f"{shown(name)} was not run, because nothing that was graded imports it",
        zh=f"{shown(name)} 未运行，因为所判代码没有导入它",
    )


def _other_session(found: str, ours: str) -> Text:
    found = shown(found)
    return Text(en=f"it is of the session {found}, not of {ours}", zh=f"它属于面试 {found}，而不是 {ours}")
