"""How a claim fails: a `Mismatch` with a sentence in both languages, which names the claim before the difference."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, NoReturn

from grader.judge.comparison import Mismatch, observe_words
from grader.judge.printing import short
from grader.model.text import Text
from grader.model.verdict import Cause

_OF = Text(en="{claim}: {difference}", zh="{claim}：{difference}")


def fail(message: Text, *, expected: Any, actual: Any) -> NoReturn:
    """Raise `Mismatch`; `expected` and `actual` are shown shortly."""
    observe_words(message.en)
    shown = [value if isinstance(value, str) else short(value) for value in (expected, actual)]
    raise Mismatch(message, Cause(expected=shown[0], actual=shown[1], worst_index=None))


@contextlib.contextmanager
def claiming(claim: Text) -> Iterator[None]:
    """A `Mismatch` out of the block says first what was claimed."""
    try:
        yield
    except Mismatch as error:
        raise Mismatch(_OF.filled(claim=claim, difference=error.message), error.cause) from None
