"""Finding entries and exercises by words, in both languages at once, best first.

The index is SQLite's FTS5, in memory: BM25 over columns of different weight, English words by their Porter stem. It
knows no Chinese words, so Chinese is indexed by pairs of neighboring characters; a query of one character looks for
pairs that begin with it. A word also finds longer ones that begin with it, and where nothing is found at all, the
nearest words that there are stand in for those that there are not.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from grader.content.selection import Selection
from grader.content.yaml_source import read_prose
from grader.model.entry import Entry
from grader.model.exercise import Exercise
from grader.model.text import Text

_WEIGHTS: Final = {"name": 12.0, "title": 8.0, "topic": 4.0, "prompt": 1.0}
_TERM: Final = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]+")
_BRITISH: Final = re.compile(r"is(ation|ations|e|ed|es|er|ing)\b")  # also of words like noise, on both sides alike
_MOST: Final = 64  # terms of a query: more say nothing more, and the index takes only so deep an expression
_BEGINNING: Final = 400  # characters of a statement, as many as a prompt has: longer texts would count for less
_ALIKE: Final = 75.0  # of 100: one letter too few in a word of six has 91


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """What was found, best first; `instead` are words that stood in for some of the query's."""

    items: tuple[Entry | Exercise, ...]
    instead: tuple[str, ...] = ()


def search(selection: Selection, query: str) -> Hits:
    """Entries and exercises of `selection` that have words of `query` in id, title, topics or prompt."""
    items: tuple[Entry | Exercise, ...] = (*selection.exercises, *selection.entries)
    topics = {topic.id: topic.title for area in selection.areas for topic in area.topics}
    with closing(sqlite3.connect(":memory:")) as index:
        index.execute(f"CREATE VIRTUAL TABLE texts USING fts5({', '.join(_WEIGHTS)}, tokenize='porter ascii')")
        index.executemany("INSERT INTO texts (name, title, topic, prompt) VALUES (?, ?, ?, ?)", _rows(items, topics))
        asked = tuple(dict.fromkeys(_terms(query)))[:_MOST]
        if found := _matches(index, asked):
            return Hits(items=tuple(items[place] for place in found))
        instead = _nearest(asked, items, topics)
        return Hits(items=tuple(items[place] for place in _matches(index, instead)), instead=instead)


def _matches(index: sqlite3.Connection, terms: Sequence[str]) -> list[int]:
    """Places of the items that hold most of the terms, by how well they do."""
    if not terms:
        return []
    weights = ", ".join(f"{weight:g}" for weight in _WEIGHTS.values())
    ranked = f"SELECT rowid FROM texts WHERE texts MATCH ? ORDER BY bm25(texts, {weights}), rowid"  # noqa: S608
    every, some = (f" {word} ".join(f'("{term}" OR "{term}"*)' for term in terms) for word in ("AND", "OR"))
    whole = [row[0] - 1 for row in index.execute(ranked, (every,))]
    known = set(whole)
    return whole + [row[0] - 1 for row in index.execute(ranked, (some,)) if row[0] - 1 not in known]


def _rows(items: Iterable[Entry | Exercise], topics: dict[str, Text]) -> Iterator[tuple[str, ...]]:
    for item in items:
        about = " ".join(f"{topic} {_both(topics[topic])}" if topic in topics else topic for topic in item.topics)
        yield tuple(" ".join(_terms(text)) for text in (item.id, _both(item.title), about, _prompt(item)))


def _both(text: Text) -> str:
    return f"{text.get('en')} {text.get('zh')}"


def _prompt(item: Entry | Exercise) -> str:
    if isinstance(item, Entry):
        return _both(item.prompt)
    return " ".join(read_prose(item.public_dir / f"statement.{lang}.md")[:_BEGINNING] for lang in ("en", "zh"))


def _terms(text: str) -> Iterator[str]:
    """Lower-case words, numbers, and pairs of neighboring Chinese characters."""
    for word in _TERM.findall(_BRITISH.sub(r"iz\1", text.lower())):
        if word.isascii() or len(word) == 1:
            yield word
        else:
            yield from (word[place : place + 2] for place in range(len(word) - 1))


def _nearest(terms: Sequence[str], items: Iterable[Entry | Exercise], topics: dict[str, Text]) -> tuple[str, ...]:
    """For each term the word of the titles and ids that it is most alike, if any is; the rest are left out."""
    from rapidfuzz import fuzz, process

    known = sorted({term for row in _rows(items, topics) for text in row[:3] for term in text.split()})
    found = (process.extractOne(term, known, scorer=fuzz.ratio, score_cutoff=_ALIKE) for term in terms)
    return tuple(dict.fromkeys(match[0] for match in found if match is not None))
