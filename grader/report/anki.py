"""The bank as a deck of cards for Anki.

A card is known by its entry's id and its language, so that a deck that is exported and imported again updates the
cards and keeps what a person has learnt. Each area is a deck below the main one; topic, level and kind are tags.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from grader.model.entry import Entry
from grader.model.syllabus import Area
from grader.model.text import Lang
from grader.report.catalogue import say
from grader.report.entry_markdown import facts, question, solution
from grader.report.markdown_html import style, to_html

if TYPE_CHECKING:
    import genanki

MODEL_ID: Final = 1_746_203_918  # fixed for good: Anki knows the kind of card by it
_FIELDS: Final = ("Title", "Facts", "Question", "Answer", "Id")
_FRONT: Final = '<div class="title">{{Title}}</div>{{Question}}<div class="facts">{{Facts}}</div>'
_BACK: Final = '{{FrontSide}}<hr id="answer">{{Answer}}'
_STYLE: Final = """\
.card { font: 18px/1.55 system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
.card { max-width: 46em; margin: 0 auto; padding: 0 .6em; text-align: left; }
.title { font-size: 1.15em; font-weight: 600; margin: .4em 0; }
.facts { font-size: .75em; opacity: .7; }
h2 { font-size: 1em; margin: 1em 0 .2em; }
table { border-collapse: collapse; } th, td { border: 1px solid; padding: .2em .5em; }
"""


def write_deck(path: Path, areas: Sequence[Area], entries: Sequence[Entry], lang: Lang) -> None:
    """Write the entries, which are concrete, as a package that Anki imports. Raises OSError."""
    import genanki

    logging.getLogger("genanki").setLevel(logging.ERROR)
    model = _model()
    decks: dict[str, genanki.Deck] = {}
    area_of = {topic.id: area for area in areas for topic in area.topics}
    for entry in entries:
        area = area_of.get(entry.topics[0])
        name = say("bank.deck", lang) + (f"::{area.title.get(lang)}" if area else "")
        deck = decks.setdefault(name, genanki.Deck(_number(f"{lang}:{area.id if area else ''}"), name))
        deck.add_note(_note(model, entry, lang))
    genanki.Package(list(decks.values())).write_to_file(str(path))


def _model() -> genanki.Model:
    import genanki

    return genanki.Model(
        MODEL_ID,
        "viva entry",
        fields=[{"name": name} for name in _FIELDS],
        templates=[{"name": "Question", "qfmt": _FRONT, "afmt": _BACK}],
        css=_STYLE + style(),
        sort_field_index=len(_FIELDS) - 1,
    )


def _note(model: Any, entry: Entry, lang: Lang) -> genanki.Note:
    import genanki

    fields = [
        to_html(entry.title.get(lang)),
        to_html(facts(entry, lang)),
        to_html(question(entry, lang)),
        to_html(solution(entry, lang)),
        f"{entry.id} ({lang})",
    ]
    return genanki.Note(model=model, fields=fields, guid=note_guid(entry, lang), tags=list(_tags(entry)))


def note_guid(entry: Entry, lang: Lang) -> str:
    """What Anki knows the card by."""
    return hashlib.sha256(f"viva:{entry.id}:{lang}".encode()).hexdigest()[:20]


def _tags(entry: Entry) -> Iterator[str]:
    yield from (f"topic::{topic.replace('.', '::')}" for topic in entry.topics)
    yield f"level::{entry.level}"
    yield f"kind::{entry.kind}"


def _number(name: str) -> int:
    """A number for a deck that stays the same; Anki wants it between 2**30 and 2**31."""
    return 2**30 + int.from_bytes(hashlib.sha256(f"viva:{name}".encode()).digest()[:8]) % 2**30
