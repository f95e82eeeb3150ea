"""`viva list` and `viva show`: what there is to practise."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.markdown import Markdown
from rich.table import Table

from grader import wiring
from grader.cli.language import choose

_HEADS = {
    "en": ("exercise", "level", "difficulty", "minutes", "title"),
    "zh": ("编号", "级别", "难度", "分钟", "标题"),
}


def list_all(wish: Literal["auto", "en", "zh"], packs: tuple[Path, ...]) -> None:
    """Print one line per exercise."""
    lang = choose(wish)
    table = Table(box=None, pad_edge=False)
    for number, head in enumerate(_HEADS[lang]):
        table.add_column(head, justify="right" if number in (2, 3) else "left", no_wrap=number < 4)
    for pack in wiring.open_packs(packs):
        for exercise in pack.exercises():
            figures = (str(exercise.difficulty), str(exercise.minutes))
            table.add_row(exercise.id, exercise.level, *figures, exercise.title.get(lang))
    Console().print(table)


def show_one(slug: str, wish: Literal["auto", "en", "zh"], packs: tuple[Path, ...]) -> None:
    """Print a statement: rendered on a terminal, as Markdown in a pipe."""
    exercise = wiring.open_exercise(slug, packs)
    text = (exercise.public_dir / f"statement.{choose(wish)}.md").read_text(encoding="utf-8")
    console = Console()
    console.print(Markdown(text) if console.is_terminal else text, markup=False, highlight=False)
