"""What a newcomer is asked once: the goal and the level."""

from __future__ import annotations

from collections.abc import Sequence

from grader.cli.quiz.conversation import Quit
from grader.cli.quiz.keys import Chosen, Command, Keyboard, Menu
from grader.cli.quiz.screen import Screen
from grader.model.coverage import LEVELS
from grader.model.progress import Aim
from grader.practice.aims import GOALS
from grader.practice.ports import PracticeStore

COMMANDS = (Command.QUIT,)


def aim_of(store: PracticeStore, keyboard: Keyboard, screen: Screen, *, may_ask: bool, ask_again: bool) -> Aim | None:
    """What the person practises for; a newcomer at a terminal is asked. Raises Quit, EndOfInput, KeyboardInterrupt."""
    known = store.aim()
    is_new = may_ask and known is None and keyboard.waits and not store.memories()
    if not (is_new or ask_again):
        return known
    goals, levels = list(GOALS), list(LEVELS)
    goal = _one_of(keyboard, screen, "quiz.aim.goal", [f"quiz.aim.goal.{goal}" for goal in goals])
    names = [*(f"quiz.level.{level}" for level in levels), "quiz.aim.level.unknown"]
    level = _one_of(keyboard, screen, "quiz.aim.level", names)
    aim = Aim(goal=goals[goal], level=levels[level] if level < len(levels) else None)
    store.set_aim(aim)
    screen.say("quiz.aim.kept", "dim")
    return aim


def _one_of(keyboard: Keyboard, screen: Screen, question: str, names: Sequence[str]) -> int:
    """The place of what was chosen, which stays on the screen."""
    say = screen.page.say
    texts = tuple(map(say, names))
    menu = Menu(
        texts=texts,
        several=False,
        title=f"  {say(question)}",
        prompt=say("quiz.prompt_letters"),
        footer=screen.keys_line(COMMANDS, say("quiz.keys.move"), say("quiz.keys.enter")),
        missing=f"  {say('quiz.missing.pick')}",
    )
    if not keyboard.shows_menu:
        screen.say(question, "bold")
        screen.labelled(texts)
    while not isinstance(heard := keyboard.choose(menu, frozenset(COMMANDS)), Chosen) or len(heard.places) != 1:
        if heard is Command.QUIT:
            raise Quit
        screen.say("quiz.unreadable.pick", "yellow")
    chosen = heard.places[0]
    if keyboard.shows_menu:  # which takes the question away with itself
        screen.say(question, "bold")
    screen.page.hang([("  > ", "cyan")], texts[chosen])
    return chosen
