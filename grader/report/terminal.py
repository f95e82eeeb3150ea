"""A verdict for a person at a terminal; with `render_summary`, the door to all that is shown there."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len
from rich.console import Console

from grader.model.text import NOTHING, Lang
from grader.model.verdict import Cause, Diagnosis, Outcome, Status, TaskScore, Verdict
from grader.report.catalogue import say_status
from grader.report.escaping import can_carry
from grader.report.layout import excerpt, keep_end, pad
from grader.report.page import NAME_WIDTH, Page, Span, colour, duration, is_measured, points
from grader.report.summary import render_summary

__all__ = ["WHOLE", "Telling", "render_summary", "render_verdict"]

TEXT_WIDTH: Final = 100  # prose in longer lines is hard to read
BAR_WIDTH: Final = 24
OUTPUT_CHARACTERS: Final = 500
MESSAGE_CHARACTERS: Final = 1500
EXCERPT_LINES: Final = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """How a verdict is told: whole, or its first failure with the rest in a line a task.

    `untouched`: the code is what the person was given. `then` is what they may do next, a sentence each.
    """

    whole: bool = True
    untouched: bool = False
    then: tuple[str, ...] = ()


WHOLE: Final = Telling()


def render_verdict(
    verdict: Verdict, console: Console, lang: Lang, exercise_title: str = "", telling: Telling = WHOLE
) -> None:
    """Print `verdict`: status, score, tasks with what failed in them, diagnosis, a line about the run, what to do next.

    Give it what `redact` left. Nothing is printed before the first line or after the last.
    """
    page = Page(console, lang, TEXT_WIDTH)
    if telling.untouched and verdict.status is not Status.JUDGE_ERROR:
        _write_header(page, verdict, exercise_title or verdict.exercise_id)
        page.write()
        page.hang([("  ", "")], page.say("untouched"), "bold")
        _write_next(page, telling.then)
        return
    _write_header(page, verdict, exercise_title or verdict.exercise_id)
    if verdict.status is Status.JUDGE_ERROR:
        _write_our_fault(page, verdict)
    else:
        _write_score(page, verdict)
        _write_message(page, verdict.message)
        _write_tasks(page, verdict, whole=telling.whole)
    for diagnosis in verdict.diagnosis:
        _write_diagnosis(page, diagnosis)
    _write_footer(page, verdict)
    _write_next(page, telling.then)


def _write_next(page: Page, then: Iterable[str]) -> None:
    for number, sentence in enumerate(then):
        if not number:
            page.write()
        page.hang([("  ", "")], sentence)


def _write_header(page: Page, verdict: Verdict, title: str) -> None:
    status = f"{page.mark(verdict.status)} {say_status(verdict.status, page.lang).upper()}"
    name = keep_end(page.one_line(verdict.submission), 2 * NAME_WIDTH, page.ellipsis)
    subject = page.dot.join(filter(None, [title if can_carry(page.encoding, title) else verdict.exercise_id, name]))
    page.hang([(status, f"bold {colour(verdict.status)}"), ("  ", "")], page.show(subject))


def _write_score(page: Page, verdict: Verdict) -> None:
    figures = [page.say("score", score=points(verdict.score), max=points(verdict.max_score))]
    if verdict.cases:
        passed = sum(case.status is Status.ACCEPTED for case in verdict.cases)
        figures.append(page.say("cases", passed=str(passed), total=str(len(verdict.cases))))
    text = page.dot.join(figures)
    share = min(1.0, max(0.0, verdict.score / verdict.max_score)) if verdict.max_score > 0 else 0.0  # NaN becomes 0
    page.write(("  ", ""), *_bar(page, share, verdict.status, cell_len(text)), (text, "bold"))


def _bar(page: Page, share: float, status: Status, beside: int) -> list[Span]:
    """A bar and two blanks, left of a text of `beside` cells; it is full, or empty, only where `share` is 1, or 0."""
    width = min(BAR_WIDTH, page.width - beside - 4)
    if width < 2:
        return []
    filled = min(max(round(share * width), share > 0), width - (share < 1))
    full, empty = ("█", "░") if page.unicode else ("#", "-")
    return [(full * filled, colour(status)), (empty * (width - filled), "dim"), ("  ", "")]


def _write_message(page: Page, message: str) -> None:
    if message.strip():
        page.write()
        page.hang([("  ", "")], _excerpt(page, message, MESSAGE_CHARACTERS))


def _write_our_fault(page: Page, verdict: Verdict) -> None:
    page.hang([("  ", "")], page.say("our_fault"))
    _write_message(page, verdict.message)
    ours = [case for case in verdict.cases if case.status is Status.JUDGE_ERROR]
    if ours:
        page.write()
        _write_cases(page, ours, set())


def _excerpt(page: Page, text: str, characters: int) -> str:
    def left_out(count: int) -> str:
        return f"{page.ellipsis} {page.say('left_out', count=str(count))}"

    return excerpt(page.show(text).strip("\n"), characters, EXCERPT_LINES, left_out)


def _write_tasks(page: Page, verdict: Verdict, *, whole: bool) -> None:
    """Every task with its points, below it what failed; last the failures that belong to no task.

    Unless `whole`, only the first failure of the first task that failed: it is what to mend first.
    """
    if verdict.status is Status.REJECTED and not verdict.cases:
        return  # nothing ran: a list of zeros would say no more than the score
    failed = [case for case in verdict.cases if case.status is not Status.ACCEPTED]
    if verdict.tasks or failed:
        page.write()
    known = [task.id for task in verdict.tasks]
    by_task = {name: [case for case in failed if case.task == name] for name in known}
    others = [case for case in failed if case.task not in by_task]
    told = set(known) if whole else set(_first_that_failed(by_task))
    widest = max((len(_task_points(task)) for task in verdict.tasks), default=0)
    seen: set[object] = set()
    for task in verdict.tasks:
        own = by_task[task.id]
        _write_task(page, task, widest, 0 if task.id in told else len(own))
        if task.id in told:
            _write_cases(page, own if whole else own[:1], seen)
            _write_more(page, 0 if whole else len(own) - 1)
    _write_cases(page, others if whole or not told else [], seen)


def _first_that_failed(by_task: Mapping[str, Sequence[Outcome]]) -> Iterator[str]:
    return itertools.islice((name for name, cases in by_task.items() if cases), 1)


def _write_more(page: Page, count: int) -> None:
    if count > 0:
        page.write((f"      {page.say('more_failed', count=str(count))}", "dim"))


def _task_points(task: TaskScore) -> str:
    return f"{points(task.score)}/{points(task.max_score)}"


def _write_task(page: Page, task: TaskScore, widest: int, failed: int) -> None:
    """A task; `failed` of its cases are not shown below it."""
    status = Status.ACCEPTED if task.score >= task.max_score else Status.WRONG_ANSWER
    lead = [(f"  {page.mark(status)} ", colour(status)), (f"{_task_points(task):>{widest}}  ", "bold")]
    count = page.say("failed_cases", count=str(failed)) if failed else ""
    page.hang(lead, page.dot.join(filter(None, [page.text(task.title), count])))


def _write_cases(page: Page, cases: Iterable[Outcome], seen: set[object]) -> None:
    """`cases` with their details; details that are in `seen` already are not repeated."""
    for case in cases:
        details = (case.message, case.output, case.cause)
        repeated = details in seen
        title = _case_title(page, case, repeated=repeated)
        page.hang([(f"      {page.mark(case.status)} ", colour(case.status))], title)
        if not repeated and details != (NOTHING, "", None):
            seen.add(details)
            _write_details(page, case)


def _case_title(page: Page, case: Outcome, *, repeated: bool) -> str:
    title = page.one_line(case.title.get(page.lang) or case.id).removesuffix(".").removesuffix("。")
    tags = [] if case.status is Status.WRONG_ANSWER else [say_status(case.status, page.lang)]
    if case.visibility == "public":
        tags.append(page.say("public"))
    if repeated:
        tags.append(page.say("same"))
    return page.say("tagged", title=title, tags=page.say("comma").join(tags)) if tags else title


def _write_details(page: Page, case: Outcome) -> None:
    margin = " " * 8
    message = case.message.get(page.lang)
    if message.strip():
        page.hang([(margin, "")], _excerpt(page, message, MESSAGE_CHARACTERS))
    labelled = [(page.say(key), _excerpt(page, text, OUTPUT_CHARACTERS)) for key, text in _detail_texts(case, message)]
    widest = max((cell_len(label) for label, _ in labelled), default=0)
    for label, text in labelled:
        page.hang([(margin, ""), (pad(label, widest + 2), "dim")], text)


def _detail_texts(case: Outcome, message: str) -> Iterator[tuple[str, str]]:
    """The call, what was expected and what came unless the message says both, and what was printed."""
    if case.call and case.call not in message:
        yield "call", case.call
    if case.cause is not None:
        yield from _cause_texts(case.cause, message)
    if case.output.strip():
        yield "output", case.output


def _cause_texts(cause: Cause, message: str) -> Iterator[tuple[str, str]]:
    """What the message does not say already."""
    if not (cause.expected in message and cause.actual in message):
        yield "expected", cause.expected
        yield "actual", cause.actual
    if cause.worst_index is not None and cause.worst_index not in message:
        yield "worst", cause.worst_index


def _write_diagnosis(page: Page, diagnosis: Diagnosis) -> None:
    page.write()
    page.hang([(f"  {page.say(diagnosis.likeness)}", "bold yellow")], page.text(diagnosis.title), "bold")
    page.hang([("    ", "")], page.text(diagnosis.advice).strip())


def _write_footer(page: Page, verdict: Verdict) -> None:
    page.write()
    for note in verdict.integrity:
        page.hang([(f"  {page.say('integrity')}", "yellow")], page.show(note))
    page.flow("  ", _footer_parts(page, verdict), "dim")


def _device_words(verdict: Verdict) -> str:
    """The device, and which GPU and driver that was."""
    known = [verdict.versions.get(name, "") for name in ("gpu", "nvidia-driver")]
    named = ", ".join(part for part in (known[0], known[1] and f"driver {known[1]}") if part)
    return f"{verdict.device} ({named})" if named else verdict.device


def _footer_parts(page: Page, verdict: Verdict) -> Iterator[str]:
    """What is known about the run; what is withheld or was never measured is left out."""
    used = verdict.resources
    if is_measured(used.wall_ms):
        yield duration(used.wall_ms)
    if is_measured(used.peak_rss_bytes):
        yield f"{used.peak_rss_bytes / 2**20:.0f} MiB" if used.peak_rss_bytes >= 2**20 else "< 1 MiB"
    if verdict.device != "cpu":
        yield page.say("device", value=page.show(_device_words(verdict)))
    if verdict.seed >= 0:
        yield page.say("seed", value=str(verdict.seed))
    level, layers = page.show(verdict.isolation.level), len(verdict.isolation.layers)
    yield page.say("isolation", value=page.say("layers", value=level, count=str(layers)) if layers else level)
