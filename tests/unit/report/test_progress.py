"""The progress page: what it says, and that it fits wherever it is shown."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import date

import pytest
from rich.cells import cell_len
from rich.console import Console

from grader.model.progress import Overview, Standing
from grader.model.text import Lang, Text
from grader.report.progress import progress_document, render_progress, whole_weeks
from grader.report.quantities import clock_time, long_time, number, percent

SUNDAY = date(2026, 11, 22)


def standing(name: str, level: float = 5.0, answers: int = 9) -> Standing:
    """Somewhere on the scale."""
    title = Text(en=f"{name}, a long title of a topic", zh=f"{name}：一个很长的主题名称")
    return Standing(id=name, title=title, level=level, spread=0.8, answers=answers, share=0.5, seconds=600)


OVERVIEW = Overview(
    today=SUNDAY,
    answers=40,
    entries_seen=30,
    entries_known=12,
    streak=3,
    longest_streak=8,
    due=7,
    next_due=SUNDAY,
    daily=(*[0] * 77, 1, 0, 4, 9, 2, 0, 5),
    forecast=(7, 3, 0, 1, *[0] * 10),
    seconds_today=300,
    seconds_week=4000,
    seconds=100_000,
    overall=standing("", 5.2),
    areas=(standing("data", -3.0), standing("trust", 14.0), standing("business", 5, 0)),
    weakest=(standing("data.pipeline", 2.0),),
    kinds={"choice": standing("choice")},
)


def page(overview: Overview, width: int, lang: Lang, encoding: str = "utf-8") -> list[str]:
    """The lines of the page."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, write_through=True)
    render_progress(overview, Console(file=stream, width=width), lang)
    return raw.getvalue().decode(encoding).splitlines()


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
def test_no_line_is_wider_than_the_screen(width: int, lang: Lang) -> None:
    """At any usual width, in either language, with levels beyond the scale."""
    assert all(cell_len(line) <= min(width, 120) for line in page(OVERVIEW, width, lang))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_figures_stand_below_each_other(lang: Lang) -> None:
    """Every row of an ability has its figures in the same column, wide characters or not."""
    rows = [line for line in page(OVERVIEW, 80, lang) if "±" in line]
    assert len(rows) == 4
    assert len({cell_len(row[: row.index("±")]) for row in rows}) == 1


def test_the_weeks_begin_on_monday() -> None:
    """Seven rows, a column a week; today is the last day of the last column."""
    lines = page(OVERVIEW, 80, "en")
    first = next(place for place, line in enumerate(lines) if line.startswith("    Mon"))
    assert lines[first].split()[1:] == ["·"] * 11 + ["░░"]
    assert lines[first + 6].split()[1:] == ["·"] * 11 + ["▓▓"]
    assert len(whole_weeks(tuple(range(84)), date(2026, 11, 25))) % 7 == 3


def test_a_page_in_ascii() -> None:
    """Where the encoding is ASCII, graphics and figures are, and Chinese gives way."""
    assert all(line.isascii() for line in page(OVERVIEW, 80, "zh", "ascii"))


def test_a_topic_not_met_has_no_figures() -> None:
    """No number is shown that nothing stands behind."""
    row = next(line for line in page(OVERVIEW, 80, "en") if "business" in line)
    assert row.endswith("not met yet")


def test_nothing_answered_is_one_sentence() -> None:
    """A new person is told how to begin."""
    assert page(replace(OVERVIEW, answers=0), 80, "en") == ["  Nothing answered yet; begin with `viva quiz`."]


def test_the_document_is_whole() -> None:
    """JSON on one line, with days by date."""
    document = json.loads(progress_document(OVERVIEW, "en"))
    assert document["answers_by_day"]["2026-11-22"] == 5
    assert document["areas"][0]["level"] == -3.0
    assert document["next_due"] == "2026-11-22"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (clock_time(0), "0:00"),
        (clock_time(245), "4:05"),
        (clock_time(3845), "1:04:05"),
        (clock_time(-3), "0:00"),
        (long_time(5000, "en"), "1 h 23 min"),
        (long_time(59, "zh"), "1 分钟"),
        (number(1e9), "1,000,000,000"),
        (number(3.14159265), "3.1416"),
        (number(2.5e-7), "2.5e-07"),
        (percent(0.999), "99"),
        (percent(0.001), "1"),
        (percent(1.0), "100"),
        (percent(0.0), "0"),
    ],
)
def test_quantities(written: str, expected: str) -> None:
    """Times, numbers and shares as people write them."""
    assert written == expected
