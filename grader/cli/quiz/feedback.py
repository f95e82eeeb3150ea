"""What is told about an answer: the result, what was right and why, and when the question comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from grader.cli.quiz.keys import LABELS
from grader.cli.quiz.screen import COLOURS, MARGIN, Screen
from grader.model.entry import BugEntry, Choice, ChoiceEntry
from grader.model.progress import Answered, Memory, Result
from grader.practice.answers import right_ids, right_number, rubric
from grader.practice.question import Question, price
from grader.practice.sitting import Told
from grader.report.page import Span
from grader.report.quantities import clock_time, number, percent

ADVICE_FOLLOW_UPS = 1


def explain(screen: Screen, told: Told) -> None:
    """Everything about one answer."""
    verdict_line(screen, told)
    _DETAILS[told.question.way](screen, told)
    _rubric(screen, told)
    _model_answer(screen, told)
    _sources(screen, told.question)


def verdict_line(screen: Screen, told: Told) -> None:
    """The result, the time, and when the question comes back."""
    screen.blank()
    result, say = told.judged.result, screen.page.say
    gave_up = result is Result.WRONG and not told.judged.given
    name = say("quiz.result.gave_up" if gave_up else f"quiz.result.{result.value}")
    if not gave_up and (result is Result.PARTIAL or told.judged.self_assessed):
        name += f" {percent(told.judged.score)}%"
    lead = f"{screen.mark(result)} {name}"
    rest = screen.page.dot.join(_circumstances(screen, told.answered, told.memory))
    screen.page.hang([(lead, f"bold {COLOURS[result]}"), (screen.page.dot, "dim")], rest, "dim")


def _circumstances(screen: Screen, answered: Answered, memory: Memory) -> Iterator[str]:
    say = screen.page.say
    yield clock_time(answered.seconds)
    if answered.self_assessed:
        yield say("quiz.self_assessed")
    if answered.hints and answered.score:
        yield say("quiz.paid", percent=percent(price(answered.hints)))
    yield comes_back(screen, (memory.due - answered.day).days)


def comes_back(screen: Screen, days: int) -> str:
    """When a question is due."""
    if days <= 0:
        return screen.page.say("quiz.back.today")
    return screen.page.say("quiz.back.tomorrow") if days == 1 else screen.page.say("quiz.back.days", count=str(days))


def _options(screen: Screen, told: Told) -> None:
    """Every choice, whether it was taken and whether it is right, and why."""
    entry = told.question.entry
    if not isinstance(entry, ChoiceEntry | BugEntry):
        return
    screen.blank()
    taken, known = set(told.judged.given.split()), {choice.id: choice for choice in entry.choices}
    for label, option in zip(LABELS, told.question.options, strict=False):
        _choice(screen, known[option.id], label, taken=option.id in taken)


def _choice(screen: Screen, choice: Choice, label: str, *, taken: bool) -> None:
    result = Result.RIGHT if choice.correct else Result.WRONG
    mark = screen.mark(result) if choice.correct or taken else " "
    style = COLOURS[result] if choice.correct or taken else "dim"
    pointer = (">" if taken else " ", "bold")
    screen.prose(choice.text, [(" ", ""), pointer, (f"{mark} {label}  ", style)], style)
    if choice.why is not None:
        lead = [("       ", ""), ("↳ " if screen.page.unicode else "- ", "dim")]
        screen.prose(choice.why, lead, "" if taken or choice.correct else "dim")


def _number(screen: Screen, told: Told) -> None:
    numeric, page = right_number(told.question), screen.page
    right = f"{number(numeric.value)} {numeric.unit}".strip()
    tolerance = f"{100 * numeric.rtol:.2g}%" if numeric.rtol else number(numeric.atol)
    screen.blank()
    if told.judged.given:
        page.hang([(f"{MARGIN}{page.say('quiz.you')}  ", "dim")], page.one_line(told.judged.given))
    exact = not (numeric.rtol or numeric.atol)
    shown = right if exact else page.say("quiz.within", value=right, tolerance=tolerance)
    page.hang([(f"{MARGIN}{page.say('quiz.right_is')}  ", "dim")], page.show(shown), "bold")


def _order(screen: Screen, told: Told) -> None:
    """The right order, and where the person had each step."""
    screen.blank()
    given = told.judged.given.split()
    texts = {option.id: option.text for option in told.question.options}
    labels = {option.id: label for label, option in zip(LABELS, told.question.options, strict=False)}
    for place, step in enumerate(right_ids(told.question), 1):
        own = given.index(step) + 1 if step in given else 0
        result = Result.RIGHT if own == place else Result.WRONG
        lead = [
            (f"{MARGIN}{screen.mark(result) if given else ' '} ", COLOURS[result]),
            (f"{place:>2} {labels[step]}  ", "bold"),
        ]
        screen.prose(texts[step], lead)
        if own and own != place:
            screen.page.write((" " * 9 + screen.page.say("quiz.your_place", place=str(own)), "dim"))


def _nothing(screen: Screen, told: Told) -> None:
    """The rubric says it all, and is shown for every kind that has one."""


def _solutions(screen: Screen, told: Told) -> None:
    """Where to see others' code; the verdict was shown when it was made."""
    if told.question.exercise is not None:
        screen.say("quiz.code.solution", "dim", slug=told.question.exercise.id)


_DETAILS: Mapping[str, Callable[[Screen, Told], None]] = {
    "pick": _options,
    "mark": _options,
    "type": _number,
    "order": _order,
    "write": _nothing,
    "solve": _solutions,
}


def _rubric(screen: Screen, told: Told) -> None:
    """Points of the rubric: ticked where the person found them, plain where nobody asked."""
    criteria = rubric(told.question)
    if not criteria:
        return
    screen.heading("quiz.points")
    for criterion in criteria:
        bullet, style = _bullet(screen, told, met=criterion.id in told.judged.met)
        screen.prose(criterion.text, [(f"{MARGIN}{bullet} ", style), (f"{percent(criterion.weight):>3}%  ", "dim")])


def _bullet(screen: Screen, told: Told, *, met: bool) -> Span:
    """What stands before a criterion, and its style."""
    if not told.judged.self_assessed:
        return ("•" if screen.page.unicode else "*"), "bold"
    result = Result.RIGHT if met else Result.WRONG
    return screen.mark(result), COLOURS[result]


def _model_answer(screen: Screen, told: Told) -> None:
    entry = told.question.entry
    screen.heading("quiz.answer")
    screen.prose(entry.answer)
    if told.question.way != "write":
        return
    if entry.red_flags:
        screen.heading("quiz.red_flags")
        for flag in entry.red_flags:
            screen.prose(flag, [(f"{MARGIN}- ", "red")])
    wanted = "weak" if told.judged.result is Result.WRONG else "strong"
    follow_ups = [follow_up for follow_up in entry.follow_ups if follow_up.when == wanted]
    if follow_ups:
        screen.heading("quiz.follow_up")
    for follow_up in follow_ups[:ADVICE_FOLLOW_UPS]:
        screen.prose(follow_up.text)


def _sources(screen: Screen, question: Question) -> None:
    if question.entry.sources:
        screen.heading("quiz.sources")
    for source in question.entry.sources:
        show = screen.page.show
        screen.page.hang([(f"{MARGIN}- ", "dim")], f"{show(source.title)}  {show(source.url)}", "dim")
