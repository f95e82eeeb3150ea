"""A bundle runs its public cases where viva is not installed, for every exercise that is shipped, from its root."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from grader.content.pack import Pack, builtin_pack_root
from grader.model.session import Session
from grader.model.text import Lang
from grader.sessions.bundle import KIT, candidate_files, code_folder
from tests.unit.sessions.conftest import freeze, make_entry

WITHOUT_VIVA = """
import sys
import pytest

class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "grader":
            raise ImportError(name)

sys.meta_path.insert(0, Nothing())
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", "--tb=line"]))
"""
PACK = Pack(builtin_pack_root())
SLUGS = sorted(exercise.id for exercise in PACK.exercises())
CHINESE = re.compile(r"[\u3000-\u9fff\uff00-\uffef]")


@pytest.fixture(scope="module")
def session() -> Session:
    """An interview with every exercise."""
    entries = [make_entry(f"code-{slug.replace('_', '-')}", "code", exercise=slug) for slug in SLUGS]
    return freeze(entries, PACK)


@pytest.fixture
def bundle(session: Session, tmp_path: Path) -> Path:
    """Its bundle, unpacked, with stubs as they are."""
    for name, data in candidate_files(session, "en", live=False).items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return tmp_path


def solve(bundle: Path, session: Session) -> None:
    """Put the references where the stubs were."""
    for question in session.questions:
        assert question.exercise
        source = (PACK.root / "reference" / question.exercise.id / "solution.py").read_bytes()
        (bundle / code_folder(question) / "solution.py").write_bytes(source)


def cases(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run pytest there as a candidate does."""
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    environment.pop("PYTHONPATH", None)
    started = [sys.executable, *(command or ("-c", WITHOUT_VIVA))]
    return subprocess.run(started, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)


def test_references_pass(bundle: Path, session: Session) -> None:
    """From the root, all exercises in one run: every reference passes, and only what needs several ranks is skipped."""
    solve(bundle, session)
    done = cases(bundle)
    assert done.returncode == 0, done.stdout[-3000:]
    counted = dict(re.findall(r"(\d+) (\w+)", done.stdout.splitlines()[-1]))
    counted = {word: int(count) for count, word in counted.items()}
    assert counted["passed"] > 3 * len(SLUGS)
    assert counted["skipped"] < 20


def test_stubs_do_not_pass(bundle: Path, session: Session) -> None:
    """As handed out, cases of every exercise fail, but for those that are skipped."""
    done = cases(bundle)
    assert done.returncode == 1
    failing = set(re.findall(r"^FAILED (\d+-code)/", done.stdout, re.MULTILINE))
    ranks = {code_folder(q) for q in session.questions if q.exercise and "ranks" in q.exercise.files["test_public.py"]}
    assert failing | ranks == {code_folder(q) for q in session.questions}


def test_one_folder_runs_alone(bundle: Path, session: Session) -> None:
    """In the folder of a task, pytest runs the cases of that task alone."""
    solve(bundle, session)
    question = next(q for q in session.questions if q.exercise and q.exercise.id == "f1_auc")
    assert question.exercise
    done = cases(bundle / code_folder(question))
    assert done.returncode == 0, done.stdout[-3000:]
    assert f"{question.exercise.files['test_public.py'].count('def test_')} passed" in done.stdout


def test_it_runs_beside_viva(bundle: Path, session: Session) -> None:
    """Where viva is installed, its plugin and the kit get on with each other."""
    solve(bundle, session)
    chosen = [
        f"{code_folder(q)}"
        for q in session.questions
        if q.exercise and q.exercise.id in ("smote", "adamw", "dp_sgd_step", "ring_attention")
    ]
    done = cases(bundle, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "grader.judge.plugin", *chosen)
    assert done.returncode == 0, done.stdout[-3000:]


def test_suites_import_what_the_kit_has() -> None:
    """A name that a public suite takes from `grader.judge`, and the kit lacks, would end a candidate's run at once."""
    kit = KIT.read_text(encoding="utf-8")
    offered = {node.name for node in ast.parse(kit).body if isinstance(node, ast.FunctionDef)} | {"inout"}
    for slug in SLUGS:
        tree = ast.parse((PACK.root / "exercises" / slug / "test_public.py").read_text(encoding="utf-8"))
        wanted = {
            alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module == "grader.judge"
            for alias in node.names
        }
        assert wanted <= offered, slug


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_one_language(session: Session, lang: Lang) -> None:
    """An English bundle holds no Chinese; in a Chinese one no case is described in both."""
    files = candidate_files(session, lang, live=False)
    for name, data in files.items():
        if not name.endswith((".py", ".txt", ".ini")):
            continue
        text = data.decode()
        assert lang == "zh" or not CHINESE.search(text), name
        if name.endswith("test_public.py"):
            for node in ast.walk(ast.parse(text)):
                said = (ast.get_docstring(node) or "") if isinstance(node, ast.FunctionDef) else ""
                assert len({bool(CHINESE.search(part)) for part in said.split("\n\n")}) == 1, name


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_files_that_are_named_exist(session: Session, lang: Lang) -> None:
    """What a file of a task calls by a file's name lies beside it."""
    files = candidate_files(session, lang, live=False)
    for name, data in files.items():
        folder = name.rpartition("/")[0]
        if folder and name.endswith(".py"):
            for named in re.findall(r"[\w.]+\.(?:md|py|yaml)\b", data.decode()):
                assert f"{folder}/{named}" in files, f"{name} names {named}"


def test_it_needs_no_one_system(session: Session) -> None:
    """The kit and the suites import nothing that only Linux has; no path is one that Windows refuses."""
    files = candidate_files(session, "en", live=False)
    posix = {"fcntl", "resource", "pwd", "grp", "termios", "pty", "posix", "syslog", "readline"}
    for name, data in files.items():
        assert re.fullmatch(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)?", name)
        if name.endswith(".py"):
            imported = {node for node in ast.walk(ast.parse(data)) if isinstance(node, (ast.Import, ast.ImportFrom))}
            names = {alias.name for node in imported if isinstance(node, ast.Import) for alias in node.names}
            names |= {node.module or "" for node in imported if isinstance(node, ast.ImportFrom)}
            assert not posix & names, name
            assert b"os.fork" not in data
            assert b"/tmp" not in data


def test_a_kit_can_be_loaded_twice() -> None:
    """Two bundles in one run, as an editor may have it: the second finds what the first put in viva's place."""
    start = f"""
{WITHOUT_VIVA.partition("sys.exit")[0]}
import importlib.util
for name in ("one", "two"):
    spec = importlib.util.spec_from_file_location(name, {str(KIT)!r})
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    from grader.judge import assert_close
    assert assert_close is module.assert_close
    assert importlib.util.find_spec("grader.judge")
"""
    done = subprocess.run([sys.executable, "-c", start], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
