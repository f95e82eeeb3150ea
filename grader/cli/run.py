"""Runs the command line: which language it speaks, and how everything that can go wrong is said and ends."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

import typer

from grader.cli.app import app
from grader.cli.ending import complain, fail, forget_widths, leave, open_streams
from grader.cli.exit_status import INTERRUPTED
from grader.cli.language import of_command_line
from grader.errors import GraderError
from grader.model.text import Lang, Text
from grader.report.printable import Printable

# What typer raises for a wrong command line; it exports only this kind of it.
USAGE_ERROR: type[Exception] = typer.BadParameter.__mro__[1]

_ENDED = Text(
    en="nothing was answered, because the input has ended", zh="输入已经结束，没有得到回答；请在终端中运行，或改用选项"
)
_INTERRUPTED = Text(en="interrupted; nothing is left running", zh="已中断；没有留下任何进程")
_SEE_HELP = Text(en="; `{path} --help` shows what is possible", zh="；`{path} --help` 会列出可用的写法")


def run() -> NoReturn:
    """Run the command line and exit; what people do wrong and what we do wrong ends in one sentence and status 2.

    Status 1 means "not accepted", so nothing else may end with it: what was printed is flushed here, and whatever
    exception comes is caught here.
    """
    open_streams()
    forget_widths()
    sys.stdout, sys.stderr = Printable(sys.stdout), Printable(sys.stderr)
    lang = _language()
    try:
        status = _status(lang)
        sys.stdout.flush()
    except GraderError as error:
        complain(error.said_in(lang), tuple(getattr(error, "__notes__", ())))
    except USAGE_ERROR as error:
        complain(_wrong_use(error, lang))
    except typer.Abort:
        complain(_ENDED.get(lang))
    except KeyboardInterrupt:  # while typer looked at the commands, before it listens itself
        status = INTERRUPTED
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):  # which typer and rich make of it, with status 1
            fail(end.__context__, lang)
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it is ours, and must not look like a verdict
        fail(error, lang)
    if status == INTERRUPTED:  # typer has turned the Ctrl-C into this, without a word
        print(f"viva: {_INTERRUPTED.get(lang)}", file=sys.stderr)
    leave(status)


def _language() -> Lang:
    """The language for what is said outside of a command; English where a stream cannot carry Chinese."""
    lang = of_command_line(sys.argv[1:])
    if lang == "en":
        return lang
    from grader.report.escaping import can_carry

    return lang if all(can_carry(stream.encoding, _ENDED.zh) for stream in (sys.stdout, sys.stderr)) else "en"


def _status(lang: Lang) -> Any:
    """The exit status; raises what commands and typer raise."""
    if lang == "en":
        return app(prog_name="viva", standalone_mode=False)
    from grader.cli.chinese import translate

    return translate(typer.main.get_command(app))(prog_name="viva", standalone_mode=False)


def _wrong_use(error: Any, lang: Lang) -> str:
    """What typer has against a command line, in one sentence that says what was meant or where to look."""
    message = error.format_message().strip().rstrip(".").replace("Value error, ", "")
    if "\n" in message or not message:  # a whole help page, which has been printed
        return str(message)
    path = error.ctx.command_path if error.ctx else "viva"
    advice = "" if message.endswith("?") else _SEE_HELP.filled(path=path).get(lang)
    if lang == "zh":
        from grader.cli.chinese import wrong_use

        message = wrong_use(message) or message
    message = message.replace(". Did you mean", "; did you mean")
    return f"{message[0].lower()}{message[1:]}{advice}"
