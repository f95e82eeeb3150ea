"""How much of its reference the suite of each exercise holds in place, in columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.columns import Columns
from rich.console import Console
from rich.text import Text as Line

from grader.model.text import Lang
from grader.report.catalogue import say
from grader.report.page import Page

Scores = Mapping[str, float | None]  # by exercise; None where it was not measured since its files changed


def print_suite_scores(console: Console, scores: Scores, lang: Lang) -> None:
    """Print every exercise with its share."""
    Page(console, lang, console.width).write((say("bank.scores", lang), ""))
    unknown = say("bank.scores.unknown", lang)
    lines = [f"{name}  {unknown if score is None else f'{score:.3f}'}" for name, score in scores.items()]
    console.print(Columns([Line(line) for line in lines], padding=(0, 3)))


def suite_records(scores: Scores) -> list[dict[str, Any]]:
    """The same for JSON."""
    return [{"exercise": name, "mutation_score": score} for name, score in scores.items()]
