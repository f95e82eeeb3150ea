"""Listing, showing, counting, exporting and importing entries through the real command."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pexpect
import pytest
from rich.cells import cell_len

from tests.acceptance.conftest import ROOT, Run
from tests.acceptance.terminal import Terminal

Bank = Callable[..., subprocess.CompletedProcess[str]]
ESCAPE = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;[^\x1b]*\x1b\\")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache of entries for the module, so that each command starts warm."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def bank(tmp_path: Path, cache: Path) -> Bank:
    """`bank(*arguments)` runs `viva` in English in an empty folder."""

    def run(*arguments: str | Path, lang: str | None = "en") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "grader", *map(str, arguments), *(["--lang", lang] if lang else [])]
        environment = {**os.environ, "VIVA_CACHE": str(cache), "LC_ALL": "C.UTF-8"}
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)

    return run


def records(done: subprocess.CompletedProcess[str]) -> Iterator[dict[str, Any]]:
    """The JSON documents that a command printed, one on each line."""
    assert done.returncode == 0, done.stderr
    return map(json.loads, done.stdout.splitlines())


def test_list_names_entries_and_exercises(bank: Bank) -> None:
    """Entries and exercises are listed together, each on a line of its own in a pipe."""
    lines = bank("list").stdout.splitlines()
    assert [line for line in lines if line.startswith("multi-head-attention-code ")]
    assert [line for line in lines if line.startswith("multi_head_attention ")]


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal is needed")
def test_list_at_a_terminal_tells_the_areas(tmp_path: Path, cache: Path) -> None:
    """Without a filter there are too many lines for a screen: each area has one, and what to do next stands below."""
    terminal = Terminal(["list", "--lang", "en"], tmp_path, {"VIVA_CACHE": str(cache)})
    assert terminal.ends() == 0
    shown = terminal.text()
    assert len(shown.splitlines()) < 24
    assert re.search(r"(?m)^llm +Large language models +entries: \d+", shown)
    assert "viva list --all" in shown
    filtered = Terminal(["list", "--topic", "gen.diffusion", "--lang", "en"], tmp_path, {"VIVA_CACHE": str(cache)})
    assert filtered.ends() == 0
    assert "Large language models" not in filtered.text()


def test_search_finds_by_words(bank: Bank) -> None:
    """The best comes first, as text and as JSON; 1 is the status where nothing is found."""
    done = bank("search", "paged", "cache", "--limit", "3")
    assert done.returncode == 0
    assert "paged_kv_cache" in done.stdout
    assert "3 of " in done.stdout
    found = [one["id"] for one in records(bank("search", "前缀缓存", "--json", "--limit", "5"))]
    assert "prefix_cache" in found
    empty = bank("search", " ")
    assert (empty.returncode, empty.stderr.count("\n")) == (2, 1)
    nothing = bank("search", "zqxjv")
    assert (nothing.returncode, "Nothing holds zqxjv" in nothing.stdout) == (1, True)


def test_filters_go_together(bank: Bank) -> None:
    """What is listed satisfies every filter."""
    found = list(records(bank("list", "--json", "--area", "trust", "--level", "senior,staff", "--minutes", "9")))
    assert found
    assert all(one["level"] in {"senior", "staff"} and one["minutes"] <= 9 for one in found)
    assert all(one["topics"][0].startswith("trust.") for one in found)


def test_exercises_can_be_listed_alone(bank: Bank) -> None:
    """`--kind exercise` lists what a person can start."""
    found = {one["id"] for one in records(bank("list", "--json", "--kind", "exercise"))}
    assert {"f1_auc", "smote"} <= found
    assert not [name for name in found if "-" in name]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("list", "--topic", "arch.atention"), "did you mean `arch.attention`?"),
        (("list", "--kind", "quiz"), "write one of open"),
        (("list", "--level", "midd"), "did you mean `mid`?"),
        (("show", "smote-cod"), "`smote-code`"),
        (("export", "pdf"), "write one of markdown"),
        (("export", "anki"), "name it with -o"),
        (("export", "json", "--kind", "exercise"), "not exported"),
        (("export", "json", "--minutes", "1", "--kind", "code"), "no entry matches"),
        (("export", "json", "-o", "no/such/folder/x.json"), "cannot be written"),
        (("import", "none.csv", "-o", "bank"), "cannot be read"),
    ],
    ids=str,
)
def test_wrong_use_ends_in_a_sentence(bank: Bank, arguments: tuple[str, ...], says: str) -> None:
    """What cannot be done is said in one sentence with what to do instead, and exit status 2."""
    done = bank(*arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


def test_show_keeps_answers_to_itself(bank: Bank) -> None:
    """Without `--answers` an entry is shown without its model answer, rubric and hints; with it, all are there."""
    (whole,) = records(bank("show", "multi-head-attention-code", "--json", "--answers"))
    secrets = [whole["answer"]["en"][:60], whole["rubric"][0]["text"]["en"], whole["hints"][0]["en"]]
    asked, told = bank("show", "multi-head-attention-code"), bank("show", "multi-head-attention-code", "--answers")
    assert not [secret for secret in secrets if secret in asked.stdout]
    assert not [secret for secret in secrets if secret not in told.stdout]


def test_a_seed_draws_other_numbers(bank: Bank) -> None:
    """A template is shown with numbers of its seed: the same ones for the same seed."""
    (name, *_) = [one["id"] for one in records(bank("list", "--json", "--kind", "numeric"))]
    shown = [bank("show", name, "--json", "--answers", "--seed", str(seed)).stdout for seed in (1, 1, 2, 3, 4)]
    assert shown[0] == shown[1]
    assert len(set(shown)) > 1


def test_a_statement_is_shown_as_before(bank: Bank) -> None:
    """An exercise's slug shows its statement, as Markdown in a pipe; `--answers` adds the interviewer's notes."""
    statement = (ROOT / "exercises" / "f1_auc" / "statement.en.md").read_text(encoding="utf-8")
    assert bank("show", "f1_auc").stdout == statement
    assert "Notes for the interviewer" in bank("show", "f1_auc", "--answers").stdout


def test_stats_count_every_active_entry(bank: Bank) -> None:
    """Topics add up to the total, by level and by kind."""
    (found,) = records(bank("stats", "--json"))
    total = found["totals"]["entries"]
    assert total == sum(topic["total"] for topic in found["topics"])
    assert total == sum(sum(topic["kinds"].values()) for topic in found["topics"])
    assert found["totals"]["topics"] == len(found["topics"])


@pytest.mark.parametrize(("columns", "lang"), [(80, "zh"), (200, "en")])
@pytest.mark.parametrize(
    "command", [("list", "--area", "data"), ("show", "smote-code", "--answers"), ("stats",)], ids=str
)
def test_screens_fit_a_terminal(cache: Path, command: tuple[str, ...], columns: int, lang: str) -> None:
    """On a terminal of 80 or 200 columns no line is too long, in either language and without colour."""
    environment = {**os.environ, "VIVA_CACHE": str(cache), "NO_COLOR": "1", "TERM": "xterm", "LC_ALL": "C.UTF-8"}
    arguments = ["-m", "grader", *command, "--lang", lang]
    child = pexpect.spawn(
        sys.executable, arguments, env=environment, dimensions=(50, columns), encoding="utf-8", timeout=60
    )
    text = child.read()
    child.close()
    assert child.exitstatus == 0
    plain = [ESCAPE.sub("", line) for line in text.splitlines()]
    assert len(plain) > 5
    assert max(map(cell_len, plain)) <= columns


@pytest.mark.parametrize("name", ["markdown", "html", "csv", "json", "moodle"])
def test_exports_hold_what_is_wished_for(bank: Bank, tmp_path: Path, name: str) -> None:
    """Each format holds the entries that the filters admit, and says where it was written."""
    wished = [one["id"] for one in records(bank("list", "--json", "--topic", "trust", "--kind", "choice,multi,open"))]
    done = bank("export", name, "--topic", "trust", "--kind", "choice,multi,open", "--answers", "-o", "out")
    assert (done.returncode, done.stdout) == (0, "")
    assert f"out: {len(wished)} entries" in done.stderr
    text = (tmp_path / "out").read_text(encoding="utf-8-sig")
    assert not [one for one in wished if one not in text]


def test_exports_are_well_formed(bank: Bank, tmp_path: Path) -> None:
    """The whole bank goes into each format, and each file can be read by others."""
    for name in ("csv", "json", "moodle", "anki"):
        assert bank("export", name, "--answers", "-o", name, lang="zh").returncode == 0
    whole = json.loads((tmp_path / "json").read_text(encoding="utf-8"))["entries"]
    with (tmp_path / "csv").open(encoding="utf-8-sig", newline="") as stream:
        assert [row["id"] for row in csv.DictReader(stream)] == [one["id"] for one in whole]
    quiz = ElementTree.parse(tmp_path / "moodle").getroot()
    assert len([one for one in quiz if one.get("type") != "category"]) > len(whole) / 2
    assert zipfile.ZipFile(tmp_path / "anki").testzip() is None


def test_moodle_names_what_it_leaves_out(bank: Bank) -> None:
    """Entries that Moodle has no form for are named."""
    done = bank("export", "moodle", "--topic", "data.imbalance", "-o", "x.xml")
    assert "smote-code" in done.stderr


def test_a_book_without_answers_has_none(bank: Bank) -> None:
    """The questions of the whole bank hold no reason and no rubric of any entry."""
    whole = json.loads(bank("export", "json", "--answers").stdout)["entries"]
    for name in ("markdown", "json"):
        text = bank("export", name).stdout
        reasons = [one["key"]["why"].values() for one in whole if one["key"] and "why" in one["key"]]
        secrets = [why["en"].splitlines()[0] for whys in reasons for why in whys]
        secrets += [point["text"]["en"].splitlines()[0] for one in whole for point in one["rubric"]]
        assert [secret for secret in secrets if len(secret) > 30 and secret in text] == []


def test_the_whole_bank_comes_back_from_csv(bank: Bank, tmp_path: Path) -> None:
    """What was exported is imported as drafts, all of which load; a second time nothing is replaced."""
    assert bank("export", "csv", "--answers", "--area", "architecture", "-o", "bank.csv").returncode == 0
    done = bank("import", "bank.csv", "-o", tmp_path / "pack" / "bank")
    assert done.returncode == 0, done.stderr
    drafts = list(records(bank("list", "--json", "--status", "draft", "--pack", tmp_path / "pack")))
    again = bank("import", "bank.csv", "-o", tmp_path / "pack" / "bank")
    assert len(drafts) == len(done.stdout.splitlines()) > 5
    assert (again.returncode, "already there" in again.stderr) == (2, True)


def test_check_tells_problems_from_warnings(bank: Bank, tmp_path: Path) -> None:
    """A problem ends with 1 and is shown; warnings are counted, and shown with `--verbose`."""
    source = ROOT / "bank" / "data" / "smote-code.yaml"
    target = tmp_path / "pack" / "bank" / "data" / "smote-code.yaml"
    target.parent.mkdir(parents=True)
    text = source.read_text(encoding="utf-8").replace("exercise: smote\n", "").replace("kind: code", "kind: open")
    target.write_text(text, encoding="utf-8")
    sound = bank("check", "--bank", "--pack", tmp_path / "pack", lang=None)
    target.write_text(text.replace("title:\n  en: ", "title:\n  en: $\\foo$ "), encoding="utf-8")
    spoilt = bank("check", "--bank", "--pack", tmp_path / "pack", "-v", lang=None)
    assert (sound.returncode, spoilt.returncode) == (0, 1)
    assert "problems: 0" in sound.stdout
    assert "smote-code.yaml: title.en: the formula $\\foo$ cannot be read" in spoilt.stdout
    assert "minutes in all" in spoilt.stdout


def test_help_of_the_new_commands_is_quick_and_there(viva: Run) -> None:
    """The commands are told by `viva --help`."""
    text = viva("--help").stdout
    assert all(name in text for name in ("list", "show", "stats", "export", "import"))
