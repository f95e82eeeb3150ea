"""The authoring guide: a person who does what it says, in its order, ends with a sound pack."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.acceptance.conftest import ROOT

GUIDE = ROOT / "docs" / "authoring.md"
BLOCK = re.compile(
    r"^(?P<fence>`{3,4})(?P<language>\w+)(?: (?P<file>\S+))?\n(?P<body>.*?)^(?P=fence)$", re.MULTILINE | re.DOTALL
)
PROGRAMS = {"viva": ("-m", "grader"), "pytest": ("-m", "pytest", "-p", "no:cacheprovider")}


@dataclass(frozen=True)
class Block:
    """A fence of the guide: a file to write, or commands with what they print."""

    language: str
    file: str | None
    body: str


def blocks() -> list[Block]:
    text = GUIDE.read_text(encoding="utf-8")
    return [Block(match["language"], match["file"], match["body"]) for match in BLOCK.finditer(text)]


def commands(body: str) -> Iterator[tuple[str, list[str]]]:
    """(command, lines that it prints, among others)."""
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        command, *lines = part.splitlines()
        yield command, [line for line in lines if line.strip()]


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    program, *arguments = shlex.split(command)
    whole = [sys.executable, *PROGRAMS[program], *arguments]
    environment = {**os.environ, "VIVA_CACHE": str(folder / "cache"), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(whole, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)


def test_the_guide_can_be_followed(tmp_path: Path) -> None:
    """Every file of the guide, written where it says, and every command, in order, gives what the guide shows."""
    done = []
    for block in blocks():
        if block.file:
            path = tmp_path / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.body, encoding="utf-8")
        for command, lines in commands(block.body) if block.language == "console" else ():
            ended = run(command, tmp_path)
            assert ended.returncode == 0, f"{command}\n{ended.stdout}\n{ended.stderr}"
            assert [line for line in lines if line not in ended.stdout] == [], f"{command}\n{ended.stdout}"
            done.append(command.split()[1])
    assert {"show", "list", "check", "import", "new", "start"} <= set(done)
    assert (tmp_path / "work" / "solution.py").is_file()


def test_every_relative_link_leads_somewhere() -> None:
    """The guide's table of contents names headings that are there."""
    text = GUIDE.read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}
    assert [link for link in re.findall(r"\]\(#([^)]+)\)", text) if link not in anchors] == []
