"""What was drawn for a session against what was wanted: difficulty, time at a keyboard and of talk, fit to the role."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from grader.model.session import Aim, Session
from grader.model.text import Lang
from grader.report.catalogue import say

DIFFICULTY_OFF = 1.0  # from which a difference is worth a mark
MINUTES_OFF = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One figure: what it is called, what was wanted, what came, and whether that is far off."""

    name: str
    wanted: str
    came: str
    off: bool


def drawn_rows(session: Session, lang: Lang) -> list[Drawn]:
    """The figures of a session; none for one of an earlier version, which does not say what was wanted."""
    return list(_rows(session, session.aim, lang)) if session.aim else []


def drawn_head(lang: Lang) -> tuple[str, str, str]:
    """What stands above the columns."""
    return "", say("session.drawn.wanted", lang), say("session.drawn.drawn", lang)


def _rows(session: Session, aim: Aim, lang: Lang) -> Iterator[Drawn]:
    yield Drawn(
        name=say("session.drawn.difficulty", lang),
        wanted=f"{aim.difficulty:.1f}",
        came=f"{session.difficulty:.1f}",
        off=abs(session.difficulty - aim.difficulty) >= DIFFICULTY_OFF,
    )
    talk = session.planned - session.keyboard
    yield _minutes("session.drawn.keyboard", aim.keyboard, session.keyboard, lang)
    yield _minutes("session.drawn.talk", aim.talk, talk, lang)
    count = len(session.questions)
    fitting = say("session.drawn.of", lang, count=str(session.fitting), all=str(count))
    yield Drawn(name=say("session.drawn.fit", lang), wanted=str(count), came=fitting, off=session.fitting < count)
    if aim.topics:
        yield _topics(session, aim, lang)


def _minutes(key: str, wanted: int, came: int, lang: Lang) -> Drawn:
    texts = [say("session.drawn.minutes", lang, count=str(minutes)) for minutes in (wanted, came)]
    return Drawn(name=say(key, lang), wanted=texts[0], came=texts[1], off=abs(wanted - came) >= MINUTES_OFF)


def _topics(session: Session, aim: Aim, lang: Lang) -> Drawn:
    """Which of the topics that the role is usually asked about came up."""
    asked = {topic for question in session.questions for topic in question.topics}
    missing = [name for name, topics in aim.topics.items() if not asked & set(topics)]
    key = "session.drawn.missing" if missing else "session.drawn.of"
    figures = {"count": str(len(aim.topics) - len(missing)), "all": str(len(aim.topics)), "names": ", ".join(missing)}
    wanted = str(len(aim.topics))
    return Drawn(
        name=say("session.drawn.topics", lang), wanted=wanted, came=say(key, lang, **figures), off=bool(missing)
    )
