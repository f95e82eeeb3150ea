"""`mutants.yaml`: wrong solutions as edits of the reference, never executed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.content.mutants import Mutants, read_mutants
from grader.errors import ContentError

SOLUTION = '''"""Scaled rows."""

import math


def scale(rows, factor):
    """Rows times a factor."""
    if factor < 0:
        raise ValueError("factor")
    scaled = [row * factor for row in rows]
    return scaled


def norm(rows):
    """Euclidean norm."""
    return math.sqrt(sum(row * row for row in rows))
'''
Change = Callable[[dict[str, Any]], object]


def mutant(**fields: object) -> dict[str, Any]:
    """A sound mutant, after what `fields` say."""
    sound = {
        "id": "no_factor",
        "task": "values",
        "title": {"en": "a", "zh": "甲"},
        "advice": {"en": "b", "zh": "乙"},
        "edits": [{"old": " * factor", "new": ""}],
    }
    return {name: value for name, value in {**sound, **fields}.items() if value is not None}


def write(folder: Path, *mutants: dict[str, Any], **more: object) -> None:
    (folder / "solution.py").write_text(SOLUTION, encoding="utf-8")
    document = {"schema": 1, "mutants": list(mutants), **more}
    (folder / "mutants.yaml").write_text(json.dumps(document, indent=1, ensure_ascii=False), encoding="utf-8")


def read(folder: Path, *mutants: dict[str, Any], **more: object) -> Mutants:
    write(folder, *mutants, **more)
    return read_mutants(folder, ["values", "other"])


def refusal(folder: Path, *mutants: dict[str, Any], **more: object) -> ContentError:
    with pytest.raises(ContentError) as caught:
        read(folder, *mutants, **more)
    return caught.value


def test_an_edit_makes_a_whole_module(tmp_path: Path) -> None:
    """The source is the reference after the edit."""
    (found,) = read(tmp_path, mutant()).mutants
    assert (found.id, found.title.zh, found.advice.en, found.task) == ("no_factor", "甲", "b", "values")
    assert found.source == SOLUTION.replace(" * factor", "")


@pytest.mark.parametrize(
    ("old", "new", "before", "after"),
    [
        ("scaled = [row * factor for row in rows]", "", "    scaled = [row * factor for row in rows]\n", ""),
        (
            'if factor < 0:\n    raise ValueError("factor")',
            "factor = abs(factor)",
            '    if factor < 0:\n        raise ValueError("factor")\n',
            "    factor = abs(factor)\n",
        ),
        (
            'if factor < 0:\n    raise ValueError("factor")\n',
            "",
            '    if factor < 0:\n        raise ValueError("factor")\n',
            "",
        ),
        (
            "return scaled",
            "if not rows:\n    return None\nreturn scaled",
            "    return scaled\n",
            "    if not rows:\n        return None\n    return scaled\n",
        ),
    ],
    ids=["a line goes", "lines become one", "lines go", "one becomes several"],
)  # fmt: skip
def test_whole_lines_take_the_indentation(tmp_path: Path, old: str, new: str, before: str, after: str) -> None:
    """Several lines are written without it; what goes leaves no empty line."""
    edits = [{"old": old, "new": new}]
    if after == "" and "scaled" in old:
        edits.append({"old": "return scaled", "new": "return rows"})
        before, after = before + "    return scaled\n", "    return rows\n"
    (found,) = read(tmp_path, mutant(edits=edits)).mutants
    assert found.source == SOLUTION.replace(before, after)


def test_edits_are_made_at_once(tmp_path: Path) -> None:
    """What one writes, another does not see."""
    edits = [{"old": "row * factor", "new": "row * row"}, {"old": "sum(row * row", "new": "sum(row * factor"}]
    (found,) = read(tmp_path, mutant(edits=edits)).mutants
    assert "[row * row for" in found.source
    assert "sum(row * factor" in found.source


def test_another_algorithm_is_a_file(tmp_path: Path) -> None:
    """A whole module, which is parsed and not run."""
    (tmp_path / "mutants").mkdir()
    text = f"from pathlib import Path\nPath({str(tmp_path / 'ran')!r}).touch()\n"
    (tmp_path / "mutants/other.py").write_text(text, encoding="utf-8")
    (found,) = read(tmp_path, mutant(edits=None, file="mutants/other.py")).mutants
    assert (found.source, found.edits) == (text, ())
    assert not (tmp_path / "ran").exists()


def test_values_make_variants(tmp_path: Path) -> None:
    """One mistake with several figures: the first is the mutant, the others stand beside it."""
    edits = [{"old": "factor for", "new": "factor * {{value}} for"}]
    (found,) = read(tmp_path, mutant(edits=edits, values=["2", "0.5"])).mutants
    assert [name for name, _ in found.sources] == ["no_factor", "no_factor[0.5]"]
    assert "factor * 2 for" in found.source
    assert "factor * 0.5 for" in found.variants[0].source
    assert found.edits[0].new == "factor * 2 for"


def test_equivalents_have_a_reason(tmp_path: Path) -> None:
    """Automatic mutants that break no promise."""
    more = {"edits": [{"old": "factor < 0", "new": "factor <= -0.0"}], "why": "the same numbers"}
    (found,) = read(tmp_path, mutant(), equivalent=[more]).equivalents
    assert found.why == "the same numbers"
    assert "factor <= -0.0" in found.source


def test_an_exercise_without_the_file_has_none(tmp_path: Path) -> None:
    """How many there must be is the content check's to say."""
    (tmp_path / "solution.py").write_text(SOLUTION, encoding="utf-8")
    assert read_mutants(tmp_path, ["values"]) == Mutants()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"edits": [{"old": "row / factor", "new": ""}]}, ["mutants.1.edits.0.old", "`wrong`", "solution.py lacks it"]),
        ({"edits": [{"old": "row * ", "new": ""}]}, ["`wrong`", "2 times (lines 10, 16)", "more of the text"]),
        ({"edits": [{"old": "scaled =", "new": "= ="}]}, ["mutants.1", "`wrong`", "not Python", "on line 10"]),
        ({"edits": [{"old": "row *", "new": ""}, {"old": "* factor", "new": ""}]}, ["`wrong`", "2 times"]),
        ({"edits": [{"old": "factor for", "new": ""}, {"old": "* factor", "new": ""}]}, ["`wrong`", "overlaps"]),
        ({"edits": [{"old": "    return scaled", "new": "    return  scaled"}]}, ["same program as the reference"]),
        ({"edits": [{"old": " * factor for", "new": " for"}]}, ["`wrong`", "same program as `no_factor`"]),
        ({"edits": None}, ["neither", "mutants.1"]),
        ({"values": ["1", "2"]}, ["`{{value}}` stands in no `new`", "mutants.1.values"]),
        (
            {"title": {"en": "off by {{value}}", "zh": "差 {{value}}"}},
            ["`{{value}}` means nothing here", "mutants.1.title"],
        ),
        ({"edits": [{"old": "row * row", "new": "{{value}}"}]}, ["`{{value}}` has no `values`", "mutants.1"]),
        ({"edits": [{"old": "row * row", "new": "{{value}}"}], "values": ["1", "1"]}, ["twice", "mutants.1.values"]),
        ({"edits": [{"old": "row * row", "new": "{{value}}"}], "values": ["1", "row * row"]}, ["`wrong`", "reference"]),
        ({"file": "mutants/other.py"}, ["both", "mutants.1"]),
        ({"edits": None, "file": "mutants/other.py"}, ["mutants.1.file", "`wrong`", "there is no"]),
        ({"edits": None, "file": "../solution.py"}, ["mutants.1.file", "snake_case"]),
        ({"task": "valeus"}, ["mutants.1.task", "`wrong`", "write one of values, other"]),
        ({"title": {"en": "a"}}, ["mutants.1.title.zh", "both languages"]),
        ({"id": "no_factor"}, ["no_factor", "twice"]),
        ({"id": "No-Factor"}, ["mutants.1.id", "snake_case"]),
        ({"advise": "x"}, ["mutants.1", "did you mean `advice`?"]),
    ],
)
def test_a_mistake_names_mutant_and_line(tmp_path: Path, fields: dict[str, Any], words: list[str]) -> None:
    """Where it is, what is wrong, what to write."""
    error = refusal(
        tmp_path, mutant(), mutant(**{"id": "wrong", "edits": [{"old": "row * row", "new": "row"}], **fields})
    )
    assert all(word in str(error) for word in words), str(error)
    assert str(error).startswith(str(tmp_path / "mutants.yaml"))
    assert "line " in str(error)


def test_the_line_is_that_of_the_edit(tmp_path: Path) -> None:
    """Lines count in mutants.yaml."""
    error = refusal(tmp_path, mutant(edits=[{"old": "nowhere", "new": ""}]))
    lines = (tmp_path / "mutants.yaml").read_text(encoding="utf-8").splitlines()
    assert f"line {1 + next(i for i, line in enumerate(lines) if 'nowhere' in line)}:" in str(error)


@pytest.mark.parametrize(
    ("one", "words"),
    [
        ({"edits": [{"old": "nowhere", "new": ""}], "why": "x"}, ["equivalent.0.edits.0.old", "lacks"]),
        ({"edits": [{"old": "factor < 0", "new": "factor <="}], "why": "x"}, ["equivalent.0", "not Python"]),
        ({"edits": [{"old": "factor < 0", "new": "factor <= 0"}]}, ["why", "missing"]),
    ],
)
def test_a_bad_equivalent_is_named(tmp_path: Path, one: dict[str, Any], words: list[str]) -> None:
    """By its place."""
    error = refusal(tmp_path, mutant(), equivalent=[one])
    assert all(word in str(error) for word in words), str(error)


def test_a_mutant_may_show_on_a_gpu_alone_where_the_exercise_is_for_one(tmp_path: Path) -> None:
    """Else nobody would ever catch it."""
    write(tmp_path, mutant(device="cuda"))
    (found,) = read_mutants(tmp_path, ["values"], ["cpu", "cuda"]).mutants
    assert found.device == "cuda"
    assert "add it to `devices`" in refusal(tmp_path, mutant(device="cuda")).fix
