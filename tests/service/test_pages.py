"""What the pages for platforms and operators name is there: commands, options, calls, metrics."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from grader.api.operations import _HELP
from grader.cli.app import app

ROOT = Path(__file__).parents[2]
PAGES = (
    *("docs/api.md", "docs/api.zh.md", "docs/packs.md", "docs/packs.zh.md", "docs/deploy.md"),
    *("deploy/viva.service", "deploy/viva-worker.service"),
)
COMMAND = re.compile(r"(?:^    |`|/bin/|exec )viva ((?:[a-z-]+|\[)[^`\n|&]*)", re.MULTILINE)


def commands() -> Iterator[tuple[str, str]]:
    """(page, words after `viva`) of every command that is shown."""
    for page in PAGES:
        for found in COMMAND.finditer((ROOT / page).read_text("utf-8")):
            yield page, found[1].strip().strip("'")


def options_of(words: list[str]) -> set[str]:
    """The options of the command that `words` begin with; raises KeyError where there is none."""
    command: Any = get_command(app)
    while hasattr(command, "commands"):
        command = command.commands[words.pop(0)]
    return {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}


@pytest.mark.parametrize(("page", "said"), [pytest.param(*one, id=f"{one[0]}: {one[1]}") for one in commands()])
def test_a_command_that_is_shown_exists(page: str, said: str) -> None:
    """With every option that it is given."""
    known = options_of(said.split())
    assert {word for word in said.split() if word.startswith("--")} <= known


def test_there_are_commands() -> None:
    """The pattern above finds them."""
    assert len(list(commands())) > 20


@pytest.mark.parametrize(
    "page", ["docs/api.md", "docs/api.zh.md", "docs/packs.md", "docs/packs.zh.md", "docs/deploy.md"]
)
def test_a_call_that_is_shown_is_in_the_contract(page: str) -> None:
    """Each path, with ID or SLUG where the contract has a variable."""
    paths = json.loads((ROOT / "docs" / "openapi.json").read_text("utf-8"))["paths"]
    known = {re.sub(r"\{\w+\}", "ID", path) for path in paths}
    said = set(re.findall(r"/v1/[A-Za-z/]+", (ROOT / page).read_text("utf-8")))
    assert said
    assert {path.replace("SLUG", "ID") for path in said} <= known


def test_alerts_name_metrics_that_are_told() -> None:
    """As `/metrics` names them."""
    told = {"viva_" + name.replace("age_s", "age_seconds") for name in _HELP} | {"viva_verdicts_total"}
    text = (ROOT / "docs" / "deploy.md").read_text("utf-8").split("## Alerts")[1].split("## ")[0]
    said = set(re.findall(r"viva_\w+", text))
    assert len(said) >= 5
    assert said <= told


def test_nothing_of_a_workers_unit_or_manifest_lets_a_box_down() -> None:
    """A worker may be delegated its control group; the manifest asks for what the page says that boxes need."""
    unit = (ROOT / "deploy" / "viva-worker.service").read_text("utf-8")
    settings = {line.split("=")[0] for line in unit.splitlines() if "=" in line and not line.startswith("#")}
    assert "Delegate" in settings
    assert not settings & {
        "ProtectProc",
        "ProtectKernelTunables",
        "ProtectHostname",
        "RestrictNamespaces",
        "SystemCallFilter",
    }
    manifest = (ROOT / "deploy" / "kubernetes.yaml").read_text("utf-8")
    assert "hostUsers: false" in manifest
    assert "procMount: Unmasked" in manifest
