"""Breaking lines by terminal cells."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from grader.report.layout import break_points, chop, excerpt, keep_end, pad, wrap

MIXED = st.text(st.sampled_from("ab (),.\n中文，。（）“”…—é😀"), max_size=80)


@given(MIXED, st.integers(2, 30))
@example("（（（（（（（（", 5)
def test_no_line_is_too_wide(text: str, width: int) -> None:
    """No line is wider than it may be."""
    assert all(cell_len(line) <= width for line in wrap(text, width))


@given(MIXED, st.integers(2, 30))
def test_nothing_but_blanks_is_lost(text: str, width: int) -> None:
    """Lines hold every character of the text, blanks apart, in order."""
    assert "".join("".join(wrap(text, width)).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("one two three", 7, ["one two", "three"]),
        ("    indented line", 12, ["    indented", "line"]),
        ("得分除以根号，再做归一化", 12, ["得分除以根", "号，再做归一", "化"]),
        ("请除以 sqrt(d_k)。", 12, ["请除以", "sqrt(d_k)。"]),
        ("（甲）乙（丙）", 8, ["（甲）乙", "（丙）"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("", 10, [""]),
        ("a\n\nb", 10, ["a", "", "b"]),
    ],
)
def test_where_lines_end(text: str, width: int, lines: list[str]) -> None:
    """Words stay whole where they fit, and no Chinese line starts with a closing mark or ends with an opening one."""
    assert wrap(text, width) == lines


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("one two three", 20, ["one two three"]),
        ("one two three", 7, ["one two", "three"]),
        ("it is /a/path/that/is/long; mend it", 12, ["it is", "/a/path/that/is/long;", "mend it"]),
        ("at /a/path/of/24/characters: there is more", 20, ["at", "/a/path/of/24/characters: there is more"]),
        (
            "at /a/path/of/24/characters: there is more to say",
            20,
            ["at", "/a/path/of/24/characters: there is more", "to say"],
        ),
        ("无法使用 /a/path/that/is/long；请修正", 10, ["无法使用", "/a/path/that/is/long；请修正"]),
        ("无法使用 /a/path/that/is/long；请修正权限", 10, ["无法使用", "/a/path/that/is/long；请修正权", "限"]),
        ("    an indented line", 12, ["    an", "indented", "line"]),
    ],
)
def test_a_word_that_fits_no_line_breaks_no_other(text: str, width: int, lines: list[str]) -> None:
    """It stays whole, so that who copies it gets all of it; the terminal goes on below, and so does the text."""
    assert [text[begin:end] for begin, end in break_points(text, width)] == lines


def test_chop_counts_cells() -> None:
    """A wide character does not straddle two pieces."""
    assert chop("中文字", 5) == ["中文", "字"]


def test_pad_counts_cells() -> None:
    """A Chinese label is as wide as a Latin one of twice its characters."""
    assert cell_len(pad("期望", 10)) == cell_len(pad("expected", 10)) == 10


@given(MIXED, st.integers(3, 20))
def test_keep_end_fits(text: str, width: int) -> None:
    """A shortened name fits its column."""
    assert cell_len(keep_end(text, width, "…")) <= width


def test_keep_end_keeps_the_file_name() -> None:
    """Of a long path the end is kept."""
    assert keep_end("a/very/long/path/alice.py", 12, "…") == "…th/alice.py"


def test_short_texts_are_not_excerpted() -> None:
    """A text within the limits stays as it is."""
    assert excerpt("a\nb", 500, 15, str) == "a\nb"


@given(MIXED, st.integers(10, 40), st.integers(3, 6))
def test_an_excerpt_is_short(text: str, characters: int, lines: int) -> None:
    """An excerpt keeps to both limits, but for the line that counts what is missing."""
    shown = excerpt(text, characters, lines, str)
    assert len(shown) <= characters + 4
    assert shown.count("\n") <= lines


def test_an_excerpt_keeps_head_and_tail() -> None:
    """The beginning and the end of a long text are shown, and how much is not."""
    shown = excerpt("A" * 400 + "B" * 400, 30, 15, "({} left out)".format)
    assert shown == "A" * 20 + "\n(770 left out)\n" + "B" * 10
