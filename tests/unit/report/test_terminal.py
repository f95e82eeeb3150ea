"""Verdicts on a screen."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from grader.model.text import Lang, Text
from grader.model.verdict import Resources, Status, Verdict
from grader.report.feedback import redact
from grader.report.terminal import Telling, render_summary, render_verdict
from tests.fakes import verdicts as fakes

LANGS: list[Lang] = ["en", "zh"]


def screen(width: int, encoding: str = "utf-8", **options: Any) -> tuple[Console, io.BytesIO]:
    """A console of `width` cells, and the bytes that it has written."""
    written = io.BytesIO()
    file = io.TextIOWrapper(written, encoding=encoding, errors="strict", write_through=True)
    return Console(file=file, width=width, **options), written


def shown(verdict: Verdict, lang: Lang = "en", width: int = 80, encoding: str = "utf-8", **options: Any) -> str:
    """What `render_verdict` puts on a screen."""
    console, written = screen(width, encoding, **options)
    render_verdict(verdict, console, lang, {"en": "Multi-head attention", "zh": "多头注意力"}[lang])
    console.file.flush()
    return written.getvalue().decode(encoding)


def summed_up(
    verdicts: Sequence[Verdict], lang: Lang = "en", width: int = 80, encoding: str = "utf-8", **options: Any
) -> str:
    """What `render_summary` puts on a screen."""
    console, written = screen(width, encoding, **options)
    render_summary(verdicts, console, lang)
    return written.getvalue().decode(encoding)


def test_first_line_of_an_accepted_verdict() -> None:
    """The first line says that it was accepted, of what, and whose it is."""
    assert shown(fakes.accepted()).splitlines()[0] == "✓ ACCEPTED  Multi-head attention · alice.py"


def test_first_line_in_chinese() -> None:
    """It says so in Chinese as well."""
    assert shown(fakes.wrong_answer(), "zh").splitlines()[0] == "✗ 答案错误  多头注意力 · half_right.py"


def test_score_line() -> None:
    """The second line draws and tells the score."""
    line = shown(fakes.time_limit()).splitlines()[1]
    assert line == "  " + "█" * 10 + "░" * 14 + "  score 4/10 · cases 1/2"


@pytest.mark.parametrize(("score", "filled"), [(0.0, 0), (0.01, 1), (9.99, 23), (10.0, 24)])
def test_bar_is_empty_or_full_only_when_the_score_is(score: float, filled: int) -> None:
    """A little is drawn as something, and nearly all as less than all."""
    line = shown(fakes.verdict(score=score)).splitlines()[1]
    assert line.count("█") == filled


def test_failed_case() -> None:
    """Below its task a failed case shows its message, what was expected and what came, and what was printed."""
    text = shown(fakes.wrong_answer())
    start = text.index("  ✗ 0/3  Masks")
    assert text[start:].splitlines()[5:12] == [
        "      ✗ A query that may attend to nothing gets zeros before `out_proj`,",
        "        whatever the other rows hold",
        "        24 of 96 values are not finite where finite ones are expected",
        "        expected  0.0",
        "        actual    nan",
        "        worst at  (1, 2, 0)",
        "        printed   scores: tensor([[0.1, -inf],",
    ]


def test_labels_are_aligned_in_chinese() -> None:
    """Values line up although the labels differ in width."""
    lines = shown(fakes.wrong_answer(), "zh").splitlines()
    columns = {
        cell_len(line[: line.index(end)]) for line in lines for end in ("nan", "(1, 2, 0)") if line.endswith(end)
    }
    assert columns == {20}


def test_passed_cases_are_not_listed() -> None:
    """What passed takes no room."""
    assert "The output has the shape" not in shown(fakes.wrong_answer())


def test_equal_failures_are_told_once() -> None:
    """A stub that raises the same everywhere fills no screen."""
    text = shown(fakes.runtime_error())
    assert text.count("NotImplementedError") == 1
    assert text.count("(runtime error, same as above)") == 5


def test_diagnosis() -> None:
    """A known mistake is named, and what to do about it."""
    text = shown(fakes.wrong_answer())
    assert "  Behaves like: attention without the `1/sqrt(d_k)` scaling\n    Dot products" in text


def test_last_line() -> None:
    """The last line tells time, memory, seed and isolation."""
    last = shown(fakes.accepted()).splitlines()[-1]
    assert last == "  184 ms · 220 MiB · seed 4503599627370495 · isolation strict (11 layers)"


def test_little_memory_is_not_none() -> None:
    """A box that touched less than a megabyte did use some."""
    little = fakes.verdict(resources=Resources(wall_ms=20.0, cpu_ms=10.0, peak_rss_bytes=98_304))
    assert " · < 1 MiB · " in shown(little).splitlines()[-1]


def test_withheld_figures_are_left_out() -> None:
    """A redacted verdict shows no made-up figures."""
    assert shown(redact(fakes.accepted(), "score")).splitlines()[-1] == "  isolation strict (11 layers)"


def test_long_output_is_trimmed() -> None:
    """Of a flood, 500 characters are shown."""
    case = fakes.outcome(status=Status.WRONG_ANSWER, output="x" * 10_000)
    text = shown(fakes.verdict(status=Status.WRONG_ANSWER, cases=(case,)))
    assert text[text.index("printed") :].count("x") == 499
    assert "… (9501 characters left out)" in text


def test_many_lines_are_trimmed() -> None:
    """Of many short lines, few are shown."""
    case = fakes.outcome(status=Status.WRONG_ANSWER, output="y\n" * 200)
    assert len(shown(fakes.verdict(status=Status.WRONG_ANSWER, cases=(case,))).splitlines()) < 30


def test_rejected_says_why() -> None:
    """A submission that was not run shows the reason and no list of zeros."""
    text = shown(fakes.rejected())
    assert "line 12: '(' was never closed" in text
    assert "0/1" not in text.replace("0/10", "")


def test_judge_error_is_ours() -> None:
    """When we fail, the candidate is told that it does not count, and sees no score."""
    text = shown(fakes.judge_error())
    assert "The grader failed, not your code" in text
    assert "score" not in text


def test_failures_without_a_task_are_shown() -> None:
    """A failure whose task nobody knows is not swallowed."""
    case = fakes.outcome(task="gone", status=Status.RUNTIME_ERROR, message="boom")
    assert "boom" in shown(fakes.verdict(status=Status.RUNTIME_ERROR, cases=(case,)))


def test_integrity_notes_are_shown() -> None:
    """Whoever grades sees what was suspicious."""
    assert "Integrity: answered before it was asked" in shown(
        fakes.verdict(integrity=("answered before it was asked",))
    )


@pytest.mark.parametrize("verdict", fakes.samples(), ids=lambda verdict: verdict.status.value)
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("width", [40, 80, 200])
def test_lines_fit_the_screen(verdict: Verdict, lang: Lang, width: int) -> None:
    """No line is wider than the screen, and none ends in blanks."""
    for line in shown(verdict, lang, width).splitlines():
        assert cell_len(line) <= width
        assert line == line.rstrip()


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("width", [80, 200])
def test_table_fits_the_screen(lang: Lang, width: int) -> None:
    """No row of the table is wider than the screen."""
    assert max(map(cell_len, summed_up(fakes.samples(), lang, width).splitlines())) <= width


@pytest.mark.parametrize("encoding", ["ascii", "gbk", "latin-1"])
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("verdict", fakes.samples(), ids=lambda verdict: verdict.status.value)
def test_other_encodings(verdict: Verdict, lang: Lang, encoding: str) -> None:
    """Nothing that an encoding lacks is sent to it."""
    first = shown(verdict, lang, encoding=encoding).splitlines()[0]
    assert first[0] in "+x!"


def test_chinese_in_gbk() -> None:
    """A terminal in GBK gets Chinese."""
    assert shown(fakes.accepted(), "zh", encoding="gbk").startswith("+ 通过  多头注意力 - alice.py")


def test_chinese_falls_back_to_english() -> None:
    """A terminal that cannot show Chinese gets English, not question marks."""
    text = shown(fakes.wrong_answer(), "zh", encoding="ascii")
    assert text.startswith("x WRONG ANSWER  multi_head_attention - half_right.py")


def test_hostile_text_sends_no_commands() -> None:
    """A candidate's escape sequences and control characters reach no terminal."""
    text = shown(fakes.hostile()) + summed_up([fakes.hostile()])
    assert not set(text) & {chr(code) for code in (*range(10), *range(11, 32), *range(127, 160), 0x202E, 0x2028)}


def test_hostile_text_is_no_markup() -> None:
    """Markup and emoji names in candidate text are shown literally, also in colour."""
    text = shown(fakes.hostile(), force_terminal=True, color_system="truecolor", no_color=False)
    assert "[bold red]ACCEPTED[/]" in text
    assert ":smile:" in text


def test_a_hostile_name_cannot_add_lines() -> None:
    """A line end in a submission's name does not make a second line that looks like a verdict."""
    text = shown(fakes.verdict(submission="a\n✓ ACCEPTED", status=Status.WRONG_ANSWER))
    assert not [line for line in text.splitlines() if line.startswith("✓")]


def test_colour_on_a_terminal() -> None:
    """On a terminal the first line is coloured."""
    text = shown(fakes.accepted(), force_terminal=True, color_system="standard", no_color=False)
    assert text.startswith("\x1b[1;32m✓ ACCEPTED\x1b[0m")


def test_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    """With NO_COLOR nothing is coloured."""
    monkeypatch.setenv("NO_COLOR", "1")
    text = shown(fakes.wrong_answer(), force_terminal=True, color_system="standard")
    assert "\x1b[3" not in text
    assert "\x1b[1;3" not in text


def test_dumb_terminal_gets_plain_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal that understands nothing is sent nothing to understand."""
    monkeypatch.setenv("TERM", "dumb")
    assert "\x1b" not in shown(fakes.wrong_answer(), force_terminal=True)


def test_table() -> None:
    """The table has a row per submission, and the known mistake of one that failed."""
    assert summed_up([fakes.accepted(), fakes.wrong_answer()], width=120).splitlines() == [
        "submission       verdict       score    time  behaves like",
        "alice.py       ✓ accepted      10/10  184 ms",
        "half_right.py  ✗ wrong answer   1/10  184 ms  attention without the `1/sqrt(d_k)` scaling",
        "",
        "submissions 2 · accepted 1 · wrong answer 1 · mean score 55%",
    ]


def test_table_names_exercises_when_they_differ() -> None:
    """With several exercises, each row says which."""
    text = summed_up([fakes.accepted(), fakes.verdict(exercise_id="smote")], width=120)
    assert text.splitlines()[2].startswith("smote                 alice.py")


def test_mean_leaves_our_failures_out() -> None:
    """A judge error pulls nobody's mean down."""
    assert "mean score 100%" in summed_up([fakes.accepted(), fakes.judge_error()])


def test_a_score_that_is_no_number_is_shown() -> None:
    """Even a verdict that we got wrong is rendered."""
    assert "score nan/10" in shown(fakes.verdict(score=float("nan")))


def test_empty_table() -> None:
    """No submissions are counted as none."""
    assert summed_up([]).splitlines()[-1] == "submissions 0"


def test_rich_is_loaded_only_for_terminals() -> None:
    """The other reports do not pay for rich."""
    code = "import sys, grader.report.as_json, grader.report.junit; print('rich' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_in_brief_the_first_failure_is_told_and_the_rest_is_counted() -> None:
    """What to mend first, with its details; of other tasks, how many cases failed; last what to do next."""
    console, written = screen(100)
    render_verdict(fakes.wrong_answer(), console, "en", "Attention", Telling(whole=False, then=("Try again.",)))
    lines = written.getvalue().decode().splitlines()
    assert [line.strip() for line in lines if "failed" in line] == [
        "and 1 more failed",
        "✗ 0/6  Gradients of inputs and parameters · cases failed: 1",
    ]
    assert "        the value at (0, 1) is off by 0.25" in lines
    assert not [line for line in lines if "out_proj" in line or "requires_grad" in line]
    assert lines[-1] == "  Try again."


def test_code_as_it_was_given_is_told_in_a_sentence() -> None:
    """No wall of failures that all say the same."""
    console, written = screen(100)
    render_verdict(fakes.runtime_error(), console, "zh", "注意力", Telling(untouched=True))
    assert [line for line in written.getvalue().decode().splitlines() if line][1:] == [
        "  还没有动笔：代码与拿到时一样。"
    ]


def test_a_public_case_shows_its_call_unless_the_message_does() -> None:
    """With the arguments that it was made with."""
    case = replace(fakes.wrong_answer().cases[1], call="attend([1, 2], mask=None)")
    verdict = replace(fakes.wrong_answer(), cases=(case,))
    assert "        call      attend([1, 2], mask=None)" in shown(verdict).splitlines()
    said = replace(case, message=Text.same("attend([1, 2], mask=None) was to raise"))
    assert "call  " not in shown(replace(verdict, cases=(said,)))
