"""What a verdict is when its judge did not come to its end: what was judged stays, and the rest is somebody's doing.

A judge that was stuck, killed or broken while it worked on an answer of the candidate's is the candidate's outcome for
that case. Only where no answer was involved the failure is ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from grader.errors import BoxError, JudgeError
from grader.model.exercise import Limits
from grader.model.text import Text
from grader.model.verdict import Status

Message = dict[str, Any]

_STUCK = Text(en="working on the answer of the code took too long", zh="处理代码的答复耗时过长")
_FULL = Text(en="working on the answer of the code took too much memory", zh="处理代码的答复占用内存过多")
_BROKEN = Text(en="the answer of the code could not be worked on", zh="无法处理代码的答复")
_OUT_OF_TIME = Text(en="the time limit of the whole submission ran out", zh="整份提交的时限已到")
_NOT_RUN = Text(en="not run, because earlier {reason}", zh="未运行，因为此前{reason}")
_NO_ACCOUNT: Message = {
    "wall_ms": 0.0,
    "cpu_ms": 0.0,
    "peak_rss_bytes": 0,
    "layers": [],
    "disturbed": False,
    "integrity": [],
}


def settle(
    messages: Sequence[Message], collected: Sequence[Message], limits: Limits
) -> tuple[tuple[Message, ...], Message]:
    """The outcomes of all collected cases and the closing account, from what was heard of one judge.

    `account["disturbed"]` says that trying again may give another verdict. Raises BoxError or JudgeError where the
    failure is ours.
    """
    *cases, last = messages
    outcomes = [message["outcome"] for message in cases]
    if last["event"] == "done":
        return tuple(outcomes), last
    known = cases[-1] if cases else _NO_ACCOUNT
    account = {**{name: known[name] for name in _NO_ACCOUNT}, "mutants": []}
    if cases and len(outcomes) == len(collected):  # only the diagnosis is missing
        return tuple(outcomes), account
    status, reason, again = _blame(last, limits)
    rest = [dict(case) for case in collected[len(outcomes) :]]
    for number, case in enumerate(rest):
        message = reason if number == 0 else _NOT_RUN.filled(reason=reason)
        case.update(status=status.value, message=asdict(message))
    if rest:
        rest[0]["duration_ms"] = 1000.0 * last.get("lasted_s", 0.0)
    account["disturbed"] |= again
    account["wall_ms"] += sum(case["duration_ms"] for case in rest)
    return (*outcomes, *rest), account


def _blame(last: Mapping[str, Any], limits: Limits) -> tuple[Status, Text, bool]:
    """What the case that was running ended with, and whether another attempt may end otherwise."""
    if last["event"] == "broken":
        return _blame_broken(last)
    if last["late"]:
        if last["digesting"]:
            return Status.TIME_LIMIT, _STUCK, False
        if last["lasted_s"] <= limits.case_wall_s:  # the cases before took the time
            return Status.TIME_LIMIT, _OUT_OF_TIME, False
        raise JudgeError("a judge was stuck in its suite while no answer was involved")
    if last["digesting"] and last["out_of_memory"]:
        return Status.MEMORY_LIMIT, _FULL, True
    if last["digesting"] and not last["killed"]:
        return Status.RUNTIME_ERROR, _BROKEN, True
    raise JudgeError(f"a judge ended before its verdict (status {last['status']})")


def _blame_broken(last: Mapping[str, Any]) -> tuple[Status, Text, bool]:
    if last["of_box"]:
        raise BoxError(last["message"])
    if not last["digesting"]:
        raise JudgeError(last["message"])
    if last["out_of_memory"]:
        return Status.MEMORY_LIMIT, _FULL, True
    return Status.RUNTIME_ERROR, _BROKEN, True
