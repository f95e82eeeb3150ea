"""The list and the heat map: no line too wide on a terminal, nothing lost in a pipe."""

from __future__ import annotations

import io
import json

import pytest
from rich.cells import cell_len
from rich.console import Console

from grader.content.coverage import measure_coverage
from grader.model.coverage import by_need, weight_with
from grader.model.text import Lang
from grader.report.heat_map import coverage_record, print_gaps, print_heat_map, print_needs
from grader.report.listing import print_list
from tests.fakes.entries import AREAS, both, entry

ENTRIES = (
    entry("open", "why-attention"),
    entry("choice", "a-very-long-id-that-takes-up-half-of-a-narrow-terminal", title=both("T" * 90, "标" * 60)),
    entry("numeric", "bytes-read", topics=("data.pipeline",)),
    entry("open", "not-yet", status="draft", topics=("data.pipeline",)),
)
COVERED = measure_coverage(AREAS, ENTRIES, {"mean"})


def console(width: int, *, terminal: bool = True) -> tuple[Console, io.StringIO]:
    stream = io.StringIO()
    return Console(file=stream, width=width, force_terminal=terminal, color_system=None), stream


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("width", [80, 120, 200])
def test_list_fits_the_terminal(width: int, lang: Lang) -> None:
    """On a terminal no line is wider than it, and every id can be read whole."""
    screen, stream = console(width)
    print_list(screen, AREAS, ENTRIES, (), lang)
    lines = stream.getvalue().splitlines()
    assert max(map(cell_len, lines)) <= width
    assert all(any(line.startswith(one.id) for line in lines) for one in ENTRIES)


def test_list_is_whole_in_a_pipe() -> None:
    """In a pipe every entry has one line, with its title whole."""
    screen, stream = console(80, terminal=False)
    print_list(screen, AREAS, ENTRIES, (), "en")
    assert [line for line in stream.getvalue().splitlines() if line.endswith("T" * 90)]


def test_list_tells_that_there_is_nothing() -> None:
    """An empty list says so, and what to do."""
    screen, stream = console(80)
    print_list(screen, AREAS, (), (), "en")
    assert "Nothing matches" in stream.getvalue()


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("width", [80, 200])
def test_heat_map_fits_the_terminal(width: int, lang: Lang) -> None:
    """The heat map has a line per topic, all equally wide but for blanks, and none too wide."""
    screen, stream = console(width)
    print_heat_map(screen, AREAS, COVERED, lang)
    lines = stream.getvalue().splitlines()
    assert max(map(cell_len, lines)) <= width
    bars = {cell_len(line[: line.index("│")]) for line in lines if "│" in line}
    assert len(bars) == 1


def test_heat_map_counts_what_is_active() -> None:
    """Each active entry is counted once, by its level and by its kind."""
    record = coverage_record(COVERED, {"entries": 3})
    totals = {topic["topic"]: topic["total"] for topic in record["topics"]}
    assert totals == {"arch.attention": 2, "arch.rnn": 0, "data.pipeline": 1}
    assert json.loads(json.dumps(record)) == record


def test_gaps_are_named() -> None:
    """A topic that lacks something is named with what it lacks."""
    screen, stream = console(200)
    print_gaps(screen, COVERED, "en")
    text = stream.getvalue()
    assert "! arch.attention: an entry for mean" in text
    assert "! data.pipeline: an open question" in text
    assert "! arch.rnn: an open question, one that grades itself" in text


def test_no_gaps_are_told_too() -> None:
    """Where nothing is lacking, that is said."""
    screen, stream = console(80)
    print_gaps(screen, (), "en")
    assert "Every topic is covered" in stream.getvalue()


def test_topics_count_by_what_they_weigh() -> None:
    """Weights 5, 1 and 3 with two, no and one entry: 8/9 of the weight has one entry, 5/9 has two."""
    assert weight_with(COVERED, 1) == 8 / 9
    assert weight_with(COVERED, 2) == 5 / 9
    assert weight_with((), 1) == 1


def test_topics_short_of_entries_are_named_by_weight() -> None:
    """What is asked most comes first, though another topic lacks everything."""
    assert [one.topic for one in by_need(COVERED)] == ["arch.attention", "data.pipeline", "arch.rnn"]
    screen, stream = console(200)
    print_needs(screen, COVERED, "en")
    text = stream.getvalue()
    assert "0% has 3 entries or more" in text
    assert "3 topics have fewer than 2 entries for each step of their weight" in text
    assert "  arch.attention: weight 5, 2 of 10 entries" in text


def test_enough_entries_are_told_too() -> None:
    """Where no topic is short, that is said, and nothing is listed."""
    topics = [topic for area in AREAS for topic in area.topics]
    many = [entry("open", f"{topic.id}-{n}", topics=(topic.id,)) for topic in topics for n in range(2 * topic.weight)]
    screen, stream = console(200)
    print_needs(screen, measure_coverage(AREAS, many, set()), "en")
    assert "Every topic has 2 entries" in stream.getvalue()
    assert "of 10 entries" not in stream.getvalue()
