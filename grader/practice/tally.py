"""How much of what there is a person has behind them, and what to mark in a list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from grader.model.progress import Mark, Tally
from grader.model.repair import exercise_of_key
from grader.practice.bank import PackBank
from grader.practice.paths import Walked
from grader.practice.ports import Head, PracticeStore


def tally_of(heads: Iterable[Head], bank: PackBank, behind: Walked) -> Tally:
    """Exercises that were solved and questions that were answered right, of those that can be asked."""
    asked = {head.id: bank.slug_of(head.id) for head in heads}
    slugs = {slug for name, slug in asked.items() if slug is not None and bank.is_code(name)}
    questions = [name for name in asked if not bank.is_code(name)]
    return Tally(
        exercises=len(slugs),
        solved=len(slugs & behind.solved),
        questions=len(questions),
        right=sum(name in behind.right for name in questions),
    )


def marks_of(store: PracticeStore, behind: Walked, today: date) -> Mapping[str, Mark]:
    """Marks by the id of an entry and by the slug of an exercise; what was never met has none."""
    marks = {exercise_of_key(one.name): Mark.TRIED for one in store.attempts().values() if one.tries}
    for name, memory in store.memories().items():
        marks[name] = Mark.DUE if memory.due <= today else Mark.DONE if name in behind.right else Mark.TRIED
    return {**marks, **dict.fromkeys(behind.solved, Mark.DONE)}
