"""Examples in statements: each is run against the reference, as its readers will run it against their own code."""

from __future__ import annotations

import doctest
import importlib
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from grader.guest.environments import named
from grader.judge.plugin import load_module
from grader.model.exercise import Exercise

_DOCTEST = threading.Lock()
_EXAMPLE = re.compile(r"```python\n(.*?)```", re.DOTALL)


def wrong_examples(exercise: Exercise) -> Iterator[str]:
    """What the statements show and the reference does not do; and statements that show nothing."""
    for lang in ("en", "zh"):
        path = exercise.public_dir / f"statement.{lang}.md"
        blocks = [block for block in _EXAMPLE.findall(path.read_text(encoding="utf-8")) if ">>>" in block]
        if not blocks:
            yield f"{path.name} has no example in a ```python block with >>>"
        for block in blocks:
            yield from _run_example(exercise, path, block)


def _run_example(exercise: Exercise, path: Path, block: str) -> Iterator[str]:
    with _DOCTEST:  # it swaps sys.stdout and sys.displayhook for the whole process
        yield from _example_failures(exercise, path, block)


def _example_failures(exercise: Exercise, path: Path, block: str) -> Iterator[str]:
    names = dict(vars(load_module(exercise.solution, "solution")))
    names.update(_libraries(exercise))
    test = doctest.DocTestParser().get_doctest(block, names, path.name, str(path), 0)
    said: list[str] = []
    write: Callable[[str], Any] = said.append
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    runner.run(test, out=write)
    if runner.failures:
        yield f"{path.name}: {' '.join(''.join(said).split())}"


def _libraries(exercise: Exercise) -> dict[str, Any]:
    return {name: importlib.import_module(module) for name, module in named(exercise.environment).names.items()}
