"""What `viva check` says of drafts: what is left to write, the next thing first. Nothing of them is run."""

from __future__ import annotations

from collections.abc import Sequence

from grader.content.pack import Pack
from grader.content.unfinished import first_of, is_draft, read_draft
from grader.report.console import Console

Chosen = Sequence[tuple[Pack, str]]


def print_drafts(console: Console, chosen: Chosen) -> tuple[Chosen, int]:
    """Print the drafts among the exercises; the others, and how many problems there are: lacking something is none."""
    drafts = [one for one in chosen if is_draft(*one)]
    problems = sum(_print_draft(console, *one) for one in drafts)
    return [one for one in chosen if one not in drafts], problems


def _print_draft(console: Console, pack: Pack, slug: str) -> int:
    draft = read_draft(pack, slug)
    what = f"; left to write: {len(draft.left)}, in this order" if draft.left else ""
    console.print(f"✎ {slug} is a draft{what}", style="yellow", markup=False, soft_wrap=True)
    for line in first_of(draft.left):
        console.print(f"    {line}", markup=False, soft_wrap=True)
    for problem in draft.broken:
        console.print(f"  ✗ {problem}", style="red", markup=False, soft_wrap=True)
    return len(draft.broken)
