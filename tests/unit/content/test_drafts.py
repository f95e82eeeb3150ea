"""Spreadsheets of questions: drafts that load, and mistakes that are named by row and column."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader.content.drafts import read_drafts, write_drafts
from grader.content.entry import read_entry
from grader.errors import UsageError
from grader.model.entry import ChoiceEntry, Entry, NumericEntry, OpenEntry, OrderEntry
from grader.model.exercise import Source
from grader.model.text import Text
from grader.report.spreadsheet import entries_csv
from tests.fakes.entries import AREAS, KINDS, entry

LEAST = {"topics": "arch.attention", "title_en": "Scaling of logits", "prompt_en": "Why divide?"}


def sheet(path: Path, *rows: dict[str, str], **options: Any) -> Path:
    """A CSV with these rows."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    stream = io.StringIO()
    writer = csv.DictWriter(stream, names, **options)
    writer.writeheader()
    writer.writerows(rows)
    file = path / "questions.csv"
    file.write_text(stream.getvalue(), encoding="utf-8-sig", newline="")
    return file


def one(path: Path, **cells: str) -> Entry:
    """The entry that a row with these cells becomes."""
    (draft,) = read_drafts(sheet(path, {**LEAST, **cells}), AREAS)
    (written,) = write_drafts([draft], path / "bank")
    return read_entry(written)


def test_the_least_row_makes_a_draft(tmp_path: Path) -> None:
    """Topic, title and prompt are enough; what is missing is marked."""
    found = one(tmp_path)
    assert isinstance(found, OpenEntry)
    assert (found.id, found.status, found.path.parent.name) == ("scaling-of-logits", "draft", "architecture")
    assert (found.answer.en, found.title.zh, found.rubric[0].text.en) == ("TODO", "TODO", "TODO")


@pytest.mark.parametrize(
    ("cells", "kind", "expected"),
    [
        ({"choices_en": "a. one\nb. two", "correct": "b"}, ChoiceEntry, "choice"),
        ({"choices_en": "one\ntwo\nthree", "correct": "a, c"}, ChoiceEntry, "multi"),
        ({"value": "1,024", "unit": "MB"}, NumericEntry, "numeric"),
        ({"steps_zh": "甲\n乙\n丙"}, OrderEntry, "order"),
    ],
)
def test_the_kind_is_what_the_cells_say(tmp_path: Path, cells: dict[str, str], kind: type, expected: str) -> None:
    """Choices, a value or steps tell the kind where no cell does."""
    found = one(tmp_path, **cells)
    assert (type(found), found.kind) == (kind, expected)


@pytest.mark.parametrize(
    ("cells", "unit"),
    [
        ({"unit": "MB"}, Text.same("MB")),
        ({"unit": "MB", "unit_zh": "MB"}, Text.same("MB")),
        ({"unit": "users", "unit_zh": "名用户"}, Text(en="users", zh="名用户")),
        ({"unit_zh": "名用户"}, Text(en="", zh="名用户")),
        ({}, Text.same("")),
    ],
)
def test_a_unit_is_read_in_the_languages_that_it_has(tmp_path: Path, cells: dict[str, str], unit: Text) -> None:
    """A symbol fills one column, words their own."""
    found = one(tmp_path, value="12", **cells)
    assert isinstance(found, NumericEntry)
    assert found.numeric.unit == unit


def test_choices_keep_letters_and_reasons(tmp_path: Path) -> None:
    """Letters before choices and reasons belong together; a reason that is missing is marked."""
    cells = {"choices_en": "(a) one\nb) two", "choices_zh": "a. 一\nb、二", "correct": "B", "why_en": "a. no"}
    found = one(tmp_path, **cells)
    assert isinstance(found, ChoiceEntry)
    first, second = found.choices
    assert (first.text.zh, first.why and first.why.en, second.text.zh) == ("一", "no", "二")
    assert (first.correct, second.correct, second.why and second.why.en) == (False, True, "TODO")


def test_a_rubric_has_weights(tmp_path: Path) -> None:
    """Weights that are written are scaled to sum to 1; without any they are equal."""
    weighted = one(tmp_path, rubric_en="60% names it\n20% gives a reason")
    assert isinstance(weighted, OpenEntry)
    assert [(point.weight, point.text.en) for point in weighted.rubric] == [
        (0.75, "names it"),
        (0.25, "gives a reason"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "1e-4",
        "no",
        "null",
        "- a: b",
        "# c",
        "2026-11-22",
        "{x}",
        "a: b\n\n  c",
        "'quoted'",
        "中文：冒号",
        "=1+1",
        'a\\b"',
    ],
)
def test_texts_that_look_like_other_things_stay_texts(tmp_path: Path, text: str) -> None:
    """Numbers, words of YAML and marks in texts are kept as they are."""
    assert one(tmp_path, answer_en=text).answer.en == text


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_exported_comes_back(tmp_path: Path, kind: str) -> None:
    """A row that `viva export csv` wrote makes a draft with the same question and the same key."""
    source = Source(title="A paper", place="section 2, table 1", url="https://arxiv.org/abs/1706.03762")
    before = replace(entry(kind), sources=(source,))
    file = tmp_path / "bank.csv"
    file.write_text(entries_csv([before], answers=True), encoding="utf-8-sig", newline="")
    (path,) = write_drafts(read_drafts(file, AREAS), tmp_path / "bank")
    after = read_entry(path)
    assert (after.title, after.prompt, after.answer) == (before.title, before.prompt, before.answer)
    assert (after.kind, after.minutes, after.red_flags) == (before.kind, before.minutes, before.red_flags)
    for name in ("choices", "numeric", "exercise", "sources"):
        assert getattr(after, name, None) == getattr(before, name, None)


MISTAKES: dict[str, tuple[dict[str, str], str]] = {
    "topic": ({"topics": "arch.atention"}, "row 2, column `topics`: there is no topic `arch.atention`; did you mean"),
    "no topic": ({"topics": ""}, "column `topics`: it is empty"),
    "no title": ({"title_en": "", "id": "x"}, "column `title_en`: it is empty in both languages"),
    "no id": ({"title_en": "", "title_zh": "标题"}, "column `id`: there is none"),
    "bad id": ({"id": "Two Words"}, "column `id`: `Two Words` is not an id"),
    "level": ({"level": "midd"}, "column `level`: found `midd`; did you mean `mid`?"),
    "kind": ({"kind": "quiz"}, "column `kind`: found `quiz`"),
    "number": ({"value": "many"}, "column `value`: found `many`; write a number"),
    "not finite": ({"value": "inf"}, "column `value`: found `inf`; write a number"),
    "difficulty": ({"difficulty": "11"}, "column `difficulty`:"),
    "correct": ({"choices_en": "a. x\nb. y", "correct": "c"}, "column `correct`: there is no choice `c`"),
    "none correct": ({"choices_en": "a. x\nb. y"}, "column `choices_en`: line"),
    "why": ({"choices_en": "a. x\nb. y", "correct": "a", "why_en": "c. no"}, "column `why_en`: there is no choice `c`"),
    "why without letter": ({"choices_en": "a. x\nb. y", "correct": "a", "why_en": "no"}, "column `why_en`: write the"),
    "follow-up": ({"follow_ups_en": "And then?"}, "column `follow_ups_en`: found `And then?`"),
    "steps": ({"steps_en": "a\nb\nc", "steps_zh": "甲\n乙"}, "column `steps_zh`: 2 lines, and 3 in English"),
    "source": ({"sources": "A paper | arxiv"}, "column `sources`:"),
    "date": ({"verified": "22.11.2026"}, "column `verified`:"),
    "column": ({"promt": "x"}, "there is no column `promt`; did you mean `prompt"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named(tmp_path: Path, name: str) -> None:
    """What is wrong is told with file, row and column."""
    cells, says = MISTAKES[name]
    with pytest.raises(UsageError) as caught:
        read_drafts(sheet(tmp_path, {**LEAST, **cells}), AREAS)
    assert says in str(caught.value)
    assert "questions.csv" in str(caught.value)


def test_two_rows_may_not_have_one_id(tmp_path: Path) -> None:
    """The second use of an id names the row of the first."""
    with pytest.raises(UsageError, match="row 3, column `id`: `scaling-of-logits` is also the id of row 2"):
        read_drafts(sheet(tmp_path, LEAST, LEAST), AREAS)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "the column `topics` is missing"),
        (b"topics,title_en,prompt_en\n", "no rows"),
        (b"topics,title_en\nx,y\n", "the column `prompt_en` is missing"),
        (b"topics,title_en,prompt_en\na,b,c,d\n", "row 2: 4 cells under 3 columns"),
        (b"topics,topics,title_en,prompt_en\n", "twice"),
        ("topics,title_en,prompt_en\n标".encode("gbk"), "not UTF-8"),
    ],
)
def test_a_file_that_is_no_sheet(tmp_path: Path, data: bytes, says: str) -> None:
    """A file that cannot be read as questions is refused with what to do."""
    file = tmp_path / "x.csv"
    file.write_bytes(data)
    with pytest.raises(UsageError, match=says):
        read_drafts(file, AREAS)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """A missing file is named."""
    with pytest.raises(UsageError, match="cannot be read"):
        read_drafts(tmp_path / "none.csv", AREAS)


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_delimiters_are_known(tmp_path: Path, delimiter: str) -> None:
    """What spreadsheet programs of other countries write is read too."""
    assert read_drafts(sheet(tmp_path, LEAST, delimiter=delimiter), AREAS)


def test_no_file_is_ever_replaced(tmp_path: Path) -> None:
    """Where one of the files is there already, none is written."""
    drafts = read_drafts(sheet(tmp_path, LEAST, {**LEAST, "title_en": "Another"}), AREAS)
    place = tmp_path / "bank" / "architecture" / "another.yaml"
    place.parent.mkdir(parents=True)
    place.write_text("mine")
    with pytest.raises(UsageError, match="already there; change the id in row 3"):
        write_drafts(drafts, tmp_path / "bank")
    assert [path.name for path in place.parent.iterdir()] == ["another.yaml"]
    assert place.read_text() == "mine"
