"""The bank as a book: chapters by area and topic, in Markdown or as one page of HTML that needs no other file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from grader.model.entry import Entry
from grader.model.syllabus import Area
from grader.model.text import Lang
from grader.report.catalogue import say
from grader.report.entry_markdown import facts, joined, question, solution
from grader.report.markdown_html import style, to_html
from grader.report.prose import inline

if TYPE_CHECKING:
    from jinja2 import Environment


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """The entries of one topic; they are concrete."""

    name: str
    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """The topics of one area that have entries."""

    name: str
    title: str
    sections: tuple[Section, ...]


def chapters(areas: Sequence[Area], entries: Sequence[Entry], lang: Lang) -> tuple[Chapter, ...]:
    """The entries by area and first topic, in the order of the syllabus; what it does not know comes last."""
    found = [
        Chapter(name=area.id, title=area.title.get(lang), sections=tuple(_sections(area, entries, lang)))
        for area in areas
    ]
    known = {topic.id for area in areas for topic in area.topics}
    others = tuple(entry for entry in entries if entry.topics[0] not in known)
    if others:
        found.append(Chapter(name="other", title="—", sections=(Section(name="other", title="—", entries=others),)))
    return tuple(chapter for chapter in found if chapter.sections)


def _sections(area: Area, entries: Sequence[Entry], lang: Lang) -> Iterable[Section]:
    for topic in area.topics:
        own = tuple(entry for entry in entries if entry.topics[0] == topic.id)
        if own:
            yield Section(name=topic.id, title=topic.title.get(lang), entries=own)


def book_markdown(areas: Sequence[Area], entries: Sequence[Entry], lang: Lang, *, answers: bool) -> str:
    """The book as one document in Markdown."""
    found = chapters(areas, entries, lang)
    contents = [
        f"- {chapter.title}\n" + "\n".join(f"    - {one.title} ({len(one.entries)})" for one in chapter.sections)
        for chapter in found
    ]
    parts = [f"# {say('bank.book.title', lang)}", _subtitle(entries, lang, answers=answers)]
    parts += [f"## {say('bank.book.contents', lang)}", "\n".join(contents)]
    for chapter in found:
        parts.append(f"## {chapter.title}")
        for section in chapter.sections:
            parts.append(f"### {section.title}")
            parts += [_entry_markdown(entry, lang, answers=answers) for entry in section.entries]
    return joined(parts)


def _entry_markdown(entry: Entry, lang: Lang, *, answers: bool) -> str:
    parts = [f"#### {entry.title.get(lang)}", facts(entry, lang), question(entry, lang)]
    if answers:
        parts.append(_deeper(solution(entry, lang), 3))
    return joined(parts)


def book_html(areas: Sequence[Area], entries: Sequence[Entry], lang: Lang, *, answers: bool) -> str:
    """The book as one page: contents beside the text on a wide screen, light or dark, and pages when printed."""
    template = _templates().get_template("book.html")
    return template.render(
        lang={"en": "en", "zh": "zh-Hans"}[lang],
        title=say("bank.book.title", lang),
        subtitle=_subtitle(entries, lang, answers=answers),
        contents=say("bank.book.contents", lang),
        chapters=chapters(areas, entries, lang),
        answers=answers,
        code_style=style(),
        heading=lambda entry: inline(entry.title.get(lang)),
        facts=lambda entry: to_html(facts(entry, lang)),
        question=lambda entry: to_html(question(entry, lang)),
        solution=lambda entry: to_html(_deeper(solution(entry, lang), 3)),
    )


def _subtitle(entries: Sequence[Entry], lang: Lang, *, answers: bool) -> str:
    minutes = sum(entry.minutes for entry in entries)
    count = say("bank.book.count", lang, entries=str(len(entries)), minutes=str(minutes))
    return f"{count} · {say('bank.book.with_answers' if answers else 'bank.book.without_answers', lang)}"


def _deeper(markdown: str, levels: int) -> str:
    """The sections of a solution as headings so many levels further down."""
    lines, in_code = [], False
    for line in markdown.split("\n"):
        in_code ^= line.lstrip().startswith("```")
        lines.append("#" * levels + line if line.startswith("## ") and not in_code else line)
    return "\n".join(lines)


@cache
def _templates() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("grader.report", "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
