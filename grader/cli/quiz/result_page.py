"""The end of a sitting: how it went, by topic after a mock, and what is still due."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from grader.cli.quiz.screen import COLOURS, MARGIN, Screen
from grader.model.progress import Result
from grader.practice.bank import PackBank
from grader.practice.question import Question
from grader.practice.sitting import Sitting, Told
from grader.report.layout import pad, wrap
from grader.report.page import has_room
from grader.report.prose import inline
from grader.report.quantities import clock_time, percent

BAR_WIDTH = 16
Row = tuple[str, ...]


def summarise(screen: Screen, sitting: Sitting, due: int) -> None:
    """One line about the sitting, and one about what is left."""
    screen.blank()
    screen.rule()
    if not sitting.told:
        screen.say("quiz.done_none")
        return
    counts = {result: sum(told.judged.result is result for told in sitting.told) for result in Result}
    fields = {result.value: str(count) for result, count in counts.items()}
    screen.say("quiz.done", "bold", count=str(len(sitting.told)), time=clock_time(sitting.seconds), **fields)
    if due:
        screen.say("quiz.due_left", count=str(due))


def missed(screen: Screen, told: Sequence[Told]) -> None:
    """The titles of what was not right."""
    if not told:
        return
    screen.blank()
    screen.say("quiz.missed", "bold")
    for one in told:
        lead = (f"{MARGIN}{screen.mark(one.judged.result)} ", COLOURS[one.judged.result])
        screen.page.hang([lead], inline(screen.text(one.question.entry.title)))
    screen.blank()


def asked_again(screen: Screen, sitting: Sitting) -> None:
    """One line about what was asked once more."""
    if sitting.told:
        right = sum(told.judged.result is Result.RIGHT for told in sitting.told)
        screen.blank()
        screen.say("quiz.again.done", "bold", right=str(right), count=str(len(sitting.told)))


def by_topic(screen: Screen, sitting: Sitting, bank: PackBank) -> None:
    """A table of a mock: each topic with its score, a bar, and the time taken against the time planned."""
    questions: dict[str, list[Question | Told]] = {}
    for told in sitting.told:
        questions.setdefault(told.question.entry.topics[0], []).append(told)
    for skipped in sitting.skipped:
        questions.setdefault(skipped.entry.topics[0], []).append(skipped)
    if not questions:
        return
    rows = [_row(screen, _name(screen, bank, topic), items) for topic, items in questions.items()]
    everything = [item for items in questions.values() for item in items]
    rows.append(_row(screen, screen.page.say("quiz.table.total"), everything))
    head = tuple(screen.page.say(f"quiz.table.{name}") for name in ("topic", "answered", "score", "time", "planned"))
    screen.blank()
    _write(screen, head, rows)
    screen.blank()


def left_over(screen: Screen, sitting: Sitting) -> None:
    """How many planned questions were never answered nor skipped; they count in no score."""
    left = sitting.planned - len(sitting.told) - len(sitting.skipped)
    if left > 0:
        screen.say("quiz.mock.left_over", "yellow", count=str(left))
        screen.blank()


def _name(screen: Screen, bank: PackBank, topic: str) -> str:
    known = bank.topics.get(topic)
    return screen.text(known.title) if known else topic


def _row(screen: Screen, name: str, items: Sequence[Question | Told]) -> Row:
    told = [item for item in items if isinstance(item, Told)]
    entries = [item.question.entry if isinstance(item, Told) else item.entry for item in items]
    share = sum(item.answered.score for item in told) / len(items)
    seconds = sum(item.answered.seconds for item in told)
    return (
        name,
        f"{len(told)}/{len(items)}",
        f"{percent(share)}%",
        clock_time(seconds),
        clock_time(60 * sum(entry.minutes for entry in entries)),
        bar(screen, share),
    )


def bar(screen: Screen, share: float) -> str:
    """`share` as a bar; it is full, or empty, only where `share` is 1, or 0."""
    full, empty = ("█", "░") if screen.page.unicode else ("#", "-")
    filled = min(max(round(share * BAR_WIDTH), share > 0), BAR_WIDTH - (share < 1))
    return full * filled + empty * (BAR_WIDTH - filled)


def _write(screen: Screen, head: Row, rows: Sequence[Row]) -> None:
    """The table: names to the left, and above where there is no room beside the figures; a bar where it finds room."""
    columns = list(zip(head, *(row[:5] for row in rows), strict=True))
    widths = [max(cell_len(cell) for cell in column) for column in columns]
    widths[0] = min(widths[0], max(screen.page.width - sum(widths[1:]) - 12, 0))
    is_beside = all(has_room(name, widths[0]) for name in columns[0])
    has_bar = screen.page.width >= sum(widths) + BAR_WIDTH + 14
    for number, row in enumerate((head, *rows)):
        style = "dim" if number == 0 else "bold" if number == len(rows) else ""
        first, *others = wrap(row[0], widths[0]) if is_beside else ("",)
        if not is_beside:
            screen.page.hang([(MARGIN, "")], row[0], style)
        cells = [pad(first, widths[0])]
        cells += [" " * (width - cell_len(cell)) + cell for cell, width in zip(row[1:5], widths[1:], strict=True)]
        tail = [(f"  {row[5]}", "cyan")] if has_bar and number else []
        screen.page.write((MARGIN + "  ".join(cells), style), *tail)
        for line in others:
            screen.page.write((MARGIN + line, style))
