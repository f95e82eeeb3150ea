"""The sentences of reports."""

from __future__ import annotations

import ast
import string
from pathlib import Path

import pytest

import grader.report
from grader.model.verdict import Status
from grader.report.catalogue import CATALOGUE, say, say_status


def placeholders(text: str) -> set[str | None]:
    """Names of the `{placeholders}` in `text`."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def keys_in_use() -> set[str]:
    """Every string in the code of `grader.report`, the catalogue apart."""
    folder = Path(grader.report.__path__[0])
    trees = [ast.parse(path.read_text("utf-8")) for path in folder.glob("*.py") if path.name != "catalogue.py"]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


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
    assert key in keys_in_use()


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
