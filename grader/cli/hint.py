"""`viva hint` and `viva reset`: help within a workspace."""

from __future__ import annotations

import sys
from datetime import UTC
from pathlib import Path
from typing import Literal

from grader import wiring
from grader.cli.exit_status import DONE, NOT_ACCEPTED
from grader.cli.handed_out import given_source, given_sources
from grader.cli.language import choose
from grader.cli.recording import key_of_work
from grader.cli.sentences import tell
from grader.cli.target import find_target
from grader.errors import unwritable
from grader.practice.clock import SystemClock
from grader.practice.repairs import repair_in
from grader.report.catalogue import say
from grader.report.console import Console
from grader.report.page import Page

WIDTH = 100


def hint(words: tuple[str, ...], packs: tuple[Path, ...], data: Path | None, wish: Literal["auto", "en", "zh"]) -> int:
    """Show the hints that were taken, and one more; it is remembered as taken. Raises UsageError and StoreError."""
    lang = choose(wish)
    target = find_target(words, packs)
    exercise = target.exercise
    key = key_of_work(target.files[0], exercise) if target.files else exercise.id
    if key != exercise.id:
        tell(say("hint.repair", lang))
        return NOT_ACCEPTED
    if not exercise.hints:
        tell(say("hint.none", lang, name=exercise.id))
        return NOT_ACCEPTED
    store = wiring.open_progress(data)
    known = store.attempts().get(key)
    taken, total = (known.hints if known else 0), len(exercise.hints)
    now = min(taken + 1, total)
    page = Page(Console(file=sys.stdout, highlight=False), lang, WIDTH)
    titles = {task.id: task.title.get(lang) for task in exercise.tasks}
    for number, one in enumerate(exercise.hints[:now], 1):
        lead = page.dot.join([page.say("hint.taken", number=str(number), total=str(total)), titles[one.task]])
        page.hang(
            [(f"{lead}: ", "bold" if number == now else "dim")], one.text.get(lang), "" if number == now else "dim"
        )
    if taken >= total:
        page.hang([], page.say("hint.no_more"), "dim")
        return DONE
    store.set_hints(key, now, SystemClock().now().astimezone(UTC))
    page.hang([], page.say("hint.price"), "dim")
    return DONE


def reset(words: tuple[str, ...], packs: tuple[Path, ...], wish: Literal["auto", "en", "zh"]) -> int:
    """Put back what the workspace began with; what the person wrote is kept beside it. Raises UsageError."""
    lang = choose(wish)
    target = find_target(words, packs)
    file = target.file
    repair = repair_in(file.parent, target.exercise)
    try:
        if file.read_bytes() in {source.encode() for source in given_sources(target.exercise, repair)}:
            tell(say("reset.untouched", lang, file=str(file)))
            return DONE
        kept = _free_name(file)
        file.rename(kept)
        file.write_bytes(given_source(target.exercise, repair, lang).encode())
    except OSError as error:
        raise unwritable(file, error.strerror, "mend its permissions", "请修正其权限") from error
    tell(say("reset.done", lang, file=str(file), kept=kept.name))
    return DONE


def _free_name(file: Path) -> Path:
    """A name beside `file` that nothing has yet."""
    number = 1
    while (kept := file.with_name(f"{file.stem}.{number}{file.suffix}")).exists():
        number += 1
    return kept
