"""The talk between a sitting and a person: asks, hears, obeys the keys, tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from grader.cli.quiz import feedback
from grader.cli.quiz.editor import edit_text
from grader.cli.quiz.keys import Chosen, Command, Keyboard, Menu
from grader.cli.quiz.screen import NOTHING_SPECIAL, Screen
from grader.practice.answers import GaveUp, Given, Picked, Typed, Written, rubric
from grader.practice.bank import PackBank
from grader.practice.question import Question
from grader.practice.sitting import Sitting, Told
from grader.practice.ticking import found_in
from grader.practice.units import unit_name
from grader.practice.unreadable import UnreadableAnswer

ANSWERING = (Command.HINT, Command.SKIP, Command.GIVE_UP, Command.LIST, Command.HELP, Command.QUIT)
WRITING = (Command.EDITOR, *ANSWERING)
BETWEEN = (Command.GO_ON, Command.LIST, Command.HELP, Command.QUIT)
ASSESSING = (Command.HELP, Command.QUIT)
IN_A_MOCK: Mapping[Command, str] = {Command.GIVE_UP: "quiz.help.x.mock"}


class Quit(Exception):
    """The person has had enough."""


class Coding(Protocol):
    """How an exercise is worked on."""

    def solve(self, question: Question, sitting: Sitting) -> Given | None:
        """What the person arrived at; None for a skipped question. May raise Quit and EndOfInput."""


class Conversation:
    """One sitting at one keyboard."""

    def __init__(self, sitting: Sitting, bank: PackBank, keyboard: Keyboard, screen: Screen, coding: Coding) -> None:
        self._sitting, self._bank, self._keyboard, self._screen, self._coding = sitting, bank, keyboard, screen, coding

    def run(self) -> None:
        """Ask until the sitting is over; raises Quit, EndOfInput and KeyboardInterrupt."""
        while (question := self._sitting.next()) is not None:
            self._ask(question)

    def assess_all(self) -> None:
        """Let the person hold every written answer of a mock against its rubric."""
        written = [told for told in self._sitting.told if told.question.way == "write" and told.judged.given]
        if written:
            self._screen.say("quiz.mock.assess_first", "bold")
        for told in written:
            self._screen.blank()
            self._screen.prose(told.question.entry.prompt, [("  ", "")])
            self._screen.page.hang([("  > ", "cyan")], self._screen.page.show(told.judged.given))
            self._assess(told)

    def pause(self, told: Told | None = None) -> None:
        """Wait until the person has read; the result of a long explanation stays in sight."""
        if self._keyboard.waits:
            self._keys(BETWEEN, () if told is None else (feedback.result_name(self._screen, told),))

    def _ask(self, question: Question) -> None:
        topic = self._bank.topics.get(question.entry.topics[0])
        self._screen.question(
            question, self._sitting, self._screen.text(topic.title) if topic else question.entry.topics[0]
        )
        if not self._keyboard.shows_menu or question.way == "order":
            self._screen.options(question.options)
        self._instruct(question)
        if question.way != "solve":
            self._screen.taken(self._sitting.taken, len(question.hints))
        while True:
            given = self._given(question)
            if given is None:
                self._sitting.skip()
                return
            try:
                told = self._sitting.answer(given)
            except UnreadableAnswer as error:
                lang = self._screen.page.lang
                fields = {
                    name: unit_name(word, lang) if name == "unit" else word for name, word in error.fields.items()
                }
                self._screen.say(error.key, "yellow", **fields)
                continue
            self._tell(told)
            return

    def _given(self, question: Question) -> Given | None:
        """The answer; None for a skipped question."""
        match question.way:
            case "solve":
                return self._coding.solve(question, self._sitting)
            case "write":
                return self._written(question)
            case "type" | "order":
                return self._typed(question)
        return self._picked(question)

    def _picked(self, question: Question) -> Given | None:
        several = question.way == "mark"
        move, tick, enter = (self._screen.page.say(f"quiz.keys.{name}") for name in ("move", "tick", "enter"))
        menu = Menu(
            texts=self._screen.plain_options(question.options),
            several=several,
            title="  " + self._screen.how_to(question),
            prompt=self._screen.page.say("quiz.prompt_letters"),
            footer=self._screen.keys_line(_offered(ANSWERING, question), tick if several else move, enter),
            missing="  " + self._screen.page.say("quiz.missing.mark" if several else "quiz.missing.pick"),
        )
        while True:
            heard = self._keyboard.choose(menu, frozenset(ANSWERING))
            if isinstance(heard, Command):
                if self._is_leaving(heard, question, ANSWERING):
                    return self._leave(heard)
                continue
            places = heard.places if isinstance(heard, Chosen) else ()
            return Picked(ids=tuple(question.options[place].id for place in places))

    def _typed(self, question: Question) -> Given | None:
        prompt = self._screen.page.say("quiz.prompt")
        while True:
            heard = self._keyboard.line(prompt, frozenset(ANSWERING))
            if isinstance(heard, Command):
                if self._is_leaving(heard, question, ANSWERING):
                    return self._leave(heard)
                continue
            if question.way == "type":
                return Typed(text=heard)
            return Picked(ids=_ids_in_order(question, heard))

    def _written(self, question: Question) -> Given | None:
        prompt = self._screen.page.say("quiz.prompt")
        while True:
            heard = self._keyboard.passage(prompt, frozenset(WRITING))
            if heard is Command.EDITOR:
                heard = edit_text(self._screen, self._screen.text(question.entry.prompt))
                if not heard:
                    continue
                self._screen.page.hang([("  > ", "cyan")], self._screen.page.show(heard))
            if isinstance(heard, Command):
                if self._is_leaving(heard, question, WRITING):
                    return self._leave(heard)
                continue
            self._sitting.stop()
            return Written(text=heard, met=found_in(question, heard))

    def _instruct(self, question: Question) -> None:
        """What to do, and the keys; a menu and a workbench say that themselves."""
        if question.way == "solve" or (self._keyboard.shows_menu and question.way in {"pick", "mark"}):
            return
        self._screen.page.write((f"  {self._screen.how_to(question)}", "bold"))
        self._screen.keys(_offered(WRITING if question.way == "write" else ANSWERING, question))

    def _is_leaving(self, command: Command, question: Question, commands: Sequence[Command]) -> bool:
        """Obey a key that leaves the question where it is; True for the others."""
        if command is Command.HINT:
            self._screen.hint(self._sitting.hint(), self._sitting.hints, len(question.hints))
        elif command is Command.HELP:
            own = IN_A_MOCK if self._sitting.wish.mode == "mock" else NOTHING_SPECIAL
            self._screen.help(_offered(commands, question), self._how(question), own)
        elif command is Command.LIST:
            self._screen.asked_so_far(self._sitting)
        else:
            return True
        return False

    def _how(self, question: Question) -> str:
        """The name of the sentence that says how to answer at this keyboard."""
        by_menu = self._keyboard.shows_menu and question.way in {"pick", "mark"}
        return f"quiz.how.{question.way}" if by_menu or question.way == "write" else "quiz.how.line"

    def _leave(self, command: Command) -> Given | None:
        if command is Command.QUIT:
            raise Quit
        return GaveUp() if command is Command.GIVE_UP else None

    def _tell(self, told: Told) -> None:
        if self._sitting.wish.mode == "mock":
            self._screen.say("quiz.noted", "dim")
            return
        assessed = told.question.way == "write" and bool(told.judged.given)
        if assessed:
            told = self._assess(told)
        feedback.explain(self._screen, told, with_answer=not assessed)
        self._screen.blank()
        self.pause(told)

    def _assess(self, told: Told) -> Told:
        """Which criteria the person finds in the answer, seen beside the model answer; leaving keeps what was found."""
        criteria = rubric(told.question)
        feedback.model_answer(self._screen, told.question)
        self._screen.blank()
        self._screen.say("quiz.tick")
        found = set(found_in(told.question, told.judged.given))
        texts = tuple(self._screen.text(criterion.text) for criterion in criteria)
        menu = Menu(
            texts=texts,
            several=True,
            may_be_empty=True,
            ticked=frozenset(place for place, criterion in enumerate(criteria) if criterion.id in found),
            prompt=self._screen.page.say("quiz.prompt_points"),
            footer=self._screen.keys_line(
                ASSESSING, *(self._screen.page.say(f"quiz.keys.{name}") for name in ("tick", "enter_points"))
            ),
        )
        if not self._keyboard.shows_menu:
            self._screen.criteria(texts, menu.ticked)
        while True:
            heard = self._keyboard.choose(menu, frozenset(ASSESSING))
            if isinstance(heard, Chosen):
                return self._sitting.assess(told, [criteria[place].id for place in heard.places])
            if heard is Command.QUIT:
                raise Quit
            if heard is Command.HELP:
                self._screen.help(ASSESSING, "quiz.how.assess")
            else:
                self._screen.say("quiz.unreadable.pick", "yellow")

    def _keys(self, commands: Sequence[Command], before: Iterable[str]) -> None:
        """Obey keys until the person wants to go on."""
        line = self._screen.keys_line(commands, *before)
        while True:
            heard = self._keyboard.key(line, frozenset(commands))
            if heard is Command.GO_ON:
                return
            if heard is Command.QUIT:
                raise Quit
            if heard is Command.HELP:
                self._screen.help(commands)
            elif heard is Command.LIST:
                self._screen.asked_so_far(self._sitting)


def _offered(commands: Sequence[Command], question: Question) -> tuple[Command, ...]:
    """The keys that are named: all that work, but for hints where there are none."""
    return tuple(command for command in commands if command is not Command.HINT or question.hints)


def _ids_in_order(question: Question, text: str) -> tuple[str, ...]:
    """Ids of the options whose letters were typed; nothing where a word is no letter of theirs."""
    from grader.cli.quiz.keys import read_places

    found = read_places(text, Menu(texts=tuple(option.id for option in question.options), several=True))
    return () if found is None else tuple(question.options[place].id for place in found.places)
