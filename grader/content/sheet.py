"""A spreadsheet of questions as CSV (the columns of `grader.model.columns`) -> its rows.

Comma, semicolon and tab separate; rows are counted as a spreadsheet program counts them, the names of the columns
being row 1.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from grader.content.suggestion import suggestion
from grader.errors import UsageError, unreadable
from grader.files import read_text
from grader.model.columns import BOTH, COLUMNS, from_cell
from grader.model.text import Text

MAX_BYTES: Final = 16 * 1024 * 1024

Row = Mapping[str, str]


def read_rows(path: Path) -> Iterator[tuple[int, Row]]:
    """(number, cells by column) of each row that is not empty. Raises UsageError, which names file and row."""
    text = _text(path)
    table = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        names = [name.strip() for name in next(table, [])]
        _check_columns(path, names)
        for number, cells in enumerate(table, start=2):
            if len(cells) > len(names) and any(cell.strip() for cell in cells[len(names) :]):
                raise UsageError(
                    f"{path}: row {number}: {len(cells)} cells under {len(names)} columns; "
                    "put text that contains a comma in quotes",
                    f"{path}：第 {number} 行有 {len(cells)} 个单元格，而列只有 {len(names)} 个；含逗号的文字请加引号",
                )
            row = {name: from_cell(cell).strip() for name, cell in zip(names, cells, strict=False)}
            if any(row.values()):
                yield number, row
    except csv.Error as error:
        raise UsageError(
            f"{path}: it is not CSV ({error}); save it as CSV, UTF-8",
            f"{path}：不是 CSV（{error}）；请另存为 UTF-8 编码的 CSV",
        ) from error


def _text(path: Path) -> str:
    try:
        return read_text(path, MAX_BYTES, "utf-8-sig")
    except OSError as error:
        raise unreadable(path, error.strerror, "name a CSV file", "请指定一个 CSV 文件") from error
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path} is not UTF-8; save it as `CSV UTF-8`", f"{path} 不是 UTF-8 编码；请另存为 `CSV UTF-8`"
        ) from error


def _delimiter(text: str) -> str:
    """Comma, semicolon or tab: whichever the line with the names has most of."""
    head = text.partition("\n")[0]
    return max(",;\t", key=head.count)


def _check_columns(path: Path, names: Sequence[str]) -> None:
    for name in names:
        if name not in COLUMNS:
            columns = ", ".join(COLUMNS)
            fix = suggestion(name, COLUMNS, Text(en=f"the columns are {columns}", zh=f"可用的列有 {columns}"))
            raise UsageError(f"{path}: there is no column `{name}`; {fix.en}", f"{path}：没有 `{name}` 列；{fix.zh}")
    doubled = next((name for name in names if names.count(name) > 1), None)
    if doubled:
        raise UsageError(
            f"{path}: the column `{doubled}` is there twice; keep one", f"{path}：`{doubled}` 列出现了两次；请只留一列"
        )
    for needed in ("topics", "title", "prompt"):
        if not {needed, f"{needed}_en", f"{needed}_zh"} & set(names):
            column = f"{needed}_en" if needed in BOTH else needed
            raise UsageError(f"{path}: the column `{column}` is missing; add it", f"{path}：缺少 `{column}` 列；请补上")
