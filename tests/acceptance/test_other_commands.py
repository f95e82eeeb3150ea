"""Commands for authors and operators."""

from __future__ import annotations

import re
import signal
import subprocess
import sys

import pytest

from tests.acceptance.conftest import ROOT, Run
from tests.acceptance.terminal import hear_signals

# A Ctrl-C at the moment when typer is imported, and at the one when it looks at the commands.
_AT_IMPORT = """
class Finder:
    def find_spec(self, name, *_):
        if name == "typer":
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Finder())
"""
_AT_COMMANDS = """
import typer.main
typer.main.get_command = lambda *_: signal.raise_signal(signal.SIGINT)
"""


def test_doctor_names_every_layer(viva: Run) -> None:
    """`viva doctor` says of each layer whether it holds, and ends with 0 where strict isolation does."""
    done = viva("doctor")
    assert done.returncode == 0
    assert all(
        layer in done.stdout for layer in ("user-namespace", "landlock", "seccomp", "memory-watch", "bubblewrap")
    )


def test_check_proves_an_exercise(viva: Run) -> None:
    """`viva check --quick` ends with 0 on a sound exercise and says how many claims hold."""
    done = viva("check", "smote", "--quick", "--seeds", "1")
    assert (done.returncode, done.stderr) == (0, "")
    assert "✓ smote" in done.stdout


def test_check_of_an_unknown_exercise(viva: Run) -> None:
    """`viva check` of a slug that does not exist is wrong use."""
    done = viva("check", "smot")
    assert done.returncode == 2
    assert "`smote`" in done.stderr


@pytest.mark.parametrize(
    ("line", "named", "helps"),
    [
        ("quiz --minutes 0", "--minutes", "viva quiz --help"),
        ("session swap somewhere two", "question", "viva session swap --help"),
        ("engine frob", "frob", "viva engine --help"),
        ("engine stopp", "stopp", "; did you mean 'stop'?"),
        ("start", "slug", "viva start --help"),
        ("grade", "no workspace", "viva start f1_auc"),
        ("frob", "frob", "viva --help"),
        ("list --lang fr", "--lang", "viva list --help"),
        ("progress import nowhere.json", "nowhere.json", "export wrote"),
    ],
)
def test_a_wrong_command_line_gets_one_sentence(line: str, named: str, helps: str, viva: Run) -> None:
    """It names what is wrong and where to look, in one line, with exit status 2."""
    done = viva(*line.split())
    assert (done.returncode, done.stdout) == (2, "")
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("viva: ")
    assert named in sentence
    assert helps in sentence


@pytest.mark.parametrize(("readme", "lang"), [("README.md", "en"), ("README.zh.md", "zh")])
def test_the_readme_shows_what_is_printed(readme: str, lang: str, viva: Run) -> None:
    """The README's transcript is what its command prints, but for time and memory."""
    shown = re.search(r"```\n\$ viva (.*?)\n(.*?)```", (ROOT / readme).read_text(encoding="utf-8"), re.DOTALL)
    printed = viva(*shown[1].split(), "--lang", lang, cwd=ROOT).stdout
    assert _without_figures(printed) == _without_figures(shown[2])


def _without_figures(text: str) -> list[str]:
    return [line for line in text.strip().splitlines() if "strict" not in line]


@pytest.mark.slow
def test_audit_finds_nothing_on_a_shipped_exercise(viva: Run) -> None:
    """No attack earns a mark, and the reference is accepted before and after."""
    done = viva("audit", "f1_auc")
    assert done.returncode == 0, done.stdout
    assert "gets full marks after all that" in done.stdout


@pytest.mark.slow
def test_the_demo_shows_what_it_promises(viva: Run) -> None:
    """`viva demo` ends with 0 and says that every verdict is as it should be."""
    done = viva("demo", "--lang", "en")
    assert done.returncode == 0, done.stdout
    assert "Every verdict is as it should be" in done.stdout


@pytest.mark.parametrize(
    ("moment", "status", "says"),
    [(_AT_IMPORT, -signal.SIGINT, ""), (_AT_COMMANDS, 130, "viva: interrupted; nothing is left running\n")],
    ids=["while it is imported", "before typer listens"],
)
def test_an_early_ctrl_c_gets_no_traceback(moment: str, status: int, says: str) -> None:
    """It ends as a program that was interrupted."""
    script = f"import signal, sys\n{moment}\nfrom grader.cli import main\nmain()"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, preexec_fn=hear_signals
    )
    assert (done.returncode, done.stderr) == (status, says)
