"""What typer says of the command line, in Chinese: help pages, and what is wrong with a call.

typer speaks English only, so its command tree is given other texts before it runs (`translate`), and its complaints are
recognized by their wording (`wrong_use`); one that is not known stays English. Tests find texts that are missing.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

from grader.report.strings.command_line import COMPLAINTS, HELP, PANELS


def wrong_use(message: str) -> str | None:
    """What typer has against a command line, in Chinese and without a full stop; None where its words are not known."""
    for pattern, chinese in COMPLAINTS:
        match = re.fullmatch(pattern, message)
        if match:
            names = {name: value.replace("' / '", "/") for name, value in match.groupdict().items()}
            return chinese.format(**names)
    return None


def translate(command: Any) -> Any:
    """Give `command` and those below it Chinese help pages; returns it."""
    if hasattr(command, "list_commands"):
        command.list_commands(None)  # which sorts by panels while these have their English names
    command.help = HELP.get(command.help, command.help)
    command.short_help = HELP.get(command.short_help, command.short_help)
    panel = getattr(command, "rich_help_panel", None)
    if isinstance(panel, str):
        command.rich_help_panel = PANELS[panel]
    for parameter in command.params:
        text = getattr(parameter, "help", None)
        if text:
            parameter.help = HELP.get(text, text)
    command.get_usage = functools.partial(_usage, command.get_usage)
    command.format_help = functools.partial(_page, command.format_help)
    for below in getattr(command, "commands", {}).values():
        translate(below)
    return command


def _usage(written: Callable[[Any], str], context: Any) -> str:
    return written(context).replace("Usage: ", "用法：", 1)


def _page(print_page: Callable[..., None], context: Any, formatter: Any) -> None:
    from typer import rich_utils  # slow, and only a help page needs it

    rich_utils._make_rich_text = functools.partial(_folded, rich_utils._make_rich_text)
    rich_utils.ARGUMENTS_PANEL_TITLE = "参数"
    rich_utils.OPTIONS_PANEL_TITLE = "选项"
    rich_utils.COMMANDS_PANEL_TITLE = "命令"
    rich_utils.DEFAULT_STRING = "[默认：{}]"
    rich_utils.REQUIRED_LONG_STRING = "[必填]"
    option = context.command.get_help_option(context)
    if option is not None:
        option.help = HELP.get(option.help, option.help)
    print_page(context, formatter)


def _folded(make: Callable[..., Any], **fields: Any) -> Any:
    """A text that may be broken anywhere: rich looks for blanks, and would cut off what has none."""
    text = make(**fields)
    text.overflow = "fold"
    return text
