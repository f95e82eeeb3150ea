"""Edits of a text: what stands in it once becomes something else, lines take over indentation, order says nothing."""

from __future__ import annotations

import itertools
import textwrap

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from grader.content.edits import EditError, apply_edits
from grader.model.exercise import Edit

LETTERS = st.text("abcdxyz()= +", min_size=1, max_size=8)
INDENTS = st.sampled_from(["", "    ", "        ", "\t"])
WORDS = st.text("abcdxyz", min_size=1, max_size=6)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Indented lines, some of them empty."""
    lines = draw(st.lists(st.tuples(INDENTS, st.text("abcdxyz()= +", max_size=12)), min_size=1, max_size=12))
    return "\n".join(indent + line for indent, line in lines) + "\n"


@st.composite
def cut(draw: st.DrawFn) -> tuple[str, list[tuple[int, int]]]:
    """A text and disjoint parts of its lines, each of which stands in it exactly once."""
    text = draw(texts())
    places = sorted(draw(st.lists(st.integers(0, len(text)), min_size=2, max_size=8, unique=True)))
    spans = [(start, end) for start, end in zip(places[::2], places[1::2], strict=False)]
    kept = [(start, end) for start, end in spans if _is_a_part(text, start, end)]
    assume(kept)
    return text, kept


def _is_a_part(text: str, start: int, end: int) -> bool:
    """Part of one line, more than blanks, and found at one place, overlapping ones counted."""
    old = text[start:end]
    places = [place for place in range(len(text)) if text.startswith(old, place)]
    return "\n" not in old and bool(old.strip()) and len(places) == 1


@st.composite
def indented_blocks(draw: st.DrawFn) -> tuple[str, str, str, list[str]]:
    """(text before, indentation, text after, lines) of a block whose lines stand nowhere else."""
    lines = [f"mark{place} = {draw(WORDS)}" for place in range(draw(st.integers(2, 4)))]
    return draw(texts()), draw(INDENTS), draw(texts()), lines


@settings(deadline=None)
@given(cut(), st.data())
def test_each_part_becomes_its_replacement(found: tuple[str, list[tuple[int, int]]], data: st.DataObject) -> None:
    """All edits at once give the text with each span replaced, whatever the new texts hold."""
    text, spans = found
    news = [data.draw(LETTERS) for _ in spans]
    edits = [Edit(old=text[start:end], new=new) for (start, end), new in zip(spans, news, strict=True)]
    expected, done = [], 0
    for (start, end), new in zip(spans, news, strict=True):
        expected += [text[done:start], new]
        done = end
    assert apply_edits(text, edits) == "".join([*expected, text[done:]])


@settings(deadline=None)
@given(cut(), st.data())
def test_the_order_of_edits_says_nothing(found: tuple[str, list[tuple[int, int]]], data: st.DataObject) -> None:
    """Every permutation gives the same text, also where a new text holds the old text of another edit."""
    text, spans = found
    olds = [text[start:end] for start, end in spans]
    edits = [Edit(old=old, new=data.draw(st.sampled_from([*olds, "", "x"]))) for old in olds]
    results = {apply_edits(text, order) for order in itertools.permutations(edits)}
    assert len(results) == 1


@settings(deadline=None)
@given(indented_blocks(), INDENTS, st.lists(WORDS, min_size=2, max_size=4))
def test_whole_lines_take_over_the_indentation(
    block: tuple[str, str, str, list[str]], written: str, new: list[str]
) -> None:
    """At whatever indentation an author writes the lines, the new ones stand where the old ones stood."""
    before, indent, after, lines = block
    text = before + textwrap.indent("\n".join(lines) + "\n", indent) + after
    edit = Edit(old=textwrap.indent("\n".join(lines), written), new="\n".join(f"{written}{word}" for word in new))
    assert apply_edits(text, [edit]) == before + "".join(f"{indent}{word}\n" for word in new) + after


@settings(deadline=None)
@given(indented_blocks(), INDENTS)
def test_lines_that_go_leave_no_empty_line(block: tuple[str, str, str, list[str]], written: str) -> None:
    """What stands around them is as it was."""
    before, indent, after, lines = block
    text = before + textwrap.indent("\n".join(lines) + "\n", indent) + after
    edit = Edit(old=textwrap.indent("\n".join(lines), written), new="")
    assert apply_edits(text, [edit]) == before + after


@settings(deadline=None)
@given(indented_blocks())
def test_a_part_that_fills_its_line_takes_the_line_away(block: tuple[str, str, str, list[str]]) -> None:
    """Without its indentation, and without an empty line in its place."""
    before, indent, after, lines = block
    text = before + indent + lines[0] + "\n" + after
    assert apply_edits(text, [Edit(old=lines[0], new="")]) == before + after


@settings(deadline=None)
@given(texts(), LETTERS)
def test_an_edit_fits_exactly_once_or_is_refused(text: str, old: str) -> None:
    """What does not stand in the text, or stands there twice, changes nothing and says which of the edits it is."""
    assume(old.strip())
    edits = [Edit(old=old, new="new")]
    if text.count(old) == 1:
        assert apply_edits(text, edits) == text.replace(old, "new")
        return
    with pytest.raises(EditError) as caught:
        apply_edits(text, edits)
    assert (caught.value.index, caught.value.field) == (0, "old")
    assert (f"{text.count(old)} times" if old in text else "lacks") in caught.value.problem


@settings(deadline=None)
@given(WORDS, st.integers(1, 4), st.integers(1, 4))
def test_edits_that_share_a_character_are_refused(word: str, left: int, right: int) -> None:
    """The error is that of the later one, and names the earlier one."""
    middle = "12345678"
    text = f"{word} {middle}\n"
    edits = [Edit(old=middle[: left + right], new="x"), Edit(old=middle[left:], new="y")]
    with pytest.raises(EditError, match="overlaps the edit numbered 1") as caught:
        apply_edits(text, edits)
    assert caught.value.index == 1
