"""`reference/<slug>/mutants/*.py`: wrong solutions, each described by YAML in its docstring.

The files are parsed and never executed, so that reading an exercise runs nobody's code.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Sequence
from pathlib import Path

from grader.content import fields
from grader.content.complaints import validate
from grader.content.yaml_source import Document, content_error, decode, parse_document, read_bytes
from grader.errors import ContentError
from grader.model.exercise import Mutant

_FILE_NAME = re.compile(r"[a-z][a-z0-9_]*")
_DESCRIBE = 'begin the file with a docstring of YAML: """title: {en: …, zh: …}, then advice and task"""'


class MutantFields(fields.Strict):
    """What a mutant says of itself: which mistake it makes, what to tell a person, and which task catches it."""

    title: fields.TextFields
    advice: fields.TextFields
    task: fields.PartId


def read_mutants(private_dir: Path, tasks: Sequence[str]) -> tuple[Mutant, ...]:
    """The mutants in `private_dir`, by name; `tasks` are the ids that they may name. Raises ContentError."""
    return tuple(read_mutant(path, tasks) for path in sorted((private_dir / "mutants").glob("*.py")))


def read_mutant(path: Path, tasks: Sequence[str]) -> Mutant:
    """One mutant; raises ContentError."""
    if not _FILE_NAME.fullmatch(path.stem):
        raise ContentError(path, "", f"`{path.stem}` names no mistake", "name the file in snake_case after the mistake")
    document = _description(path)
    found = validate(document, MutantFields)
    for place, language in fields.missing_texts(found):
        raise document.error((*place, language), "the text is missing", "write it; a mutant has both languages")
    if found.task not in tasks:
        problem = f"there is no task `{found.task}`"
        raise document.error(("task",), problem, f"write one of {', '.join(tasks)}")
    return Mutant(name=path.stem, path=path, title=found.title.freeze(), advice=found.advice.freeze(), task=found.task)


def _description(path: Path) -> Document:
    """The YAML in the docstring of the module at `path`."""
    first = next(iter(_parse(path).body), None)
    match first:
        case ast.Expr(value=ast.Constant(value=str() as text), lineno=line):
            return parse_document(path, text, first_line=line)
    raise content_error(path, (), 1, "there is no docstring", _DESCRIBE)


def _parse(path: Path) -> ast.Module:
    text = decode(path, read_bytes(path))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a mistake such as "\d" is the author's to see when the file runs
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        problem = f"it is not valid Python ({getattr(error, 'msg', error)})"
        raise content_error(path, (), getattr(error, "lineno", None), problem, "make it run") from error
