"""JSON Schemas: committed as generated, and about the same fields as the reader."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from grader.content.entry import KINDS
from grader.content.fields import field_names
from grader.content.manifest import ManifestFields
from grader.content.pack import builtin_pack_root
from grader.content.schema import render_schemas, write_schemas


def definition(kind: str) -> dict[str, Any]:
    schema = json.loads(render_schemas()["bank/schema.json"])
    name = schema["discriminator"]["mapping"][kind].rpartition("/")[2]
    found: dict[str, Any] = schema["$defs"][name]
    return found


@pytest.mark.parametrize("name", render_schemas())
def test_committed_schema_is_the_generated_one(name: str) -> None:
    """The schema that editors use is the one that the models give; `python -m grader.content.schema` writes it."""
    assert (builtin_pack_root() / name).read_text(encoding="utf-8") == render_schemas()[name]


def test_schemas_are_written_into_a_pack(tmp_path: Path) -> None:
    """All files are written where the first line of what they describe looks for them."""
    assert write_schemas(tmp_path) == tuple(tmp_path / name for name in render_schemas())
    assert all((tmp_path / name).is_file() for name in render_schemas())


@pytest.mark.parametrize("kind", KINDS)
def test_schema_of_a_kind_has_its_fields_and_no_others(kind: str) -> None:
    """An editor completes exactly the fields that the reader takes."""
    found = definition(kind)
    assert found["properties"].keys() == field_names(KINDS[kind]).keys()
    assert found["additionalProperties"] is False
    assert found["properties"]["kind"]["const"] == kind


def test_schema_of_a_manifest_requires_what_the_reader_requires() -> None:
    """What an editor asks for is what the reader asks for."""
    schema = json.loads(render_schemas()["exercises/schema.json"])
    required = {info.alias or name for name, info in ManifestFields.model_fields.items() if info.is_required()}
    assert set(schema["required"]) == required


def test_schema_of_a_path_requires_what_the_reader_requires() -> None:
    """A step needs its reason, and a path everything."""
    schema = json.loads(render_schemas()["bank/paths/schema.json"])
    assert schema["required"] == ["schema", "id", "status", "title", "summary", "steps"]
    assert schema["$defs"]["StepFields"]["required"] == ["why"]
    assert schema["properties"]["steps"]["minItems"] == 1


def test_fields_that_need_words_have_them() -> None:
    """An editor can say what a field is for."""
    properties = definition("numeric")["properties"]
    assert properties["difficulty"]["description"]
    assert properties["verified"]["format"] == "date"
