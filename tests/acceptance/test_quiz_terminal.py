"""The quiz at a terminal: every kind, every mode, both languages, and every way of leaving."""

from __future__ import annotations

import contextlib
import json
import random
import re
import signal
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from grader.model.progress import Aim
from grader.practice.exchange import export
from grader.store.progress import StoredProgress
from tests.acceptance.quiz_pack import write_pack
from tests.acceptance.terminal import CTRL_C, CTRL_D, DOWN, ENTER, Terminal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal is needed")
Open = Callable[..., Terminal]


def slow(*values: Any) -> Any:
    """One case of several that are alike: left to the slow run."""
    return pytest.param(*values, marks=pytest.mark.slow)


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One entry of each kind."""
    return write_pack(tmp_path_factory.mktemp("pack"))


@pytest.fixture
def quiz(tmp_path: Path, pack: Path) -> Open:
    """`quiz(*arguments)` at a terminal; progress is kept below tmp_path."""

    def start(*arguments: str, columns: int = 80, **env: str) -> Terminal:
        command = ["quiz", "--pack", str(pack), "--topic", "lab", "--seed", "7", *arguments]
        return Terminal(command, tmp_path, {"VIVA_HOME": str(tmp_path / "home"), **env}, columns)

    return start


@pytest.fixture
def history(tmp_path: Path) -> Callable[[], list[dict[str, Any]]]:
    """What was recorded."""

    def read() -> list[dict[str, Any]]:
        answers: list[dict[str, Any]] = json.loads(export(StoredProgress.at(tmp_path / "home" / "progress.sqlite")))[
            "answers"
        ]
        return answers

    return read


def label_of(terminal: Terminal, text: str) -> str:
    """The letter beside an option of the menu."""
    return terminal.find(rf" [ >] ([a-z])  (?:\[.\] )?{re.escape(text)}")


def test_a_choice_by_letter(quiz: Open, history: Any) -> None:
    """A letter and Enter answer; the result, every why and the model answer are told, and the answer is recorded."""
    terminal = quiz("--kind", "choice", "--lang", "en")
    terminal.see("Pick one")
    terminal.press(label_of(terminal, "text good"), ENTER)
    terminal.see("Enter next")
    shown = terminal.text()
    assert "✓ Right" in shown
    assert "why bad" in shown
    assert "Model answer of lab-choice." in shown
    terminal.press(ENTER)
    assert terminal.ends() == 0
    assert "Answered 1" in terminal.text()
    assert [(one["entry"], one["score"]) for one in history()] == [("lab-choice", 1.0)]


@pytest.mark.slow
def test_arrows_reach_an_option(quiz: Open) -> None:
    """The cursor comes in from above and Enter takes the option that it stands on; before that, Enter does nothing."""
    terminal = quiz("--kind", "choice", "--lang", "en")
    terminal.see("Pick one")
    place = "abc".index(label_of(terminal, "text worse"))
    terminal.press(ENTER, *[DOWN] * (place + 1), ENTER)
    terminal.see("✗ Not right")
    terminal.see("Enter shows the answer")
    terminal.press(ENTER)
    terminal.see("Enter next")
    assert re.search(r">✗ [abc]  text worse", terminal.text())


def test_several_are_ticked(quiz: Open, history: Any) -> None:
    """Letters tick; half of the right ones earn half."""
    terminal = quiz("--kind", "multi", "--lang", "en")
    terminal.see("Mark every right one")
    terminal.press(label_of(terminal, "text one"), ENTER)
    terminal.see("Partly right 50%")
    terminal.press("q")
    assert terminal.ends() == 0
    assert history()[0]["result"] == "partial"


@pytest.mark.parametrize("key", ["?", slow("h"), slow("l")])
def test_a_key_in_the_middle_loses_no_mark(quiz: Open, key: str) -> None:
    """Options that were ticked stay ticked when a key shows something."""
    terminal = quiz("--kind", "multi", "--lang", "en")
    terminal.see("Mark every right one")
    label = label_of(terminal, "text two")
    terminal.press(label)
    terminal.see("[x] text two")
    terminal.press(key)
    terminal.see({"?": "ends; everything answered is kept", "h": "weak hint", "l": "Nothing answered yet."}[key])
    terminal.see("[x] text two", since={"?": "is kept", "h": "weak hint", "l": "answered yet."}[key])


@pytest.mark.parametrize(("kind", "word"), [slow("choice", "Choose one first"), ("multi", "Tick at least one first")])
def test_enter_before_anything_is_chosen(quiz: Open, history: Any, kind: str, word: str) -> None:
    """It says what to do instead of doing nothing, and answers nothing."""
    terminal = quiz("--kind", kind, "--lang", "en")
    terminal.see("Enter answers")
    terminal.press(ENTER)
    terminal.see(word)
    terminal.press("q")
    assert terminal.ends() == 0
    assert history() == []


def test_a_wrong_number_says_how_it_is_off(quiz: Open) -> None:
    """What it was read as, which numbers count, by how much it is off."""
    terminal = quiz("--kind", "numeric", "--lang", "en")
    terminal.see("A number, unit: GiB")
    terminal.press("3,1", ENTER)
    terminal.see("Enter shows the answer")
    terminal.press(ENTER)
    terminal.see("Enter next")
    shown = re.sub(" +", " ", terminal.text())
    assert "you 3,1 (read as 3.1)" in shown
    assert "right 3.5 GiB (3.465 to 3.535 counts)" in shown
    assert "off 11% too low" in shown


def test_a_number_is_asked_again_until_it_is_one(quiz: Open, history: Any) -> None:
    """Words and a wrong unit are not counted; a right number in the right unit is."""
    terminal = quiz("--kind", "numeric", "--lang", "en")
    terminal.see("A number, unit: GiB")
    terminal.press("much", ENTER)
    terminal.see("That is not a number")
    terminal.press("3.5 MB", ENTER)
    terminal.see("wanted in GiB, not in MB")
    terminal.press("7/2 gib", ENTER)
    terminal.see("✓ Right")
    terminal.press("q")
    assert terminal.ends() == 0
    assert len(history()) == 1


def test_an_order_is_typed(quiz: Open) -> None:
    """Letters in the right order are right, with or without blanks."""
    terminal = quiz("--kind", "order", "--lang", "en")
    terminal.see("Type all 4 letters")
    letters = [
        re.findall(rf"(?m)^  ([a-d])  step {name}$", terminal.text())[-1] for name in ("zero", "back", "clip", "step")
    ]
    terminal.press("".join(letters), ENTER)
    terminal.see("✓ Right")


def test_an_open_answer_is_assessed_by_the_person(quiz: Open, history: Any) -> None:
    """What the words point to is ticked; the person ticks more, and the score says whose it is."""
    terminal = quiz("--kind", "open", "--lang", "en")
    terminal.see("an empty line ends it")
    terminal.press("The variance grows", ENTER, ENTER)
    terminal.see("[x] names the variance")
    assert "[ ] takes the root" in terminal.text()
    assert "Model answer of lab-open." in terminal.text()
    terminal.press("b", ENTER)
    terminal.see("your own assessment")
    assert "✓ Right 100%" in terminal.text()
    terminal.press("q")
    assert terminal.ends() == 0
    (answer,) = history()
    assert (answer["self_assessed"], answer["score"], answer["given"]) == (True, 1.0, "The variance grows")


def test_an_open_answer_in_the_editor(quiz: Open, tmp_path: Path, history: Any) -> None:
    """`e` opens the person's editor, with the question as a comment that is no part of the answer."""
    editor = tmp_path / "editor.sh"
    editor.write_text("#!/bin/sh\necho 'by the root' >> \"$1\"\n")
    editor.chmod(0o755)
    terminal = quiz("--kind", "open", "--lang", "en", VISUAL=str(editor))
    terminal.see("an empty line ends it")
    terminal.press("e", ENTER)
    terminal.see("[x] takes the root")
    terminal.press(ENTER)
    terminal.see("Enter next")
    terminal.press("q")
    assert terminal.ends() == 0
    assert history()[0]["given"] == "by the root"


@pytest.mark.parametrize(
    ("script", "word"),
    [
        ("exit 3", "ended with status 3;"),
        slow("true", "Nothing was written in the editor"),
        slow('rm "$1"', "Nothing was written in the editor"),
        slow(None, "cannot be started"),
        slow("'", "cannot be started"),
    ],
)
def test_an_editor_that_fails(quiz: Open, tmp_path: Path, history: Any, script: str | None, word: str) -> None:
    """It says what happened; the question stays, and nothing is counted."""
    editor = tmp_path / "editor.sh"
    if script and script != "'":
        editor.write_text(f"#!/bin/sh\n{script}\n")
        editor.chmod(0o755)
    terminal = quiz("--kind", "open", "--lang", "en", VISUAL=script if script == "'" else str(editor))
    terminal.see("an empty line ends it")
    terminal.press("e", ENTER)
    terminal.see(word)
    terminal.press("q", ENTER)
    assert terminal.ends() == 0
    assert history() == []


@pytest.mark.slow
def test_ctrl_c_in_the_editor_is_the_editor_s(quiz: Open, tmp_path: Path) -> None:
    """An editor that uses Ctrl-C for something of its own does not end the quiz."""
    editor = tmp_path / "editor.sh"
    editor.write_text(
        '#!/bin/sh\ntrap \'printf "by the root\\n" >> "$1"; exit 0\' INT\necho editing\nwhile :; do read x; done\n'
    )
    editor.chmod(0o755)
    terminal = quiz("--kind", "open", "--lang", "en", VISUAL=f"{editor}")
    terminal.see("an empty line ends it")
    terminal.press("e", ENTER)
    terminal.see("editing")
    terminal.press(CTRL_C)
    terminal.see("[x] takes the root")


def test_a_second_try_comes_before_the_answer(quiz: Open, history: Any) -> None:
    """A wrong number may be thought over once more before the right one is told; the first answer is recorded."""
    terminal = quiz("--kind", "numeric", "--lang", "en")
    terminal.see("A number, unit: GiB")
    terminal.press("3,1", ENTER)
    terminal.see("t try again")
    assert "3.465" not in terminal.text()
    terminal.press("t")
    terminal.see("x don't know", since="✗ Not right")
    terminal.press("3.5", ENTER)
    terminal.see("Right this time.")
    terminal.see("Enter next")
    terminal.press("q")
    assert terminal.ends() == 0
    assert [one["score"] for one in history()] == [0.0]


def test_what_was_missed_is_named_and_asked_again(quiz: Open, history: Any) -> None:
    """At the end; who answers right then is told so, and the record stays as it was."""
    terminal = quiz("--kind", "choice", "--lang", "en")
    terminal.see("Pick one")
    terminal.press(label_of(terminal, "text bad"), ENTER)
    terminal.see("Enter shows the answer")
    terminal.press(ENTER)
    terminal.see("Enter next")
    terminal.press(ENTER)
    terminal.see("To look at again:")
    assert terminal.text(since="To look at again:").count("Title of lab-choice") == 1
    terminal.see("r asks these again")
    terminal.press("r")
    terminal.see("Pick one", since="Once more")
    terminal.press(label_of(terminal, "text good"), ENTER)
    terminal.see("✓ Right", since="Once more")
    terminal.press(ENTER)
    terminal.see("1 of 1 right this time.")
    assert terminal.ends() == 0
    assert [one["score"] for one in history()] == [0.0]


@pytest.mark.slow
def test_ctrl_c_keeps_the_draft(quiz: Open, history: Any) -> None:
    """What was written is there when the question is asked again, and can be given as it is."""
    terminal = quiz("--kind", "open", "--lang", "en")
    terminal.see("an empty line ends it")
    terminal.press("the root of", ENTER, "the matter")
    terminal.see("the matter")
    terminal.press(CTRL_C)
    terminal.see("Your draft is kept")
    assert terminal.ends() == 130
    assert history() == []
    again = quiz("--kind", "open", "--lang", "en")
    again.see("your draft of last time")
    again.see("the matter")
    again.press(ENTER, ENTER)
    again.see("[x] takes the root")
    again.press(ENTER)
    again.see("Enter next")
    again.press("q")
    assert again.ends() == 0
    assert [one["given"] for one in history()] == ["the root of\nthe matter"]


@pytest.mark.slow
def test_options_follow_a_narrower_window(quiz: Open) -> None:
    """Every option is whole, and can still be taken, after the window has become narrower."""
    terminal = quiz("--kind", "multi", "--lang", "en", columns=120)
    terminal.see("Mark every right one")
    terminal.resize(34)
    terminal.press("a")
    terminal.find(r" [ >] (a)  \[x\].*")
    terminal.press("q")
    assert terminal.ends() == 0


def test_a_newcomer_is_asked_for_goal_and_level_once(pack: Path, tmp_path: Path) -> None:
    """Before the first question; what was said is kept, and can be said anew."""
    home = {"VIVA_HOME": str(tmp_path / "home")}
    command = ["quiz", "--pack", str(pack), "--seed", "7", "--lang", "en"]
    first = Terminal(command, tmp_path, home)
    first.see("what do you practise for?")
    first.press("b", ENTER)
    first.see("And for which level?")
    first.press("c", ENTER)
    first.see("1 of 10")
    first.press(CTRL_C)
    assert first.ends() == 130
    assert StoredProgress.at(tmp_path / "home" / "progress.sqlite").aim() == Aim(goal="data_science", level="senior")
    second = Terminal(command, tmp_path, home)
    second.see("1 of 10")
    assert "what do you practise for?" not in second.text()
    second.press(CTRL_C)
    assert second.ends() == 130
    third = Terminal([*command, "--ask-goal"], tmp_path, home)
    third.see("what do you practise for?")
    third.press("q")
    assert third.ends() == 0


@pytest.mark.slow
def test_leaving_in_the_middle_of_the_points_grades_nothing(quiz: Open, history: Any) -> None:
    """`?` explains, `q` ends; nobody has assessed the answer, so it stays a draft."""
    terminal = quiz("--kind", "open", "--lang", "en")
    terminal.see("an empty line ends it")
    terminal.press("the root", ENTER, ENTER)
    terminal.see("[x] takes the root")
    terminal.press("?")
    terminal.see("compared with the answer above")
    terminal.see("[x] takes the root", since="answer above")
    terminal.press("q")
    terminal.see("This answer is not graded")
    assert terminal.ends() == 0
    assert history() == []


@pytest.mark.slow
def test_a_bug_shows_what_an_interviewer_listens_for(quiz: Open) -> None:
    """After the choice, the points of the rubric are shown."""
    terminal = quiz("--kind", "bug", "--lang", "en")
    terminal.see("Pick one")
    terminal.press(label_of(terminal, "text here"), ENTER)
    terminal.see("What an interviewer listens for")
    terminal.see("takes the root")


def test_hints_are_paid_for(quiz: Open, history: Any) -> None:
    """Hints come weakest first; each costs a tenth, and there is an end of them."""
    terminal = quiz("--kind", "choice", "--lang", "en")
    terminal.see("Pick one")
    terminal.press("h")
    terminal.see("Hint 1 of 2: weak hint")
    terminal.press("h")
    terminal.see("Hint 2 of 2: strong hint")
    terminal.press("h")
    terminal.see("no more hints")
    terminal.press(label_of(terminal, "text good"), ENTER)
    terminal.see("hints cost 20%")
    terminal.press("q")
    assert terminal.ends() == 0
    (answer,) = history()
    assert (answer["hints"], answer["score"], answer["rating"]) == (2, 0.8, 2)


def test_the_keys_are_listed(quiz: Open) -> None:
    """`?` says what each key does, `l` what was asked; the question stays."""
    terminal = quiz("--kind", "choice", "--lang", "en")
    terminal.see("Pick one")
    terminal.press("?")
    terminal.see("ends; everything answered is kept")
    assert "Choose with the arrow keys or a letter" in terminal.text()
    terminal.press("l")
    terminal.see("Nothing answered yet.")
    terminal.see("Pick one")


@pytest.mark.slow
def test_not_knowing_counts_and_skipping_does_not(quiz: Open, history: Any) -> None:
    """`x` tells the answer and is recorded; `n` leaves no trace."""
    terminal = quiz("--kind", "choice", "--kind", "numeric", "--lang", "en")
    first = terminal.find(r"1 of 2  Title of lab-(\w+)")
    (second,) = {"choice", "numeric"} - {first}
    for kind, key in ((first, "n"), (second, "x")):
        terminal.find(rf"1 of .  Title of lab-({kind})")
        terminal.see("Pick one" if kind == "choice" else "A number, unit: GiB")
        terminal.press(key if kind == "choice" else key + ENTER)
    terminal.see("✗ Not known")
    terminal.press(ENTER)
    terminal.see("r asks these again")
    terminal.press(ENTER)
    assert terminal.ends() == 0
    assert [one["score"] for one in history()] == [0.0]


def test_a_mock_tells_nothing_before_the_end(quiz: Open, history: Any) -> None:
    """No result is on the screen until the last answer; then a table by topic and every explanation."""
    terminal = quiz("--mode", "mock", "--kind", "choice", "--kind", "open", "--lang", "en")
    terminal.see("Nothing is told until the end")
    for number in (1, 2):
        if terminal.find(rf"{number} of 2  Title of lab-(\w+)") == "choice":
            terminal.press(label_of(terminal, "text bad"), ENTER)
        else:
            terminal.see("an empty line ends it")
            terminal.press("the root", ENTER, ENTER)
        terminal.see("Noted." if number == 1 else "hold your written answers")
        assert "right" not in terminal.text().lower().replace("mark every right one", "")
    terminal.see("[x] takes the root")
    terminal.press("a", ENTER)
    assert terminal.find(r"  First topic +2/2 +(\d+%).*") == "50%"
    for _ in range(3):
        terminal.see("Enter next")
        terminal.press(ENTER)
    assert terminal.ends() == 0
    assert {"Model answer of lab-open.", "Model answer of lab-choice."} <= set(
        map(str.strip, terminal.text().splitlines())
    )
    assert {one["mode"] for one in history()} == {"mock"}


@pytest.mark.slow
def test_a_mock_may_be_left_before_its_answers_are_read(quiz: Open, history: Any) -> None:
    """`q` at the explanations ends it well; the answers stay."""
    terminal = quiz("--mode", "mock", "--kind", "choice", "--kind", "numeric", "--lang", "en")
    for number in (1, 2):
        kind = terminal.find(rf"{number} of 2  Title of lab-(\w+)")
        terminal.see("Pick one" if kind == "choice" else "A number, unit: GiB")
        terminal.press("x" if kind == "choice" else "x" + ENTER)
    terminal.see("Enter next")
    terminal.press("q")
    assert terminal.ends() == 0
    assert "Answered 2" in terminal.text()
    assert len(history()) == 2


def test_a_mock_that_was_left_says_what_was_not_reached(quiz: Open) -> None:
    """A good score of two questions of three is not passed off as one of three."""
    terminal = quiz("--mode", "mock", "--kind", "choice", "--kind", "multi", "--lang", "en")
    terminal.see("questions: 2")
    terminal.press("x")
    terminal.see("2 of 2")
    terminal.press("q")
    terminal.see("Not reached: 1 of the planned questions")


@pytest.mark.slow
def test_a_review_of_nothing_says_when_to_come_back(quiz: Open) -> None:
    """What was answered today is not due today."""
    first = quiz("--kind", "choice", "--lang", "en")
    first.see("Pick one")
    first.press("x")
    first.see("Not known")
    first.press("q")
    assert first.ends() == 0
    again = quiz("--mode", "review", "--lang", "en")
    assert again.ends() == 0
    assert "comes back tomorrow" in again.text()


@pytest.mark.parametrize(("mode", "begins"), [("learn", "选一项"), slow("mock", "模拟面试")])
def test_the_quiz_in_chinese(quiz: Open, mode: str, begins: str) -> None:
    """Everything that the interface says is Chinese, and no line is wider than the screen."""
    terminal = quiz("--mode", mode, "--kind", "choice", "--lang", "zh")
    terminal.see(begins)
    terminal.see("回车确认")
    terminal.press(label_of(terminal, "选项 good"), ENTER)
    if mode == "mock":
        terminal.see("第一主题   1/1")
        terminal.see("回车继续")
        terminal.press(ENTER)
    terminal.see("正确")
    terminal.see("choice 的参考内容。")
    terminal.press(ENTER)
    assert terminal.ends() == 0
    words = re.findall(r"[A-Za-z]{3,}", terminal.text().replace("text", ""))
    assert set(words) <= {"choice", "good", "bad", "worse"}
    assert all(cell_len(line) <= 80 for line in terminal.text().splitlines())


@pytest.mark.parametrize("when", [slow("question"), "told", slow("line"), slow("passage"), "ticks"])
def test_ctrl_c_keeps_what_was_answered(quiz: Open, history: Any, when: str) -> None:
    """Ctrl-C anywhere ends with status 130; what was given is recorded, and what nobody assessed was not."""
    kind = {"question": "choice", "told": "choice", "line": "numeric"}.get(when, "open")
    terminal = quiz("--kind", kind, "--lang", "en")
    terminal.see({"choice": "Pick one", "numeric": "A number", "open": "an empty line ends it"}[kind])
    if when == "told":
        terminal.press("x")
        terminal.see("Enter next")
    elif when == "passage":
        terminal.press("half an ans")
        terminal.see("half an ans")
    elif when == "ticks":
        terminal.press("the root", ENTER, ENTER)
        terminal.see("[x] takes the root")
    terminal.press(CTRL_C)
    assert terminal.ends() == 130
    assert len(history()) == (1 if when == "told" else 0)


@pytest.mark.slow
def test_an_interrupt_from_outside(quiz: Open) -> None:
    """SIGINT that another process sends ends a menu as Ctrl-C does."""
    terminal = quiz("--kind", "choice", "--lang", "en")
    terminal.see("Pick one")
    terminal.child.kill(signal.SIGINT)
    assert terminal.ends() == 130


@pytest.mark.parametrize("when", [slow("question"), "told"])
def test_killing_it_loses_no_answer(quiz: Open, history: Any, when: str) -> None:
    """After SIGKILL the file opens, and an answer that was told about is in it."""
    terminal = quiz("--kind", "choice", "--lang", "en")
    terminal.see("Pick one")
    if when == "told":
        terminal.press("x")
        terminal.see("Not known")
    terminal.kill()
    assert len(history()) == (1 if when == "told" else 0)


@pytest.mark.slow
def test_ctrl_d_at_the_first_question(quiz: Open) -> None:
    """The end of the input before any answer is one sentence and status 2."""
    terminal = quiz("--kind", "numeric", "--lang", "en")
    terminal.see("A number")
    terminal.press(CTRL_D)
    assert terminal.ends() == 2
    assert "ended before the first answer" in " ".join(terminal.text().split())


@pytest.mark.slow
def test_two_terminals_at_once(quiz: Open, history: Any) -> None:
    """Both record into one file."""
    one, two = quiz("--kind", "choice", "--lang", "en"), quiz("--kind", "numeric", "--lang", "en")
    one.see("Pick one")
    two.see("A number")
    two.press("x", ENTER)
    one.press("x")
    for terminal in (one, two):
        terminal.see("Not known")
        terminal.press("q")
        assert terminal.ends() == 0
    assert {answer["entry"] for answer in history()} == {"lab-choice", "lab-numeric"}


def test_no_colour_where_none_is_wanted(quiz: Open) -> None:
    """With NO_COLOR no colour code is written; bold and the cursor may stay."""
    terminal = quiz("--kind", "choice", "--lang", "en", NO_COLOR="1")
    terminal.see("Pick one")
    terminal.press("x")
    terminal.see("Enter next")
    codes = {code for found in re.findall(rb"\x1b\[([0-9;]*)m", terminal.raw) for code in found.split(b";")}
    assert not [code for code in codes if code and (30 <= int(code) <= 49 or 90 <= int(code) <= 107)]


def test_a_dumb_terminal_gets_lines(quiz: Open, history: Any) -> None:
    """Without a cursor to move, options are printed and a letter is typed on a line; no control code is written."""
    terminal = quiz("--kind", "choice", "--lang", "en", TERM="dumb")
    terminal.see("letter>")
    terminal.press("?", ENTER)
    terminal.see("everything answered is kept")
    terminal.press("x", ENTER)
    assert terminal.ends() == 0
    assert b"\x1b" not in terminal.raw
    assert len(history()) == 1


@pytest.mark.slow
def test_text_stays_readable_on_a_wide_screen(quiz: Open) -> None:
    """At 200 columns no line of text is longer than 100."""
    terminal = quiz("--kind", "choice", "--lang", "en", columns=200)
    terminal.see("Pick one")
    terminal.press("x")
    terminal.see("Enter next")
    assert max(map(len, terminal.text().splitlines())) == 100


def test_an_exercise_is_solved(quiz: Open, tmp_path: Path, history: Any) -> None:
    """A workspace is made; only files that differ are tries, and what passes now is told by its title."""
    terminal = quiz("--kind", "code", "--lang", "en")
    terminal.see("g grade")
    terminal.press("g")
    terminal.see("score 0/2")
    path = tmp_path / "double" / "solution.py"
    path.write_text("def double(x):\n    return x * x * x\n")
    for _ in range(2):
        terminal.press("g")
    terminal.see("no change since the last run")
    path.write_text("def double(x):\n    return x + x\n")
    terminal.press("g")
    terminal.see("score 2/2")
    terminal.see("cases that pass now: 2")
    terminal.see("Two becomes four", since="cases that pass now")
    terminal.see("Model answer of lab-code.")
    terminal.press("q")
    assert terminal.ends() == 0
    (answer,) = history()
    assert (answer["score"], answer["tries"], answer["result"]) == (1.0, 2, "right")


def test_saving_grades_while_watching(quiz: Open, tmp_path: Path) -> None:
    """`w` grades when the file is saved, and stops when it is accepted."""
    terminal = quiz("--kind", "code", "--lang", "en")
    terminal.see("g grade")
    terminal.press("w")
    terminal.see("save it to have it graded")
    path = tmp_path / "double" / "solution.py"
    path.write_text("def double(x):\n    return 2 * x\n")
    terminal.see("score 2/2")
    terminal.see("Model answer of lab-code.")


@pytest.mark.slow
def test_what_was_saved_before_is_graded_when_watching_begins(quiz: Open, tmp_path: Path) -> None:
    """Nobody has to save twice."""
    terminal = quiz("--kind", "code", "--lang", "en")
    terminal.see("g grade")
    (tmp_path / "double" / "solution.py").write_text("def double(x):\n    return 2 * x\n")
    terminal.press("w")
    terminal.see("score 2/2")


def test_an_exercise_of_a_mock_is_handed_in_once(quiz: Open, tmp_path: Path, history: Any) -> None:
    """A slip of the finger hands in no stub; the verdict is told at the end and not before."""
    terminal = quiz("--mode", "mock", "--kind", "code", "--lang", "en")
    terminal.see("d hand in")
    assert "g grade" not in terminal.text()
    assert "w watch" not in terminal.text()
    terminal.press("d")
    terminal.see("still the empty stub")
    (tmp_path / "double" / "solution.py").write_text("def double(x):\n    return x * x\n")
    terminal.press("d")
    terminal.see("Noted.")
    terminal.see("Enter next")
    assert "score 0/2" not in terminal.text()
    terminal.press(ENTER)
    terminal.see("score 0/2")
    terminal.see("Not right 0%")
    terminal.press("q")
    assert terminal.ends() == 0
    assert [one["tries"] for one in history()] == [1]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_keys_at_random_and_a_random_end(quiz: Open, tmp_path: Path, seed: int) -> None:
    """Whatever is typed and whenever it is killed: no traceback, a sound file, and no answer that was half recorded."""
    draw = random.Random(seed)
    keys = ["a", "b", "?", "h", "l", "n", "x", " ", "3.5\r", "abcd\r", "the variance\r", "方差\r", DOWN, *[ENTER] * 5]
    kinds = [word for kind in ("choice", "multi", "numeric", "order", "open", "bug") for word in ("--kind", kind)]
    for end in (signal.SIGINT, signal.SIGKILL, signal.SIGHUP):
        mode, lang = draw.choice(["learn", "mock"]), draw.choice(["en", "zh"])
        terminal = quiz(*kinds, "--mode", mode, "--lang", lang, columns=draw.choice([40, 80, 200]))
        terminal.press_at_random(lambda: draw.choice(keys), draw.randrange(60))
        terminal.kill(end)
        assert b"Traceback" not in terminal.raw
        path = tmp_path / "home" / "progress.sqlite"
        if not path.exists():
            continue
        with contextlib.closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        store = StoredProgress.at(path)
        assert sum(memory.answers for memory in store.memories().values()) == len(store.answers())


@pytest.mark.parametrize(("second", "status"), [slow("y", 0), ("n", 1)])
def test_a_solution_is_asked_for_twice(pack: Path, tmp_path: Path, second: str, status: int) -> None:
    """Who has not solved the exercise must insist; a no at the second question keeps it hidden."""
    command = ["solution", "double", "--pack", str(pack), "--lang", "en"]
    terminal = Terminal(command, tmp_path, {"VIVA_HOME": str(tmp_path / "home")})
    terminal.see("See the solution all the same?")
    terminal.press("y", ENTER)
    terminal.see("Really?")
    terminal.press(second, ENTER)
    assert terminal.ends() == status
    assert ("return 2 * x" in terminal.text()) is (status == 0)
