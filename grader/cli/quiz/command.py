"""`viva quiz`: puts the parts together, and sees to it that every way of leaving ends well."""

from __future__ import annotations

import contextlib
import os
import secrets
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal, cast

from grader import wiring
from grader.box.installed import command_for, lacking
from grader.cli.checks import check_seed, values_of
from grader.cli.exit_status import DONE, INTERRUPTED
from grader.cli.language import choose
from grader.cli.lasting import open_lasting
from grader.cli.quiz import feedback, result_page
from grader.cli.quiz.aim import aim_of
from grader.cli.quiz.coding import EngineGrader, Workbench
from grader.cli.quiz.conversation import Conversation, Quit
from grader.cli.quiz.keys import EndOfInput, Keyboard
from grader.cli.quiz.lines import LineKeyboard
from grader.cli.quiz.screen import Screen
from grader.errors import UsageError
from grader.guest.environments import known
from grader.model.coverage import KINDS, LEVELS
from grader.model.entry import Kind, Level
from grader.model.progress import Mode, Result
from grader.practice.bank import PackBank
from grader.practice.choosing import Filter, due_order
from grader.practice.clock import Clock, SystemClock, day_of
from grader.practice.course import Wish
from grader.practice.paths import walked
from grader.practice.ports import Head, ProgressStore
from grader.practice.sitting import Sitting, Told
from grader.report.catalogue import say_both
from grader.report.console import Console

SEED_BITS = 53


@dataclass(frozen=True, slots=True, kw_only=True)
class QuizOrder:
    """What was asked for on the command line."""

    mode: Mode
    topics: tuple[str, ...]
    levels: tuple[str, ...]
    kinds: tuple[str, ...]
    path: str | None
    entries: tuple[str, ...]
    minutes: int | None
    count: int | None
    seed: int | None
    ask_goal: bool
    work: Path
    data: Path | None
    isolation: str
    lang: Literal["auto", "en", "zh"]
    packs: tuple[Path, ...]


def run(order: QuizOrder) -> int:
    """Quiz; the exit status. Raises UsageError, StoreError and ContentError."""
    lang = choose(order.lang)
    bank = PackBank(wiring.open_packs(order.packs))
    lacked = lacking(known())
    left_out = bank.leave_out(lacked, but=order.entries)
    needed = {"count": str(left_out), **_how_to_install(lacked)}
    try:
        wish = _wish(order, bank)
    except _NothingMatches:
        raise UsageError(*say_both("quiz.nothing.installed" if left_out else "quiz.nothing.match", **needed)) from None
    store = wiring.open_progress(order.data)
    clock = SystemClock()
    console = Console(file=sys.stdout, highlight=False)
    screen = Screen(console, lang)
    if bank.broken:
        screen.say("quiz.left_out", "yellow", count=str(len(bank.broken)))
    if left_out:
        screen.say("quiz.not_installed", "yellow", **needed)
    grader = EngineGrader(
        partial(open_lasting, order.isolation, lang, warm=True, at_once=True), lang, strict=order.isolation == "strict"
    )
    keyboard = _keyboard(screen)
    coding = Workbench(screen, keyboard, grader, order.work, lambda: set(store.solved()))

    def open_sitting(wish: Wish) -> tuple[Sitting, Conversation]:
        sitting = Sitting(bank, store, clock, wish)
        return sitting, Conversation(sitting, bank, keyboard, screen, coding)

    try:
        may_choose = wish.mode == "learn" and wish.in_order is None and not order.topics
        try:
            aim = aim_of(store, keyboard, screen, may_ask=may_choose, ask_again=order.ask_goal)
        except Quit:
            return DONE
        except EndOfInput:
            raise UsageError(*say_both("quiz.ended_early")) from None
        except KeyboardInterrupt:
            return INTERRUPTED
        return _Evening(open_sitting, replace(wish, aim=aim), bank, store, clock, screen, order.path).run()
    finally:
        grader.close()


class _NothingMatches(Exception):
    """No question meets a wish."""


def _how_to_install(lacked: Mapping[str, str]) -> dict[str, str]:
    """The first package that an environment lacks, and the command for it."""
    return next(({"name": package, "command": command_for(package)} for package in lacked.values()), {})


def _wish(order: QuizOrder, bank: PackBank) -> Wish:
    """The person's wish; _NothingMatches when no question can meet it, UsageError for a wrong one."""
    check_seed(order.seed)
    named, in_order = _named(order, bank)
    only = Filter(
        topics=bank.check_topics(order.topics),
        levels=frozenset(cast("tuple[Level, ...]", values_of("level", order.levels, LEVELS))),
        kinds=frozenset(cast("tuple[Kind, ...]", values_of("kind", order.kinds, KINDS))),
        areas=bank.area_by_topic,
        ids=named,
    )
    if not any(only.admits(head) for head in bank.heads()):
        raise _NothingMatches
    seed = secrets.randbits(SEED_BITS) if order.seed is None else order.seed
    return Wish(seed=seed, mode=order.mode, only=only, count=order.count, minutes=order.minutes, in_order=in_order)


def _named(order: QuizOrder, bank: PackBank) -> tuple[frozenset[str] | None, tuple[str, ...] | None]:
    """The entries that may be asked, and in which order to ask them; None for any, and for none in particular.

    Only learning follows an order; it leaves out the steps of a path that are done. A review and a mock draw from all.
    """
    if order.path is not None and order.entries:
        raise UsageError(
            "--path and --entry cannot both choose the questions; leave out one of them",
            "--path 与 --entry 不能同时用来选题；请去掉其中一个",
        )
    if order.path is not None:
        path = bank.paths.path(order.path)
        standing = bank.paths.standing(path, walked(wiring.open_progress(order.data)))
        asked = frozenset(step.entry for step in standing.steps if step.entry is not None)
        return asked, tuple(step.entry for step in standing.ahead if step.entry is not None)
    if order.entries:
        return frozenset(order.entries), bank.check_entries(order.entries)
    return None, None


def _keyboard(screen: Screen) -> Keyboard:
    """The best one that both streams allow."""
    capable = os.environ.get("TERM", "") not in {"", "dumb"} and sys.stdin.isatty() and sys.stdout.isatty()
    if not capable:
        return LineKeyboard(screen.console)
    from grader.cli.quiz.terminal import TerminalKeyboard

    return TerminalKeyboard(lambda: screen.page.width, colour=screen.console.color_system is not None)


class _Evening:
    """A sitting from its first to its last word."""

    def __init__(
        self,
        open_sitting: Callable[[Wish], tuple[Sitting, Conversation]],
        wish: Wish,
        bank: PackBank,
        store: ProgressStore,
        clock: Clock,
        screen: Screen,
        path: str | None,
    ) -> None:
        self._open, self._bank, self._store, self._clock = open_sitting, bank, store, clock
        self._screen, self._path = screen, path
        self._sitting, self._conversation = open_sitting(wish)

    def run(self) -> int:
        """Ask, then say how it went; Ctrl-C and the end of the input end the asking only."""
        self._begin()
        try:
            came_to_its_end = self._asks_all()
            with contextlib.suppress(Quit):
                self._look_back()
            self._end()
            with contextlib.suppress(Quit, EndOfInput, KeyboardInterrupt):
                if came_to_its_end:
                    self._once_more()
            return DONE
        except EndOfInput:
            if not self._sitting.told:
                raise UsageError(*say_both("quiz.ended_early")) from None
            self._end()
            return DONE
        except KeyboardInterrupt:
            self._end()
            if self._sitting.told:
                self._screen.say("quiz.kept")
            return INTERRUPTED

    def _asks_all(self) -> bool:
        """Ask; whether it went on until nothing was left to ask."""
        try:
            self._conversation.run()
        except Quit:
            return False
        return True

    def _once_more(self) -> None:
        """Ask again what went wrong, as often as it is wished for; mocks were explained whole already."""
        missed = self._missed()
        while missed and self._sitting.wish.mode != "mock" and self._conversation.wants_retry():
            ids = tuple(told.question.entry.id for told in missed)
            first = self._sitting.wish
            again = Wish(seed=first.seed + 1, only=Filter(ids=frozenset(ids)), in_order=ids, again=True)
            self._sitting, self._conversation = self._open(again)
            self._screen.say("quiz.again.begin", "bold")
            try:
                self._conversation.run()
            finally:
                result_page.asked_again(self._screen, self._sitting)
            missed = self._missed()
            result_page.missed(self._screen, missed)

    def _missed(self) -> list[Told]:
        return [told for told in self._sitting.told if told.judged.result is not Result.RIGHT]

    def _begin(self) -> None:
        wish, say = self._sitting.wish, self._screen.say
        if wish.mode == "mock" and self._sitting.planned:
            say("quiz.mock.begin", "bold", count=str(self._sitting.planned), minutes=str(self._sitting.minutes))
        elif wish.mode == "review" and (due := self._due()):
            say("quiz.review.begin", "bold", count=str(due))

    def _look_back(self) -> None:
        """After a mock: the written answers are assessed, then every answer is explained."""
        if self._sitting.wish.mode != "mock" or not self._sitting.told:
            return
        self._conversation.assess_all()
        result_page.by_topic(self._screen, self._sitting, self._bank)
        result_page.left_over(self._screen, self._sitting)
        self._conversation.pause()
        self._screen.say("quiz.mock.review", "bold")
        for told in self._sitting.told:
            self._screen.rule()
            self._screen.prose(told.question.entry.title, style="bold")
            self._screen.blank()
            self._screen.prose(told.question.entry.prompt)
            feedback.explain(self._screen, told)
            self._screen.blank()
            self._conversation.pause(told)

    def _end(self) -> None:
        if self._sitting.was_asked:
            result_page.summarise(self._screen, self._sitting, self._due())
            result_page.missed(self._screen, self._missed())
        else:
            self._nothing()

    def _fitting(self) -> list[Head]:
        return [head for head in self._bank.heads() if self._sitting.wish.only.admits(head)]

    def _due(self) -> int:
        return len(due_order(self._fitting(), self._store.memories(), day_of(self._clock.now())))

    def _nothing(self) -> None:
        """Why nothing could be asked: of the entries that fit, none is due, or none is left."""
        memories = self._store.memories()
        due = [memories[head.id].due for head in self._fitting() if head.id in memories]
        if self._sitting.wish.mode == "mock":
            self._screen.say("quiz.nothing.mock")
        elif self._path is not None and self._sitting.wish.mode == "learn":
            self._screen.say("quiz.nothing.in_order", path=self._path)
        elif self._sitting.wish.mode == "learn":
            self._screen.say("quiz.nothing.learn")
        elif not due:
            self._screen.say("quiz.nothing.review_fitting" if memories else "quiz.nothing.review_ever")
        else:
            days = (min(due) - day_of(self._clock.now())).days
            key = "quiz.when.tomorrow" if days == 1 else "quiz.when.days"
            self._screen.say("quiz.nothing.review", when=self._screen.page.say(key, count=str(days)))
