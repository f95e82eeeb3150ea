"""The sentences of reports."""

from __future__ import annotations

import ast
import re
import string
from functools import cache
from pathlib import Path

import pytest

import grader
from grader.model.verdict import Status
from grader.report.catalogue import CATALOGUE, say, say_status


def placeholders(text: str) -> set[str | None]:
    """Names of the `{placeholders}` in `text`."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@cache
def nodes() -> tuple[ast.AST, ...]:
    """All of the code of `grader`, the sentences apart."""
    folder = Path(grader.__path__[0])
    trees = [ast.parse(path.read_text("utf-8")) for path in folder.rglob("*.py") if path.parent.name != "strings"]
    return tuple(node for tree in trees for node in ast.walk(tree))


@cache
def strings_in_use() -> frozenset[str]:
    """Every string in the code."""
    return frozenset(node.value for node in nodes() if isinstance(node, ast.Constant) and isinstance(node.value, str))


@cache
def keys_made() -> re.Pattern[str]:
    """What the code makes of parts, as `f"bank.kind.{kind}"`; the first part has the part of the product in it."""
    made = {tuple(_part(value) for value in node.values) for node in nodes() if isinstance(node, ast.JoinedStr)}
    return re.compile("|".join("".join(parts) for parts in sorted(made) if re.match(r"\w+\\\.", parts[0])))


def _part(value: ast.expr) -> str:
    return re.escape(str(value.value)) if isinstance(value, ast.Constant) else r"[^.]+"


def is_used(key: str) -> bool:
    """Whether the code names `key` or makes it."""
    return key in strings_in_use() or keys_made().fullmatch(key) is not None


@pytest.mark.parametrize("key", CATALOGUE)
def test_both_languages(key: str) -> None:
    """Every sentence exists in both languages, with the same placeholders."""
    text = CATALOGUE[key]
    assert text.en.strip()
    assert text.zh.strip()
    assert placeholders(text.en) == placeholders(text.zh)


@pytest.mark.parametrize("key", [key for key in CATALOGUE if not key.startswith("status.")])
def test_every_sentence_is_used(key: str) -> None:
    """No sentence is left over."""
    assert is_used(key)


def test_every_status_has_a_name() -> None:
    """There is a name for each status, and for nothing else."""
    named = {key.removeprefix("status.") for key in CATALOGUE if key.startswith("status.")}
    assert named == {status.value for status in Status}


def test_say_fills_placeholders() -> None:
    """A sentence takes its figures."""
    assert say("cases", "zh", passed="3", total="4") == "用例 3/4"


def test_say_status() -> None:
    """A status is named in the language that was asked for."""
    assert (say_status(Status.TIME_LIMIT, "en"), say_status(Status.TIME_LIMIT, "zh")) == ("time limit", "超时")
