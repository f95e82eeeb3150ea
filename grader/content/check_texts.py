"""Checks of an entry's texts: the right language, formulas that render, code that compiles, lengths, reading level."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from grader.content.entry_texts import Placed, fences_of, texts_of
from grader.content.finding import Finding
from grader.markup import dialect
from grader.markup.formula_mathml import formula_mathml
from grader.markup.latex import LatexError
from grader.model.entry import Entry
from grader.model.text import Lang

LANGUAGES: Final[tuple[Lang, ...]] = ("en", "zh")
TODO: Final = "TODO"  # what an imported draft has where the sheet had nothing
NAME_WORDS: Final = 3  # so many words can be a name that is the same in both languages
MAX_SENTENCE: Final = {"en": 45, "zh": 110}  # words, and characters
HAN: Final = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_WORD = re.compile(r"[A-Za-z][A-Za-z'-]+")
_SENTENCE_END = re.compile(r"(?<=[.!?:;。！？；：])\s*(?=\s|[\u3400-\u9fff“（]|$)|\n")
# "(a)", "（a；…）", "option b", "选项 C", "the second choice", "第二个选项", "第二项" before a comma or an end
_CHOICE_BY_PLACE = re.compile(
    r"(?:(?<=\s)|^)\([a-h](?:\)|[;,] )|（[a-h][）；，]|\b(?:[Oo]ptions?|[Cc]hoices?|[Aa]nswers?) [b-hA-H]\b(?![-'’])"
    r"|选项\s?[a-hA-H一二三四五六]|第[一二三四五六]个?选项"
    r"|\b(?:first|second|third|fourth|fifth|last) (?:choice|option)s?\b"
)
_SPACED_PERCENT = re.compile(r"(?<=\d) %(?![\d(]| \d)")
_BRITISH = re.compile(
    r"\b(?:(?:re|de|un)?(?:normali|randomi|quanti|regulari|initiali|memori|recogni|minimi|maximi|synchroni|standardi|generali"
    r"|equali|seriali|reali|penali|paralleli|optimi|utili|organi|anonymi|factori|tokeni|summari|categori|characteri|visuali)"
    r"s(?:e[ds]?|ers?|ing|ations?)|(?:un|re|mis)?labell(?:ed|ing)|neighbour\w*|colour\w*|centre[sd]?"
    r"|behaviours?|favour\w*|analys(?:e|ed|ing)|modell(?:ed|ing)|cancell(?:ed|ing)|learnt|artefacts?)\b",
    re.IGNORECASE,
)
_MENTION = re.compile(r"\bentry:([a-z0-9]+(?:-[a-z0-9]+)*)")

# The most characters of a field, by its last part; a longer one is a warning.
_LIMITS: Final[dict[str, dict[Lang, int]]] = {
    "title": {"en": 80, "zh": 40},
    "choice": {"en": 220, "zh": 130},
    "prompt": {"en": 1300, "zh": 900},
    "bug": {"en": 2000, "zh": 1800},
}


def check_texts(entry: Entry) -> Iterator[Finding]:
    """Everything that the texts of an entry have against them; a numeric entry is concrete."""
    for placed in texts_of(entry):
        for lang in LANGUAGES:
            source = placed.text.get(lang)
            if source:
                yield from _check_one(entry, placed, lang, source)
    yield from _check_code(entry)


def mentions(entry: Entry) -> Iterator[tuple[str, str]]:
    """(field, id) of every other entry that a text mentions as `entry:ID`."""
    for placed in texts_of(entry):
        for lang in LANGUAGES:
            yield from ((f"{placed.field}.{lang}", match[1]) for match in _MENTION.finditer(placed.text.get(lang)))


def longest_sentence(entry: Entry, lang: Lang) -> tuple[int, str, str]:
    """(length, field, sentence) of the longest one in prose of `lang`: words of English, characters of Chinese."""
    found = (0, "", "")
    for placed in texts_of(entry):
        for sentence in _SENTENCE_END.split(dialect.words(placed.text.get(lang))):
            length = len(_WORD.findall(sentence)) if lang == "en" else _chinese_length(sentence)
            if length > found[0]:
                found = (length, f"{placed.field}.{lang}", sentence.strip())
    return found


def _chinese_length(sentence: str) -> int:
    """Characters, a foreign word counting as two."""
    return len(HAN.findall(sentence)) + 2 * len(_WORD.findall(sentence))


def _check_one(entry: Entry, placed: Placed, lang: Lang, source: str) -> Iterator[Finding]:
    field = f"{placed.field}.{lang}"
    words = dialect.words(source)
    problem = wrong_language(lang, words)
    if problem:
        yield Finding("problem", entry.path, field, problem)
    if entry.status == "active" and source.strip() == TODO:
        yield Finding("problem", entry.path, field, "it is not written yet; write it, or make the entry a draft")
    for formula in dialect.formulas(source):
        try:
            formula_mathml(formula)
        except LatexError as error:
            yield Finding("problem", entry.path, field, f"the formula ${formula}$ cannot be read: {error}; mend it")
    named = _CHOICE_BY_PLACE.search(words) if getattr(entry, "choices", ()) else None
    if named:
        says = f"`{named[0].strip()}` names a choice by a letter or a place, which change when choices are shuffled"
        yield Finding("problem", entry.path, field, f"{says}; say what the choice says")
    yield from (Finding("warning", entry.path, field, said) for said in _unusual(lang, words))
    limit = _limit(entry, placed.field).get(lang)
    if limit is not None and len(source) > limit:
        yield Finding("warning", entry.path, field, f"{len(source)} characters; {limit} are enough")


def _unusual(lang: Lang, words: str) -> Iterator[str]:
    """What of the spelling is not that of the rest of the bank."""
    if lang == "en" and (british := _BRITISH.search(words)):
        yield f"`{british[0]}` is British; the bank is spelled as in American English"
    if percent := _SPACED_PERCENT.search(words):
        near = words[max(0, percent.start() - 6) : percent.end()].strip()
        yield f"`{near}`: a percent sign follows its number without a blank"


def wrong_language(lang: Lang, words: str) -> str:
    """What is wrong with the language of `words`, which are prose without code and formulas."""
    has_han = HAN.search(words)
    if lang == "en" and has_han:
        return f"Chinese in an English text (`{has_han[0]}`); translate it, or put it in backquotes if it is data"
    if lang == "zh" and not has_han and len(_WORD.findall(words)) > NAME_WORDS:
        return "no Chinese in a Chinese text; write it in Chinese"
    return ""


def _limit(entry: Entry, field: str) -> dict[Lang, int]:
    if field in {"title", "prompt"}:
        return _LIMITS["bug" if field == "prompt" and entry.kind == "bug" else field]
    return _LIMITS["choice"] if re.fullmatch(r"choices\.\d+\.text", field) else {}


def _check_code(entry: Entry) -> Iterator[Finding]:
    """Python in a fence compiles, and is the same in both languages."""
    blocks = {lang: [one for one in fences_of(entry, lang) if _is_python(one[1])] for lang in LANGUAGES}
    for field, fence in (one for found in blocks.values() for one in found):
        try:
            ast.parse(fence.code)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            line = getattr(error, "lineno", None)
            place = f"line {line} of the code: " if line else ""
            yield Finding("problem", entry.path, field, f"{place}not Python ({getattr(error, 'msg', error)}); mend it")
    if all(placed.text.get(lang) for placed in texts_of(entry) for lang in LANGUAGES):
        yield from _compare_code(entry, blocks["en"], blocks["zh"])


def _compare_code(
    entry: Entry, english: list[tuple[str, dialect.Fence]], chinese: list[tuple[str, dialect.Fence]]
) -> Iterator[Finding]:
    if len(english) != len(chinese):
        says = f"{len(english)} blocks of Python in English, {len(chinese)} in Chinese; make them the same"
        yield Finding("problem", entry.path, "", says)
        return
    for (_, left), (field, right) in zip(english, chinese, strict=True):
        if left.code != right.code:
            yield Finding("problem", entry.path, field, "the code is not that of the English text; make them the same")


def _is_python(fence: dialect.Fence) -> bool:
    return fence.language in {"python", "py", "python3"}
