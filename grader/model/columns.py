"""The columns of a spreadsheet of entries, which `viva export csv` writes and `viva import` reads.

A cell that holds several things has one on each line: `choices_en` has `a. text`, `why_en` has `b. reason`, `rubric_en`
has `40% text`, `follow_ups_en` has `strong: text`, `sources` has `title | place | address`, `steps_en` has the steps in
order.
"""

from __future__ import annotations

from typing import Final

BOTH: Final = ("title", "prompt", "answer", "choices", "why", "steps", "rubric", "red_flags", "follow_ups", "hints")
COLUMNS: Final = (
    *("id", "kind", "level", "difficulty", "minutes", "topics"),
    *("title_en", "title_zh", "prompt_en", "prompt_zh"),
    *("choices_en", "choices_zh", "steps_en", "steps_zh"),
    *("correct", "value", "unit", "unit_zh", "rtol", "exercise"),
    *("answer_en", "answer_zh", "why_en", "why_zh"),
    *("rubric_en", "rubric_zh", "red_flags_en", "red_flags_zh"),
    *("follow_ups_en", "follow_ups_zh", "hints_en", "hints_zh"),
    *("sources", "license", "verified", "status"),
)
FORMULA_MARKS: Final = "=+@\t\r"  # a cell that begins so is run by spreadsheet programs; `'` before it stops that


def as_cell(text: str) -> str:
    """`text` so that a spreadsheet program shows it and does not run it."""
    is_number = text.replace(".", "", 1).replace("-", "", 1).isdigit()
    runs = text[:1] in FORMULA_MARKS or (text[:1] == "-" and not is_number)
    return f"'{text}" if text and runs else text


def from_cell(cell: str) -> str:
    """What `as_cell` made a cell of."""
    return cell[1:] if cell[:1] == "'" and (cell[1:2] == "-" or cell[1:2] in FORMULA_MARKS) and cell[1:] else cell
