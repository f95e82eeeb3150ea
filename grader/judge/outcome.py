"""From what pytest saw of a case to its outcome."""

from __future__ import annotations

import re
from dataclasses import dataclass
from traceback import walk_tb
from typing import Any

import pytest

from grader.errors import GraderError
from grader.judge.comparison import Mismatch
from grader.judge.failure import GuestFailure, RemoteError
from grader.judge.plugin import case_id
from grader.model.text import Text
from grader.model.verdict import Cause, Outcome, Status

MESSAGE_LIMIT = 4_000  # characters
OUTPUT_LIMIT = 10_000  # characters of what the candidate printed during one case
_HAN = re.compile(r"[\u4e00-\u9fff]")
_OUT_OF_MEMORY = ("can't allocate memory", "Unable to allocate")


@dataclass(frozen=True, slots=True)
class Seen:
    """How one phase of a case ended: the exception, or None."""

    phase: str
    error: BaseException | None


class Recorder:
    """A pytest plugin that keeps the exceptions of the running case."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        """Keep what the phase raised; the report itself is not used."""
        self.seen.append(Seen(call.when, call.excinfo.value if call.excinfo else None))
        return (yield)


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What else is known of a case: a failure of its guest, wall time, and what was printed.

    In a local run `candidate_files` are the files whose exceptions count as the candidate's.
    """

    failure: GuestFailure | None = None
    duration_ms: float = 0.0
    output: str = ""
    candidate_files: frozenset[str] = frozenset()


def judge(item: pytest.Item, seen: list[Seen], around: Circumstances) -> Outcome:
    """The outcome of one case.

    A failure of the guest decides, whatever the suite made of it. Passing takes all three phases without an exception.
    """
    failure, duration_ms, output = around.failure, around.duration_ms, around.output
    error: BaseException | None = failure
    if error is None:
        error = next((one.error for one in seen if one.error is not None), None)
    status, message, cause = (Status.ACCEPTED, "", None) if error is None else _explain(error)
    if isinstance(error, Exception) and _passed_through(error, around.candidate_files):
        status, message, cause = Status.RUNTIME_ERROR, f"{type(error).__name__}: {error}", None
    if error is None and [one.phase for one in seen] != ["setup", "call", "teardown"]:
        status, message = Status.JUDGE_ERROR, "the case did not run to its end"
    return describe(item, status, duration_ms, message=message, output=output, cause=cause)


def describe(
    item: pytest.Item,
    status: Status,
    duration_ms: float = 0.0,
    *,
    message: str = "",
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
        message=_cut(message, MESSAGE_LIMIT),
        output=_cut(output, OUTPUT_LIMIT),
        cause=cause,
    )


def title_of(item: pytest.Item) -> Text:
    """The first line of the case's docstring (its name where there is none), and the first line that is Chinese."""
    text = getattr(getattr(item, "function", None), "__doc__", None) or item.name
    lines = [line.strip() for line in str(text).strip().splitlines()]
    return Text(en=lines[0], zh=next((line for line in lines if _HAN.search(line)), lines[0]))


def _passed_through(error: BaseException, files: frozenset[str]) -> bool:
    """Whether code of one of `files` was running when the exception was raised."""
    return bool(files) and any(frame.f_code.co_filename in files for frame, _ in walk_tb(error.__traceback__))


def is_unexpected(seen: list[Seen]) -> bool:
    """Whether the first exception is one that no suite raises on purpose, and that no candidate's code raised.

    Either the suite or the reference is broken, or the candidate's answer broke them.
    """
    error = next((one.error for one in seen if one.error is not None), None)
    expected = (GuestFailure, RemoteError, GraderError, AssertionError, pytest.fail.Exception, pytest.skip.Exception)
    return error is not None and not isinstance(error, expected)


def _explain(error: BaseException) -> tuple[Status, str, Cause | None]:
    if isinstance(error, GuestFailure):
        return error.status, error.message, None
    if isinstance(error, RemoteError):
        return _explain_remote(error)
    if isinstance(error, Mismatch):
        return Status.WRONG_ANSWER, str(error), error.cause
    if isinstance(error, GraderError):
        return Status.JUDGE_ERROR, str(error), None
    if isinstance(error, pytest.FixtureLookupError):
        return Status.JUDGE_ERROR, f"the suite asks for a fixture that does not exist: {error.argname}", None
    if isinstance(error, pytest.skip.Exception):
        return Status.JUDGE_ERROR, "the suite skipped a case; a skip is not a pass", None
    if isinstance(error, AssertionError | pytest.fail.Exception):
        return Status.WRONG_ANSWER, _assertion_text(error), None
    return Status.WRONG_ANSWER, f"the result could not be used: {type(error).__name__}: {error}", None


def _explain_remote(error: RemoteError) -> tuple[Status, str, Cause | None]:
    message = f"{error.remote_type}: {error.remote_message}" if error.remote_message else error.remote_type
    if isinstance(error, MemoryError) or any(text in message for text in _OUT_OF_MEMORY):
        return Status.MEMORY_LIMIT, message, None
    if error.remote_type == "Unsendable":
        return Status.WRONG_ANSWER, f"the result cannot be judged: {error.remote_message}", None
    return Status.RUNTIME_ERROR, f"{message}\n{error.remote_trace}".strip(), None


def _assertion_text(error: BaseException) -> str:
    """The message that the suite's author wrote, without pytest's introspection of hidden code."""
    text = re.split(r"\n\s*assert ", str(error), maxsplit=1)[0].strip()
    not_raised = re.match(r"DID NOT RAISE (?:<class '(?:builtins\.)?)?([\w.]+)", text)
    if not_raised:
        return f"{not_raised[1]} was to be raised, and nothing was"
    return text or "a property of the result does not hold"


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[:limit] + "…"
