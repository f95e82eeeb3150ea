"""Mutants: described in their docstrings, never executed."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.content.mutants import read_mutant, read_mutants
from grader.errors import ContentError

YAML = "title: {en: a, zh: 甲}\nadvice: {en: b, zh: 乙}\ntask: values\n"


def write(folder: Path, text: str, name: str = "off_by_one.py") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def refusal(folder: Path, text: str, name: str = "off_by_one.py") -> ContentError:
    with pytest.raises(ContentError) as caught:
        read_mutant(write(folder, text, name), ["values"])
    return caught.value


def test_docstring_describes_the_mutant(tmp_path: Path) -> None:
    """Title, advice and task come from the docstring, the name from the file."""
    mutant = read_mutant(write(tmp_path, f'"""\n{YAML}"""\n'), ["values"])
    assert (mutant.name, mutant.title.zh, mutant.advice.en, mutant.task) == ("off_by_one", "甲", "b", "values")


def test_docstring_may_begin_beside_the_quotes(tmp_path: Path) -> None:
    """The first field may stand on the line of the quotes."""
    assert read_mutant(write(tmp_path, f'"""{YAML}"""\n'), ["values"]).title.en == "a"


def test_reading_runs_nothing(tmp_path: Path) -> None:
    """What the module would do when imported is not done."""
    text = f'"""\n{YAML}"""\nfrom pathlib import Path\nPath({str(tmp_path / "ran")!r}).touch()\n'
    read_mutant(write(tmp_path, text), ["values"])
    assert not (tmp_path / "ran").exists()


def test_mutants_come_by_name(tmp_path: Path) -> None:
    """All files of the folder are read, sorted."""
    (tmp_path / "mutants").mkdir()
    for name in ("b", "a", "c"):
        write(tmp_path / "mutants", f'"""\n{YAML}"""\n', f"{name}.py")
    assert [mutant.name for mutant in read_mutants(tmp_path, ["values"])] == ["a", "b", "c"]


def test_exercise_without_mutants_has_none(tmp_path: Path) -> None:
    """A missing folder is no error here; how many there must be is the content check's to say."""
    assert read_mutants(tmp_path, ["values"]) == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = 1\n", ["no docstring", "title"]),
        ("", ["no docstring"]),
        ('f"""title: {1}"""', ["no docstring"]),
        ('"""Just prose."""\n', ["name: value"]),
        (f'"""\n{YAML}"""\ndef f(:\n', ["line 6", "not valid Python"]),
        ("\x00", ["not valid Python"]),
        (
            '"""\ntitle: {en: a, zh: 甲}\nadvise: {en: b, zh: 乙}\ntask: values\n"""\n',
            ["line 3", "did you mean `advice`?"],
        ),
        (f'# a comment\n\n"""\n{YAML.replace("values", "valeus")}"""\n', ["task", "line 6", "write one of values"]),
        (f'"""\n{YAML.replace(", zh: 乙", "")}"""\n', ["advice.zh", "line 3", "both languages"]),
        (f'"""\n{YAML}task: values\n"""\n', ["line 5", "twice"]),
        ('"""\ntitle:\n  en: a: b\n"""\n', ["line 3", "quotes"]),
    ],
)
def test_mistake_names_the_line_of_the_file(tmp_path: Path, text: str, words: list[str]) -> None:
    """What is wrong in a docstring is reported with the line of the Python file."""
    message = str(refusal(tmp_path, text))
    assert all(word in message for word in words), message


def test_file_is_named_after_the_mistake(tmp_path: Path) -> None:
    """A mutant's file name is snake_case."""
    assert "snake_case" in refusal(tmp_path, f'"""\n{YAML}"""\n', "__init__.py").fix


def test_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    """Another encoding is refused."""
    path = tmp_path / "gbk.py"
    path.write_bytes(f'"""\n{YAML}"""\n'.encode("gbk"))
    with pytest.raises(ContentError, match="UTF-8"):
        read_mutant(path, ["values"])
