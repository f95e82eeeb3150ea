"""A spreadsheet of questions -> draft entries, as YAML that loads.

What an entry must have and the sheet has not is marked with `TODO`. Mistakes name the row as a spreadsheet program
counts it, and the column.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from grader.content.draft_fields import Fields, RowError, column_of, fields_of
from grader.content.entry import freeze_entry
from grader.content.sheet import Row, read_rows
from grader.content.yaml_source import parse_document
from grader.errors import ContentError, UsageError, unwritable
from grader.model.syllabus import Area

_HEAD = "# yaml-language-server: $schema=../schema.json\n# A draft from {file}, row {row}: complete what TODO marks.\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An entry to be written to `<area>/<id>.yaml`; its text loads."""

    id: str
    area: str
    row: int
    text: str


def read_drafts(path: Path, areas: Sequence[Area]) -> tuple[Draft, ...]:
    """The drafts of a sheet. Raises UsageError, which names file, row and column."""
    drafts: dict[str, Draft] = {}
    for number, cells in read_rows(path):
        try:
            draft = _draft(path, number, cells, areas)
            if draft.id in drafts:
                row = drafts[draft.id].row
                raise RowError(
                    "id",
                    f"`{draft.id}` is also the id of row {row}; choose another",
                    f"`{draft.id}` 也是第 {row} 行的 id；请换一个",
                )
        except RowError as error:
            raise UsageError(
                f"{path}: row {number}, column `{error.column}`: {error}",
                f"{path}：第 {number} 行 `{error.column}` 列：{error.chinese}",
            ) from error
        drafts[draft.id] = draft
    if not drafts:
        raise UsageError(
            f"{path}: it has no rows below the names of the columns; write a question in each",
            f"{path}：列名下面没有任何行；请每行写一道题",
        )
    return tuple(drafts.values())


def write_drafts(drafts: Sequence[Draft], folder: Path) -> tuple[Path, ...]:
    """Write each draft to `folder/<area>/<id>.yaml`, and none where one would replace a file. Raises UsageError."""
    places = [folder / draft.area / f"{draft.id}.yaml" for draft in drafts]
    for place, draft in zip(places, drafts, strict=True):
        if place.exists():
            raise UsageError(
                f"{place} is already there; change the id in row {draft.row}, or name another folder",
                f"{place} 已存在；请修改第 {draft.row} 行的 id，或指定另一个目录",
            )
    try:
        for place, draft in zip(places, drafts, strict=True):
            place.parent.mkdir(parents=True, exist_ok=True)
            with place.open("x", encoding="utf-8") as stream:
                stream.write(draft.text)
    except OSError as error:
        raise unwritable(folder, error.strerror, "name another folder", "请指定另一个目录") from error
    return tuple(places)


def _draft(path: Path, number: int, row: Row, areas: Sequence[Area]) -> Draft:
    fields = fields_of(row, areas)
    text = _HEAD.format(file=path.name, row=number) + _as_yaml(fields)
    try:
        freeze_entry(parse_document(Path(f"{fields['id']}.yaml"), text))
    except ContentError as error:
        says = f"{error.problem}; {error.fix}"  # the format of entries speaks English, as its fields do
        raise RowError(column_of(error.field), says, says) from error
    area = next(area.id for area in areas if any(topic.id == fields["topics"][0] for topic in area.topics))
    return Draft(id=fields["id"], area=area, row=number, text=text)


class _Dumper(yaml.SafeDumper):
    """Texts in blocks or in quotes, so that nothing is taken for a number, and lists indented below their name."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, indentless=False)


def _as_yaml(fields: Fields) -> str:
    return yaml.dump(fields, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10**6)


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    plain = re.fullmatch(r"[A-Za-z\u4e00-\u9fff][\w .()/-]*", text) and text.lower() not in {"true", "false", "null"}
    style = "|" if "\n" in text else None if plain and not text.endswith(" ") else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)
