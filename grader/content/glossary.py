"""The glossary of a pack, `docs/glossary.md`, and the terms that it advises against.

Each row of its tables is `| English | 中文 | … |`; a rendering that is not to be used stands in the last column after
`不用` or `avoid`, several with `、`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.content.entry_texts import texts_of
from grader.content.finding import Finding
from grader.files import read_text
from grader.markup import dialect
from grader.model.entry import Entry

PLACE = Path("docs") / "glossary.md"
_HEAD = "English"
_AVOID = re.compile(r"不用([^；。|]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A term in both languages, and Chinese renderings that are not used for it."""

    english: str
    chinese: str
    avoided: tuple[str, ...]


def read_glossary(root: Path) -> tuple[Term, ...]:
    """The terms of the pack at `root`; none where it has no glossary."""
    try:
        text = read_text(root / PLACE)
    except (OSError, UnicodeDecodeError):
        return ()
    return tuple(_terms(text))


def check_terms(entry: Entry, terms: tuple[Term, ...]) -> Iterator[Finding]:
    """A warning for each text that uses a rendering which the glossary advises against."""
    wrong = {avoided: term for term in terms for avoided in term.avoided}
    if not wrong:
        return
    pattern = re.compile("|".join(re.escape(word) for word in sorted(wrong, key=len, reverse=True)))
    for placed in texts_of(entry):
        for word in dict.fromkeys(pattern.findall(dialect.words(placed.text.zh))):
            yield Finding("warning", entry.path, f"{placed.field}.zh", _advice(word, wrong))


def _advice(word: str, wrong: Mapping[str, Term]) -> str:
    term = wrong[word]
    return f"`{word}` for {term.english}; the glossary has `{term.chinese}`"


def _terms(text: str) -> Iterator[Term]:
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        is_row = line.startswith("|") and len(cells) >= 2 and not set(cells[0]) <= set("-: ")
        if is_row and cells[0] != _HEAD:
            found = _AVOID.search(cells[-1])
            avoided = re.split(r"[、,，]", found[1]) if found else []
            yield Term(english=cells[0], chinese=cells[1], avoided=tuple(word.strip(" 「」“”`") for word in avoided))
