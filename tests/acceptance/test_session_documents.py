"""What the interviewer and the candidate hold in their hands, made by the real command."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.acceptance.conftest import Run
from tests.acceptance.test_session import (
    FORM_SCRIPT,
    QUICK,
    REFERENCE,
    chromium,
    hand_in,
    load,
    made,  # noqa: F401 - the fixture below asks for it
    needs_chromium,
    session,
)

__all__ = ["session"]


def test_a_bundle_says_who_asks(viva: Run, session: Path) -> None:
    """Company, contact and deadline are in the README, and on the page to share, which holds no answer."""
    asked = ("--company", "Acme <b>", "--contact", "hr@acme.test", "--deadline", "2099-12-04T18:00+08:00")
    done = viva("session", "bundle", session, "--folder", "--lang", "en", *QUICK, *asked)
    assert done.returncode == 0, done.stderr
    assert "to show or to send, without answers: " in done.stdout
    (folder,) = session.glob("interview-*/")
    readme = (folder / "README.md").read_text(encoding="utf-8")
    for fact in ("From: Acme <b>", "Questions to: hr@acme.test", "Hand in by: 2099-12-04 18:00 (UTC+08:00)", "Python"):
        assert fact in readme
    page = (session / "share.en.html").read_text(encoding="utf-8")
    assert "Acme &lt;b&gt;" in page
    for question in load(session)["questions"]:
        for text in (question["answer"]["en"], *(flag["en"] for flag in question["red_flags"])):
            assert " ".join(text.split())[:60] not in " ".join(page.split())


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--deadline", "2020-01-01", "is over"),
        ("--deadline", "soon", "write a date such as"),
        ("--deadline", "2099-12-04T18:00", "with its zone"),
        ("--company", "two\nlines", "write one line"),
        ("--contact", "x" * 200, "write one line"),
    ],
)
def test_what_a_bundle_refuses(viva: Run, session: Path, option: str, value: str, says: str) -> None:
    """One sentence that names the option, and nothing is written."""
    done = viva("session", "bundle", session, option, value, "--lang", "en", *QUICK)
    assert (done.returncode, done.stdout) == (2, "")
    assert option in done.stderr
    assert says in done.stderr
    assert not list(session.glob("interview-*"))


def test_swap_voids_a_bundle(viva: Run, session: Path) -> None:
    """Before a bundle was made a line tells of the new code; afterwards the files are named that are void."""
    assert "is void" in " ".join(viva("session", "swap", session, "1", "--lang", "en").stdout.split())
    assert viva("session", "bundle", session, *QUICK).returncode == 0
    old = load(session)["id"][:6]
    said = "".join(viva("session", "swap", session, "2", "--lang", "en").stdout.split())
    assert f"interview-{old}.zip" in said
    assert "viva session bundle".replace(" ", "") in said
    assert load(session)["id"][:6] in said


def test_grade_prints_scores(viva: Run, session: Path, tmp_path: Path) -> None:
    """Each candidate's score so far, and of each question; what waits for a rubric is a dash, and the total a star."""
    hand_in(session, tmp_path, "Ada", REFERENCE / "solution.py", right=True)
    done = viva("session", "grade", session, tmp_path / "Ada.zip", "--lang", "en")
    lines = " ".join(done.stdout.split())
    questions = load(session)["questions"]
    code = next(q["number"] for q in questions if q["kind"] == "code")
    talk = next(q["number"] for q in questions if q["kind"] == "open")
    assert re.search(r"100%\* Ada ", lines)
    assert f"{code}:100%" in lines
    assert f"{talk}:–" in lines
    assert "provisional" in lines


def test_an_environment_in_what_comes_back(viva: Run, session: Path, tmp_path: Path) -> None:
    """A candidate who leaves a real virtual environment in the folder is graded as everybody is."""
    archive = hand_in(session, tmp_path, "Ada", REFERENCE / "solution.py", right=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "e" / ".venv"], check=True, timeout=120)
    root = f"interview-{load(session)['id'][:6]}"
    with zipfile.ZipFile(archive, "a") as file:
        for path in sorted((tmp_path / "e").rglob("*")):
            if path.is_file():
                file.write(path, f"{root}/{path.relative_to(tmp_path / 'e')}")
        for number in range(1500):
            file.writestr(f"{root}/.venv/lib/python3/site-packages/m/{number}.py", "")
    done = viva("session", "grade", session, archive, "--lang", "en")
    assert done.returncode == 0, done.stdout
    assert "refused: 0; code: 1 graded" in done.stdout


def test_without_a_browser_the_report_says_what_to_install(
    viva: Run,
    session: Path,
    tmp_path: Path,
) -> None:
    """`--pdf` ends with 2 and one sentence; the pages are written all the same."""
    hand_in(session, tmp_path, "Ada", REFERENCE / "solution.py", right=True)
    assert viva("session", "grade", session, tmp_path / "Ada.zip").returncode == 0
    environment = {**os.environ, "VIVA_CHROMIUM": "no-such-browser"}
    command = [sys.executable, "-m", "grader", "session", "report", str(session), "--pdf", "--lang", "en"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 2
    assert "no-such-browser" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert (session / "report" / "index.html").is_file()
    assert not (session / "report" / "report.pdf").exists()


@needs_chromium
@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_report_prints(viva: Run, session: Path, tmp_path: Path, lang: str) -> None:
    """One PDF with the front page, every candidate and every question."""
    import pypdf

    hand_in(session, tmp_path, "Ada", REFERENCE / "solution.py", right=True)
    hand_in(session, tmp_path, "Bo", REFERENCE / "solution.py", right=False)
    assert viva("session", "grade", session, tmp_path / "Ada.zip", tmp_path / "Bo.zip").returncode == 0
    done = viva("session", "report", session, "--pdf", "--lang", lang)
    assert (done.returncode, done.stderr) == (0, "")
    text = "".join(page.extract_text() for page in pypdf.PdfReader(session / "report" / "report.pdf").pages)
    joined = "".join(text.split())
    assert ("报告：数据科学家" if lang == "zh" else "Interviewreport") in joined
    assert joined.count("deff1_score") == 2
    assert len(re.findall("Ada|Bo", joined)) >= 4


@needs_chromium
@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_page_of_the_guide_is_nearly_empty(viva: Run, session: Path, lang: str) -> None:
    """Every printed page but the first and the last holds text on more than a third of its height."""
    import pypdf

    assert viva("session", "bundle", session, "--lang", lang).returncode == 0
    for number, page in enumerate(pypdf.PdfReader(session / f"guide.{lang}.pdf").pages[1:-1], 2):
        heights: list[float] = []

        def visit(text: str, _matrix: object, place: list[float], *_: object, seen: list[float] = heights) -> None:
            if text.strip():
                seen.append(place[5])

        page.extract_text(visitor_text=visit)
        rows = {round(height / 20) for height in heights}
        assert len(rows) > 13, f"page {number} has text on {len(rows)} of 40 rows"


@needs_chromium
@pytest.mark.slow
def test_a_draft_outlives_saving(viva: Run, session: Path, tmp_path: Path) -> None:
    """After the marks were saved, the page still has them when it is opened again; a recommendation is among them."""
    assert viva("session", "bundle", session, *QUICK).returncode == 0
    guide = (session / "guide.en.html").read_text(encoding="utf-8")
    script = (
        "<script>one('#candidate').value='Ada';"
        "one('#recommendation input[value=lean_hire]').click();"
        "all('[data-own]').forEach((field) => { field.value = '0.5'; });"
        "HTMLAnchorElement.prototype.click = () => {};"
        "one('#save').click();"
        "const draft = JSON.parse(localStorage.getItem(DRAFT)); clear(); const cleared = sheet(); fill(draft);"
        "document.documentElement.textContent=JSON.stringify({draft, cleared, again: sheet()});</script>"
    )
    page = tmp_path / "form.html"
    page.write_text(guide.replace("</body>", script + "</body>"), encoding="utf-8")
    shown = chromium(page, "--dump-dom")
    out = json.loads(shown[shown.index("{") : shown.rindex("}") + 1])
    assert (out["draft"]["candidate"], out["draft"]["recommendation"]) == ("Ada", "lean_hire")
    code = next(q["number"] for q in load(session)["questions"] if q["kind"] == "code")
    assert out["draft"]["questions"][str(code)]["score"] == 0.5
    assert (out["cleared"]["recommendation"], out["cleared"]["questions"]) == ("", {})
    assert out["again"] == out["draft"]
    assert "forget();" not in FORM_SCRIPT
    shutil.rmtree(tmp_path / "profile", ignore_errors=True)
