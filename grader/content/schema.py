"""JSON Schemas of everything that authors write in YAML, so that an editor completes and checks it.

`python -m grader.content.schema` writes them; a test compares what is committed with what this gives.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from grader.content.entry import KINDS
from grader.content.learning_path import PathFields
from grader.content.manifest import ManifestFields
from grader.content.mutants import MutantsFields
from grader.content.pack import builtin_pack_root
from grader.content.promises import PromisesFields
from grader.content.syllabus import SyllabusFields

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _Untitled(GenerateJsonSchema):
    """Leaves out the titles that pydantic makes of field names: an editor would show them in place of the names."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def render_schemas() -> Mapping[str, str]:
    """The text of each schema file, by its path in a pack."""
    kinds: Any = reduce(or_, KINDS.values())
    return {
        "bank/schema.json": _render(Annotated[kinds, Field(discriminator="kind")], "Entry of the bank"),
        "bank/syllabus.schema.json": _render(SyllabusFields, "Syllabus of the bank"),
        "bank/paths/schema.json": _render(PathFields, "Learning path"),
        "exercises/schema.json": _render(ManifestFields, "Exercise manifest"),
        "reference/mutants.schema.json": _render(MutantsFields, "Mutants of an exercise"),
        "reference/promises.schema.json": _render(PromisesFields, "What a statement promises"),
    }


def write_schemas(root: Path) -> tuple[Path, ...]:
    """Write the schemas into the pack at `root`; the files that were written."""
    written = []
    for name, text in render_schemas().items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
        written.append(root / name)
    return tuple(written)


def _render(annotation: Any, title: str) -> str:
    schema = TypeAdapter(annotation).json_schema(schema_generator=_Untitled)
    document = {"$schema": DIALECT, "title": title, **{key: schema[key] for key in schema if key != "title"}}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    for path in write_schemas(builtin_pack_root()):
        print(path)
