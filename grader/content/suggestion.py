"""What somebody may have meant who wrote a name that there is not."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from grader.model.text import Text

SEE_LIST = Text(en="`viva list` shows what there is", zh="`viva list` 会列出所有题目")
SEE_STATS = Text(en="`viva stats` shows all of them", zh="`viva stats` 会列出全部")


def nearest(name: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The one of `known` that `name` was probably meant to be."""
    return next(iter(difflib.get_close_matches(name, list(known), n=1, cutoff=cutoff)), None)


def suggestion(name: str, known: Iterable[str], otherwise: Text, *, most: int = 1, cutoff: float = 0.6) -> Text:
    """The names of `known` nearest to `name`, at most `most`, as a question; where none is near, `otherwise`."""
    near = difflib.get_close_matches(name, list(known), n=most, cutoff=cutoff)
    return did_you_mean(near) if near else otherwise


def did_you_mean(names: Iterable[str]) -> Text:
    """The question whether one of `names` was meant."""
    quoted = [f"`{name}`" for name in names]
    return Text(en=f"did you mean {' or '.join(quoted)}?", zh=f"是不是想写 {' 或 '.join(quoted)}？")


def one_of(names: Iterable[str]) -> Text:
    """The advice to write one of `names`."""
    listed = ", ".join(names)
    return Text(en=f"write one of {listed}", zh=f"请写 {listed} 之一")
