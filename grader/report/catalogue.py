"""Every sentence that the interface says by itself, in both languages; the sentences are in `strings/`."""

from __future__ import annotations

from collections.abc import Mapping

from grader.model.text import Lang, Text
from grader.model.verdict import Status
from grader.report.strings import assembly, bank, engine, paths, practice, quiz, repairs, service, sessions, verdict

CATALOGUE: Mapping[str, Text] = {
    **verdict.STRINGS,
    **assembly.STRINGS,
    **bank.STRINGS,
    **engine.STRINGS,
    **paths.STRINGS,
    **practice.STRINGS,
    **quiz.STRINGS,
    **repairs.STRINGS,
    **service.STRINGS,
    **sessions.STRINGS,
}


def say(key: str, lang: Lang, **fields: str) -> str:
    """The text of `key` in `lang`, its `{placeholders}` filled from `fields`."""
    return CATALOGUE[key].get(lang).format_map(fields)


def say_both(key: str, **fields: str) -> tuple[str, str]:
    """The text of `key` in English and in Chinese, as an error for people wants it."""
    return say(key, "en", **fields), say(key, "zh", **fields)


def say_status(status: Status, lang: Lang) -> str:
    """The name of `status` for people."""
    return CATALOGUE[f"status.{status.value}"].get(lang)
