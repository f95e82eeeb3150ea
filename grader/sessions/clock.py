"""The clock of an interview on the candidate's machine: when it began and ended, in a file beside the answers.

`interview.json` comes with the bundle and says how long the interview is; `clock.json` is written by
`viva session open` and `close`, and comes back with the answers. It survives whatever the machine does meanwhile. It is
a candidate's file like the others: it can be edited, so it helps honest people and proves nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from grader.errors import UsageError, unreadable, unwritable
from grader.files import read_text, write_file
from grader.model.session import Session
from grader.model.session_results import Clock
from grader.model.text import Text

INTERVIEW, CLOCK = "interview.json", "clock.json"
INTERVIEW_SCHEMA, CLOCK_SCHEMA = "viva.interview/1", "viva.clock/1"
LONGEST_INTERVIEW = 24 * 60  # minutes
LONGEST = timedelta(days=60)  # between start and end: a bundle may lie open for long
AHEAD = timedelta(days=1)  # by which a machine's clock may be wrong
MAX_BYTES = 4096
_TAKE_AGAIN = Text(en="take this file from the zip again", zh="请从 zip 中重新取出这个文件")
_ASK = Text(
    en="tell your interviewer, or move the file away to start the clock anew",
    zh="请告知面试官，或移走该文件后重新开始计时",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """One candidate's folder: the code and the minutes of its interview, and its clock where it was started."""

    folder: Path
    code: str
    minutes: int
    clock: Clock | None


def interview_bytes(session: Session) -> bytes:
    """`interview.json`: what the clock must know, and nothing that a candidate does not read in the bundle anyway."""
    return _dumped({"schema": INTERVIEW_SCHEMA, "session": session.code, "minutes": session.minutes})


def find_folder(path: Path) -> Path | None:
    """The candidate's folder that a path means: itself, or the only one in it. Raises UsageError for several."""
    if (path / INTERVIEW).is_file():
        return path
    found = sorted(path.glob(f"*/{INTERVIEW}")) if path.is_dir() else []
    if len(found) > 1:
        raise UsageError(
            f"{path} holds {len(found)} interviews; name one of them, such as {found[0].parent}",
            f"{path} 里有 {len(found)} 份试题；请指定其中一份，例如 {found[0].parent}",
        )
    return found[0].parent if found else None


def read_sitting(folder: Path) -> Sitting:
    """What is known of a candidate's folder. Raises UsageError for a file that was damaged."""
    path = folder / INTERVIEW
    document = _read(path, INTERVIEW_SCHEMA, _TAKE_AGAIN)
    minutes, code = document.get("minutes"), document.get("session")
    if type(minutes) is not int or not 0 < minutes <= LONGEST_INTERVIEW:
        raise _damaged(path, f"`minutes` is no number from 1 to {LONGEST_INTERVIEW}", _TAKE_AGAIN)
    clock = _read_clock(folder / CLOCK) if (folder / CLOCK).exists() else None
    return Sitting(folder=folder, code=str(code), minutes=minutes, clock=clock)


def started(sitting: Sitting, now: datetime) -> Sitting:
    """The sitting with its clock going; one that was started before goes on from then."""
    if sitting.clock is not None:
        _require_later(sitting, now)
        return sitting
    return _write(replace(sitting, clock=Clock(started=_written(now))))


def stopped(sitting: Sitting, now: datetime) -> Sitting:
    """The sitting with its clock stopped now. Raises UsageError for one that was never started."""
    if sitting.clock is None:
        raise UsageError(
            f"the clock of {sitting.folder} was never started; start it with `viva session open {sitting.folder}`",
            f"{sitting.folder} 尚未开始计时；请用 `viva session open {sitting.folder}` 开始",
        )
    _require_later(sitting, now)
    return _write(replace(sitting, clock=replace(sitting.clock, ended=_written(now))))


def minutes_left(sitting: Sitting, now: datetime) -> float:
    """Minutes until the end; below 0 when it has passed. Of a stopped clock: those that were left."""
    if sitting.clock is None:
        return float(sitting.minutes)
    used = sitting.clock.minutes
    if used is None:
        used = (now - datetime.fromisoformat(sitting.clock.started)).total_seconds() / 60
    return sitting.minutes - used


def read_returned(data: bytes | None, session: Session, now: datetime) -> tuple[Clock | None, Text | None]:
    """The clock that came back with a candidate's answers, or why what came does not count; neither where none came."""
    if data is None:
        return None, None
    try:
        clock, code = _parsed(data)
        if code != session.code:
            return None, _ignored("it belongs to another interview", "它属于另一场面试")
        begin, end = datetime.fromisoformat(clock.started), datetime.fromisoformat(clock.ended or clock.started)
        if max(begin, end) > now + AHEAD:
            return None, _ignored("it says a time that is yet to come", "其中的时间尚未到来")
    except ValueError:
        return None, _ignored("it is damaged", "文件已损坏")
    if not clock.ended:
        return clock, Text(
            en=f"the clock was started at {clock.started} and never stopped, so no time is known from it",
            zh=f"计时始于 {clock.started}，但没有停止，因此无法得知用时",
        )
    return clock, None


def _require_later(sitting: Sitting, now: datetime) -> None:
    assert sitting.clock is not None
    if now < datetime.fromisoformat(sitting.clock.started) - timedelta(seconds=1):
        raise UsageError(
            f"{sitting.folder / CLOCK} says that the interview began at {sitting.clock.started}, which is yet to come; "
            "set this machine's clock right and run the command again",
            f"{sitting.folder / CLOCK} 记录的开始时间 {sitting.clock.started} 尚未到来；请校准本机时钟后重新运行",
        )


def _write(sitting: Sitting) -> Sitting:
    assert sitting.clock is not None
    clock = {"started": sitting.clock.started, "ended": sitting.clock.ended or None}
    path = sitting.folder / CLOCK
    try:
        write_file(path, _dumped({"schema": CLOCK_SCHEMA, "session": sitting.code, **clock}))
    except OSError as error:
        raise unwritable(path, error.strerror, "mend the folder's permissions", "请修正目录权限") from error
    return sitting


def _read_clock(path: Path) -> Clock:
    try:
        return _parsed(json.dumps(_read(path, CLOCK_SCHEMA, _ASK)).encode())[0]
    except ValueError as error:
        raise _damaged(path, str(error), _ASK) from error


def _read(path: Path, schema: str, fix: Text) -> dict[str, Any]:
    try:
        document = json.loads(read_text(path, MAX_BYTES))
    except OSError as error:
        raise unreadable(path, error.strerror, "mend its permissions", "请修正其权限") from error
    except (ValueError, RecursionError) as error:
        raise _damaged(path, "it is not a JSON document", fix) from error
    if not isinstance(document, dict) or document.get("schema") != schema:
        raise _damaged(path, f"its `schema` is not {schema}", fix)
    return document


def _damaged(path: Path, why: str, fix: Text) -> UsageError:
    return UsageError(f"{path} is damaged ({why}); {fix.en}", f"{path} 已损坏（{why}）；{fix.zh}")


def _parsed(data: bytes) -> tuple[Clock, str]:
    """A clock and the code of its interview. Raises ValueError for anything that is not just that."""
    if len(data) > MAX_BYTES:
        raise ValueError("it is too large")
    try:
        document = json.loads(data)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
    if not isinstance(document, dict) or document.get("schema") != CLOCK_SCHEMA:
        raise ValueError(f"it is not `{CLOCK_SCHEMA}`")
    begin = _moment(document.get("started"))
    end = None if document.get("ended") is None else _moment(document["ended"])
    if end is not None and not timedelta(0) <= end - begin <= LONGEST:
        raise ValueError("its end does not follow its start")
    return Clock(started=_written(begin), ended=_written(end) if end else ""), str(document.get("session"))


def _moment(value: object) -> datetime:
    if not isinstance(value, str) or len(value) > 40:
        raise ValueError("a time is missing")
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("a time has no zone")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("a time is out of range") from error


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _ignored(why: str, why_zh: str) -> Text:
    return Text(en=f"{CLOCK} is not counted: {why}", zh=f"{CLOCK} 未计入：{why_zh}")


def _dumped(document: dict[str, Any]) -> bytes:
    return (json.dumps(document, indent=1) + "\n").encode()
