"""The api's contract: the committed document, and a fuzzer's view of every call."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from grader.api.app import create_app
from tests.service.running import Service

ROOT = Path(__file__).parents[2]
COMMITTED = ROOT / "docs" / "openapi.json"
WRITING: dict[str, Any] = runpy.run_path(str(ROOT / "scripts" / "write_openapi.py"))
_STREAMS = "/events$"


def test_the_committed_document_is_the_served_one() -> None:
    """A change of contract shows in a diff; `python scripts/write_openapi.py "what changed"` writes it."""
    assert json.loads(COMMITTED.read_text("utf-8")) == create_app().openapi()


def test_the_changelog_names_the_contract() -> None:
    """Who changes what callers see says so there: the newest contract that it names is the committed one."""
    digest = WRITING["digest_of"](json.loads(COMMITTED.read_text("utf-8")))
    assert WRITING["is_named"]((ROOT / "CHANGELOG.md").read_text("utf-8"), digest), (
        f'CHANGELOG.md names no contract {digest}: run `python scripts/write_openapi.py "what changed"`'
    )


def test_a_change_that_the_changelog_does_not_name_is_found() -> None:
    """Any difference has another digest; an older entry that named it, or one without a word, does not count."""
    document: dict[str, Any] = json.loads(COMMITTED.read_text("utf-8"))
    before = WRITING["digest_of"](document)
    document["paths"]["/v1/usage"]["get"]["summary"] += "!"
    after = WRITING["digest_of"](document)
    changelog = "# Changelog\n\n## Unreleased\n- Something else.\n"
    named = WRITING["with_change"](changelog, before, "usage tells days")
    assert WRITING["is_named"](named, before)
    assert not WRITING["is_named"](named, after)
    assert not WRITING["is_named"](WRITING["with_change"](named, after, "usage is shouted"), before)
    assert not WRITING["is_named"](WRITING["with_change"](changelog, after, ""), after)


@pytest.fixture(scope="module")
def tenant(shared: Service) -> tuple[str, str]:
    """The service's address and a key without tight quotas."""
    return shared.url, shared.key("fuzzed", per_minute=1_000_000, per_day=1_000_000)


@schemathesis.serializer("application/x-ndjson")
def lines_of(_context: object, value: object) -> bytes:
    """A batch's body: whatever text was drawn."""
    return str(value).encode("utf-8", "replace")


schema = schemathesis.openapi.from_dict(create_app().openapi()).exclude(path_regex=_STREAMS)


@pytest.mark.slow
@schema.parametrize()
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_call_answers_as_it_says(case: schemathesis.Case, tenant: tuple[str, str]) -> None:
    """No 5xx but 503, and every answer of a status, type and shape that the document has."""
    url, key = tenant
    response = case.call(base_url=url, headers={"Authorization": f"Bearer {key}"})
    if response.status_code == 503:
        assert case.path == "/readyz"
        return
    case.validate_response(
        response,
        checks=[not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance],
    )
