"""Interviews from a role and an hour to a report, through the real command."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pexpect
import pytest

from grader.report.session_pdf import find_browser
from tests.acceptance.conftest import ROOT, Run, write_mutant
from tests.acceptance.terminal import hear_signals

REFERENCE = ROOT / "reference" / "f1_auc"
QUICK = ("--no-pdf", "--lang", "en")
needs_chromium = pytest.mark.skipif(find_browser() is None, reason="no Chromium on this machine")


WITHOUT_VIVA = """
import importlib.util, sys
import pytest

class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "grader":
            raise ImportError(name)

find_spec = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name == "grader" else find_spec(name, package)
sys.meta_path.insert(0, Nothing())
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", "."]))
"""


def load(folder: Path) -> dict[str, Any]:
    """The frozen session of a folder."""
    return json.loads((folder / "session.json").read_text(encoding="utf-8"))["session"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A session whose coding exercise is f1_auc, made by the real command; tests copy it."""
    folder = tmp_path_factory.mktemp("made") / "interview"
    command = [
        sys.executable,
        "-m",
        "grader",
        "session",
        "new",
        "--role",
        "data-scientist",
        "--seed",
        "4",
        "-o",
        str(folder),
    ]
    command += ["--topics", "eval.classification", "--coding", "1", "--kinds", "choice:1", "--per-topic", "2"]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    number = next(q["number"] for q in load(folder)["questions"] if q["kind"] == "code")
    swap = [sys.executable, "-m", "grader", "session", "swap", str(folder), str(number), "--entry", "f1-auc-code"]
    if next(q["entry"] for q in load(folder)["questions"] if q["kind"] == "code") != "f1-auc-code":
        subprocess.run(swap, check=True, capture_output=True, timeout=120)
    return folder


@pytest.fixture
def session(made: Path, tmp_path: Path) -> Path:
    """A session of one's own."""
    return Path(shutil.copytree(made, tmp_path / "interview"))


def answer(question: dict[str, Any], *, right: bool) -> str:
    """A right or a wrong answer to a question that grades itself."""
    if question["numeric"]:
        return str(question["numeric"]["value"] * (1 if right else 3))
    if question["steps"]:
        labels = [s["label"] for s in sorted(question["steps"], key=lambda step: step["place"])]
        return " ".join(labels if right else reversed(labels))
    return " ".join(option["label"] for option in question["options"] if option["correct"] is right)[
        : 99 if right else 1
    ]


def hand_in(session: Path, folder: Path, name: str, source: Path, *, right: bool) -> Path:
    """A zip as a candidate sends it, made from the bundle's folder."""
    frozen = load(session)
    lines = [f'session: "{frozen["id"][:6]}"', f'name: "{name}"', "answers:"]
    with zipfile.ZipFile(folder / f"{name}.zip", "w") as file:
        root = f"interview-{frozen['id'][:6]}"
        for question in frozen["questions"]:
            if question["exercise"]:
                file.write(source, f"{root}/{question['number']}-code/solution.py")
            elif question["options"] or question["steps"] or question["numeric"]:
                lines.append(f'  "{question["number"]}": "{answer(question, right=right)}"')
            else:
                file.writestr(f"{root}/{question['number']}-answer.md", "I would look at the confusion matrix.")
        file.writestr(f"{root}/answers.yaml", "\n".join(lines) + "\n")
    return folder / f"{name}.zip"


def test_the_same_seed_gives_the_same_session(viva: Run, tmp_path: Path) -> None:
    """Two runs with one seed differ in nothing but the time at which they were made."""
    frozen = []
    for name in ("a", "b"):
        done = viva("session", "new", "--role", "llm-engineer", "--seed", "7", "-o", name, "--lang", "en")
        assert (done.returncode, done.stderr) == (0, "")
        frozen.append({key: value for key, value in load(tmp_path / name).items() if key != "created"})
    assert frozen[0] == frozen[1]


@pytest.mark.parametrize("role", sorted(path.stem for path in (ROOT / "grader/sessions/blueprints").glob("*.yaml")))
def test_every_blueprint_makes_a_session(viva: Run, tmp_path: Path, role: str) -> None:
    """Each shipped role gives an interview that fills its time, in Chinese as well."""
    done = viva("session", "new", "--role", role, "--seed", "1", "-o", "s", "--lang", "zh")
    assert done.returncode == 0, done.stderr
    assert "编程" in done.stdout
    frozen = load(tmp_path / "s")
    planned = sum(question["minutes"] for question in frozen["questions"])
    assert 0.9 * (60 - 8) <= planned <= 60 - 8


def test_wishes_that_cannot_be_met(viva: Run) -> None:
    """One sentence says which wish to relax, and the exit status is 2."""
    done = viva("session", "new", "--minutes", "30", "--coding", "3", "-o", "s")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no choice of entries meets all wishes" in done.stderr
    assert "change `--coding 3` to `--coding 1`" in done.stderr or "change `--coding 3` to `--coding 0`" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--minutes", "3"], "--minutes is 3; write a number from 5 to 480"),
        (["--role", "a\x1b[31mb"], "--role is the title of a job in one line"),
        (["--level", "boss"], "--level: there is no level 'boss'"),
        (["--role", "llm-enginer"], "did you mean `llm-engineer`"),
        (["--topics", "atention"], "did you mean `arch.attention`"),
        (["--kinds", "essay"], "--kinds: there is no kind 'essay'"),
        (["--minutes", "60", "--avoid", "gone.txt"], "--avoid: gone.txt cannot be read"),
        (["--minutes", "60", "--only-packs"], "--only-packs leaves nothing to choose from"),
        ([], "say what to prepare"),
    ],
)
def test_wrong_use_of_new(viva: Run, arguments: list[str], says: str) -> None:
    """Wrong use is told in a sentence with the option's name."""
    done = viva("session", "new", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr


def test_nothing_is_overwritten(viva: Run, session: Path) -> None:
    """A second session in the same folder is refused."""
    done = viva("session", "new", "--minutes", "60", "-o", session)
    assert done.returncode == 2
    assert "already holds a session" in done.stderr


def test_variants_are_parallel(viva: Run, tmp_path: Path) -> None:
    """Two forms: the measured difference is told, and small."""
    done = viva(
        "session",
        "new",
        "--minutes",
        "30",
        "--coding",
        "0",
        "--variants",
        "2",
        "--seed",
        "2",
        "-o",
        "v",
        "--lang",
        "en",
    )
    assert done.returncode == 0, done.stderr
    assert "the forms differ by" in done.stdout
    forms = [load(tmp_path / "v" / f"form-{number}")["questions"] for number in (1, 2)]
    hard = [sum(q["difficulty"] * q["minutes"] for q in form) / sum(q["minutes"] for q in form) for form in forms]
    assert abs(hard[0] - hard[1]) <= 0.4
    assert not {q["entry"] for q in forms[0]} & {q["entry"] for q in forms[1]}


def test_what_was_asked_can_be_avoided(viva: Run, session: Path, tmp_path: Path) -> None:
    """A session may be given to --avoid, and nothing of it comes again."""
    asked = {q["entry"] for q in load(session)["questions"]}
    done = viva("session", "new", "--minutes", "30", "--coding", "0", "--avoid", session, "-o", "n")
    assert done.returncode == 0, done.stderr
    assert not asked & {q["entry"] for q in load(tmp_path / "n")["questions"]}


def test_a_name_to_avoid_that_is_not_there_is_told(viva: Run, tmp_path: Path) -> None:
    """On standard error, with the nearest; the session is made all the same."""
    (tmp_path / "asked.txt").write_text("f1_aux\nf1_auc\n", encoding="utf-8")
    done = viva("session", "new", "--minutes", "30", "--coding", "0", "--avoid", "asked.txt", "-o", "n")
    assert done.returncode == 0
    assert "there is no entry and no exercise `f1_aux`" in done.stderr
    assert "did you mean `f1_auc`?" in done.stderr
    assert "`f1_auc`, so" not in done.stderr
    assert load(tmp_path / "n")["questions"]


def test_swap_replaces_one(viva: Run, session: Path) -> None:
    """One question becomes another; the rest stays, and the file says what was there."""
    before = load(session)["questions"]
    done = viva("session", "swap", session, "1", "--lang", "en")
    assert done.returncode == 0, done.stderr
    after = load(session)
    assert [q["entry"] for q in after["questions"]][1:] == [q["entry"] for q in before][1:]
    assert after["questions"][0]["entry"] != before[0]["entry"]
    assert after["replaced"][-1] == {"number": 1, "entry": before[0]["entry"]}


def test_a_swap_that_takes_too_long_is_told(viva: Run, session: Path) -> None:
    """An entry that the interviewer insists on is put in, the end moves, and the excess is told."""
    before = load(session)["questions"][0]["minutes"]
    done = viva("session", "swap", session, "1", "--entry", "ddp-step-code", "--lang", "en")
    assert done.returncode == 0, done.stderr
    frozen = load(session)
    planned = sum(question["minutes"] for question in frozen["questions"])
    assert frozen["questions"][0]["minutes"] > before + 20
    over = frozen["opening"] + planned + frozen["closing"] - frozen["minutes"]
    assert f"longer than the interview by {over} min" in done.stdout
    assert re.search(rf"^ *{frozen['opening'] + planned} +{frozen['closing']} ", done.stdout, re.MULTILINE)


def test_a_session_is_frozen(viva: Run, tmp_path: Path) -> None:
    """Editing the bank afterwards changes nothing in a session, and its bundle needs no bank."""
    pack = tmp_path / "pack"
    for part in ("bank/syllabus.yaml", "bank/evaluation/f1-auc-code.yaml"):
        (pack / part).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / part, pack / part)
    for half in ("exercises", "reference"):
        shutil.copytree(ROOT / half / "f1_auc", pack / half / "f1_auc")
    made = viva("session", "new", "--minutes", "30", "--coding", "1", "--pack", pack, "--only-packs", "-o", "s")
    assert made.returncode == 0, made.stderr
    first = viva("session", "bundle", "s", "-o", "one", *QUICK)
    assert first.returncode == 0, first.stderr
    shutil.rmtree(pack)
    assert viva("session", "bundle", "s", "-o", "two", *QUICK).returncode == 0
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert [(tmp_path / "one" / n).read_bytes() for n in names] == [(tmp_path / "two" / n).read_bytes() for n in names]


def test_a_changed_suite_needs_a_word(viva: Run, tmp_path: Path) -> None:
    """When the hidden suite changed, grading asks; with the option both digests are recorded."""
    pack = tmp_path / "pack"
    for part in ("bank/syllabus.yaml", "bank/evaluation/f1-auc-code.yaml"):
        (pack / part).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / part, pack / part)
    for half in ("exercises", "reference"):
        shutil.copytree(ROOT / half / "f1_auc", pack / half / "f1_auc")
    where = ("--pack", pack, "--only-packs")
    assert viva("session", "new", "--minutes", "30", "--coding", "1", *where, "-o", "s").returncode == 0
    suite = pack / "reference" / "f1_auc" / "test_hidden.py"
    suite.write_text(suite.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    returned = hand_in(tmp_path / "s", tmp_path, "Ada", REFERENCE / "solution.py", right=True)
    refused = viva("session", "grade", "s", returned, *where)
    assert refused.returncode == 2
    assert "f1_auc (question 1)" in refused.stderr
    assert "--allow-changed-suite" in refused.stderr
    assert viva("session", "grade", "s", returned, *where, "--allow-changed-suite").returncode == 0
    report = json.loads(viva("session", "report", "s", "--json").stdout)
    question = report["candidates"][0]["questions"][0]
    assert question["suite_when_made"] != question["verdict"]["suite_digest"]
    assert "another suite" in report["candidates"][0]["notes"][0]["en"]


def test_the_whole_path(viva: Run, session: Path, tmp_path: Path) -> None:
    """Bundle, three answers of which one is hostile, a rubric, a second run, a report: as an interviewer does it."""
    done = viva("session", "bundle", session, *QUICK)
    assert done.returncode == 0, done.stderr
    returned = tmp_path / "returned"
    returned.mkdir()
    hand_in(session, returned, "Ada", REFERENCE / "solution.py", right=True)
    hand_in(session, returned, "李雷", write_mutant("f1_auc", "ties_count_one", tmp_path / "wrong.py"), right=False)
    with zipfile.ZipFile(returned / "Mallory.zip", "w") as file:
        file.writestr("../../answers.yaml", "name: x")
    graded = viva("session", "grade", session, returned, "--jobs", "2", "--lang", "en")
    assert graded.returncode == 1, graded.stderr
    assert "refused: Mallory.zip: the member '../../answers.yaml'" in graded.stdout
    assert "handed in: 2, refused: 1; code: 2 graded, 0 already graded" in graded.stdout
    again = viva("session", "grade", session, returned / "Ada.zip", returned / "李雷.zip", "--lang", "en")
    assert (again.returncode, "0 graded, 2 already graded" in again.stdout) == (0, True)

    frozen = load(session)
    talk = next(q for q in frozen["questions"] if q["kind"] == "open")
    marks = {str(talk["number"]): {"criteria": {c["id"]: 1 for c in talk["rubric"]}, "minutes": 7, "note": "clear"}}
    sheet = {"schema": "viva.rubric/1", "session": frozen["id"][:6], "candidate": "ada", "interviewer": "Lin"}
    (tmp_path / "ada.json").write_text(json.dumps({**sheet, "questions": marks}), encoding="utf-8")
    assert viva("session", "grade", session, "--rubric", "ada.json").returncode == 0
    (tmp_path / "misspelt.json").write_text(
        json.dumps({**sheet, "candidate": "Adda", "questions": {}}), encoding="utf-8"
    )
    refused = viva("session", "grade", session, "--rubric", "misspelt.json", "--lang", "en")
    assert (refused.returncode, "'Adda' handed in nothing, but is nearly the name of 'Ada'" in refused.stderr) == (
        2,
        True,
    )
    as_written = ("--rubric", "misspelt.json", "--names-as-written", "--lang", "en")
    strange = viva("session", "grade", session, *as_written)
    assert "note on Adda: nobody of this name handed in" in strange.stdout

    done = viva("session", "report", session, "--lang", "en")
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads((session / "report" / "report.json").read_text(encoding="utf-8"))
    first, second, _ = report["candidates"]
    assert (first["candidate"], second["candidate"]) == ("Ada", "李雷")
    code = next(q["number"] for q in frozen["questions"] if q["kind"] == "code") - 1
    assert first["questions"][code]["verdict"]["status"] == "accepted"
    assert first["questions"][code]["verdict"]["isolation"]["level"] == "strict"
    assert first["questions"][talk["number"] - 1]["score"] == 1.0
    assert report["common_mistakes"][0]["mutant"] == "ties_count_one"
    page = (session / "report" / "index.html").read_text(encoding="utf-8")
    assert "AUC that counts a tied pair as won" in page
    assert "Mallory.zip" in page
    with (session / "report" / "report.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["candidate"] for row in csv.DictReader(file)] == ["Ada", "李雷", "Adda"]


def test_an_interrupted_run_goes_on(viva: Run, session: Path, tmp_path: Path) -> None:
    """Ctrl-C in the middle keeps what was graded; the next run grades the rest, and nobody twice."""
    returned = tmp_path / "returned"
    returned.mkdir()
    for number in range(30):
        hand_in(session, returned, f"Candidate {number:02}", REFERENCE / "solution.py", right=True)
    command = [sys.executable, "-m", "grader", "session", "grade", str(session), str(returned)]
    pipe = subprocess.PIPE
    child = subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, preexec_fn=hear_signals)
    deadline = time.monotonic() + 60
    while _verdicts(session) < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    child.send_signal(signal.SIGINT)
    _, said = child.communicate(timeout=60)
    before = _verdicts(session)
    assert (child.returncode, 3 <= before < 30) == (130, True), said
    again = viva("session", "grade", session, returned, "--jobs", "2", "--lang", "en")
    assert f"{30 - before} graded, {before} already graded" in again.stdout
    assert _verdicts(session) == 30


def _verdicts(session: Path) -> int:
    """How many whole verdicts are on the disk."""
    path = session / "results.jsonl"
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    return sum(line.startswith(b'{"kind": "verdict"') for line in lines)


def test_roles_and_show(viva: Run, session: Path) -> None:
    """Blueprints are listed with what they are about, and a session can be looked at again."""
    assert "大模型工程师" in viva("session", "roles", "--lang", "zh").stdout
    shown = viva("session", "show", session, "--lang", "en")
    assert shown.returncode == 0
    assert all(question["entry"] in "".join(shown.stdout.split()) for question in load(session)["questions"])


def test_items_over_sessions(viva: Run, session: Path, tmp_path: Path) -> None:
    """Figures of two sessions are pooled in one document, and too small samples are null."""
    for number in (1, 2):
        copy = Path(shutil.copytree(session, tmp_path / "all" / str(number)))
        hand_in(copy, tmp_path, "Ada", REFERENCE / "solution.py", right=True)
        assert viva("session", "grade", copy, tmp_path / "Ada.zip").returncode == 0
    document = json.loads(viva("session", "items", "all", "--json").stdout)
    assert document["schema"] == "viva.items/1"
    item = next(item for item in document["items"] if item["kind"] == "code")
    assert (item["n"], item["mean_score"]) == (2, None)


def test_the_kit_runs_without_viva(viva: Run, session: Path, tmp_path: Path) -> None:
    """A candidate without viva can run the public cases: the reference passes them, the stub does not."""
    assert viva("session", "bundle", session, "--folder", *QUICK).returncode == 0
    (folder,) = session.glob("interview-*/*-code")
    start = WITHOUT_VIVA
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}

    def cases() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", start]
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)

    assert cases().returncode == 1
    shutil.copy(REFERENCE / "solution.py", folder / "solution.py")
    passed = cases()
    assert passed.returncode == 0, passed.stdout


def test_asking_at_a_terminal(tmp_path: Path) -> None:
    """Without wishes the command asks for them, with the blueprint's figures as defaults."""
    environment = {**os.environ, "TERM": "xterm", "LC_ALL": "C.UTF-8"}
    child = pexpect.spawn(
        sys.executable,
        ["-m", "grader", "session", "new", "--seed", "1"],
        cwd=str(tmp_path),
        env=environment,
        encoding="utf-8",
        timeout=60,
        dimensions=(40, 120),
    )
    for prompt in (
        "Which role",
        "Which level",
        "minutes in all",
        "coding exercises",
        "debugging tasks",
        "must come up",
    ):
        child.expect(prompt)
        child.send("\r")
    child.expect("Folder to write to")
    child.send("asked\r")
    child.expect("next: viva session bundle asked")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert (tmp_path / "asked" / "session.json").is_file()


def test_leaving_the_questions(tmp_path: Path) -> None:
    """Ctrl-C at a prompt ends with one sentence and leaves nothing behind."""
    environment = {**os.environ, "TERM": "xterm", "LC_ALL": "C.UTF-8"}
    child = pexpect.spawn(
        sys.executable,
        ["-m", "grader", "session", "new"],
        cwd=str(tmp_path),
        env=environment,
        encoding="utf-8",
        timeout=60,
        dimensions=(40, 120),
    )
    child.expect("Which role")
    child.sendintr()
    child.expect("nothing was prepared")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 2
    assert list(tmp_path.iterdir()) == []


def chromium(page: Path, *options: str) -> str:
    """What a headless Chromium prints for a page."""
    command = [
        find_browser() or "",
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={page.parent}/profile",
    ]
    done = subprocess.run([*command, *options, page.as_uri()], capture_output=True, text=True, timeout=120)
    return done.stdout


@needs_chromium
@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_guide_prints(viva: Run, session: Path, lang: str) -> None:
    """The PDF holds the questions in the language, on A4 pages."""
    import pypdf

    assert viva("session", "bundle", session, "--lang", lang).returncode == 0
    reader = pypdf.PdfReader(session / f"guide.{lang}.pdf")
    text = "".join("".join(page.extract_text() for page in reader.pages).split())
    assert round(float(reader.pages[0].mediabox.width)) in (595, 596)
    for question in load(session)["questions"]:
        assert re.search(_as_printed(question["title"][lang]), text), question["title"][lang]


def _as_printed(title: str) -> str:
    """A pattern for a title in a PDF, whose fonts may give a character as its look-alike among the radicals."""
    start = "".join(title.split())[:12]
    return "".join(f"[{re.escape(c)}\u2e80-\u2fdf]" if c >= "\u4e00" else re.escape(c) for c in start)


@needs_chromium
@pytest.mark.slow
def test_the_guides_form_can_be_merged(viva: Run, session: Path, tmp_path: Path) -> None:
    """What a browser's form saves is a rubric that `grade` takes: ticks, flags, minutes and notes."""
    assert viva("session", "bundle", session, *QUICK).returncode == 0
    talk = next(q for q in load(session)["questions"] if q["kind"] == "open")
    number, criterion = talk["number"], talk["rubric"][0]["id"]
    script = (
        f"<script>one('#candidate').value='Ada';one('#q{number} [data-c=\"{criterion}\"] input').checked=true;"
        f"one('#q{number} [data-flag]').checked=true;one('#q{number} [data-minutes]').value='6.5';"
        f"one('#q{number} [data-note]').value='x < y';"
        "document.documentElement.textContent=JSON.stringify(sheet());</script>"
    )
    page = tmp_path / "form.html"
    page.write_text(
        (session / "guide.en.html").read_text(encoding="utf-8").replace("</body>", script + "</body>"), encoding="utf-8"
    )
    saved = chromium(page, "--dump-dom")
    body = saved[saved.index("{") : saved.rindex("}") + 1].replace("&lt;", "<")
    (tmp_path / "r.json").write_text(body, encoding="utf-8")
    assert viva("session", "grade", session, "--rubric", "r.json").returncode == 0
    report = json.loads(viva("session", "report", session, "--json").stdout)
    marks = report["candidates"][0]["questions"][number - 1]["rubric"][""]
    assert marks == {"criteria": {criterion: 1.0}, "score": None, "red_flags": [1], "note": "x < y"}


FORM_SCRIPT = """<script>
const out = {}, real = Date.now, tells = [];
let ahead = 0, blob = null;
Date.now = () => real() + ahead;
alert = (text) => tells.push(text);
confirm = () => true;
URL.createObjectURL = (data) => { blob = data; return "#saved"; };
const clocks = all("[data-clock]"), radio = one("[data-c] input");
clocks[0].click(); ahead += 6 * 60000; clocks[1].click(); ahead += 3 * 60000;
const press = () => {
  radio.closest("label").dispatchEvent(new PointerEvent("pointerdown", {bubbles: true}));
  radio.click();
  return radio.checked;
};
out.presses = [press(), press(), press()];
one("#save").click();
one("#candidate").value = "Ada"; one("#save").click();
const give = (text) => {
  const moved = new DataTransfer(); moved.items.add(new File([text], "marks.json"));
  one("#file").files = moved.files; one("#file").dispatchEvent(new Event("change"));
};
const until = async (test) => { while (!test()) await new Promise((done) => setTimeout(done, 10)); };
(async () => {
  const text = await blob.text();
  out.saved = JSON.parse(text);
  one("#clear").click(); out.cleared = sheet();
  give(text); await until(() => one("#candidate").value); out.loaded = sheet();
  give("{}"); await until(() => tells.length > 1);
  out.tells = tells.length;
  document.documentElement.textContent = JSON.stringify(out);
})();
</script>"""


@needs_chromium
@pytest.mark.slow
def test_the_guides_form_works(viva: Run, session: Path, tmp_path: Path) -> None:
    """One clock runs at a time and is in what is saved; a mark can be taken back; saved marks open again."""
    assert viva("session", "bundle", session, *QUICK).returncode == 0
    page = tmp_path / "form.html"
    guide = (session / "guide.en.html").read_text(encoding="utf-8")
    page.write_text(guide.replace("</body>", FORM_SCRIPT + "</body>"), encoding="utf-8")
    shown = chromium(page, "--virtual-time-budget=5000", "--dump-dom")
    out = json.loads(shown[shown.index("{") : shown.rindex("}") + 1])
    assert out["presses"] == [True, False, True]
    minutes = [marks.get("minutes") for marks in out["saved"]["questions"].values()]
    assert [value for value in minutes if value is not None] == [6, 3]
    assert any("criteria" in marks for marks in out["saved"]["questions"].values())
    assert out["cleared"]["questions"] == {}
    assert out["loaded"] == out["saved"]
    assert out["tells"] == 2  # no name; not a file of this session


@needs_chromium
@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_report_opens(viva: Run, session: Path, tmp_path: Path, lang: str) -> None:
    """A browser shows the report with its charts, in both languages."""
    hand_in(session, tmp_path, "Ada", REFERENCE / "solution.py", right=True)
    assert viva("session", "grade", session, tmp_path / "Ada.zip").returncode == 0
    assert viva("session", "report", session, "--lang", lang).returncode == 0
    shown = chromium(session / "report" / "index.html", "--dump-dom")
    assert shown.count("<svg") >= 3
    assert ("面试报告" if lang == "zh" else "Interview report") in shown
    assert "Ada" in shown
