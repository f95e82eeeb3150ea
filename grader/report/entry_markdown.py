"""An entry as a document in Markdown: what `viva show` prints and what the books are made of.

Without answers nothing is in it that gives the answer away: no marks on choices, no order of steps, no key, rubric,
hints or sources. The entry is concrete: a numeric one has its number, not a template.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence

from grader.model.entry import (
    BugEntry,
    Choice,
    ChoiceEntry,
    CodeEntry,
    Entry,
    Numeric,
    NumericEntry,
    OpenEntry,
    OrderEntry,
    Step,
)
from grader.model.repair import HANDLE, ShownRepair, planted_digest
from grader.model.text import Lang
from grader.report.catalogue import say


def entry_document(
    entry: Entry, lang: Lang, *, answers: bool, seed: int | None = None, repair: ShownRepair | None = None
) -> str:
    """The whole entry under its title; `seed` is named where its numbers were drawn, `repair` shows its code."""
    parts = [f"# {entry.title.get(lang)}", facts(entry, lang), question(entry, lang)]
    if repair:
        parts.append(fenced("python", repair.source))
    if seed is not None:
        parts.append(f"*{say('bank.parameters', lang, seed=str(seed))}*")
    if answers:
        parts += [_planted(repair, lang)] if repair else []
        parts.append(solution(entry, lang))
    return joined(parts)


def fenced(language: str, code: str) -> str:
    """Code as a block of Markdown."""
    longest = max(map(len, re.findall("`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([fence + language, code.rstrip("\n"), fence])


def facts(entry: Entry, lang: Lang) -> str:
    """One line that tells kind, level, difficulty, time, topics and id."""
    names = [say(f"bank.kind.{entry.kind}", lang), say(f"bank.level.{entry.level}", lang)]
    if entry.status != "active":
        names.append(say(f"bank.status.{entry.status}", lang))
    names.append(say("bank.difficulty", lang, value=str(entry.difficulty)))
    names.append(say("bank.minutes", lang, value=str(entry.minutes)))
    return " · ".join([*names, *(f"`{topic}`" for topic in entry.topics), f"`{entry.id}`"])


def question(entry: Entry, lang: Lang) -> str:
    """What a candidate is asked, with all there is to answer by."""
    return joined([entry.prompt.get(lang), _task(entry, lang)])


def solution(entry: Entry, lang: Lang) -> str:
    """What an interviewer needs: key, model answer, rubric, red flags, follow-ups, hints and sources."""
    is_spoken = isinstance(entry, OpenEntry | CodeEntry)
    name = "bank.answer" if is_spoken else "bank.explanation"
    return joined(
        [
            _section("bank.key", lang, key(entry, lang)),
            _section(name, lang, entry.answer.get(lang)),
            _section("bank.rubric", lang, _rubric(entry, lang)),
            _section("bank.red_flags", lang, _items(flag.get(lang) for flag in entry.red_flags)),
            _section("bank.follow_ups", lang, _follow_ups(entry, lang)),
            _section("bank.hints", lang, _items((hint.get(lang) for hint in entry.hints), "1. ")),
            _section("bank.sources", lang, _items(f"[{one.cited}](<{one.url}>)" for one in entry.sources)),
            _stamp(entry, lang),
        ]
    )


def _planted(repair: ShownRepair, lang: Lang) -> str:
    """The mistake that a repair task is about, for an interviewer."""
    told = [f"**{repair.title.get(lang)}**", repair.advice.get(lang), fenced("diff", repair.edit)]
    return _section("repair.planted", lang, joined(told))


def key(entry: Entry, lang: Lang) -> str:
    """The answer that is right, where it can be looked up: choices with their reasons, a number, or an order."""
    match entry:
        case ChoiceEntry(choices=choices) | BugEntry(choices=choices):
            return _items(_judged(choice, lang) for choice in choices)
        case NumericEntry(numeric=Numeric(value=value, unit=unit)):
            return f"**{value:.6g}** {unit.get(lang)}".rstrip()
        case OrderEntry(steps=steps):
            return _items((step.text.get(lang) for step in steps), "1. ")
    return ""


def shuffled(steps: Sequence[Step], name: str) -> tuple[Step, ...]:
    """The steps in an order that depends on `name` only, and is not the right one."""
    mixed = sorted(steps, key=lambda step: hashlib.sha256(f"{name}:{step.id}".encode()).digest())
    if mixed == list(steps):
        mixed = [*mixed[1:], mixed[0]]
    return tuple(mixed)


def tolerance(numeric: Numeric, lang: Lang) -> str:
    """How close is close enough, such as `±1% is close enough`."""
    limits = [f"±{numeric.rtol * 100:g}%"] * bool(numeric.rtol) + [f"±{numeric.atol:g}"] * bool(numeric.atol)
    if not limits:
        return say("bank.exact", lang)
    return say("bank.close_enough", lang, limits=" + ".join(limits))


def item(marker: str, text: str) -> str:
    """A list item whose further lines belong to it."""
    return marker + text.replace("\n", "\n" + " " * len(marker))


def joined(parts: Iterable[str]) -> str:
    """Blocks with blank lines between; empty ones are dropped."""
    return "\n\n".join(part.strip("\n") for part in parts if part.strip()) + "\n"


def _task(entry: Entry, lang: Lang) -> str:
    match entry:
        case ChoiceEntry(choices=choices, kind=kind):
            lead = say("bank.select_all" if kind == "multi" else "bank.select_one", lang)
            return joined([lead, _offered(choices, lang)])
        case BugEntry(choices=choices) if choices:
            return joined([say("bank.select_one", lang), _offered(choices, lang)])
        case BugEntry(exercise=str(slug), mutant=str(mutant)):
            return say("repair.mend", lang, slug=slug, handle=planted_digest(slug, mutant)[:HANDLE])
        case CodeEntry(exercise=slug):
            return say("bank.exercise", lang, slug=slug)
        case NumericEntry(numeric=Numeric(unit=unit) as numeric):
            name = "bank.answer_unit" if unit.get(lang) else "bank.answer_number"
            return say(name, lang, unit=unit.get(lang), tolerance=tolerance(numeric, lang))
        case OrderEntry(steps=steps):
            mixed = shuffled(steps, entry.id)
            return joined([say("bank.put_in_order", lang), _items(step.text.get(lang) for step in mixed)])
    return ""


def _offered(choices: Sequence[Choice], lang: Lang) -> str:
    return "\n".join(item("- ", f"**{choice.id}.** {choice.text.get(lang)}") for choice in choices)


def _judged(choice: Choice, lang: Lang) -> str:
    verdict = say("bank.right" if choice.correct else "bank.wrong", lang)
    why = "" if choice.why is None else choice.why.get(lang)
    return f"{'✓' if choice.correct else '✗'} **{choice.id}** {verdict}" + (
        say("bank.colon", lang) + why if why else ""
    )


def _rubric(entry: Entry, lang: Lang) -> str:
    rubric = getattr(entry, "rubric", ())
    return _items(f"**{criterion.weight * 100:.0f}%** {criterion.text.get(lang)}" for criterion in rubric)


def _follow_ups(entry: Entry, lang: Lang) -> str:
    return _items(f"*{say(f'bank.after.{one.when}', lang)}* — {one.text.get(lang)}" for one in entry.follow_ups)


def _stamp(entry: Entry, lang: Lang) -> str:
    fields = {"revision": str(entry.revision), "date": entry.verified.isoformat(), "license": entry.license}
    return f"*{say('bank.verified', lang, **fields)}*"


def _section(name: str, lang: Lang, body: str) -> str:
    return joined([f"## {say(name, lang)}", body]) if body.strip() else ""


def _items(texts: Iterable[str], marker: str = "- ") -> str:
    return "\n".join(item(marker, text) for text in texts)
