"""The talk between a sitting and a person: asks, hears, obeys the keys, tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from grader.cli.quiz import feedback
from grader.cli.quiz.editor import edit_text
from grader.cli.quiz.keys import Chosen, Command, Interrupted, Keyboard, Menu
from grader.cli.quiz.screen import NOTHING_SPECIAL, Screen
from grader.content.unreadable import UnreadableAnswer
from grader.model.progress import Result
from grader.model.text import Text
from grader.practice.answers import GaveUp, Given, Judged, Picked, Typed, Written, judge, rubric
from grader.practice.bank import PackBank
from grader.practice.question import Question
from grader.practice.sitting import Sitting, Told
from grader.practice.ticking import found_in

ANSWERING = (Command.HINT, Command.SKIP, Command.GIVE_UP, Command.LIST, Command.HELP, Command.QUIT)
WRITING = (Command.EDITOR, *ANSWERING)
BETWEEN = (Command.GO_ON, Command.LIST, Command.HELP, Command.QUIT)
ASSESSING = (Command.HELP, Command.QUIT)
AFTER_A_MISS = (Command.AGAIN, *BETWEEN)
THEN_THE_ANSWER: Mapping[Command, str] = {Command.GO_ON: "quiz.key.see"}
THEN_THE_END: Mapping[Command, str] = {Command.GO_ON: "quiz.key.end"}
SECOND_TRY = (Command.GIVE_UP, Command.HELP, Command.QUIT)
AT_THE_END = (Command.RETRY, Command.GO_ON)
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
            self._quote(told.judged.given)
            met = self._criteria(told.question, found_in(told.question, told.judged.given))
            self._sitting.assess(told, met)

    def pause(self, told: Told | None = None) -> None:
        """Wait until the person has read; the result of a long explanation stays in sight."""
        if self._keyboard.waits:
            self._keys(BETWEEN, () if told is None else (feedback.result_name(self._screen, told),))

    def wants_retry(self) -> bool:
        """Whether the person would like to be asked again what went wrong."""
        line = self._screen.keys_line(AT_THE_END, own=THEN_THE_END)
        return self._keyboard.waits and self._keyboard.key(line, frozenset(AT_THE_END)) is Command.RETRY

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
            if isinstance(given, Written) and given.text and not self._is_mock:
                given = self._assessed(question, given)
            try:
                told = self._sitting.answer(given)
            except UnreadableAnswer as error:
                self._ask_back(error)
                continue
            self._tell(told)
            return

    def _ask_back(self, error: UnreadableAnswer) -> None:
        """Say why an answer says nothing yet."""
        lang = self._screen.page.lang
        fields = {name: word.get(lang) if isinstance(word, Text) else word for name, word in error.fields.items()}
        self._screen.say(error.key, "yellow", **fields)

    @property
    def _is_mock(self) -> bool:
        return self._sitting.wish.mode == "mock"

    def _given(self, question: Question) -> Given | None:
        """The answer; None for a skipped question."""
        match question.way:
            case "solve":
                return self._coding.solve(question, self._sitting)
            case "write":
                return self._written(question)
        return self._short(question, ANSWERING)

    def _short(self, question: Question, commands: Sequence[Command]) -> Given | None:
        """An answer in a key or a line."""
        return (self._typed if question.way in {"type", "order"} else self._picked)(question, commands)

    def _picked(self, question: Question, commands: Sequence[Command]) -> Given | None:
        several = question.way == "mark"
        move, tick, enter = (self._screen.page.say(f"quiz.keys.{name}") for name in ("move", "tick", "enter"))
        menu = Menu(
            texts=self._screen.plain_options(question.options),
            several=several,
            title="  " + self._screen.how_to(question),
            prompt=self._screen.page.say("quiz.prompt_letters"),
            footer=self._screen.keys_line(_offered(commands, question), tick if several else move, enter),
            missing="  " + self._screen.page.say("quiz.missing.mark" if several else "quiz.missing.pick"),
        )
        while True:
            heard = self._keyboard.choose(menu, frozenset(commands))
            if isinstance(heard, Command):
                if self._is_leaving(heard, question, commands):
                    return self._leave(heard)
                continue
            places = heard.places if isinstance(heard, Chosen) else ()
            return Picked(ids=tuple(question.options[place].id for place in places))

    def _typed(self, question: Question, commands: Sequence[Command]) -> Given | None:
        prompt = self._screen.page.say("quiz.prompt")
        while True:
            heard = self._keyboard.line(prompt, frozenset(commands))
            if isinstance(heard, Command):
                if self._is_leaving(heard, question, commands):
                    return self._leave(heard)
                continue
            if question.way == "type":
                return Typed(text=heard)
            return Picked(ids=_ids_in_order(question, heard))

    def _written(self, question: Question) -> Given | None:
        prompt = self._screen.page.say("quiz.prompt")
        if self._sitting.draft:
            self._screen.say("quiz.draft.back", "yellow")
            if not self._keyboard.shows_menu:
                self._quote(self._sitting.draft)
        while True:
            try:
                heard = self._keyboard.passage(prompt, frozenset(WRITING), self._sitting.draft)
            except Interrupted as stopped:
                if stopped.draft:
                    self._sitting.keep(stopped.draft)
                    self._screen.say("quiz.draft.kept", "yellow")
                raise
            if heard is Command.EDITOR:
                heard = edit_text(self._screen, self._screen.text(question.entry.prompt), self._sitting.draft)
                if not heard:
                    continue
                self._quote(heard)
            if isinstance(heard, Command):
                if self._is_leaving(heard, question, WRITING):
                    return self._leave(heard)
                continue
            self._sitting.stop()
            self._sitting.keep(heard)
            return Written(text=heard, met=found_in(question, heard))

    def _quote(self, text: str) -> None:
        self._screen.page.hang([("  > ", "cyan")], self._screen.page.show(text))

    def _instruct(self, question: Question, commands: Sequence[Command] = ()) -> None:
        """What to do, and the keys (all, unless named); a menu and a workbench say that themselves."""
        if question.way == "solve" or (self._keyboard.shows_menu and question.way in {"pick", "mark"}):
            return
        self._screen.page.write((f"  {self._screen.how_to(question)}", "bold"))
        then_enter = self._screen.page.say("quiz.keys.then_enter")
        commands = commands or (WRITING if question.way == "write" else ANSWERING)
        self._screen.keys(_offered(commands, question), then_enter)

    def _is_leaving(self, command: Command, question: Question, commands: Sequence[Command]) -> bool:
        """Obey a key that leaves the question where it is; True for the others."""
        if command is Command.HINT:
            self._screen.hint(self._sitting.hint(), self._sitting.hints, len(question.hints))
        elif command is Command.HELP:
            own = IN_A_MOCK if self._is_mock else NOTHING_SPECIAL
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
        if self._is_mock:
            self._screen.say("quiz.noted", "dim")
            return
        if self._may_be_tried_again(told):
            self._second_try(told)
        feedback.explain(self._screen, told, with_answer=not (told.question.way == "write" and told.judged.given))
        self._screen.blank()
        self.pause(told)

    def _may_be_tried_again(self, told: Told) -> bool:
        """Whether a miss has not been explained yet, and somebody is there to think once more."""
        missed = told.judged.result is not Result.RIGHT and told.judged.given
        return bool(missed and self._keyboard.waits and told.question.way not in {"solve", "write"})

    def _second_try(self, told: Told) -> None:
        """Offer one more answer before the right one is told; the first is the one that counts."""
        feedback.verdict_line(self._screen, told)
        if not self._keys(AFTER_A_MISS, own=THEN_THE_ANSWER):
            return
        self._instruct(told.question, SECOND_TRY)
        while isinstance(given := self._short(told.question, SECOND_TRY), Picked | Typed):
            try:
                again: Judged = judge(told.question, given)
            except UnreadableAnswer as error:
                self._ask_back(error)
                continue
            right = again.result is Result.RIGHT
            self._screen.say("quiz.second.right" if right else "quiz.second.wrong", "green" if right else "red")
            return

    def _assessed(self, question: Question, given: Written) -> Written:
        """The answer with the criteria that the person finds in it; who leaves before that has given no answer."""
        try:
            return Written(text=given.text, met=self._criteria(question, given.met))
        except Quit:
            self._screen.say("quiz.draft.ungraded", "yellow")
            raise

    def _criteria(self, question: Question, proposed: Sequence[str]) -> tuple[str, ...]:
        """Ids of the criteria that the person finds in the answer, seen beside the model answer. Raises Quit."""
        criteria = rubric(question)
        feedback.model_answer(self._screen, question)
        self._screen.blank()
        self._screen.say("quiz.tick")
        found = set(proposed)
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
                return tuple(criteria[place].id for place in heard.places)
            if heard is Command.QUIT:
                raise Quit
            if heard is Command.HELP:
                self._screen.help(ASSESSING, "quiz.how.assess")
            else:
                self._screen.say("quiz.unreadable.pick", "yellow")

    def _keys(
        self, commands: Sequence[Command], before: Iterable[str] = (), own: Mapping[Command, str] = NOTHING_SPECIAL
    ) -> bool:
        """Obey keys until the person wants to go on; whether it is to be by trying again."""
        line = self._screen.keys_line(commands, *before, own=own)
        while True:
            heard = self._keyboard.key(line, frozenset(commands))
            if heard in {Command.GO_ON, Command.AGAIN}:
                return heard is Command.AGAIN
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
