"""Repair tasks through the real command: started, graded, practised, and asked in an interview."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from grader.content.pack import load_exercise
from grader.content.planted import find_repair, repairs_of
from grader.sessions.one_language import in_language
from tests.acceptance.conftest import ROOT, Run
from tests.acceptance.quiz_pack import RUBRIC, shared, write_pack

F1_AUC = load_exercise(ROOT, "f1_auc")
PLANTED = find_repair(F1_AUC, "ties_count_one")
REFERENCE = F1_AUC.solution


def names_of_mistakes(text: str) -> list[str]:
    """What of the exercise's mutants is named in a text."""
    return [one.id for one in F1_AUC.mutants if any(name in text for name in (one.id, one.title.en, one.title.zh))]


@pytest.mark.parametrize("name", [PLANTED.handle, PLANTED.name, PLANTED.mutant.id])
def test_a_repair_task_is_started_by_name(viva: Run, tmp_path: Path, name: str) -> None:
    """A handle and an id both do; the folder is named after the handle, and nothing in it after the mistake."""
    done = viva("start", "f1_auc", "--repair", name, "--lang", "en")
    assert (done.returncode, done.stderr) == (0, "")
    folder = tmp_path / f"f1_auc-{PLANTED.handle}"
    files = sorted(path.name for path in folder.iterdir())
    assert files == [".viva.json", "README.md", "STATEMENT.md", "solution.py", "test_public.py"]
    assert names_of_mistakes(done.stdout + "".join(path.read_text(encoding="utf-8") for path in folder.iterdir())) == []


def test_a_seed_replays_the_choice(viva: Run, tmp_path: Path) -> None:
    """Without an ID any is started; the folder records the seed, which gives the same again."""
    assert viva("start", "f1_auc", "mine", "--repair").returncode == 0
    state = json.loads((tmp_path / "mine" / ".viva.json").read_text(encoding="utf-8"))
    assert viva("start", "f1_auc", "again", "--repair", "--seed", str(state["seed"])).returncode == 0
    mine, again = ((tmp_path / name / "solution.py").read_bytes() for name in ("mine", "again"))
    assert mine == again
    chosen = set()
    for seed in range(4):
        assert viva("start", "f1_auc", f"s{seed}", "--repair", "--seed", str(seed)).returncode == 0
        chosen.add((tmp_path / f"s{seed}" / "solution.py").read_bytes())
    assert len(chosen) > 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--repair", "zzzz"], "f1_auc has no repair task 'zzzz'"),
        (["--seed", "3"], "--seed chooses among repair tasks"),
        (["--repair", "zzzz", "--lang", "zh"], "没有修复题 'zzzz'"),
    ],
)
def test_wrong_use_of_start(viva: Run, arguments: list[str], says: str) -> None:
    """One sentence, and exit status 2."""
    done = viva("start", "f1_auc", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert names_of_mistakes(done.stderr) == []


def test_grading_tells_when_it_is_mended_and_not_what_is_wrong(viva: Run, tmp_path: Path) -> None:
    """As given: not accepted, and no name of the mistake; another mistake is named; mended: accepted."""
    assert viva("start", "f1_auc", "mine", "--repair", PLANTED.handle).returncode == 0
    file = tmp_path / "mine" / "solution.py"
    for language, says in (("en", "Behaves like: the code as it was given to you"), ("zh", "行为类似：拿到时的代码")):
        given = viva("grade", "f1_auc", file, "--lang", language)
        assert given.returncode == 1
        assert says in given.stdout
        assert names_of_mistakes(given.stdout) == []
    as_json = viva("grade", "f1_auc", file, "--json")
    assert [one["mutant"] for one in json.loads(as_json.stdout)["diagnosis"]] == ["as_given"]

    other = find_repair(F1_AUC, "auc_never_below_half").mutant
    file.write_text(other.source, encoding="utf-8")
    assert other.title.en in viva("grade", "f1_auc", file, "--lang", "en").stdout
    file.write_bytes(REFERENCE.read_bytes())
    assert viva("grade", "f1_auc", file).returncode == 0

    elsewhere = tmp_path / "elsewhere.py"
    elsewhere.write_text(PLANTED.mutant.source, encoding="utf-8")
    assert PLANTED.mutant.title.en in viva("grade", "f1_auc", elsewhere, "--lang", "en").stdout


def test_the_public_cases_run_in_the_workspace(viva: Run, tmp_path: Path) -> None:
    """With plain pytest, on the code as it was given."""
    assert viva("start", "f1_auc", "mine", "--repair", PLANTED.handle).returncode == 0
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "mine"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert re.search(r"\d+ (passed|failed)", done.stdout), done.stdout + done.stderr
    assert "error" not in done.stdout.lower().replace("valueerror", "")


def test_a_list_of_repair_tasks(viva: Run) -> None:
    """Every one by its handle, filtered as entries are; as JSON too; without a wish none is listed."""
    done = viva("list", "--kind", "repair", "--topic", "eval", "--lang", "en")
    assert re.findall(r"f1_auc#[0-9a-f]{4}", done.stdout) == [one.name for one in repairs_of(F1_AUC)]
    assert names_of_mistakes(done.stdout) == []
    lines = viva("list", "--kind", "repair", "--topic", "eval", "--json").stdout.splitlines()
    names = [json.loads(line)["id"] for line in lines]
    assert [name for name in names if name.startswith("f1_auc#")] == [one.name for one in repairs_of(F1_AUC)]
    assert "#" not in "".join(json.loads(line)["id"] for line in viva("list", "--json").stdout.splitlines())


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_an_entry_shows_the_code_and_keeps_the_mistake(viva: Run, lang: str) -> None:
    """`viva show` of a repair entry has the planted code; with `--answers` what is wrong with it."""
    shown = viva("show", "auc-depends-on-row-order", "--lang", lang)
    assert "rank[np.argsort(y_score" in shown.stdout
    assert names_of_mistakes(shown.stdout) == []
    told = viva("show", "auc-depends-on-row-order", "--answers", "--lang", lang)
    assert names_of_mistakes(told.stdout) == ["ties_in_order_of_arrival"]


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A small pack with one repair task in its bank."""
    root = write_pack(tmp_path / "pack")
    entry = shared("lab-mend", "bug", rubric=RUBRIC, exercise="double", mutant="square")
    (root / "bank" / "lab" / "lab-mend.yaml").write_text(json.dumps(entry, ensure_ascii=False), encoding="utf-8")
    for path in (root / "bank" / "lab").glob("lab-*.yaml"):
        if path.stem != "lab-mend":
            path.unlink()
    return root


def quiz(pack: Path, folder: Path, typed: str) -> str:
    """What a quiz over a pipe says; the folder also holds the progress."""
    command = [sys.executable, "-m", "grader", "quiz", "--pack", str(pack), "--topic", "lab", "--lang", "en"]
    env = {**os.environ, "VIVA_HOME": str(folder / "home"), "COLUMNS": "100"}
    done = subprocess.run(command, cwd=folder, input=typed, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_quiz_has_code_mended(pack: Path, tmp_path: Path, viva: Run) -> None:
    """A folder with the planted code; its own hints; no name of the mistake until it is mended, which is recorded."""
    folder = tmp_path / "work"
    folder.mkdir()
    first = quiz(pack, folder, "h\ng\nq\n")
    (workspace,) = (path for path in folder.iterdir() if path.name.startswith("double-"))
    assert (workspace / "solution.py").read_text() == "def double(x):\n    return x * x\n"
    assert "weak hint" in first
    assert "the code as it was given" in first
    assert "squares it" not in first

    (workspace / "solution.py").write_text("def double(x):\n    return x + x\n")
    second = quiz(pack, folder, "g\n")
    assert "Going on with your" in second
    assert "ACCEPTED" in second
    env = {**os.environ, "VIVA_HOME": str(folder / "home")}
    command = [sys.executable, "-m", "grader", "solution", "double", "--pack", str(pack), "--lang", "en"]
    seen = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=120)
    assert (seen.returncode, "return 2 * x" in seen.stdout) == (0, True)


def test_an_interview_with_a_debugging_round(viva: Run, tmp_path: Path) -> None:
    """From the wish to the report: the bundle has the code, the guide the mistake, and mending it is what scores."""
    wishes = ("--role", "data-scientist", "--coding", "1", "--debugging", "1", "--seed", "4")
    made = viva("session", "new", *wishes, "-o", "s", "--lang", "en")
    assert (made.returncode, made.stderr) == (0, ""), made.stderr
    assert "debugging" in made.stdout
    session = json.loads((tmp_path / "s" / "session.json").read_text(encoding="utf-8"))["session"]
    hands_on = {q["kind"]: q for q in session["questions"] if q["exercise"]}
    assert set(hands_on) == {"bug", "code"}
    assert hands_on["bug"]["exercise"]["id"] != hands_on["code"]["exercise"]["id"]
    planted = hands_on["bug"]["exercise"]["repair"]

    assert viva("session", "bundle", "s", "--folder", "--no-pdf", "--lang", "en").returncode == 0
    root = f"interview-{session['id'][:6]}"
    code = f"{hands_on['bug']['number']}-code/solution.py"
    given = (tmp_path / "s" / root / code).read_text(encoding="utf-8")
    assert given == in_language(planted["source"], "en")
    bundled = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "s" / root).rglob("*.*"))
    assert not [
        name for name in (planted["mutant"], planted["title"]["en"], planted["advice"]["en"]) if name in bundled
    ]
    guide = (tmp_path / "s" / "guide.en.md").read_text(encoding="utf-8")
    assert planted["title"]["en"] in guide
    assert planted["edit"] in guide

    right = (ROOT / "reference" / hands_on["bug"]["exercise"]["id"] / "solution.py").read_text(encoding="utf-8")
    returned = tmp_path / "returned"
    returned.mkdir()
    for name, source in (("Ada", right), ("Max", given)):
        with zipfile.ZipFile(returned / f"{name}.zip", "w") as file:
            file.writestr(f"{root}/{code}", source)
            file.writestr(f"{root}/answers.yaml", f'session: "{session["id"][:6]}"\nname: "{name}"\nanswers: {{}}\n')
    graded = viva("session", "grade", "s", returned, "--lang", "en")
    assert graded.returncode == 0, graded.stderr
    report = json.loads(viva("session", "report", "s", "--json").stdout)
    number = hands_on["bug"]["number"] - 1
    assert report["session"]["questions"][number]["kind"] == "debugging"
    marks = {one["candidate"]: one["questions"][number] for one in report["candidates"]}
    assert {name: mark["auto"] for name, mark in marks.items()} == {"Ada": 1.0, "Max": 0.0}
    assert viva("session", "report", "s", "--lang", "en").returncode == 0
    pages = [path.read_text(encoding="utf-8") for path in (tmp_path / "s" / "report" / "candidates").iterdir()]
    assert all("debugging" in page for page in pages)

    avoided = viva("session", "new", *wishes[:-1], "9", "--avoid", "s", "-o", "next", "--lang", "en")
    assert avoided.returncode == 0, avoided.stderr
    later = json.loads((tmp_path / "next" / "session.json").read_text(encoding="utf-8"))["session"]["questions"]
    known = {q["exercise"]["id"] for q in hands_on.values()}
    assert known.isdisjoint(q["exercise"]["id"] for q in later if q["exercise"])
