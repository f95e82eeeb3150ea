"""`promises.yaml`: quotations of both statements, and the cases that hold a solution to them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from grader.content.pack import load_exercise
from grader.content.promises import read_promises
from grader.errors import ContentError
from grader.model.exercise import Promise

ENGLISH = """# Mean
Write `mean(values)`, the sum divided by the count. An empty
list gives 0.0; `values` stays as it is.
"""
CHINESE = """# 均值
请写出 `mean(values)`，即总和除以个数。空列表
的结果为 0.0；不得改动 `values`。
"""


def promise(**fields: object) -> dict[str, Any]:
    """A sound promise, after what `fields` say."""
    sound = {
        "id": "empty",
        "says": {"en": "An empty list gives 0.0", "zh": "空列表的结果为 0.0"},
        "cases": ["test_nothing"],
    }
    return {name: value for name, value in {**sound, **fields}.items() if value is not None}


def read(root: Path, *promises: dict[str, Any], **more: object) -> tuple[Promise, ...]:
    """The promises of `mean` in the pack at `root`, whose statements are those above."""
    (root / "exercises/mean/statement.en.md").write_text(ENGLISH, encoding="utf-8")
    (root / "exercises/mean/statement.zh.md").write_text(CHINESE, encoding="utf-8")
    document = {"schema": 1, "promises": list(promises), **more}
    text = json.dumps(document, indent=1, ensure_ascii=False)
    (root / "reference/mean/promises.yaml").write_text(text, encoding="utf-8")
    return read_promises(load_exercise(root, "mean"))


def refusal(root: Path, *promises: dict[str, Any], **more: object) -> ContentError:
    with pytest.raises(ContentError) as caught:
        read(root, *promises, **more)
    return caught.value


def test_a_promise_is_a_quotation_and_its_cases(pack_root: Path) -> None:
    """In the order of the file."""
    second = promise(
        id="stays",
        says={"en": "`values` stays as it is.", "zh": "不得改动 `values`。"},
        cases=["test_stays", "test_nothing"],
    )
    first, other = read(pack_root, promise(), second)
    assert (first.id, first.says.en, first.says.zh) == ("empty", "An empty list gives 0.0", "空列表的结果为 0.0")
    assert (other.id, other.cases) == ("stays", ("test_stays", "test_nothing"))


def test_where_lines_end_says_nothing(pack_root: Path) -> None:
    """A quotation may be broken elsewhere than the statement is; Chinese has no blank to break at."""
    says = {"en": "An\nempty list\n  gives 0.0", "zh": "空列\n表的结果为 0.0"}
    assert read(pack_root, promise(says=says))[0].id == "empty"


def test_an_exercise_without_the_file_promises_nothing(pack_root: Path) -> None:
    """How much there must be is the content check's to say."""
    assert read_promises(load_exercise(pack_root, "mean")) == ()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            {"says": {"en": "An empty list gives 1.0", "zh": "空列表的结果为 0.0"}},
            ["promises.1.says.en", "`wrong`", "statement.en.md does not say this", "or write it there"],
        ),
        (
            {"says": {"en": "An empty list gives 0.0", "zh": "空列表的结果为 1.0"}},
            ["promises.1.says.zh", "`wrong`", "statement.zh.md does not say this"],
        ),
        ({"says": {"en": "an empty list gives 0.0", "zh": "空列表的结果为 0.0"}}, ["promises.1.says.en", "`wrong`"]),
        ({"says": {"en": "An empty list gives 0.0"}}, ["promises.1.says.zh", "`wrong`"]),
        ({"says": {"zh": "空列表的结果为 0.0"}}, ["promises.1.says.en", "`wrong`"]),
        ({"says": None}, ["promises.1.says", "missing"]),
        ({"says": {"en": " ", "zh": "空列表的结果为 0.0"}}, ["promises.1.says.en", "write some text"]),
        ({"cases": []}, ["promises.1.cases"]),
        ({"cases": None}, ["promises.1.cases", "missing"]),
        ({"cases": ["test nothing"]}, ["promises.1.cases.0", "Python name"]),
        ({"id": "empty"}, ["promises.1.id", "`empty`", "twice"]),
        ({"id": "Empty!"}, ["promises.1.id", "lower-case"]),
        ({"case": ["test_nothing"]}, ["promises.1", "did you mean `cases`?"]),
    ],
)
def test_a_mistake_names_promise_and_line(pack_root: Path, fields: dict[str, Any], words: list[str]) -> None:
    """Where it is, what is wrong, what to write."""
    error = refusal(pack_root, promise(), promise(**{"id": "wrong", **fields}))
    assert all(word in str(error) for word in words), str(error)
    assert str(error).startswith(str(pack_root / "reference/mean/promises.yaml"))
    assert "line " in str(error)


def test_the_line_is_that_of_the_quotation(pack_root: Path) -> None:
    """Lines count in promises.yaml."""
    error = refusal(pack_root, promise(), promise(id="wrong", says={"en": "Nowhere.", "zh": "空列表的结果为 0.0"}))
    lines = (pack_root / "reference/mean/promises.yaml").read_text(encoding="utf-8").splitlines()
    assert f"line {1 + next(i for i, line in enumerate(lines) if 'Nowhere' in line)}:" in str(error)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"promises": []}, ["promises"]),
        ({"schema": 2}, ["schema"]),
        ({"mutants": []}, ["mutants"]),
    ],
)
def test_the_file_itself_keeps_a_format(pack_root: Path, more: dict[str, Any], words: list[str]) -> None:
    """A file without a promise is none, and nothing else stands in it."""
    error = refusal(pack_root, promise(), **more)
    assert all(word in str(error) for word in words), str(error)
