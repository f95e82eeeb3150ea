"""The bank in the formats of other programs."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from grader.model.columns import COLUMNS, as_cell, from_cell
from grader.report.anki import note_guid, write_deck
from grader.report.book import book_html, book_markdown
from grader.report.moodle import moodle_xml, split
from grader.report.spreadsheet import entries_csv
from tests.fakes.entries import AREAS, KINDS, SECRETS, both, entry

ENTRIES = tuple(entry(kind) for kind in KINDS)
BOOKS = {"markdown": book_markdown, "html": book_html}


class Page(HTMLParser):
    """Ids, links and everything that a browser would load."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loads: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.ids += [str(found["id"])] if "id" in found else []
        self.links += [str(found["href"])] if tag == "a" else []
        self.loads += [tag] if tag in {"script", "img", "link", "iframe", "object"} or "src" in found else []


@pytest.mark.parametrize("name", BOOKS)
def test_a_book_without_answers_keeps_them(name: str) -> None:
    """A book for candidates holds every question and nothing that answers one."""
    text = BOOKS[name](AREAS, ENTRIES, "en", answers=False)
    assert all(one.title.en in text for one in ENTRIES)
    assert not [secret for secret in SECRETS if secret in text]


@pytest.mark.parametrize("name", BOOKS)
def test_a_book_with_answers_has_them(name: str) -> None:
    """A book for interviewers holds answers, rubric, red flags and what to ask next."""
    text = BOOKS[name](AREAS, ENTRIES, "zh", answers=True)
    assert not [word for word in SECRETS[:-1] if f"中文：{word}" not in text and word != "THE-SOURCE"]


def test_the_page_needs_no_other_file() -> None:
    """The HTML book loads nothing, and its table of contents leads to what is there."""
    page = Page(book_html(AREAS, ENTRIES, "en", answers=True))
    assert page.loads == []
    inner = [link[1:] for link in page.links if link.startswith("#")]
    assert inner
    assert set(inner) <= set(page.ids)


def test_the_page_shows_hostile_text() -> None:
    """Markup in an entry is shown, not obeyed."""
    bad = entry("open", title=both("<script>alert(1)</script>"), prompt=both("<img src=x onerror=y>"))
    page = Page(book_html(AREAS, [bad], "en", answers=True))
    assert page.loads == []


def test_headings_in_code_stay_as_they_are() -> None:
    """A comment that begins with `##` in a block of code is no heading."""
    one = entry("open", answer=both("```python\n## not a heading\n```"))
    assert "\n## not a heading" in book_markdown(AREAS, [one], "en", answers=True)


def test_a_topic_of_no_syllabus_is_not_lost() -> None:
    """An entry whose topic the syllabus does not have comes last."""
    assert "A open entry" in book_markdown(AREAS, [entry("open", topics=("x.y",))], "en", answers=False)


def notes_of(path: Path) -> dict[str, tuple[str, str]]:
    """Guid -> (fields, tags) of each note in an Anki package."""
    with zipfile.ZipFile(path) as package:
        (path.parent / "collection").write_bytes(package.read("collection.anki2"))
    with sqlite3.connect(path.parent / "collection") as database:
        return {guid: (fields, tags) for guid, fields, tags in database.execute("select guid, flds, tags from notes")}


def test_a_card_keeps_its_name(tmp_path: Path) -> None:
    """A later export of a changed entry has the same guid, so that Anki updates the card; languages differ."""
    write_deck(tmp_path / "one.apkg", AREAS, ENTRIES, "en")
    write_deck(tmp_path / "two.apkg", AREAS, [entry("open", answer=both("Changed."))], "en")
    before, after = notes_of(tmp_path / "one.apkg"), notes_of(tmp_path / "two.apkg")
    guid = note_guid(ENTRIES[0], "en")
    assert len(before) == len(ENTRIES)
    assert set(after) == {guid} <= set(before)
    assert "Changed." in after[guid][0]
    assert guid != note_guid(ENTRIES[0], "zh")


def test_cards_have_tags_and_no_answer_in_front(tmp_path: Path) -> None:
    """Topic, level and kind are tags; the front of a card holds the question only."""
    write_deck(tmp_path / "deck.apkg", AREAS, ENTRIES, "en")
    for fields, tags in notes_of(tmp_path / "deck.apkg").values():
        assert "topic::arch::attention" in tags.split()
        front = "".join(fields.split("\x1f")[:3])
        assert not [secret for secret in SECRETS if secret in front]


def test_csv_has_a_line_for_each(tmp_path: Path) -> None:
    """The table has every column, a line for each entry, and its key."""
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(entries_csv(ENTRIES, answers=True)))}
    assert list(rows) == [one.id for one in ENTRIES]
    assert tuple(rows["choice-sample"]) == COLUMNS
    assert rows["choice-sample"]["choices_en"].splitlines() == ["a. first", "b. second", "c. third"]
    assert (rows["multi-sample"]["correct"], rows["numeric-sample"]["value"]) == ("a, b", "0.125")
    assert rows["order-sample"]["steps_en"].splitlines()[0] == "do load"


def test_csv_without_answers_keeps_them() -> None:
    """Without answers no column tells one, and steps are shuffled."""
    text = entries_csv(ENTRIES, answers=False)
    assert not [secret for secret in SECRETS if secret in text]
    steps = next(csv.DictReader(io.StringIO(entries_csv([entry("order")], answers=False))))["steps_en"].splitlines()
    assert steps != [f"do {name}" for name in ("load", "shuffle", "split", "fit", "score")]


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+1", "@x", "-x", "\tx", "-1.5", "plain", "", "'quoted", "a = b"])
def test_no_cell_is_run(text: str) -> None:
    """A cell never begins like a formula, unless it is a number, and reads back as it was."""
    cell = as_cell(text)
    assert cell[:1] not in {"=", "+", "@", "\t"}
    assert from_cell(cell) == text


def test_moodle_has_each_form() -> None:
    """Choices, numbers and essays are written with their fractions, tolerances and notes for graders."""
    fits, others = split(ENTRIES)
    assert [one.kind for one in others] == ["order", "code"]
    quiz = ElementTree.fromstring(moodle_xml(AREAS, fits, "en").partition("\n")[2])
    found = {one.get("type"): one for one in quiz if one.get("type") != "category"}
    assert set(found) == {"multichoice", "numerical", "essay"}
    assert found["numerical"].findtext("answer/text") == "0.125"
    assert float(found["numerical"].findtext("answer/tolerance") or "nan") == pytest.approx(0.00125)
    assert "THE-POINT" in (found["essay"].findtext("graderinfo/text") or "")
    assert "THE-ANSWER" not in (found["essay"].findtext("questiontext/text") or "")


@pytest.mark.parametrize(
    ("kind", "single", "fractions"), [("choice", "true", ["0", "100", "0"]), ("multi", "false", ["50", "50", "-50"])]
)
def test_moodle_fractions(kind: str, single: str, fractions: list[str]) -> None:
    """Right choices earn 100 percent between them; where several may be ticked, wrong ones cost."""
    quiz = ElementTree.fromstring(moodle_xml(AREAS, [entry(kind)], "en").partition("\n")[2])
    question = quiz[1]
    assert question.findtext("single") == single
    assert [answer.get("fraction") for answer in question.findall("answer")] == fractions


def test_moodle_categories_may_hold_a_slash() -> None:
    """A slash in the name of a category is written twice, as Moodle wants it."""
    import dataclasses

    topic = dataclasses.replace(AREAS[0].topics[0], title=both("A/B"))
    areas = (dataclasses.replace(AREAS[0], topics=(topic,)),)
    quiz = ElementTree.fromstring(moodle_xml(areas, [entry("open")], "en").partition("\n")[2])
    assert (quiz.findtext("question/category/text") or "").endswith("/Architecture/A//B")


def test_records_are_json() -> None:
    """What goes into JSON can be written as JSON."""
    from grader.report.entry_record import entry_record

    for one in ENTRIES:
        assert json.loads(json.dumps(entry_record(one, answers=True)))["id"] == one.id
