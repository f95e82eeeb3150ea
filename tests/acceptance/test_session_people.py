"""Forms graded and reported together, rubrics by pattern, and names that nearly match, through the real command."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pexpect
import pytest

from tests.acceptance.conftest import Run

EN = ("--lang", "en")


def load(folder: Path) -> dict[str, Any]:
    """The frozen session of a folder."""
    return json.loads((folder / "session.json").read_text(encoding="utf-8"))["session"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two forms without code, made by the real command; tests copy them."""
    folder = tmp_path_factory.mktemp("made") / "forms"
    wishes = ["--role", "data-scientist", "--minutes", "30", "--coding", "0", "--kinds", "choice:1", "--seed", "4"]
    command = [sys.executable, "-m", "grader", "session", "new", *wishes, "--variants", "2", "-o", str(folder)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return folder


@pytest.fixture
def forms(made: Path, tmp_path: Path) -> Path:
    """Forms of one's own."""
    return Path(shutil.copytree(made, tmp_path / "forms"))


def hand_in(form: Path, folder: Path, name: str) -> Path:
    """A zip with a file of answers, in the encoding of a Chinese Windows."""
    frozen = load(form)
    code = frozen["id"][:6]
    lines = [f'session: "{code}"', f'name: "{name}"', "answers:"]
    for question in frozen["questions"]:
        if question["options"] and question["kind"] == "choice":
            right = next(option["label"] for option in question["options"] if option["correct"])
            lines.append(f'  "{question["number"]}": "选{right}"')
        elif question["options"] or question["steps"] or question["numeric"]:
            lines.append(f'  "{question["number"]}": ""')
    with zipfile.ZipFile(folder / f"{name}.zip", "w") as file:
        file.writestr(f"interview-{code}/answers.yaml", ("\n".join(lines) + "\n").encode("gb18030"))
    return folder / f"{name}.zip"


def rubric(form: Path, path: Path, candidate: str) -> Path:
    """A rubric in which the first criterion of every question is met."""
    frozen = load(form)
    questions = {str(q["number"]): {"criteria": {q["rubric"][0]["id"]: 1}} for q in frozen["questions"] if q["rubric"]}
    sheet = {"schema": "viva.rubric/1", "session": frozen["id"][:6], "candidate": candidate, "interviewer": "Lin"}
    path.write_text(json.dumps({**sheet, "questions": questions}), encoding="utf-8")
    return path


def names(viva: Run, session: Path) -> dict[str, list[str]]:
    """Candidates by form, with how many rubrics each has."""
    done = viva("session", "candidate", "list", session, "--json")
    assert done.returncode == 0, done.stderr
    return {
        str(one["form"]): [f"{c['candidate']}:{len(c['rubrics'])}" for c in one["candidates"]]
        for one in json.loads(done.stdout)["sessions"]
    }


def test_all_forms_are_bundled_graded_and_reported_together(viva: Run, forms: Path, tmp_path: Path) -> None:
    """One command for each step; hand-ins and rubrics find their form, and the report has everybody."""
    assert viva("session", "bundle", forms, "--no-pdf", *EN).returncode == 0
    assert [len(list((forms / f"form-{n}").glob("interview-*.zip"))) for n in (1, 2)] == [1, 1]
    returned = tmp_path / "returned"
    returned.mkdir()
    for number, name in ((1, "张伟"), (2, "Ada Okafor"), (2, "Bo")):
        hand_in(forms / f"form-{number}", returned, name)
    rubric(forms / "form-1", tmp_path / "one.json", "张伟")
    rubric(forms / "form-2", tmp_path / "two.json", "bo")
    done = viva("session", "grade", forms, returned, "--rubric", "one.json", "two.json", *EN)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert names(viva, forms) == {"1": ["张伟:1"], "2": ["Ada Okafor:0", "Bo:1"]}
    shown = viva("session", "report", forms, *EN)
    assert shown.returncode == 0, shown.stderr
    assert all(name in shown.stdout for name in ("张伟", "Ada Okafor", "Bo"))
    page = (forms / "report" / "index.html").read_text(encoding="utf-8")
    assert all(f"form-{n}/index.html" in page for n in (1, 2))
    assert (forms / "report" / "form-1" / "index.html").exists()
    rows = list(csv.DictReader(io.StringIO(viva("session", "report", forms, "--csv").stdout)))
    assert {row["candidate"]: row["form"] for row in rows} == {"张伟": "1", "Ada Okafor": "2", "Bo": "2"}
    document = json.loads(viva("session", "report", forms, "--json").stdout)
    assert [len(form["candidates"]) for form in document["forms"]] == [1, 2]


def test_what_names_no_form_is_refused(viva: Run, forms: Path, tmp_path: Path) -> None:
    """Nobody guesses whose answers these are; the refusal can be taken back."""
    with zipfile.ZipFile(tmp_path / "stray.zip", "w") as file:
        file.writestr("mine/answers.yaml", "name: S\nanswers: {}\n")
    done = viva("session", "grade", forms, tmp_path / "stray.zip", *EN)
    assert done.returncode == 1
    assert "it does not say of which form it is" in done.stdout
    assert viva("session", "undo", forms, "--refusal", "stray.zip", *EN).returncode == 0
    assert "stray.zip" not in viva("session", "candidate", "list", forms, *EN).stdout


def test_a_near_name_on_a_rubric_in_a_pipe(viva: Run, forms: Path, tmp_path: Path) -> None:
    """One sentence names the file, the field and both names; nothing is merged until a person says so."""
    form = forms / "form-2"
    ada, sheet = hand_in(form, tmp_path, "Ada Okafor"), rubric(form, tmp_path / "ada.json", "Ada Okafer")
    done = viva("session", "grade", form, ada, "--rubric", "ada.json", *EN)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "ada.json: candidate: 'Ada Okafer'" in done.stderr
    assert "'Ada Okafor'" in done.stderr
    assert names(viva, form) == {"2": ["Ada Okafor:0"]}
    assert viva("session", "grade", form, "--rubric", sheet, "--names-as-written", *EN).returncode == 0
    assert names(viva, form) == {"2": ["Ada Okafor:0", "Ada Okafer:1"]}


def test_a_near_name_on_a_rubric_at_a_terminal(viva: Run, forms: Path, tmp_path: Path) -> None:
    """It is asked about, and yes gives the rubric to whom it means."""
    form = forms / "form-2"
    ada, sheet = hand_in(form, tmp_path, "Ada Okafor"), rubric(form, tmp_path / "ada.json", "Ada Okafer")
    command = ["-m", "grader", "session", "grade", str(form), str(ada), "--rubric", str(sheet), *EN]
    child = pexpect.spawn(sys.executable, command, encoding="utf-8", timeout=60)
    child.expect("'Ada Okafer' is nearly the name of 'Ada Okafor': are they one person\\?")
    child.sendline("y")
    child.expect("rubrics merged: 1")
    child.expect(pexpect.EOF)
    assert names(viva, form) == {"2": ["Ada Okafor:1"]}


def test_people_are_renamed_removed_and_rubrics_taken_back(viva: Run, forms: Path, tmp_path: Path) -> None:
    """Each correction shows in the list and in the report; a wrong name is refused with the near one."""
    form = forms / "form-2"
    returned = [hand_in(form, tmp_path, name) for name in ("Ada", "Bo")]
    sheet = rubric(form, tmp_path / "ada.json", "Ada")
    assert viva("session", "grade", form, *returned, "--rubric", sheet, *EN).returncode == 0
    taken = viva("session", "candidate", "rename", form, "ada", "Bo", *EN)
    assert (taken.returncode, "is the name of another candidate" in taken.stderr) == (2, True)
    assert viva("session", "candidate", "rename", forms, "ada", "A. Okafor", *EN).returncode == 0
    assert names(viva, form) == {"2": ["A. Okafor:1", "Bo:0"]}
    assert viva("session", "undo", forms, "--rubric", "A. Okafor", *EN).returncode == 0
    near = viva("session", "candidate", "remove", form, "A Okafor", *EN)
    assert (near.returncode, near.stderr) == (2, "viva: there is no candidate 'A Okafor'; did you mean 'A. Okafor'?\n")
    assert viva("session", "candidate", "remove", form, "bo", *EN).returncode == 0
    assert names(viva, form) == {"2": ["A. Okafor:0"]}
    assert "Bo" not in viva("session", "report", form, "--csv").stdout
