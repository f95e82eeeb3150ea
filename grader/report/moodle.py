"""The bank as a question bank for Moodle, in its own XML format.

`choice`, `multi` and `bug` with choices become multiple choice, `numeric` a numerical question, `open` an essay with
model answer and rubric as information for graders. Moodle has no form for `order`, `code` and `bug` with an exercise
that every installation can read; `split` tells which entries those are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from grader.model.entry import BugEntry, Choice, ChoiceEntry, Entry, Numeric, NumericEntry, OpenEntry
from grader.model.syllabus import Area
from grader.model.text import Lang
from grader.report.book import chapters
from grader.report.catalogue import say
from grader.report.entry_markdown import facts, solution, tolerance
from grader.report.escaping import for_xml
from grader.report.markdown_html import to_html
from grader.report.prose import inline

_PENALTY: Final = "0.3333333"


def split(entries: Sequence[Entry]) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
    """(entries that Moodle has a form for, the others)."""
    fits = tuple(entry for entry in entries if _has_form(entry))
    return fits, tuple(entry for entry in entries if not _has_form(entry))


def moodle_xml(areas: Sequence[Area], entries: Sequence[Entry], lang: Lang) -> str:
    """The document; `entries` are concrete, and each has a form. A category holds the questions of a topic."""
    quiz = Element("quiz")
    for chapter in chapters(areas, entries, lang):
        for section in chapter.sections:
            _category(quiz, (say("bank.deck", lang), chapter.title, section.title))
            for entry in section.entries:
                _question(quiz, entry, lang)
    indent(quiz)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(quiz, encoding="unicode") + "\n"


def _has_form(entry: Entry) -> bool:
    return isinstance(entry, ChoiceEntry | OpenEntry | NumericEntry) or (
        isinstance(entry, BugEntry) and bool(entry.choices)
    )


def _category(quiz: Element, names: Sequence[str]) -> None:
    """Questions that follow go into this category; a slash in a name is written twice."""
    question = SubElement(quiz, "question", type="category")
    path = "/".join(name.replace("/", "//") for name in names)
    _text(SubElement(question, "category"), f"$course$/top/{path}")


def _question(quiz: Element, entry: Entry, lang: Lang) -> None:
    match entry:
        case ChoiceEntry(choices=choices) | BugEntry(choices=choices):
            question = _start(quiz, "multichoice", entry, lang)
            _choices(question, choices, lang, is_single=entry.kind != "multi")
        case NumericEntry(numeric=Numeric() as numeric):
            question = _start(quiz, "numerical", entry, lang)
            _number(question, numeric)
        case _:
            question = _start(quiz, "essay", entry, lang)
            _essay(question, entry, lang)


def _start(quiz: Element, kind: str, entry: Entry, lang: Lang) -> Element:
    """What every question has."""
    question = SubElement(quiz, "question", type=kind)
    _text(SubElement(question, "name"), inline(entry.title.get(lang)))
    asked = to_html(entry.prompt.get(lang))
    if isinstance(entry, NumericEntry) and isinstance(entry.numeric, Numeric):
        asked += f"<p>{for_xml(_how_to_answer(entry.numeric, lang))}</p>"
    _html(question, "questiontext", asked)
    _html(question, "generalfeedback", "" if kind == "essay" else to_html(entry.answer.get(lang)))
    SubElement(question, "defaultgrade").text = str(entry.difficulty)
    SubElement(question, "penalty").text = "0" if kind == "essay" else _PENALTY
    SubElement(question, "hidden").text = "0"
    SubElement(question, "idnumber").text = f"{entry.id}.{lang}"
    tags = SubElement(question, "tags")
    for name in (*entry.topics, entry.level, entry.kind):
        _text(SubElement(tags, "tag"), name)
    return question


def _how_to_answer(numeric: Numeric, lang: Lang) -> str:
    unit = numeric.unit.get(lang)
    name = "bank.answer_unit" if unit else "bank.answer_number"
    return say(name, lang, unit=unit, tolerance=tolerance(numeric, lang))


def _choices(question: Element, choices: Sequence[Choice], lang: Lang, *, is_single: bool) -> None:
    SubElement(question, "single").text = "true" if is_single else "false"
    SubElement(question, "shuffleanswers").text = "true"
    SubElement(question, "answernumbering").text = "abc"
    for choice, fraction in zip(choices, _fractions(choices, is_single=is_single), strict=True):
        answer = SubElement(question, "answer", fraction=fraction, format="html")
        _text(answer, to_html(choice.text.get(lang)))
        _html(answer, "feedback", "" if choice.why is None else to_html(choice.why.get(lang)))


def _fractions(choices: Sequence[Choice], *, is_single: bool) -> Iterator[str]:
    """What each choice earns, in percent; where several may be ticked, a wrong one costs something too."""
    right = sum(choice.correct for choice in choices)
    wrong = max(right, len(choices) - right)
    for choice in choices:
        if choice.correct:
            yield f"{100 / right:.5f}".rstrip("0").rstrip(".")
        else:
            yield "0" if is_single else f"-{100 / wrong:.5f}".rstrip("0").rstrip(".")


def _number(question: Element, numeric: Numeric) -> None:
    answer = SubElement(question, "answer", fraction="100", format="moodle_auto_format")
    _text(answer, repr(numeric.value))
    SubElement(answer, "tolerance").text = repr(numeric.atol + numeric.rtol * abs(numeric.value))
    _html(answer, "feedback", "")
    for name, value in (("unitgradingtype", "0"), ("unitpenalty", "0.1"), ("showunits", "3"), ("unitsleft", "0")):
        SubElement(question, name).text = value  # no units are typed: the question says which one it wants


def _essay(question: Element, entry: Entry, lang: Lang) -> None:
    for name, value in (
        ("responseformat", "editor"),
        ("responserequired", "1"),
        ("responsefieldlines", "15"),
        ("attachments", "0"),
        ("attachmentsrequired", "0"),
    ):
        SubElement(question, name).text = value
    _html(question, "graderinfo", to_html(f"{facts(entry, lang)}\n\n{solution(entry, lang)}"))
    _html(question, "responsetemplate", "")


def _html(parent: Element, name: str, content: str) -> None:
    _text(SubElement(parent, name, format="html"), content)


def _text(parent: Element, content: str) -> None:
    SubElement(parent, "text").text = for_xml(content)
