"""What the project's shape promises."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from grader.cli.app import app

ROOT = Path(__file__).resolve().parents[2]
GRADER = ROOT / "grader"
_VIVA_COMMAND = re.compile(r"(?:^    |`)viva ([a-z]+(?: [a-z]+)?)", re.MULTILINE)


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """A command in the project's folder."""
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)


def loaded_after(statement: str) -> set[str]:
    """Top-level names in sys.modules of a fresh interpreter after `statement`."""
    code = f"{statement}\nimport sys\nprint(' '.join(sorted({{name.partition('.')[0] for name in sys.modules}})))"
    return set(run(sys.executable, "-c", code).stdout.split())


def test_help_imports_nothing_heavy() -> None:
    """`viva --help` loads neither torch nor numpy nor pandas nor pydantic, so that it answers at once."""
    code = "from typer.testing import CliRunner; from grader.cli.app import app; CliRunner().invoke(app, ['--help'])"
    assert not loaded_after(code) & {"torch", "numpy", "pandas", "sklearn", "scipy", "pydantic", "pytest"}


def test_the_guest_is_small() -> None:
    """The guest's code loads numpy and msgspec beside the standard library, and nothing else."""
    extra = loaded_after("import grader.guest.parent") - set(sys.stdlib_module_names) - loaded_after("pass")
    own = {name for name in extra if "cython" not in name}  # compiled parts of numpy register these
    assert own <= {"grader", "numpy", "msgspec", "typing_extensions"}


def test_nothing_of_a_judge_is_loaded_in_a_guest() -> None:
    """Importing the guest does not import the judge, pytest or the content."""
    code = "import grader.guest.parent, sys; print([m for m in sys.modules if m.startswith('grader')])"
    loaded = ast.literal_eval(run(sys.executable, "-c", code).stdout)
    assert {name.split(".")[1] for name in loaded if "." in name} == {"guest", "wire", "errors"}


def test_the_plugin_is_light() -> None:
    """The pytest plugin, which every pytest of an environment loads, imports neither torch nor pandas."""
    assert not {"torch", "pandas", "sklearn"} & loaded_after("import grader.judge.plugin")


def own_errors() -> list[tuple[str, ast.expr]]:
    """(place, last argument) of every call in the package that makes an error for people who use it."""
    makers = {"UsageError", "StoreError", "RowError", "unreadable", "unwritable"}
    return [
        (f"{path.relative_to(ROOT)}:{node.lineno}", node.args[-1])
        for path in GRADER.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in makers
    ]


def test_errors_of_use_are_in_chinese_too() -> None:
    """Their last argument is the Chinese sentence; where it is written out, it has Chinese in it."""
    found = own_errors()
    assert len(found) > 100
    english = [
        place
        for place, text in found
        if isinstance(text, ast.Constant | ast.JoinedStr)
        and not re.search(
            "[\u3000-\u9fff\uff00-\uffef]", "".join(str(n.value) for n in ast.walk(text) if isinstance(n, ast.Constant))
        )
    ]
    assert english == []


@pytest.mark.parametrize("word", ["utils", "helpers", "common", "manager", "misc"])
def test_no_module_is_a_drawer(word: str) -> None:
    """Modules are named after what they hold."""
    assert not [path for path in GRADER.rglob("*.py") if word in path.stem]


SUITES = [*ROOT.glob("exercises/*/test_public.py"), *ROOT.glob("reference/*/test_hidden.py")]
HAN = re.compile("[\u4e00-\u9fff]")


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: f"{suite.parent.name}/{suite.stem}")
def test_every_case_has_a_claim(suite: Path) -> None:
    """Each case of a shipped suite has a docstring in both languages, which people see as its title, and a task."""
    for node in ast.parse(suite.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            marks = " ".join(ast.unparse(d) for d in node.decorator_list)
            assert HAN.search(ast.get_docstring(node) or ""), f"{node.name} has no title in Chinese"
            assert "pytest.mark.task" in marks, f"{node.name} has no task"


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: f"{suite.parent.name}/{suite.stem}")
def test_what_a_suite_says_is_in_both_languages(suite: Path) -> None:
    """The message of an assertion has a line in English and one in Chinese."""
    for node in ast.walk(ast.parse(suite.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Assert) and node.msg is not None:
            english, *chinese = ast.unparse(node.msg).split("\\n")
            assert not HAN.search(english), f"line {node.lineno} does not begin in English"
            assert HAN.search("".join(chinese)), f"line {node.lineno} has no Chinese line"


def test_public_suites_need_no_reference() -> None:
    """A public case can be run by a person who has only what may be shown."""
    for suite in ROOT.glob("exercises/*/test_public.py"):
        assert "reference" not in suite.read_text(encoding="utf-8")


def test_the_first_screen_of_the_readme_has_two_commands() -> None:
    """The README names `make demo` and `make test`, and both are targets of the Makefile."""
    screen = "\n".join((ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:40])
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    commands = re.findall(r"^\s{4}(make \w+)", screen, re.MULTILINE)
    assert commands == ["make demo", "make test"]
    assert all(re.search(rf"^{command.split()[1]}:", makefile, re.MULTILINE) for command in commands)


FACTS = re.compile(r"^    (?:make|viva)(?: \S+)+|(?<=\]\()[^)]+|`[^`\n]+`|--[a-z]+|\b\d[\d.]*\b", re.MULTILINE)


@pytest.mark.parametrize("page", ["README", "docs/practice", "docs/interviews", "docs/api", "docs/packs"])
def test_a_page_says_the_same_in_both_languages(page: str) -> None:
    """The same commands, links, options, files and figures, in English and in Chinese."""
    english, chinese = (
        {
            fact.replace(".zh.md", ".md")
            for fact in FACTS.findall(re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE))
            if fact not in (f"{Path(page).name}.md", f"{Path(page).name}.zh.md")
        }
        for text in ((ROOT / f"{page}{end}").read_text(encoding="utf-8") for end in (".md", ".zh.md"))
    )
    assert len(english) > 30
    assert english == chinese


def test_ci_runs_what_the_readme_says() -> None:
    """CI runs both commands of the README, and all that `make check` does."""
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    stages = {line.rpartition('"')[2].strip() for line in lines if line.startswith("stage ")}
    assert {"make demo", "make test", "make test-slow", "make format lint types imports"} <= stages
    assert {"make content-changed"} <= stages


def test_viva_commands_in_the_readme_exist() -> None:
    """Every `viva` command that the README or a guide shows is one, its second word too where it has commands below."""
    guides = [ROOT / "README.md", ROOT / "README.zh.md", *(ROOT / "docs").glob("*.md")]
    shown = {
        tuple(words.split())
        for guide in guides
        for words in re.findall(
            r"(?:^    |`)viva ([a-z]+(?: [a-z]+)?)", guide.read_text(encoding="utf-8"), re.MULTILINE
        )
    }
    commands = get_command(app).commands
    unknown = {words for words in shown if words[0] not in commands or not _below(commands[words[0]], words[1:])}
    assert not unknown


def _below(command: Any, words: tuple[str, ...]) -> bool:
    """Whether `words` begin with a command of a group; what follows a plain command is an argument."""
    return not hasattr(command, "commands") or not words or words[0] in command.commands
