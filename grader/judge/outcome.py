"""From what pytest saw of a case to its outcome."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, replace

import pytest

from grader.errors import BoxError, GraderError, JudgeError, WireError
from grader.judge.comparison import Mismatch
from grader.judge.failure import GuestFailure, RemoteError, said
from grader.judge.last_call import WHOLE, forget_call, last_call
from grader.judge.plugin import case_id
from grader.model.text import NOTHING, Text
from grader.model.verdict import Cause, Outcome, Status

MESSAGE_LIMIT = 4_000  # characters
CALL_LIMIT = 2_000  # characters of the call that a public case made last
OUTPUT_LIMIT = 10_000  # characters of what the candidate printed during one case
_HAN = re.compile(r"[\u4e00-\u9fff]")
_OUT_OF_MEMORY = ("can't allocate memory", "Unable to allocate")
_UNFINISHED = Text(en="the case did not run to its end", zh="该用例没有运行到底")
_FIXTURE = Text(
    en="the suite asks for a fixture that does not exist: {name}", zh="测试集请求了不存在的 fixture：{name}"
)
_SKIPPED = Text(en="the suite skipped a case; a skip is not a pass", zh="测试集跳过了一个用例；跳过不算通过")
_UNUSABLE = Text(en="the result could not be used: {error}", zh="结果无法使用：{error}")
_UNJUDGEABLE = Text(en="the result cannot be judged: {reason}", zh="结果无法评判：{reason}")
_OUT_OF_ROOM = Text(
    en="working on the answer took more memory than the judge may use", zh="处理答复所需的内存超过评测进程的上限"
)
_NOT_RAISED = Text(en="{name} was to be raised, and nothing was", zh="应当抛出 {name}，却什么也没有抛出")
_NOT_RAISED_BY = Text(
    en="{name} was to be raised, and nothing was; the last call was {call}",
    zh="应当抛出 {name}，却什么也没有抛出；最后一次调用是 {call}",
)
_PROPERTY = Text(en="a property of the result does not hold", zh="结果的某个性质不成立")


@dataclass(frozen=True, slots=True)
class Seen:
    """How one phase of a case ended: the exception, or None."""

    phase: str
    error: BaseException | None


class Recorder:
    """A pytest plugin that keeps the exceptions of the running case.

    The report of a phase says only whether it passed: pytest's own would have the candidate's exceptions printed in
    the judge, with whatever they hold.
    """

    def __init__(self) -> None:
        self.seen: list[Seen] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> pytest.TestReport:
        """Keep what the phase raised."""
        self.seen.append(Seen(call.when, call.excinfo.value if call.excinfo else None))
        return pytest.TestReport(
            nodeid=item.nodeid,
            location=item.location,
            keywords={},
            outcome="failed" if call.excinfo else "passed",
            longrepr=None,
            when=call.when,  # type: ignore[arg-type] # of cases that run, never `collect`
            duration=call.duration,
        )

    def forget(self) -> None:
        """Let go of what the last case raised and of the frames below, which hold whatever a guest answered."""
        self.seen.clear()
        forget_call()
        for name in ("last_type", "last_value", "last_traceback", "last_exc"):  # pytest leaves them for debuggers
            if hasattr(sys, name):
                delattr(sys, name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What else is known of a case: a failure of its guest, wall time, and what was printed."""

    failure: GuestFailure | None = None
    duration_ms: float = 0.0
    output: str = ""


def judge(item: pytest.Item, seen: list[Seen], around: Circumstances) -> Outcome:
    """The outcome of one case.

    A failure of the guest decides, whatever the suite made of it. Passing takes all three phases without an exception.
    """
    failure, duration_ms, output = around.failure, around.duration_ms, around.output
    error: BaseException | None = failure
    if error is None:
        error = next((one.error for one in seen if one.error is not None), None)
    status, message, cause = (Status.ACCEPTED, NOTHING, None) if error is None else _explain(error)
    if error is None and [one.phase for one in seen] != ["setup", "call", "teardown"]:
        status, message = Status.JUDGE_ERROR, _UNFINISHED
    outcome = describe(item, status, duration_ms, message=message, output=output, cause=cause)
    if status is Status.ACCEPTED or outcome.visibility == "hidden":
        return outcome
    return replace(outcome, call=_cut(last_call(WHOLE) or "", CALL_LIMIT))


def describe(
    item: pytest.Item,
    status: Status,
    duration_ms: float = 0.0,
    *,
    message: Text = NOTHING,
    output: str = "",
    cause: Cause | None = None,
) -> Outcome:
    """An outcome with the case's own id, task and title."""
    mark = item.get_closest_marker("task")
    return Outcome(
        id=case_id(item),
        task=str(mark.args[0]) if mark and mark.args else "",
        visibility="public" if item.path.name == "test_public.py" else "hidden",
        title=title_of(item),
        status=status,
        duration_ms=duration_ms,
        message=Text(en=_cut(message.en, MESSAGE_LIMIT), zh=_cut(message.zh, MESSAGE_LIMIT)),
        output=_cut(output, OUTPUT_LIMIT),
        cause=cause,
    )


def title_of(item: pytest.Item) -> Text:
    """The first line of the case's docstring (its name where there is none), and the first line that is Chinese."""
    text = getattr(getattr(item, "function", None), "__doc__", None) or item.name
    lines = [line.strip() for line in str(text).strip().splitlines()]
    return Text(en=lines[0], zh=next((line for line in lines if _HAN.search(line)), lines[0]))


def is_unexpected(seen: list[Seen]) -> bool:
    """Whether the first exception is one that no suite raises on purpose, and that no candidate's code raised.

    Either the suite or the reference is broken, or the candidate's answer broke them. What cannot be passed on to the
    candidate's code counts too: a suite may pass on what it was answered.
    """
    error = next((one.error for one in seen if one.error is not None), None)
    ours = (JudgeError, BoxError, pytest.skip.Exception)
    expected = (GuestFailure, RemoteError, AssertionError, pytest.fail.Exception, *ours)
    return error is not None and not isinstance(error, expected)


def _explain(error: BaseException) -> tuple[Status, Text, Cause | None]:
    if isinstance(error, GuestFailure):
        return error.status, error.message, None
    if isinstance(error, RemoteError):
        return (*explain_remote(error), None)
    if isinstance(error, Mismatch):
        return Status.WRONG_ANSWER, error.message, error.cause
    if isinstance(error, GraderError) and not isinstance(error, WireError):
        return Status.JUDGE_ERROR, Text.same(str(error)), None
    if isinstance(error, pytest.FixtureLookupError):
        return Status.JUDGE_ERROR, _FIXTURE.filled(name=error.argname), None
    if isinstance(error, pytest.skip.Exception):
        return Status.JUDGE_ERROR, _SKIPPED, None
    if isinstance(error, AssertionError | pytest.fail.Exception):
        return Status.WRONG_ANSWER, _assertion_text(error), None
    if isinstance(error, MemoryError) or any(text in said(error) for text in _OUT_OF_MEMORY):
        return Status.MEMORY_LIMIT, _OUT_OF_ROOM, None
    return Status.WRONG_ANSWER, _UNUSABLE.filled(error=f"{type(error).__name__}: {said(error)}"), None


def explain_remote(error: RemoteError) -> tuple[Status, Text]:
    """What an exception of the candidate's comes to when no suite expected it."""
    message = f"{error.remote_type}: {error.remote_message}" if error.remote_message else error.remote_type
    if isinstance(error, MemoryError) or any(text in message for text in _OUT_OF_MEMORY):
        return Status.MEMORY_LIMIT, Text.same(message)
    if error.remote_type == "Unsendable":
        return Status.WRONG_ANSWER, _UNJUDGEABLE.filled(reason=error.remote_message)
    return Status.RUNTIME_ERROR, Text.same(f"{message}\n{error.remote_trace}".strip())


def _assertion_text(error: BaseException) -> Text:
    """The message that the suite's author wrote, without pytest's introspection of hidden code.

    Lines in Chinese say the same as those in English.
    """
    text = re.split(r"\n\s*assert ", said(error), maxsplit=1)[0].strip()
    not_raised = re.match(r"DID NOT RAISE (?:<class '(?:builtins\.)?)?([\w.]+)", text)
    if not_raised:
        call = last_call()
        return (_NOT_RAISED if call is None else _NOT_RAISED_BY).filled(name=not_raised[1], call=call)
    lines = [line.strip() for line in text.splitlines()]
    english = "\n".join(line for line in lines if not _HAN.search(line))
    chinese = "\n".join(line for line in lines if _HAN.search(line))
    return Text(en=english or chinese, zh=chinese or english) if text else _PROPERTY


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[:limit] + "…"
