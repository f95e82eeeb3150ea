"""`viva grade` as people and platforms use it."""

from __future__ import annotations

import json
import os
import re
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.acceptance.conftest import ROOT, Run


def test_a_right_submission_is_accepted(viva: Run, solution: Path) -> None:
    """The reference is accepted, and the exit status is 0."""
    done = viva("grade", "f1_auc", solution)
    assert (done.returncode, done.stderr) == (0, "")
    assert "ACCEPTED" in done.stdout


def test_a_wrong_submission_is_diagnosed(viva: Run, mutant: Path) -> None:
    """A known mistake is named with advice, and the exit status is 1."""
    done = viva("grade", "f1_auc", mutant)
    assert done.returncode == 1
    assert "Behaves like: AUC that counts a tied pair as won" in " ".join(done.stdout.split())


def test_the_diagnosis_speaks_chinese(viva: Run, mutant: Path) -> None:
    """With --lang zh the verdict and the diagnosis are Chinese."""
    done = viva("grade", "f1_auc", mutant, "--lang", "zh")
    assert "答案错误" in done.stdout
    assert "行为类似：" in done.stdout


def test_json_is_one_verdict_per_line(viva: Run, solution: Path, mutant: Path) -> None:
    """--json prints one document per submission in their order and nothing else on stdout."""
    done = viva("grade", "f1_auc", solution, mutant, "--json", "--jobs", "2")
    documents = [json.loads(line) for line in done.stdout.splitlines()]
    assert [document["status"] for document in documents] == ["accepted", "wrong_answer"]
    assert documents[0]["schema"] == "viva.verdict/1"
    assert documents[0]["isolation"]["level"] == "strict"
    assert documents[1]["diagnosis"][0]["mutant"] == "ties_count_one"


def test_a_seed_replays_a_verdict(viva: Run, mutant: Path) -> None:
    """The same seed gives the same outcomes, messages included."""
    first, second = (json.loads(viva("grade", "f1_auc", mutant, "--json", "--seed", "11").stdout) for _ in range(2))
    keep = ("id", "status", "message", "cause")
    assert [[case[k] for k in keep] for case in first["cases"]] == [[case[k] for k in keep] for case in second["cases"]]
    assert first["seed"] == 11


def test_score_feedback_tells_nothing_hidden(viva: Run, mutant: Path) -> None:
    """With --feedback score there are no cases, no diagnosis and no seed."""
    document = json.loads(viva("grade", "f1_auc", mutant, "--json", "--feedback", "score").stdout)
    assert (document["cases"], document["diagnosis"], document["seed"]) == ([], [], None)


def test_junit_is_written(viva: Run, mutant: Path, tmp_path: Path) -> None:
    """--junit writes a file that JUnit readers can read."""
    viva("grade", "f1_auc", mutant, "--junit", tmp_path / "out.xml")
    root = ET.parse(tmp_path / "out.xml").getroot()
    assert int(root.find("testsuite").get("failures")) > 0


def test_a_folder_of_submissions(viva: Run, solution: Path, tmp_path: Path) -> None:
    """A folder is graded file by file."""
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_bytes(solution.read_bytes())
    done = viva("grade", "f1_auc", tmp_path, "--json")
    assert [Path(json.loads(line)["submission"]).name for line in done.stdout.splitlines()] == ["a.py", "b.py"]


HAS_GPU = Path("/proc/driver/nvidia/version").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("grade", "f1_au", "x.py"), ("f1_au", "did you mean `f1_auc`")),
        (("grade", "f1_auc", "missing.py"), ("missing.py", "does not exist")),
        (("grade", "f1_auc", "empty_folder"), ("empty_folder", "no Python files")),
        (("grade", "f1_auc", "a.py", "--junit", "nowhere/out.xml"), ("--junit", "nowhere")),
        (("grade", "f1_auc", "a.py", "--device", "cuda"), ("CPU",)),
        *([] if HAS_GPU else [(("grade", "rms_norm", "a.py", "--device", "cuda"), ("--device cuda", "driver"))]),
        (("grade", "f1_auc", "a.py", "--seed", "-1"), ("--seed",)),
        (("show", "f1_au"), ("f1_auc",)),
        (("grade", "f1_auc", "a.py", "--pack", "nowhere"), ("nowhere", "pack")),
    ],
    ids=lambda value: " ".join(map(str, value)) if isinstance(value, tuple) else None,
)
def test_wrong_use_gets_one_sentence(
    viva: Run, tmp_path: Path, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    """Wrong use ends with exit status 2, one sentence on stderr that names the thing, and nothing on stdout."""
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "empty_folder").mkdir()
    done = viva(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.strip().splitlines()) == 1
    assert all(word in done.stderr for word in words)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("grade", "f1_au", "x.py"), "viva: 没有编程题 'f1_au'；是不是想写 `f1_auc`？"),
        (("grade", "f1_auc", "x.py"), "viva: x.py 不存在；请给出一个 Python 文件或 notebook，或装有它们的目录"),
        (
            ("grade", "f1_auc"),
            "viva: 这里既没有 f1_auc/solution.py 也没有 solution.py；请指定文件，或先运行 `viva start f1_auc`",
        ),
        (("grade",), "viva: 当前目录不是练习目录；请写明题目，例如 f1_auc，或用 `viva start f1_auc` 建一个"),
        (("start",), "viva: 缺少参数 slug；`python -m grader start --help` 会列出可用的写法"),
        (("grade", "f1_auc", "x.py", "--seed", "-1"), "viva: --seed 是 -1；请给出 0 到 2^63 - 1 之间的整数"),
        (("session", "show", "gone"), "viva: gone 不存在；请指定面试文件，或 `viva session new` 建立的目录"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_wrong_use_gets_a_chinese_sentence_too(viva: Run, arguments: tuple[str, ...], sentence: str) -> None:
    """`--lang zh` counts for what is wrong with the line itself, too."""
    done = viva(*arguments, "--lang", "zh")
    assert (done.returncode, done.stdout, done.stderr.strip()) == (2, "", sentence.replace("python -m grader", "viva"))


def test_help_pages_in_chinese(viva: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of typer's own English is left, and no text is cut off for want of blanks."""
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    monkeypatch.setenv("PYTHONUTF8", "1")  # whatever locales this machine has
    for arguments in ((), ("grade",), ("session", "new"), ("quiz",)):
        page = viva(*arguments, "--help").stdout
        assert "用法：viva" in page
        assert "显示本说明后退出" in page
        assert not re.search(r"…|Usage|Show this message|─ (Options|Arguments|Commands) ─|default:|required", page)


def test_version(viva: Run) -> None:
    """What a report of a fault needs; it is the one that the project declares."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert viva("--version").stdout == f"viva {declared}\n"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no code"),
        (b"def f(:\n", "syntax error"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"x = 1\n", "f1_score"),
        (b"# " + b"x" * 70_000, "larger than"),
        (b"import sklearn\ndef f1_score(): pass\ndef roc_auc(): pass\n", "sklearn"),
    ],
    ids=["empty", "syntax", "encoding", "entry point", "size", "forbidden"],
)
def test_a_faulty_submission_is_rejected(viva: Run, tmp_path: Path, content: bytes, words: str) -> None:
    """What is wrong with a submission is a rejected verdict with one clear sentence, exit status 1."""
    (tmp_path / "a.py").write_bytes(content)
    done = viva("grade", "f1_auc", "a.py", "--json")
    document = json.loads(done.stdout)
    assert (done.returncode, document["status"], document["score"]) == (1, "rejected", 0)
    assert words in document["message"]


def test_modules_beside_the_submission_poison_nothing(viva: Run, solution: Path, tmp_path: Path) -> None:
    """A pytest.py, torch.py or conftest.py in the current folder is not imported by anybody of ours."""
    for name in ("pytest.py", "numpy.py", "torch.py", "conftest.py", "sitecustomize.py", "json.py"):
        (tmp_path / name).write_text("raise SystemExit('poison')\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\n")
    (tmp_path / "mine.py").write_bytes(solution.read_bytes())
    environment = {**os.environ, "PYTEST_ADDOPTS": "--collect-only"}
    import subprocess
    import sys

    viva_program = Path(sys.executable).with_name("viva")
    done = subprocess.run(
        [viva_program, "grade", "f1_auc", "mine.py"], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_process_isolation_says_so(viva: Run, solution: Path) -> None:
    """The weaker mode is named in the verdict."""
    document = json.loads(viva("grade", "f1_auc", solution, "--json", "--isolation", "process").stdout)
    assert (document["status"], document["isolation"]["level"]) == ("accepted", "process")


def test_start_makes_a_workspace_whose_public_cases_run(viva: Run, tmp_path: Path) -> None:
    """`viva start` copies the stub and public cases, which plain pytest runs there; it overwrites nothing."""
    import subprocess
    import sys

    assert viva("start", "f1_auc").returncode == 0
    folder = tmp_path / "f1_auc"
    names = [".viva.json", "README.md", "STATEMENT.md", "solution.py", "test_public.py"]
    assert sorted(p.name for p in folder.iterdir()) == names
    ran = subprocess.run([sys.executable, "-m", "pytest", "-q"], cwd=folder, capture_output=True, text=True)
    assert "5 failed" in ran.stdout
    again = viva("start", "f1_auc")
    assert again.returncode == 2
    assert "already holds" in again.stderr


def test_list_and_show(viva: Run) -> None:
    """`viva list` names every exercise, `viva show` prints a statement in the language asked for."""
    listed = viva("list").stdout
    assert all(slug in listed for slug in ("f1_auc", "multi_head_attention", "ddp_step"))
    assert viva("show", "f1_auc", "--lang", "zh").stdout.startswith("# 从零实现")
