"""The README's three lines, word for word but for the port, as whoever runs the tests and as a plain user."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from grader.service.operating import draw_secret

ROOT = Path(__file__).parents[2]
PLAIN = "viva-readme"
pytestmark = pytest.mark.slow


def readme_lines(page: str) -> list[str]:
    """The indented lines that open the section on HTTP."""
    text = (ROOT / page).read_text("utf-8")
    found = re.search(r"^## .*HTTP.*\n((?:    .+\n)+)", text, re.MULTILINE)
    assert found, f"{page} has no section on HTTP"
    return [line.strip() for line in found[1].splitlines()]


def test_both_languages_give_the_same_three_lines() -> None:
    """And what pip is asked for is what the project is called."""
    lines = readme_lines("README.md")
    assert lines == readme_lines("README.zh.md")
    assert len(lines) == 3
    asked = re.fullmatch(r"pip install '(\w+)\[(\w+)\]'", lines[0])
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert asked
    assert asked[1] == project["name"]
    assert asked[2] in project["optional-dependencies"]


@contextmanager
def plain_user() -> Iterator[str]:
    """A user who owns nothing yet."""
    subprocess.run(["useradd", "--system", PLAIN], check=True)
    try:
        yield PLAIN
    finally:
        subprocess.run(["userdel", PLAIN], check=True)


@pytest.fixture(params=["whoever runs this", "a plain user"])
def before(request: pytest.FixtureRequest) -> Iterator[Sequence[str]]:
    """What stands before a command to run it as somebody."""
    if request.param == "whoever runs this":
        yield ()
        return
    if os.geteuid() != 0 or not shutil.which("useradd") or not shutil.which("runuser"):
        pytest.skip("only root can add a user")
    with plain_user() as name:
        words = ("runuser", "-u", name, "--")
        if subprocess.run([*words, sys.executable, "-c", ""], capture_output=True, check=False).returncode:
            pytest.skip(f"a plain user cannot reach {sys.executable}")
        yield words


@pytest.fixture
def place(before: Sequence[str]) -> Iterator[Path]:
    """A folder of that user's, with the examples and a `viva` in it."""
    folder = Path(tempfile.mkdtemp(prefix="viva-readme-"))
    folder.chmod(0o755)
    shutil.copytree(ROOT / "examples", folder / "examples")
    command = folder / "bin" / "viva"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m grader "$@"\n')
    command.chmod(0o755)
    if before:
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, PLAIN)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def test_the_lines_of_the_readme_grade_a_submission(before: Sequence[str], place: Path) -> None:
    """Serve, send with curl, get a signed verdict; Ctrl-C ends all of it."""
    if not shutil.which("jq") or not shutil.which("curl"):
        pytest.skip("the README's line needs jq and curl")
    port = str(free_port())
    _, serve, ask = (line.replace("8080", port) for line in readme_lines("README.md"))
    assert serve == "viva serve"
    environment = {
        "PATH": f"{place}/bin:{os.environ['PATH']}",
        "HOME": str(place),
        "VIVA_HOME": str(place / "home"),
        "LC_ALL": "C.UTF-8",
    }
    log = (place / "log").open("w")
    process = subprocess.Popen(
        [*before, "sh", "-c", f"exec {serve} --port {port}"],
        env=environment,
        cwd=place,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    said = ""
    try:
        for line in process.stdout:
            said += line
            if line.startswith("ready"):
                break
        key = re.search(r"viva_[0-9a-f]{12}_[0-9a-f]{64}", said)
        assert key, said + (place / "log").read_text()
        sent = subprocess.run(
            [*before, "bash", "-c", ask],
            env={**environment, "VIVA_KEY": key[0]},
            cwd=place,
            capture_output=True,
            text=True,
            timeout=90,
            check=True,
        )
    finally:
        os.killpg(process.pid, signal.SIGINT)
        status = process.wait(90)
        log.close()
    verdict = json.loads(sent.stdout)["grading"]["verdict"]
    assert (verdict["status"], verdict["score"], verdict["signature"]["algorithm"]) == ("wrong_answer", 7, "Ed25519")
    assert status == 0, (place / "log").read_text()
    assert not (place / "home" / "service" / "postgresql" / "postmaster.pid").exists()


@pytest.mark.parametrize("page", ["docs/api.md", "docs/api.zh.md"])
def test_the_receiver_in_the_documents_takes_ours_and_no_other(page: str) -> None:
    """A message signed as the courier signs it gives its verdict; a changed one, or another secret, gives none."""
    code = re.search(r"```python\n(.*?)```", (ROOT / page).read_text("utf-8"), re.DOTALL)
    assert code
    names: dict[str, Any] = {}
    exec(code[1], names)
    secret, now = draw_secret(), datetime.now(UTC)
    body = json.dumps({"data": {"verdict": {"score": 7}}})
    headers = {
        "webhook-id": "1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign("1", now, body),
    }
    assert names["verdict_of"](body.encode(), headers, secret) == {"score": 7}
    assert names["verdict_of"](body.replace("7", "9").encode(), headers, secret) is None
    assert names["verdict_of"](body.encode(), headers, draw_secret()) is None
