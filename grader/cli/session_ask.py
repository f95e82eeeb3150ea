"""Asking an interviewer for wishes at the terminal: the same as the options of `viva session new`, in a few prompts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.cli.sentences import tell
from grader.errors import UsageError
from grader.model.text import Lang, Text
from grader.sessions.blueprint import SHIPPED, Blueprint, UnknownRole, read_blueprint, shipped
from grader.sessions.prepare import Order
from grader.sessions.wishes import LEVELS, check_minutes, read_level

_ASKED = {
    "role": Text(en="Which role?", zh="面试什么岗位？"),
    "unknown": Text(
        en="There is no role {name!r}.\nFor one of your own, write a blueprint file, and name it with --role.",
        zh="没有岗位 {name!r}。\n自己的岗位请写成蓝图文件，用 --role 指定。",
    ),
    "meant": Text(en="Which role did you mean?", zh="您指的是哪个岗位？"),
    "level": Text(en="Which level?", zh="什么级别？"),
    "minutes": Text(en="How many minutes in all?", zh="总共多少分钟？"),
    "coding": Text(en="How many coding exercises?", zh="几道编程题？"),
    "debugging": Text(
        en="How many debugging tasks (code with a mistake to mend)?", zh="几道修复题（给出有错的代码，由候选人改正）？"
    ),
    "topics": Text(
        en="Topics that must come up (such as attention:2,metrics; empty: as usual for the role)",
        zh="必须涉及的主题（如 attention:2,metrics；留空则按岗位惯例）",
    ),
    "folder": Text(en="Folder to write to (empty: a new one)", zh="写到哪个文件夹（留空则新建）"),
}
_LEVELS = {
    "junior": Text(en="junior", zh="初级"),
    "mid": Text(en="mid-level", zh="中级"),
    "senior": Text(en="senior", zh="高级"),
    "staff": Text(en="staff", zh="资深"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What was asked for."""

    wishes: Order
    out: Path | None


def ask(lang: Lang) -> Answers:
    """Ask, with the blueprint's figures as defaults. Raises UsageError."""
    import questionary

    roles = {name: read_blueprint(SHIPPED / f"{name}.yaml") for name in shipped()}
    role = _answer(questionary.select(_ASKED["role"].get(lang), choices=_role_choices(roles, lang)))
    levels = [questionary.Choice(_LEVELS[level].get(lang), value=level) for level in LEVELS]
    level = _answer(questionary.select(_ASKED["level"].get(lang), choices=levels, default=roles[role].level))
    minutes = _number(questionary.text(_ASKED["minutes"].get(lang), default=str(roles[role].minutes)), "--minutes")
    usual = roles[role].levels.get(read_level(level))
    coding = _number(
        questionary.text(_ASKED["coding"].get(lang), default=str(usual.coding if usual else 1)), "--coding"
    )
    debugging = _number(questionary.text(_ASKED["debugging"].get(lang), default="0"), "--debugging")
    topics = _answer(questionary.text(_ASKED["topics"].get(lang))).strip()
    folder = _answer(questionary.text(_ASKED["folder"].get(lang))).strip()
    wishes = Order(
        role=role,
        level=level,
        minutes=check_minutes(minutes),
        coding=coding,
        debugging=debugging,
        topics=(topics,) if topics else (),
    )
    return Answers(wishes=wishes, out=Path(folder) if folder else None)


def ask_role(unknown: UnknownRole, lang: Lang) -> str:
    """Which role was meant, those that are like what was written first. Raises UsageError."""
    import questionary

    tell(_ASKED["unknown"].filled(name=unknown.name).get(lang))
    names = dict.fromkeys([*unknown.near, *shipped()])
    roles = {name: read_blueprint(SHIPPED / f"{name}.yaml") for name in names}
    return _answer(questionary.select(_ASKED["meant"].get(lang), choices=_role_choices(roles, lang)))


def _role_choices(roles: Mapping[str, Blueprint], lang: Lang) -> list[Any]:
    """A title and a name for each role."""
    import questionary

    return [questionary.Choice(f"{one.title.freeze().get(lang)} ({name})", value=name) for name, one in roles.items()]


def _answer(prompt: Any) -> str:
    """What was typed; Ctrl-C and the end of input leave."""
    given = prompt.ask()
    if given is None:
        raise UsageError(
            "nothing was prepared; say what to prepare with options, or answer the questions",
            "没有准备任何内容；请用选项说明要准备什么，或回答提问",
        )
    return str(given)


def _number(prompt: Any, option: str) -> int:
    given = _answer(prompt).strip()
    if not given.isdecimal() or len(given) > 4:
        raise UsageError(
            f"{option}: {given!r} is not a whole number; write one such as 60",
            f"{option}：{given!r} 不是整数；请写一个，例如 60",
        )
    return int(given)
