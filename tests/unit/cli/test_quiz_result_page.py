"""The last page of a quiz, at the widths of real terminals."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any, get_args

import pytest
from rich.cells import cell_len

from grader import wiring
from grader.cli.quiz.result_page import by_topic
from grader.cli.quiz.screen import Screen
from grader.model.text import Lang
from grader.report.console import Console


def last_page(columns: int, lang: Lang, topics: Any) -> str:
    """The table of a mock in which one question about each topic was skipped."""
    file = io.StringIO()
    skipped = [SimpleNamespace(entry=SimpleNamespace(topics=[topic], minutes=12)) for topic in topics]
    sitting: Any = SimpleNamespace(told=[], skipped=skipped)
    bank: Any = SimpleNamespace(topics=topics)
    by_topic(Screen(Console(file=file, width=columns, force_terminal=True, color_system=None), lang), sitting, bank)
    return file.getvalue()


@pytest.mark.parametrize("lang", get_args(Lang))
@pytest.mark.parametrize("columns", [50, 80, 120])
def test_no_name_of_a_topic_is_cut(columns: int, lang: Lang) -> None:
    """Each stands there whole, beside its figures or above them, and no line is too wide."""
    topics = wiring.open_packs(())[0].syllabus.topics
    shown = last_page(columns, lang, topics)
    assert "…" not in shown
    assert max(map(cell_len, shown.splitlines())) <= columns
    for topic in topics.values():
        rest = iter(shown)
        assert all(character in rest for character in topic.title.get(lang) if character != " "), topic.title.get(lang)
    if lang == "en":
        assert {word for topic in topics.values() for word in topic.title.en.split()} <= set(shown.split())
