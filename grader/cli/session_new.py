"""`viva session new`, `show` and `swap`."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from grader import wiring
from grader.cli.language import choose
from grader.cli.sentences import tell_aside
from grader.content.pack import Pack, find_exercise
from grader.errors import UsageError
from grader.model.entry import Entry
from grader.model.exercise import Exercise
from grader.model.text import Lang
from grader.report.catalogue import say
from grader.report.console import Console
from grader.report.session_terminal import (
    render_next_bundle,
    render_parallel,
    render_session,
    render_swapped,
    render_void,
    render_written,
)
from grader.sessions import session_file
from grader.sessions.assemble import overlap
from grader.sessions.blueprint import SHIPPED, UnknownRole, read_blueprint, shipped
from grader.sessions.bundle import written_in
from grader.sessions.hands_on import BALANCE
from grader.sessions.ledger import NAME as LEDGER
from grader.sessions.prepare import Bank, Order, Plan, make_sessions, plan, swap, unknown_avoided

SEED_BITS = 32
NAMED = 8  # names to avoid that are not there
Wish = Literal["auto", "en", "zh"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """What the command line asked for."""

    wishes: Order
    seed: int | None
    variants: int
    out: Path | None
    lang: Wish
    packs: tuple[Path, ...]
    only_packs: bool


def run(order: NewOrder) -> None:
    """Assemble, freeze, write and show."""
    lang = choose(order.lang)
    if order.wishes.is_empty:
        order = _asked(order, lang)
    bank = open_bank(order.packs, only_packs=order.only_packs)
    seed = secrets.randbits(SEED_BITS) if order.seed is None else order.seed
    planned = _planned(order.wishes, bank, lang)
    _tell_unknown(planned.wishes.avoid, bank, lang)
    created = datetime.now(UTC).isoformat(timespec="seconds")
    with Console(stderr=True).status(say("session.choosing", lang)):  # many forms take half a minute
        sessions, forms = make_sessions(planned, bank, seed=seed, forms=order.variants, created=created)
    root = order.out or Path(f"interview-{sessions[0].code}")
    folders = [root if len(sessions) == 1 else root / f"form-{session.form}" for session in sessions]
    for folder in folders:
        _refuse_used(folder)
    console = Console()
    for session, folder in zip(sessions, folders, strict=True):
        session_file.write_session(folder / session_file.NAME, session)
        render_session(session, console, lang)
        render_written(folder / session_file.NAME, console, lang)
        console.print()
    if len(sessions) > 1:
        render_parallel(sessions, overlap(forms), console, lang)
    render_next_bundle(root, console, lang)


def _planned(wishes: Order, bank: Bank, lang: Lang) -> Plan:
    """The plan; of a role that there is not, somebody at a terminal is asked which one is meant."""
    try:
        return plan(wishes, bank.syllabus)
    except UnknownRole as unknown:
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise
        from grader.cli.session_ask import ask_role

        role = ask_role(unknown, lang)
        return plan(replace(wishes, role=role), bank.syllabus)


def _tell_unknown(avoid: Collection[str], bank: Bank, lang: Lang) -> None:
    """Name what is to be avoided and is not there: a slip of the pen would bring a question back without a word."""
    unknown = unknown_avoided(avoid, bank)
    for name, meant in unknown[:NAMED]:
        tell_aside(say("session.avoid.unknown", lang, name=name, meant=meant.get(lang)))
    if len(unknown) > NAMED:
        tell_aside(say("session.avoid.more", lang, count=str(len(unknown) - NAMED)))


def list_roles(wish: Wish) -> None:
    """Print the shipped blueprints."""
    lang = choose(wish)
    for name in shipped():
        blueprint = read_blueprint(SHIPPED / f"{name}.yaml")
        title, about = blueprint.title.freeze().get(lang), blueprint.about.freeze().get(lang)
        print(f"{name}: {title}\n    {about}")


def show_session(path: Path, wish: Wish) -> None:
    """Print a session."""
    render_session(session_file.read_session(session_file.locate(path)), Console(), choose(wish))


def run_swap(
    path: Path, number: int, entry: str | None, seed: int, wish: Wish, packs: tuple[Path, ...], *, only_packs: bool
) -> None:
    """Replace one question and write the session again."""
    lang = choose(wish)
    found = session_file.locate(path)
    session = session_file.read_session(found)
    _refuse_used(found.parent, but_for_session=True)
    changed = swap(session, number, open_bank(packs, only_packs=only_packs), wanted=entry, seed=seed)
    session_file.write_session(found, changed)
    console = Console()
    render_swapped(session, changed, number, BALANCE, console, lang)
    render_void(session, changed, written_in(found.parent), console, lang)
    render_session(changed, console, lang)
    render_written(found, console, lang)


def open_bank(packs: tuple[Path, ...], *, only_packs: bool) -> Bank:
    """All entries of the packs; where an id is in two packs, the one that was named first holds."""
    opened = wiring.open_packs(packs)
    if only_packs:
        if not packs:
            raise UsageError(
                "--only-packs leaves nothing to choose from; name a pack with --pack DIR",
                "只用 --only-packs 就没有题可选了；请用 --pack DIR 指定题库包",
            )
        opened = opened[: len(packs)]
    entries: dict[str, Entry] = {}
    for pack in opened:
        for entry in pack.entries():
            entries.setdefault(entry.id, entry)
    return Bank(
        entries=tuple(entries.values()),
        syllabus=opened[0].syllabus,
        find_exercise=lambda slug: find_exercise(opened, slug),
        exercises=lambda: _all_exercises(opened),
    )


def _all_exercises(packs: Sequence[Pack]) -> tuple[Exercise, ...]:
    """Every exercise; of two with one slug, that of the first pack."""
    found: dict[str, Exercise] = {}
    for pack in packs:
        for exercise in pack.exercises():
            found.setdefault(exercise.id, exercise)
    return tuple(found.values())


def _refuse_used(folder: Path, *, but_for_session: bool = False) -> None:
    """Never over a session that is there, and never under results that were graded for it."""
    if not but_for_session and (folder / session_file.NAME).exists():
        raise UsageError(
            f"{folder} already holds a session; name another folder with -o",
            f"{folder} 里已有一场面试；请用 -o 指定另一个目录",
        )
    if (folder / LEDGER).exists():
        raise UsageError(
            f"{folder} holds results of this session; make a new one instead with `viva session new`",
            f"{folder} 里已有这场面试的结果；请用 `viva session new` 另建一场",
        )


def _asked(order: NewOrder, lang: Lang) -> NewOrder:
    """The order after its gaps were asked for at the terminal. Raises UsageError where nobody can answer."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "say what to prepare, such as `viva session new --role llm-engineer --minutes 60`",
            "请说明要准备什么，例如 `viva session new --role llm-engineer --minutes 60`",
        )
    from grader.cli.session_ask import ask

    answers = ask(lang)
    return replace(order, wishes=answers.wishes, out=order.out or answers.out)
