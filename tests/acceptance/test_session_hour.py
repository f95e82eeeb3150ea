"""A manager's hour: an unknown role, one refusal that helps, a balanced swap, and the candidate's clock."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pexpect
import pytest

from tests.acceptance.conftest import Run


def load(folder: Path) -> dict[str, Any]:
    """The frozen session of a folder."""
    return json.loads((folder / "session.json").read_text(encoding="utf-8"))["session"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half an hour of a few questions, made by the real command; tests copy it."""
    folder = tmp_path_factory.mktemp("hour") / "ada"
    command = [sys.executable, "-m", "grader", "session", "new", "--role", "data-scientist", "--level", "junior"]
    command += ["--minutes", "25", "--coding", "0", "--seed", "4", "-o", str(folder)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return folder


@pytest.fixture
def session(made: Path, tmp_path: Path) -> Path:
    """A session of one's own."""
    return Path(shutil.copytree(made, tmp_path / "ada"))


@pytest.mark.parametrize(("lang", "asks"), [("en", "did you mean `ml-platform`"), ("zh", "是不是想写 `ml-platform`")])
def test_an_unknown_role_in_a_pipe(viva: Run, tmp_path: Path, lang: str, asks: str) -> None:
    """It is refused with what may have been meant and with all roles; nothing is written."""
    done = viva("session", "new", "--role", "ML platform lead", "-o", "s", "--lang", lang)
    assert (done.returncode, done.stdout) == (2, "")
    assert asks in done.stderr
    assert "applied-scientist" in done.stderr
    assert not (tmp_path / "s").exists()


def test_an_unknown_role_at_a_terminal(tmp_path: Path) -> None:
    """It is asked about, the likeliest first, and the answer is used."""
    child = pexpect.spawn(
        sys.executable,
        ["-m", "grader", "session", "new", "--role", "ML platform lead", "--level", "staff", "--seed", "1", "-o", "s"],
        cwd=str(tmp_path),
        env={**os.environ, "TERM": "xterm", "LC_ALL": "C.UTF-8"},
        encoding="utf-8",
        timeout=60,
        dimensions=(40, 80),
    )
    child.expect("There is no role 'ML platform lead'")
    child.expect("Which role did you mean")
    child.send("\r")
    child.expect("next: viva session bundle s")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert load(tmp_path / "s")["role"] == "ml-platform"


def test_a_refusal_names_one_change_that_works(viva: Run, tmp_path: Path) -> None:
    """What the sentence says is typed, and the interview is made."""
    wishes = ["--role", "ml-platform", "--level", "staff", "--minutes", "60", "--coding", "2", "--lang", "en"]
    done = viva("session", "new", *wishes, "-o", "s")
    assert done.returncode == 2
    found = re.findall(r"change `(--\w+) (\w+)` to `(--\w+) (\w+)`", done.stderr)
    assert len(found) == 1
    option, _, _, value = found[0]
    assert viva("session", "new", *wishes, option, value, "-o", "s").returncode == 0
    assert [q["kind"] for q in load(tmp_path / "s")["questions"]].count("code") == 2


@pytest.mark.parametrize(("lang", "words"), [("en", ("wanted", "drawn", "talk")), ("zh", ("目标", "选出", "问答"))])
def test_what_was_drawn_is_told(viva: Run, session: Path, lang: str, words: tuple[str, ...]) -> None:
    """Against what was wanted, on the screen and in the guide; a session of an earlier version just lacks it."""
    shown = viva("session", "show", session, "--lang", lang).stdout
    viva("session", "bundle", session, "--no-pdf", "--lang", lang)
    for text in (shown, *((session / f"guide.{lang}.{kind}").read_text(encoding="utf-8") for kind in ("md", "html"))):
        assert all(word in text for word in words)
        assert "3.5" in text


def test_the_clock_goes_with_the_bundle(viva: Run, session: Path, tmp_path: Path) -> None:
    """Opened in an unpacked bundle, asked again, closed; graded, its time is told apart from what was self-reported."""
    viva("session", "bundle", session, "--no-pdf", "--lang", "en")
    code = load(session)["id"][:6]
    shutil.unpack_archive(session / f"interview-{code}.zip", tmp_path / "there")
    folder = tmp_path / "there" / f"interview-{code}"
    begun = viva("session", "open", folder, "--lang", "en")
    assert (begun.returncode, begun.stderr) == (0, "")
    assert "25 of 25 min left" in begun.stdout
    first = (folder / "clock.json").read_bytes()
    assert "剩余" in viva("session", "open", ".", "--lang", "zh", cwd=folder).stdout
    assert (folder / "clock.json").read_bytes() == first
    assert "stopped after 0 of 25 min" in viva("session", "close", folder, "--lang", "en").stdout
    answers = (folder / "answers.yaml").read_text(encoding="utf-8")
    (folder / "answers.yaml").write_text(
        answers.replace('name: ""', 'name: "Ada"').replace('  "1": \n', '  "1": 4\n'), encoding="utf-8"
    )
    graded = viva("session", "grade", session, folder, "--lang", "en")
    assert "Ada: 0 min by the clock, 4 min self-reported" in graded.stdout
    assert "计时 0 分钟，自报 4 分钟" in viva("session", "report", session, "--lang", "zh").stdout
    (page,) = (session / "report" / "candidates").glob("*.html")
    assert "计时 0 分钟，自报 4 分钟" in page.read_text(encoding="utf-8")
    report = json.loads(viva("session", "report", session, "--json").stdout)
    time = report["candidates"][0]["time"]
    assert time["self_reported"] == 4
    assert 0 <= time["clock"] < 1
    assert (time["started"], time["interviewer"]) == (json.loads(first)["started"], None)


def test_opening_a_session_makes_the_candidates_folder(viva: Run, session: Path) -> None:
    """On the interviewer's own machine: the folder has what a candidate may see, and the clock goes there."""
    assert viva("session", "open", session, "--lang", "en").returncode == 0
    (folder,) = session.glob("interview-*")
    assert {"README.md", "clock.json", "interview.json"} <= {path.name for path in folder.iterdir()}
    assert not any("session.json" in path.name or "guide" in path.name for path in folder.rglob("*"))
    assert "left" in viva("session", "open", session, "--lang", "en").stdout


def test_a_swapped_session_has_a_clock_of_its_own(viva: Run, session: Path) -> None:
    """The folder of what it was before stays, and is not the one that is opened."""
    viva("session", "open", session)
    (old,) = session.glob("interview-*")
    viva("session", "swap", session, "1")
    assert old.name not in viva("session", "open", session).stdout
    assert len(list(session.glob("interview-*/clock.json"))) == 2


@pytest.mark.parametrize("command", ["open", "close"])
def test_what_holds_no_interview(viva: Run, tmp_path: Path, command: str) -> None:
    """A folder of something else is refused in one sentence, and stays as it is."""
    done = viva("session", command, tmp_path, "--lang", "en")
    assert (done.returncode, done.stdout) == (2, "")
    assert "holds no interview" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_bundle_that_was_not_unpacked(viva: Run, session: Path) -> None:
    """A zip is to be unpacked first."""
    viva("session", "bundle", session, "--no-pdf")
    (archive,) = session.glob("*.zip")
    done = viva("session", "open", archive, "--lang", "en")
    assert done.returncode == 2
    assert "unpack it" in done.stderr


def test_a_swap_says_what_it_kept(viva: Run, session: Path) -> None:
    """Level, weight and minutes, then and now."""
    done = viva("session", "swap", session, "1", "--lang", "en")
    assert done.returncode == 0, done.stderr
    assert "weight for the role" in done.stdout
    assert "a swap stays within 5 min" in " ".join(done.stdout.split())
