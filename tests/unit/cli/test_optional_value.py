"""An option whose value may be left out."""

from __future__ import annotations

import pytest
import typer

from grader.cli.optional_value import OptionalRepair

app = typer.Typer()


@app.command(cls=OptionalRepair)
def start(slug: str, folder: str = typer.Argument(""), repair: str = typer.Option("none"), lang: str = "auto") -> None:
    print(f"{slug}|{folder}|{repair}|{lang}")


@pytest.mark.parametrize(
    ("arguments", "heard"),
    [
        (["f1"], "f1||none|auto"),
        (["f1", "--repair"], "f1|||auto"),
        (["f1", "--repair", "3f2a"], "f1||3f2a|auto"),
        (["f1", "--repair=3f2a"], "f1||3f2a|auto"),
        (["f1", "--repair", "--lang", "zh"], "f1|||zh"),
        (["f1", "work", "--repair"], "f1|work||auto"),
        (["f1", "--repair", "3f2a", "work"], "f1|work|3f2a|auto"),
        (["--repair", "3f2a", "f1", "work"], "f1|work|3f2a|auto"),
    ],
)
def test_the_value_may_be_left_out(arguments: list[str], heard: str, capsys: pytest.CaptureFixture[str]) -> None:
    """At the end and before another option it is empty; elsewhere it is the next word."""
    app(arguments, standalone_mode=False)
    assert capsys.readouterr().out.strip() == heard
