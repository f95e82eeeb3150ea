"""What the command line says in Chinese: help pages, complaints, and which language it chooses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command

from grader.cli.app import app
from grader.cli.chinese import wrong_use
from grader.cli.language import of_command_line
from grader.cli.run import USAGE_ERROR
from grader.report.strings.command_line import COMPLAINTS, HELP

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def help_texts(command: Any) -> Iterator[str]:
    """Every text that the help pages of `command` and of those below it show."""
    yield command.help
    yield from (text for parameter in command.params if (text := getattr(parameter, "help", None)))
    for below in getattr(command, "commands", {}).values():
        yield from help_texts(below)


def test_every_help_text_is_there_in_chinese_and_none_is_left_over() -> None:
    """A new option without a Chinese text fails here, and so does a text whose option is gone."""
    shown = set(help_texts(get_command(app))) | {"Show this message and exit."}
    assert shown == set(HELP)


def test_help_texts_are_chinese() -> None:
    """A list of names alone differs by its commas."""
    assert [english for english, chinese in HELP.items() if not re.search("[\u3001\u4e00-\u9fff]", chinese)] == []
    assert [english for english, chinese in HELP.items() if chinese.endswith((".", "。"))] == []


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("start", "缺少参数 slug"),
        ("session new x --avoid", "选项 --avoid 需要一个值"),
        ("grad", "没有命令 grad（是不是想写 'grade'？）"),
        ("zzz", "没有命令 zzz"),
        ("grade f1_auc x.py --sead 3", "没有选项 --sead（是不是想写 --seed？）"),
        ("grade f1_auc x.py --zzz", "没有选项 --zzz"),
        ("show a b", "多出了参数 b"),
        ("show a b c", "多出了参数 b c"),
        ("list --json=3", "选项 --json 不带值"),
        ("grade f1_auc x.py --device gpu", "--device 的值 'gpu' 无效，可用的有 'auto', 'cpu', 'cuda'"),
        ("grade f1_auc x.py --jobs 0", "--jobs 的值 0 超出范围 1<=x<=256"),
        ("quiz --minutes x", "--minutes 的值 'x' 不是整数"),
        ("grade f1_auc x.py --seed x", "--seed 的值 'x' 不是整数"),
        ("engine start --idle-minutes x", "--idle-minutes 的值 'x' 不是数值"),
        ("import x.csv", "缺少选项 --output/-o"),
        ("progress shw", "action 的值 'shw' 无效，可用的有 'show', 'export', 'import'"),
    ],
)
def test_what_is_wrong_with_a_call(line: str, says: str) -> None:
    """What typer raises is recognized, so that typer's own wording of today is covered."""
    with pytest.raises(USAGE_ERROR) as caught:
        app(line.split(), prog_name="viva", standalone_mode=False)
    assert wrong_use(caught.value.format_message().strip().rstrip(".")) == says


@pytest.mark.parametrize(
    ("message", "says"),
    [
        ("Input should be a valid integer, unable to parse string as an integer", "--jobs 的值不是整数"),
        ("Input should be a valid number, unable to parse string as a number", "--jobs 的值不是数值"),
        ("Input should be greater than or equal to 1", "--jobs 的值至少应为 1"),
        ("Input should be less than or equal to 256", "--jobs 的值最多为 256"),
    ],
)
def test_what_a_newer_typer_says(message: str, says: str) -> None:
    """Typer 0.29 asks pydantic, and says what that says."""
    assert wrong_use(f"Invalid value for '--jobs': {message}") == says


def test_unknown_words_stay_english() -> None:
    """A complaint that nobody has translated is not swallowed."""
    assert wrong_use("Something that a later typer says") is None


def test_complaints_are_chinese() -> None:
    """Every pattern compiles, and every template is Chinese."""
    assert all(re.compile(pattern) and CHINESE.search(chinese) for pattern, chinese in COMPLAINTS)


@pytest.mark.parametrize(
    ("line", "locale", "lang"),
    [
        ("grade f1_auc x.py", "en_US.UTF-8", "en"),
        ("grade f1_auc x.py", "zh_CN.UTF-8", "zh"),
        ("grade f1_auc x.py --lang zh", "en_US.UTF-8", "zh"),
        ("grade f1_auc --lang=en x.py", "zh_CN.UTF-8", "en"),
        ("grade f1_auc x.py --lang auto", "zh_CN.UTF-8", "zh"),
        ("grade f1_auc x.py --lang", "zh_CN.UTF-8", "zh"),
        ("", "C", "en"),
    ],
)
def test_the_language_of_a_command_line(monkeypatch: pytest.MonkeyPatch, line: str, locale: str, lang: str) -> None:
    """`--lang` wins over the locale, wherever it stands, and also in a line that is wrong otherwise."""
    monkeypatch.setenv("LC_ALL", locale)
    assert of_command_line(line.split()) == lang
