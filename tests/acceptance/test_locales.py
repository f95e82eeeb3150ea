"""Whatever the locale: no command crashes, and what programs read is UTF-8.

Starting Python for each command would take minutes, so one process per locale imports the command line once and forks
for each; the children make their streams anew, as a fresh interpreter would.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from grader.cli.app import app
from tests.acceptance.conftest import ROOT

LOCALES = {"C": "C", "latin": "en_US.ISO-8859-1", "gb18030": "zh_CN.GB18030"}
CHARMAPS = {"en_US.ISO-8859-1": "ISO-8859-1", "zh_CN.GB18030": "GB18030"}
DRIVER = """
import io, json, os, sys
from grader.cli import run as _
import grader.cli.app, grader.report.console, grader.report.terminal, grader.content.pack
for number, words in enumerate(json.load(open(sys.argv[1], encoding="utf-8"))):
    child = os.fork()
    if not child:
        for descriptor, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(f"{sys.argv[2]}/{number}.{name}", os.O_WRONLY | os.O_CREAT, 0o600), descriptor)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        encoding, errors = sys.__stdout__.encoding, sys.__stdout__.errors
        sys.stdout = io.TextIOWrapper(io.BufferedWriter(io.FileIO(1, "w")), encoding, errors)
        sys.stderr = io.TextIOWrapper(io.BufferedWriter(io.FileIO(2, "w")), encoding, "backslashreplace")
        sys.argv = ["viva", *(os.fsdecode(word.encode()) for word in words)]
        try:
            _.run()
        except SystemExit as end:
            sys.stdout.flush()
            os._exit(end.code or 0 if isinstance(end.code, int | None) else 3)
        os._exit(3)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(json.dumps([number, status]), flush=True)
"""

# What each command is run with, beside `--help`; what goes on for long, or needs a service, is asked for help alone.
CALLS: dict[str, list[list[str]]] = {
    "audit": [["nowhere"]],
    "bench": [["nowhere"]],
    "check": [["nowhere"]],
    "demo": [],
    "doctor": [["--lang", "zh"]],
    "engine start": [],
    "engine status": [[], ["--json"]],
    "engine stop": [],
    "export": [[form, "--topic", "biz"] for form in ("markdown", "json", "csv", "moodle", "html")],
    "grade": [
        ["f1_auc", "work/解答.py", "--json", "--isolation", "process", "--junit", "out.xml"],
        ["f1_auc", "work", "--isolation", "process", "--lang", "zh"],
        ["f1_auc", "gone.py"],
    ],
    "hint": [["f1_auc"], ["f1_auc", "--lang", "zh"]],
    "import": [["work/questions.csv", "-o", "drafts"]],
    "key list": [],
    "key new": [],
    "key revoke": [],
    "key signing list": [],
    "key signing revoke": [],
    "key signing rotate": [],
    "list": [["--topic", "biz", "--json"], ["--topic", "biz", "--lang", "zh"]],
    "new exercise": [["Ünlike"]],
    "next": [["--lang", "zh"]],
    "pack add": [["没有", "--lang", "zh"]],
    "pack list": [],
    "pack purge": [],
    "pack retire": [],
    "path list": [["--json"], ["--lang", "zh"]],
    "path next": [["--lang", "zh"]],
    "path show": [["nowhere"]],
    "progress": [["--json"], ["export", "-"], ["import", "-"], ["--lang", "zh"]],
    "quiz": [["--count", "1", "--lang", "zh"]],
    "reset": [[]],
    "search": [["kv", "--json"], ["kv", "--lang", "zh"]],
    "serve": [],
    "session bundle": [["forms", "--no-pdf", "--lang", "zh"]],
    "session candidate list": [["forms"], ["forms", "--json"], ["forms", "--lang", "zh"]],
    "session candidate remove": [["forms", "没有"]],
    "session candidate rename": [["forms", "没有", "名字"]],
    "session grade": [["forms", "returned", "--lang", "zh"]],
    "session items": [["forms", "--json"], ["forms", "--lang", "zh"]],
    "session new": [["--role", "数据科学家", "--level", "boss"]],
    "session close": [["forms/form-1"]],
    "session open": [["forms/form-1"]],
    "session report": [["forms", "--json"], ["forms", "--csv"], ["forms", "--lang", "zh"]],
    "session roles": [[], ["--lang", "zh"]],
    "session show": [["forms"], ["forms", "--lang", "zh"]],
    "session swap": [["forms/form-1", "99"]],
    "session undo": [["forms", "--refusal", "没有.zip"]],
    "show": [["f1_auc"], ["private-loader-claim", "--answers", "--json"], ["没有"], ["f1_auc", "--lang", "zh"]],
    "solution": [["f1_auc"]],
    "submit": [],
    "tenant add": [],
    "tenant list": [],
    "tenant suspend": [],
    "verify": [["gone.json"]],
    "top": [],
    "worker": [],
    "start": [["f1_auc", "work/练习"]],
    "stats": [["--json"], ["--lang", "zh"]],
    "test": [["work/没有"]],
    "watch": [["f1_auc", "gone.py"]],
}
JSON = ("--json",)


def leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Every command that `--help` leads to."""
    below = getattr(command, "commands", {})
    if not below:
        yield " ".join(path)
    for name, one in below.items():
        yield from leaves(one, (*path, name))


def calls() -> list[list[str]]:
    """Every command line: the help pages in Chinese, which is harder to print, and the calls of the table."""
    pages = [["--lang", "zh", *name.split(), "--help"] for name in CALLS]
    return [
        [],
        ["--help"],
        *pages,
        *([*n.split(), *words] for n, given in CALLS.items() for words in given),
    ]


def is_for_programs(words: list[str]) -> bool:
    """Whether a call prints for programs."""
    exports = words[:1] == ["export"] or words[:2] == ["progress", "export"]
    return "--help" not in words and ("--json" in words or "--csv" in words or exports)


def test_every_command_is_driven() -> None:
    """A new command without a call fails here."""
    assert set(leaves(get_command(app))) == set(CALLS)


def make_locale(name: str, folder: Path) -> bool:
    """Make a locale that the system may lack, in a folder for LOCPATH; whether it is there now."""
    if name not in CHARMAPS:
        return True
    if shutil.which("localedef") is None:
        return False
    command = ["localedef", "-i", name.partition(".")[0], "-f", CHARMAPS[name], str(folder / name)]
    subprocess.run(command, check=False, capture_output=True, timeout=300)
    return (folder / name).exists()


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two forms of a session without code."""
    folder = tmp_path_factory.mktemp("made") / "forms"
    wishes = ["--role", "data-scientist", "--minutes", "30", "--coding", "0", "--seed", "4", "--variants", "2"]
    command = [sys.executable, "-m", "grader", "session", "new", *wishes, "-o", str(folder)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return folder


def write_work(folder: Path, forms: Path) -> None:
    """What the calls need, with names and texts that the locales cannot all carry."""
    shutil.copytree(forms, folder / "forms")
    code = json.loads((forms / "form-1" / "session.json").read_text(encoding="utf-8"))["session"]["id"][:6]
    (folder / "returned" / "张伟 é").mkdir(parents=True)
    answers = f'session: "{code}"\nname: "张伟 é😀"\nanswers: {{}}\n'
    (folder / "returned" / "张伟 é" / "answers.yaml").write_text(answers, encoding="utf-8")
    (folder / "returned" / "笔记.txt").write_text("x", encoding="utf-8")
    (folder / "work").mkdir()
    source = (ROOT / "reference" / "f1_auc" / "solution.py").read_text(encoding="utf-8")
    (folder / "work" / "解答.py").write_text(source + "\nprint('é 解答 😀')\n", encoding="utf-8")
    (folder / "work" / "wrong.py").write_text("def f1_score(*a): raise ValueError('é 解答 😀')\n", encoding="utf-8")
    (folder / "work" / "笔记.txt").write_text("x", encoding="utf-8")
    (folder / "work" / "questions.csv").write_text("kind,title_en\nopen,解答 é\n", encoding="utf-8")


@pytest.mark.parametrize("name", ["latin", *(pytest.param(n, marks=pytest.mark.slow) for n in ("C", "gb18030"))])
def test_no_command_crashes_and_programs_get_utf8(name: str, forms: Path, tmp_path: Path) -> None:
    """Every command and help page ends with a status of ours and without a fault; documents are UTF-8 and complete."""
    wanted = LOCALES[name]
    locales = tmp_path / "locales"
    locales.mkdir()
    if not make_locale(wanted, locales):
        pytest.skip(f"localedef cannot make {wanted} here")
    write_work(tmp_path, forms)
    lines = calls()
    (tmp_path / "calls.json").write_text(json.dumps(lines), encoding="utf-8")
    (tmp_path / "driver.py").write_text(DRIVER, encoding="utf-8")
    out = tmp_path / "printed"
    out.mkdir()
    names = {n: v for n, v in os.environ.items() if not n.startswith(("LC_", "LANG", "PYTHONIOENCODING", "PYTHONUTF8"))}
    kept = {"XDG_DATA_HOME": str(tmp_path / "data"), "XDG_CACHE_HOME": str(tmp_path / "cache"), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, str(tmp_path / "driver.py"), str(tmp_path / "calls.json"), str(out)],
        cwd=tmp_path,
        env={**names, **kept, "LOCPATH": str(locales) if wanted in CHARMAPS else "", "LC_ALL": wanted},
        capture_output=True,
        timeout=1200,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    ended = dict(json.loads(line) for line in done.stdout.splitlines())
    faults = []
    for number, words in enumerate(lines):
        said = (out / f"{number}.err").read_bytes()
        bad = (
            ended[number] not in (0, 1, 2)
            or b"Traceback" in said
            or b"fault of ours" in said
            or "自身".encode() in said
        )
        if bad or b"codec can't" in said or "自身".encode("gb18030") in said:
            faults.append((words, ended[number], said.decode("utf-8", "replace")[-600:]))
    assert faults == []
    check_documents(lines, ended, out)
    assert ET.parse(tmp_path / "out.xml").getroot().tag == "testsuites"


def check_documents(lines: list[list[str]], ended: Mapping[int, int], out: Path) -> None:
    """Whatever is printed for programs is UTF-8, and JSON where that was asked for."""
    for number, words in enumerate(lines):
        if not is_for_programs(words) or ended[number] == 2:
            continue
        printed = (out / f"{number}.out").read_bytes()
        text = printed.decode("utf-8")  # raises for anything else
        assert text, words
        if "--json" in words:
            documents = text.splitlines() if "items" not in words else [text]  # which is on many lines
            assert [json.loads(one) for one in documents], words
        if words[:2] in (["export", "json"], ["export", "csv"]) or words[:2] in (
            ["search", "kv"],
            ["show", "private-loader-claim"],
        ):
            assert any("\u4e00" <= character <= "\u9fff" for character in text), words
