"""What is told about an answer: the result, what was right and why, and when the question comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from rich.cells import cell_len

from grader.cli.quiz.keys import LABELS
from grader.cli.quiz.screen import COLOURS, MARGIN, Screen
from grader.content.numbers import read_number
from grader.model.entry import BugEntry, Choice, ChoiceEntry
from grader.model.progress import Answered, Memory, Result
from grader.practice.answers import right_ids, right_number, rubric
from grader.practice.deviation import Deviation, deviation
from grader.practice.question import Question, price
from grader.practice.sitting import Told
from grader.report.layout import pad
from grader.report.page import Span
from grader.report.quantities import clock_time, number, percent

ADVICE_FOLLOW_UPS = 1


def explain(screen: Screen, told: Told, *, with_answer: bool = True) -> None:
    """Everything about one answer; the model answer unless it was shown already."""
    verdict_line(screen, told)
    _DETAILS[told.question.way](screen, told)
    _rubric(screen, told)
    if with_answer:
        model_answer(screen, told.question)
    _advice(screen, told)
    _sources(screen, told.question)


def verdict_line(screen: Screen, told: Told) -> None:
    """The result, the time, and when the question comes back."""
    screen.blank()
    rest = screen.page.dot.join(_circumstances(screen, told.answered, told.memory))
    lead = (result_name(screen, told), f"bold {COLOURS[told.judged.result]}")
    screen.page.hang([lead, (screen.page.dot, "dim")], rest, "dim")


def result_name(screen: Screen, told: Told) -> str:
    """The result with its mark; with the share where that is neither nothing nor everything."""
    result, say = told.judged.result, screen.page.say
    gave_up = result is Result.WRONG and not told.judged.given
    name = say("quiz.result.gave_up" if gave_up else f"quiz.result.{result.value}")
    if not gave_up and (result is Result.PARTIAL or told.judged.self_assessed or told.judged.verdict is not None):
        name += f" {percent(told.judged.score)}%"
    return f"{screen.mark(result)} {name}"


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
    """What was typed and how it was read, what is right and how near counts, and in which way a wrong number is off."""
    numeric, say = right_number(told.question), screen.page.say
    unit = numeric.unit.get(screen.page.lang)
    right = f"{number(numeric.value)} {unit}".strip()
    near = numeric.atol + numeric.rtol * abs(numeric.value)
    if near:
        low, high = number(numeric.value - near), number(numeric.value + near)
        right = say("quiz.within", value=right, low=low, high=high)
    rows = [("quiz.right_is", right, "bold")]
    if told.judged.given:
        given = read_number(told.judged.given, numeric.unit)
        rows.insert(0, ("quiz.you", _as_read(screen, told.judged.given, given), ""))
        if told.judged.result is Result.WRONG:
            rows.append(("quiz.off", _how_far(screen, deviation(numeric, given)), ""))
    screen.blank()
    widest = max(cell_len(say(key)) for key, _, _ in rows)
    for key, words, style in rows:
        if words:
            screen.page.hang([(f"{MARGIN}{pad(say(key), widest)}  ", "dim")], screen.page.show(words), style)


def _as_read(screen: Screen, typed: str, value: float) -> str:
    """The typed answer; with the number that it was taken for, unless that is plain."""
    shown = screen.page.one_line(typed)
    read = number(value)
    plain_enough = typed.startswith(read) or typed.replace(",", "").startswith(f"{value:g}")
    return shown if plain_enough else screen.page.say("quiz.read_as", typed=shown, value=read)


def _how_far(screen: Screen, off: Deviation) -> str:
    """By how much a wrong number is off, and what usually makes such a difference."""
    say, ratio = screen.page.say, off.ratio
    parts = []
    if ratio is not None and ratio > 0 and off.is_far:
        key, times = ("quiz.off.large", ratio) if ratio > 1 else ("quiz.off.small", 1 / ratio)
        parts.append(say(key, times=f"{times:,.3g}" if times < 1e6 else f"{times:.2g}"))
    elif ratio is not None and ratio > 0:
        share = f"{100 * abs(ratio - 1):.2g}"
        parts.append(say("quiz.off.high" if ratio > 1 else "quiz.off.low", percent=share))
    if off.cause is not None:
        parts.append(say(f"quiz.off.{off.cause}"))
    return say("semicolon").join(parts)


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
    """After a mock the verdict, which was kept back when it was made; and where to see others' code."""
    exercise, verdict = told.question.exercise, told.judged.verdict
    if exercise is None:
        return
    if verdict is not None and told.answered.mode == "mock":
        from grader.report.terminal import render_verdict

        screen.blank()
        render_verdict(verdict, screen.console, screen.page.lang, screen.text(exercise.title))
        screen.blank()
    screen.say("quiz.code.solution", "dim", slug=exercise.id)


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


def model_answer(screen: Screen, question: Question) -> None:
    """What a good candidate says."""
    screen.heading("quiz.answer")
    screen.prose(question.entry.answer)


def _advice(screen: Screen, told: Told) -> None:
    """Of a written answer: what must not be said, and what comes after it."""
    entry = told.question.entry
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
        page = screen.page
        title, url, lead = page.show(source.cited), page.show(source.url), f"{MARGIN}- "
        fits = cell_len(f"{lead}{title}  {url}") <= page.width
        page.hang([(lead, "dim")], f"{title}  {url}" if fits else title, "dim")
        if not fits:  # in one piece, however long, so that it can be clicked
            page.write((" " * cell_len(lead) + url, "dim"))
