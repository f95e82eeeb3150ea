"""The small YAML: what it reads, what it refuses, and where it says the mistake is."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.content import yaml_source
from grader.content.yaml_source import MAX_BYTES, Document, parse_document, read_document, shown
from grader.errors import ContentError

HERE = Path("bank/x.yaml")


def refusal(text: str) -> ContentError:
    with pytest.raises(ContentError) as caught:
        parse_document(HERE, text)
    return caught.value


@pytest.mark.parametrize("word", ["no", "on", "y", "Off", "2026-11-22", "1:30", "0x1f", "1_000", "=", "<<"])
def test_words_of_yaml_1_1_are_text(word: str) -> None:
    """What only YAML 1.1 gives a meaning to is text."""
    assert parse_document(HERE, f"a: {word}").value == {"a": word}


@pytest.mark.parametrize(
    ("text", "value"),
    [("1e-4", 1e-4), ("-7", -7), ("010", 10), (".5", 0.5), ("true", True), ("~", None), ("", None), ("-.inf", -1e999)],
)
def test_plain_scalars_follow_yaml_1_2(text: str, value: object) -> None:
    """Numbers, true, false and null are read as YAML 1.2 says."""
    assert parse_document(HERE, f"a: {text}").value == {"a": value}


@pytest.mark.parametrize("text", ["'1'", '"1"', "|-\n  1", ">-\n  1"])
def test_quoted_scalars_are_text(text: str) -> None:
    """Quotes and blocks make text of anything."""
    assert parse_document(HERE, f"a: {text}").value == {"a": "1"}


def test_lines_are_those_of_the_fields() -> None:
    """Every field, also one in a list in a mapping, knows its line."""
    document = parse_document(HERE, "a: 1\nb:\n  - c: 2\n  - d:\n      3\n")
    assert [document.line(loc) for loc in [("a",), ("b",), ("b", 0, "c"), ("b", 1, "d")]] == [1, 2, 3, 4]


def test_line_of_a_missing_field_is_that_of_its_parent() -> None:
    """A field that is not there is reported where it would have to be."""
    assert parse_document(HERE, "a: 1\nb:\n  c: 2\n").line(("b", "gone", "deeper")) == 2


@pytest.mark.parametrize(
    ("text", "field", "words"),
    [
        ("a: 1\nb: 2\na: 3", "a", ["line 3", "twice", "line 1"]),
        ("x:\n  a: 1\n  a: 3", "x.a", ["line 3", "twice"]),
        ("a: &x 1", "a", ["anchor"]),
        ("a: 1\nb: *x", "b", ["line 2", "alias", "quotes"]),
        ("a: !!python/object/apply:os.system [id]", "a", ["tag"]),
        ("a: !!str 1", "a", ["tag"]),
        ("&k a: 1", "", ["anchor"]),
        ("? [a]\n: 1", "", ["field's name"]),
        ("a: 1\n---\nb: 2", "", ["line 2", "second document"]),
        ("a: b: c", "", ["line 1", "quotes"]),
        ("a: 1\nb: `x`", "", ["line 2", "quotes"]),
        ("a: [1", "", ["not valid YAML"]),
        ("a: 1\nb: \x07", "", ["line 2", "control character"]),
        ("- a", "", ["a list", "name: value"]),
        ("just words", "", ["name: value"]),
        ("", "", ["nothing"]),
        ("# only a comment\n", "", ["nothing"]),
        ("a: " + "9" * 5000, "a", ["too long"]),
    ],
)
def test_refusal_names_the_place_and_the_fix(text: str, field: str, words: list[str]) -> None:
    """Each thing outside the dialect is refused with its line, its field and what to do."""
    error = refusal(text)
    assert (error.path, error.field) == (HERE, field)
    assert error.fix
    assert all(word in str(error) for word in words), str(error)


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_deep_nesting_is_refused(opening: str) -> None:
    """A hundred thousand openings are an error message, not a crash of the process."""
    refusal("a: " + opening * 100_000 if opening in "[{" else opening * 20_000)


def test_alias_bomb_is_refused() -> None:
    """Nothing can be multiplied by reference."""
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40)]
    assert "anchor" in refusal("\n".join(lines)).problem


def test_the_reader_without_libyaml_agrees(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where PyYAML has no libyaml, the same text gives the same values and lines."""
    text = "a: 1e-4\nb: [no, '1', {c: ~}]\nd: |\n  x: y\n  z\n"
    fast = parse_document(HERE, text)
    monkeypatch.setattr(yaml_source, "Events", yaml_source.PureEvents)
    assert parse_document(HERE, text) == fast


def test_first_line_is_added() -> None:
    """YAML inside another file is reported with that file's lines."""
    with pytest.raises(ContentError, match="line 11: "):
        parse_document(HERE, "a: 1\na: 2", first_line=10)


def test_missing_file_is_a_content_error(tmp_path: Path) -> None:
    """A file that is not there is named."""
    with pytest.raises(ContentError, match="no such file"):
        read_document(tmp_path / "gone.yaml")


def test_folder_is_a_content_error(tmp_path: Path) -> None:
    """A folder in place of a file is no crash."""
    with pytest.raises(ContentError):
        read_document(tmp_path)


def test_file_over_the_cap_is_refused_unread(tmp_path: Path) -> None:
    """A file larger than 256 KB is refused."""
    path = tmp_path / "big.yaml"
    path.write_bytes(b"a: " + b"x" * MAX_BYTES)
    with pytest.raises(ContentError, match="256 KB"):
        read_document(path)


def test_file_that_is_not_utf_8_names_the_line(tmp_path: Path) -> None:
    """A file in another encoding is refused with the line of the first bad byte."""
    path = tmp_path / "gbk.yaml"
    path.write_bytes("a: 1\nb: 均值\n".encode("gbk"))
    with pytest.raises(ContentError, match=r"line 2: .*UTF-8"):
        read_document(path)


def test_byte_order_mark_is_dropped(tmp_path: Path) -> None:
    """A file that Windows marked as UTF-8 reads like any other."""
    path = tmp_path / "marked.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert read_document(path).value == {"a": 1}


def test_digest_is_that_of_the_bytes(tmp_path: Path) -> None:
    """A changed byte changes the digest, even one that changes no value."""
    path = tmp_path / "x.yaml"
    path.write_text("a: 1\n")
    before = read_document(path).digest
    path.write_text("a: 1 \n")
    assert read_document(path).digest != before


@given(st.text(alphabet=st.sampled_from("ab:-[]{}#&*!|>'\"%@`?, \n\t0.~\x07é均"), max_size=60))
def test_any_text_is_a_document_or_a_content_error(text: str) -> None:
    """No text makes the reader fail in another way."""
    with contextlib.suppress(ContentError):
        assert isinstance(parse_document(HERE, text), Document)


@pytest.mark.parametrize(
    ("value", "text"), [(None, "nothing"), ([1], "a list"), ({}, "a mapping"), (True, "true"), ("均", '"均"')]
)
def test_values_are_shown_as_a_person_writes_them(value: object, text: str) -> None:
    """Messages speak YAML, not Python."""
    assert shown(value) == text


def test_long_values_are_cut() -> None:
    """A message stays on one line."""
    assert len(shown("x" * 1000)) == 60
