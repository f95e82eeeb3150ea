"""What a case is said to have ended with, from what pytest saw of it."""

from __future__ import annotations

import sys
import time
from typing import Any

import pytest

from grader.errors import JudgeError
from grader.judge.comparison import Mismatch
from grader.judge.failure import GuestFailure, RemoteError
from grader.judge.last_call import forget_call, last_call, note_call
from grader.judge.outcome import (
    MESSAGE_LIMIT,
    OUTPUT_LIMIT,
    Circumstances,
    Recorder,
    Seen,
    describe,
    is_unexpected,
    judge,
    title_of,
)
from grader.model.text import NOTHING, Text
from grader.model.verdict import Cause, Status
from grader.wire.encoder import Unsendable

PHASES = ("setup", "call", "teardown")


def seen_with(error: BaseException | None, phase: str = "call") -> list[Seen]:
    """Three phases, one of which ended with `error`."""
    return [Seen(name, error if name == phase else None) for name in PHASES]


def remote(name: str, message: str = "", kind: type[RemoteError] = RemoteError) -> RemoteError:
    """An exception as it arrives from a guest."""
    error = kind(message)
    error.remote_type, error.remote_message, error.remote_trace = name, message, "line 3, in f"
    return error


def has_han(text: str) -> bool:
    """Whether there is Chinese in it."""
    return any("\u4e00" <= character <= "\u9fff" for character in text)


class RemoteMemoryError(RemoteError, MemoryError):
    """As `rebuild` makes it."""


@pytest.fixture
def item(request: pytest.FixtureRequest) -> Any:
    """A collected case: the running one."""
    return request.node


def test_a_case_passes_when_all_three_phases_ran(item: Any) -> None:
    """Without an exception."""
    assert judge(item, seen_with(None), Circumstances()).status is Status.ACCEPTED


@pytest.mark.parametrize("phases", [[], ["setup"], ["setup", "call"], ["call"], ["setup", "call", "teardown", "call"]])
def test_a_case_that_did_not_run_to_its_end_does_not_pass(item: Any, phases: list[str]) -> None:
    """Nor is it charged to the candidate."""
    assert judge(item, [Seen(phase, None) for phase in phases], Circumstances()).status is Status.JUDGE_ERROR


@pytest.mark.parametrize("phase", PHASES)
def test_an_exception_in_any_phase_decides(item: Any, phase: str) -> None:
    """Teardown included."""
    outcome = judge(item, seen_with(AssertionError("no"), phase), Circumstances())
    assert (outcome.status, outcome.message.en) == (Status.WRONG_ANSWER, "no")


def test_the_guests_failure_decides_over_a_suite_that_passed(item: Any) -> None:
    """A suite that catches everything cannot pass a guest that died."""
    failure = GuestFailure(Status.MEMORY_LIMIT, Text.same("too much"))
    outcome = judge(item, seen_with(None), Circumstances(failure=failure))
    assert (outcome.status, outcome.message.en) == (Status.MEMORY_LIMIT, "too much")


CAUSE = Cause(expected="1", actual="2", worst_index="[0]")
ERRORS: dict[str, tuple[BaseException, Status, str]] = {
    "mismatch": (Mismatch(Text.same("the result is wrong"), CAUSE), Status.WRONG_ANSWER, "the result is wrong"),
    "assertion": (AssertionError("not sorted\nassert [2] == [1]"), Status.WRONG_ANSWER, "not sorted"),
    "bare assertion": (AssertionError("assert [2] == [1]"), Status.WRONG_ANSWER, "assert [2] == [1]"),
    "empty assertion": (AssertionError(), Status.WRONG_ANSWER, "a property of the result does not hold"),
    "did not raise": (pytest.fail.Exception("DID NOT RAISE"), Status.WRONG_ANSWER, "DID NOT RAISE"),
    "suite's own": (TypeError("len of int"), Status.WRONG_ANSWER, "could not be used: TypeError: len of int"),
    "candidate's": (remote("ValueError", "bad"), Status.RUNTIME_ERROR, "ValueError: bad\nline 3, in f"),
    "candidate's, silent": (remote("ValueError"), Status.RUNTIME_ERROR, "ValueError\nline 3, in f"),
    "memory": (remote("MemoryError", "", RemoteMemoryError), Status.MEMORY_LIMIT, "MemoryError"),
    "numpy's memory": (remote("_ArrayMemoryError", "Unable to allocate 8 PiB"), Status.MEMORY_LIMIT, "Unable to"),
    "torch's memory": (remote("RuntimeError", "can't allocate memory: 8 PiB"), Status.MEMORY_LIMIT, "can't"),
    "unsendable result": (remote("Unsendable", "use an array"), Status.WRONG_ANSWER, "cannot be judged: use an array"),
    "suite passed on what cannot cross": (Unsendable("a suite cannot"), Status.WRONG_ANSWER, "a suite cannot"),
    "no memory": (MemoryError(), Status.MEMORY_LIMIT, "more memory than the judge"),
    "no memory for a tensor": (RuntimeError("can't allocate memory: 8 PiB"), Status.MEMORY_LIMIT, "more memory"),
    "a message that cannot be said": (KeyError(10**5000), Status.WRONG_ANSWER, "could not be read: ValueError"),
    "ours": (JudgeError("broken"), Status.JUDGE_ERROR, "broken"),
    "skip": (pytest.skip.Exception("later"), Status.JUDGE_ERROR, "a skip is not a pass"),
    "time": (GuestFailure(Status.TIME_LIMIT, Text.same("slow")), Status.TIME_LIMIT, "slow"),
}  # fmt: skip


@pytest.mark.parametrize(("error", "status", "words"), ERRORS.values(), ids=ERRORS.keys())
def test_each_kind_of_exception_has_its_status(item: Any, error: BaseException, status: Status, words: str) -> None:
    """And a message for the person whose code it was."""
    outcome = judge(item, seen_with(error), Circumstances())
    assert outcome.status is status
    assert words in outcome.message.en


def test_a_message_of_a_suite_may_be_in_both_languages(item: Any) -> None:
    """Its Chinese lines are for readers of Chinese; pytest's introspection is for nobody."""
    error = AssertionError("the rows are alike\n  各行相同\nassert [1] != [1]")
    assert judge(item, seen_with(error), Circumstances()).message == Text(en="the rows are alike", zh="各行相同")
    silent = judge(item, seen_with(AssertionError("only English\nassert 1 == 2")), Circumstances())
    assert silent.message == Text.same("only English")


@pytest.mark.parametrize(
    "error",
    [
        AssertionError(),
        TypeError("x"),
        remote("Unsendable", "use an array"),
        pytest.skip.Exception("later"),
        pytest.fail.Exception("DID NOT RAISE <class 'ValueError'>"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_we_say_of_a_case_is_in_chinese_too(item: Any, error: BaseException) -> None:
    """Whatever the candidate's own words are."""
    message = judge(item, seen_with(error), Circumstances()).message
    assert (has_han(message.zh), has_han(message.en)) == (True, False)


def test_what_was_not_raised_names_the_last_call(item: Any) -> None:
    """In both languages; without a call, nothing is said of one."""
    error = pytest.fail.Exception("DID NOT RAISE <class 'ValueError'>")
    forget_call()
    alone = judge(item, seen_with(error), Circumstances()).message
    assert alone.en == "ValueError was to be raised, and nothing was"
    note_call(sorted, ([1, 2],), {"key": None})
    named = judge(item, seen_with(error), Circumstances()).message
    assert named.en == f"{alone.en}; the last call was sorted([1, 2], key=None)"
    assert named.zh == f"{alone.zh}；最后一次调用是 sorted([1, 2], key=None)"
    Recorder().forget()
    assert last_call() is None


def test_a_mismatch_keeps_its_cause(item: Any) -> None:
    """For the report and the diagnosis."""
    assert judge(item, seen_with(Mismatch(NOTHING, CAUSE)), Circumstances()).cause == CAUSE


def test_pytests_introspection_is_not_shown(item: Any) -> None:
    """It would print the code of a hidden case."""
    outcome = judge(item, seen_with(AssertionError("order is kept\n  assert secret(3) == [1]")), Circumstances())
    assert "secret" not in outcome.message.en


def test_long_texts_are_cut(item: Any) -> None:
    """A candidate cannot fill the report."""
    outcome = judge(item, seen_with(remote("E", "x" * 50_000)), Circumstances(output="y" * 50_000))
    assert len(outcome.message.en) <= MESSAGE_LIMIT + 1
    assert len(outcome.output) <= OUTPUT_LIMIT + 1


@pytest.mark.task("ties")
def test_an_outcome_has_its_cases_task_and_title(item: Any) -> None:
    """The first line of the docstring is the title.

    Not this line.
    标题的中文是第一个含汉字的行。
    这一行不是。
    """
    outcome = describe(item, Status.ACCEPTED)
    assert (outcome.task, outcome.title.en) == ("ties", "The first line of the docstring is the title.")
    assert outcome.title.zh == "标题的中文是第一个含汉字的行。"
    assert (outcome.visibility, outcome.id) == ("hidden", f"hidden::{item.name}")


@pytest.mark.parametrize(("error", "unexpected"), [(TypeError("x"), True), (Unsendable("x"), True),
    *((ERRORS[name][0], False) for name in (
    "mismatch", "assertion", "did not raise", "candidate's", "ours", "skip", "time"))])  # fmt: skip
def test_only_a_stray_exception_is_unexpected(error: BaseException, unexpected: bool) -> None:
    """Then it is asked of the reference whether the suite itself is broken."""
    assert is_unexpected(seen_with(error)) is unexpected
    assert not is_unexpected(seen_with(None))


def test_a_long_message_of_a_suite_costs_little(item: Any) -> None:
    """It may quote an answer; looking for pytest's own lines in it is quadratic in the blanks."""
    started = time.process_time()
    for text in ("\n" * 10**6, "got " + " \n" * 10**6, "x" * 10**7):
        assert judge(item, seen_with(AssertionError(text)), Circumstances()).status is Status.WRONG_ANSWER
    assert time.process_time() - started < 10


def test_a_recorder_lets_go_of_what_a_case_raised() -> None:
    """Its frames hold whatever the guest answered; pytest would keep the last ones for a debugger."""
    recorder = Recorder()
    recorder.seen.append(Seen("call", ValueError()))
    sys.last_value = ValueError()
    recorder.forget()
    assert not recorder.seen
    assert not hasattr(sys, "last_value")
    recorder.forget()


def test_undocumented(item: Any) -> None:
    assert title_of(item) == Text(en="test_undocumented", zh="test_undocumented")
