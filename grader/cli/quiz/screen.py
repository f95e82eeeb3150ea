"""What the quiz shows. It prints and never asks; nothing depends on colour."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from rich.cells import cell_len
from rich.text import Text as Line

from grader.cli.quiz.keys import LABELS, Command
from grader.errors import GraderError
from grader.model.progress import Result
from grader.model.text import Lang, Text
from grader.practice.answers import right_number
from grader.practice.question import Option, Question
from grader.practice.sitting import Sitting
from grader.report.console import Console
from grader.report.entry_markdown import tolerance
from grader.report.page import Page, Span
from grader.report.prose import inline, plain, prose
from grader.report.quantities import clock_time

TEXT_WIDTH: Final = 100  # prose in longer lines is hard to read
MARGIN: Final = "  "
NOTHING_SPECIAL: Final[Mapping[Command, str]] = {}
COLOURS: Final = {Result.RIGHT: "green", Result.PARTIAL: "yellow", Result.WRONG: "red"}


class Screen:
    """A console and the person's language."""

    def __init__(self, console: Console, lang: Lang) -> None:
        self.console = console
        self._lang: Lang = lang

    @property
    def page(self) -> Page:
        """A page as wide as the console is now: a window may be resized between two questions."""
        return Page(self.console, self._lang, TEXT_WIDTH)

    def say(self, key: str, style: str = "", **fields: str) -> None:
        """A sentence of ours, on lines of its own."""
        self.page.hang([(MARGIN, "")], self.page.say(key, **fields), style)

    def complain(self, error: GraderError) -> None:
        """What went wrong, as its message says it; the quiz goes on."""
        self.page.hang([(MARGIN, "")], self.page.show(error.said_in(self.page.lang)), "yellow")

    def blank(self) -> None:
        """An empty line."""
        self.page.write()

    def rule(self) -> None:
        """A line across the text."""
        self.page.write((("─" if self.page.unicode else "-") * self.page.width, "dim"))

    def text(self, text: Text) -> str:
        """A text of the content's in the language that can be shown."""
        return text.get(self.page.lang)

    def prose(self, text: Text, lead: Sequence[Span] = ((MARGIN, ""),), style: str = "") -> None:
        """Markdown beside `lead`."""
        indent = sum(cell_len(part) for part, _ in lead)
        options = self.console.options.update(width=max(self.page.width - indent, 20))
        first: Sequence[Span] = lead
        for rendered in prose(self.text(text)).__rich_console__(self.console, options):  # type: ignore[union-attr]
            line = rendered if isinstance(rendered, Line) else Line(str(rendered))
            line.stylize_before(style)
            whole = Line.assemble(*first, line, no_wrap=True, overflow="ignore")
            whole.rstrip()
            self.console.print(whole, soft_wrap=True, highlight=False)
            first = [(" " * indent, "")]

    def heading(self, key: str) -> None:
        """A title above a part."""
        self.blank()
        self.page.write((MARGIN + self.page.say(key), "bold"))

    def question(self, question: Question, sitting: Sitting, topic: str) -> None:
        """Everything that is told before the answer, but for the options."""
        entry = question.entry
        self.blank()
        self.rule()
        number, total = str(question.number), str(question.total)
        key = "quiz.number" if question.total else "quiz.number_open"
        fields = {"number": number, "total": total} if question.total else {"number": number}
        self.page.hang([(f"{self.page.say(key, **fields)}  ", "cyan")], inline(self.text(entry.title)), "bold")
        self.page.flow(MARGIN, self._facts(question, sitting, topic), "dim")
        self.blank()
        self.prose(entry.prompt)
        self.blank()

    def _facts(self, question: Question, sitting: Sitting, topic: str) -> Iterable[str]:
        entry, say = question.entry, self.page.say
        yield self.page.show(topic)
        yield say(f"quiz.kind.{entry.kind}")
        yield say(f"quiz.level.{entry.level}")
        yield say("quiz.difficulty", value=str(entry.difficulty))
        yield say("quiz.minutes", count=str(entry.minutes))
        if question.due:
            yield say("quiz.came_back")
        left = sitting.seconds_left()
        if left is not None:
            yield say("quiz.left", time=clock_time(left)) if left > 0 else say("quiz.time_is_up")

    def options(self, options: Sequence[Option]) -> None:
        """Options with their letters, for a keyboard that draws no menu."""
        for label, option in zip(LABELS, options, strict=False):
            self.prose(option.text, [(f"  {label}  ", "bold")])
        self.blank()

    def plain_options(self, options: Sequence[Option]) -> tuple[str, ...]:
        """Options as texts for a menu."""
        return tuple(plain(self.text(option.text)) for option in options)

    def labelled(self, texts: Sequence[str]) -> None:
        """Texts of ours with their letters, for a keyboard that draws no menu."""
        for label, text in zip(LABELS, texts, strict=False):
            self.page.hang([(f"  {label}  ", "bold")], text)
        self.blank()

    def criteria(self, texts: Sequence[str], ticked: frozenset[int]) -> None:
        """Points of a rubric with their letters, for a keyboard that draws no menu."""
        for place, text in enumerate(texts):
            box = f"[{'x' if place in ticked else ' '}]"
            self.page.hang([(f"  {LABELS[place]} ", "bold"), (f"{box} ", "")], inline(text))
        self.blank()

    def how_to(self, question: Question) -> str:
        """What to do to answer."""
        if question.way == "type":
            numeric = right_number(question)
            unit = self.page.show(numeric.unit.get(self.page.lang))
            close = tolerance(numeric, self.page.lang)
            return self.page.say("quiz.do.type_unit" if unit else "quiz.do.type", unit=unit, close=close)
        if question.way == "order":
            example = f"{LABELS[1]} {LABELS[0]} {self.page.ellipsis}"  # a whole one might be the right one
            return self.page.say("quiz.do.order", example=example, count=str(len(question.options)))
        return self.page.say(f"quiz.do.{question.way}")

    def keys_line(self, commands: Iterable[Command], *before: str, own: Mapping[Command, str] = NOTHING_SPECIAL) -> str:
        """The keys that work now, in as many lines as it takes; a line ends between two. `own` names some."""
        lines = [MARGIN]
        names = (self.page.say(own.get(command, f"quiz.key.{command.value}")) for command in commands)
        for part in (*before, *names):
            longer = lines[-1] + (self.page.dot if lines[-1] != MARGIN else "") + part
            if cell_len(longer) > self.page.width and lines[-1] != MARGIN:
                lines.append(MARGIN + part)
            else:
                lines[-1] = longer
        return "\n".join(lines)

    def keys(self, commands: Iterable[Command], *before: str) -> None:
        """Print the keys that work now."""
        for line in self.keys_line(commands, *before).split("\n"):
            self.page.write((line, "dim"))

    def help(self, commands: Iterable[Command], how: str = "", own: Mapping[Command, str] = NOTHING_SPECIAL) -> None:
        """How to answer (`how` is the name of a sentence), and what each key does; `own` has special sentences."""
        self.blank()
        if how:
            self.say(how)
            self.blank()
        for command in commands:
            key = command.value or "Enter"
            words = self.page.say(own.get(command, f"quiz.help.{command.value}"))
            self.page.hang([(f"  {key:<6}", "bold")], words)
        self.blank()

    def hint(self, text: Text | None, number: int, total: int) -> None:
        """A hint, or that there is none."""
        if text is None:
            self.say("quiz.no_hints" if total else "quiz.no_hints_at_all", "yellow")
        else:
            lead = self.page.say("quiz.hint", number=str(number), total=str(total))
            self.prose(text, [(MARGIN, ""), (lead, "bold yellow")])
        self.blank()

    def taken(self, hints: Sequence[Text], total: int) -> None:
        """Hints that were paid for before."""
        for number, text in enumerate(hints, 1):
            self.hint(text, number, total)

    def asked_so_far(self, sitting: Sitting) -> None:
        """The questions of this sitting, and how they went where that may be told."""
        self.blank()
        if not sitting.told and not sitting.skipped:
            self.say("quiz.nothing_yet")
        secret = sitting.wish.mode == "mock"
        for told in sitting.told:
            result = told.judged.result
            mark, colour = ("·", "") if secret else (self.mark(result), COLOURS[result])
            self.page.hang(
                [(f"  {mark if self.page.unicode or not secret else '.'} ", colour)], self._title(told.question)
            )
        for question in sitting.skipped:
            skipped = self.page.say("quiz.skipped")
            self.page.hang([("  - ", "dim")], f"{self._title(question)} ({skipped})", "dim")
        self.blank()

    def _title(self, question: Question) -> str:
        return inline(self.text(question.entry.title))

    def mark(self, result: Result) -> str:
        """One character for a result."""
        marks = ("✓", "≈", "✗") if self.page.unicode else ("+", "~", "x")
        return dict(zip(Result, marks, strict=True))[result]
