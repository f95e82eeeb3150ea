"""Answers from a terminal that can move its cursor: arrow keys, one-key commands, lines that can be edited."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from prompt_toolkit.application import Application
from prompt_toolkit.data_structures import Point
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout import FormattedTextControl, Layout, Window
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.shortcuts import PromptSession
from prompt_toolkit.styles import Style
from rich.cells import cell_len

from grader.cli.quiz.keys import LABELS, Chosen, Command, EndOfInput, Interrupted, Menu, as_command
from grader.report.layout import wrap

_STYLE = Style.from_dict(
    {
        "cursor": "bold ansicyan",
        "label": "bold",
        "ticked": "ansigreen",
        "footer": "ansibrightblack",
        "note": "ansiyellow",
    }
)
ENTER = ("enter", "c-j")  # the second is what Enter becomes when it is pressed while nothing is asked
NOWHERE = -1  # where the cursor of a menu begins, so that an Enter too many answers nothing
_KEYS: Mapping[Command, tuple[str, ...]] = {Command.GO_ON: (*ENTER, "space"), Command.HELP: ("?", "？")}


class TerminalKeyboard:
    """Draws menus itself and takes them away again; what was answered is printed by the screen."""

    shows_menu = True
    waits = True

    def __init__(self, width: Callable[[], int], *, colour: bool) -> None:
        self._width = width
        self._depth = None if colour else ColorDepth.DEPTH_1_BIT
        self._session: PromptSession[str] = PromptSession(style=_STYLE, color_depth=self._depth)
        self._left: _MenuView | None = None  # a menu that a command interrupted: it goes on where it was

    def choose(self, menu: Menu, commands: frozenset[Command]) -> Chosen | Command | str:
        """Arrow keys or letters, Enter to answer; the space bar or a letter ticks where several may be."""
        view = _MenuView(menu, commands, self._width, self._depth, self._left)
        heard = view.run()
        self._left = view if isinstance(heard, Command) else None
        return heard

    def line(self, prompt: str, commands: frozenset[Command]) -> Command | str:
        """One line."""
        text = self._read(f"{prompt} ")
        return as_command(text, commands) or text

    def passage(self, prompt: str, commands: frozenset[Command], draft: str = "") -> Command | str:
        """Lines, from a draft on; Enter on an empty line, or Ctrl-D, ends them."""
        bindings = KeyBindings()

        @bindings.add(ENTER[0])
        @bindings.add(ENTER[1])
        def _enter(event: KeyPressEvent) -> None:
            buffer = event.current_buffer
            ended = buffer.document.is_cursor_at_the_end and (not buffer.text or buffer.text.endswith("\n"))
            if ended or as_command(buffer.text, commands) is not None:
                buffer.validate_and_handle()
            else:
                buffer.insert_text("\n")

        @bindings.add("c-d")
        def _done(event: KeyPressEvent) -> None:
            if event.current_buffer.text:
                event.current_buffer.validate_and_handle()
            else:
                event.app.exit(exception=EOFError)

        margin = " " * (cell_len(prompt) + 1)
        try:
            text = self._read(
                f"{prompt} ",
                multiline=True,
                key_bindings=bindings,
                prompt_continuation=lambda *_: margin,
                wrap_lines=True,
                default=draft,
            )
        except KeyboardInterrupt:
            raise Interrupted(self._session.default_buffer.text.strip()) from None
        return as_command(text, commands) or text.strip()

    def key(self, prompt: str, commands: frozenset[Command]) -> Command:
        """One key."""
        bindings = KeyBindings()
        _bind_commands(bindings, commands)
        _bind_ends(bindings)
        command: Command = _run([("class:footer", prompt)], bindings, self._depth)
        return command

    def _read(self, prompt: str, **options: Any) -> str:
        try:
            return self._session.prompt(
                prompt, **{"multiline": False, "key_bindings": None, "handle_sigint": False, **options}
            )
        except EOFError:
            raise EndOfInput from None


class _MenuView:
    """A menu while it is on the screen."""

    def __init__(
        self,
        menu: Menu,
        commands: frozenset[Command],
        width: Callable[[], int],
        depth: ColorDepth | None,
        before: _MenuView | None = None,
    ) -> None:
        self._menu, self._commands, self._width, self._depth = menu, commands, width, depth
        self._at = 0 if menu.several else NOWHERE
        self._ticked = set(menu.ticked)
        self._note = ""
        if before is not None and before._menu == menu:
            self._at, self._ticked = before._at, before._ticked

    def run(self) -> Chosen | Command:
        bindings = KeyBindings()
        count = len(self._menu.texts)
        self._bind(bindings, ("up", "k") if count <= LABELS.index("k") else ("up",), lambda: self._go(-1))
        self._bind(bindings, ("down", "j") if count <= LABELS.index("j") else ("down",), lambda: self._go(1))
        for place in range(count):
            keys = (LABELS[place], LABELS[place].upper(), *((str(place + 1),) if place < 9 else ()))
            self._bind(bindings, keys, functools.partial(self._pick, place))
        if self._menu.several:
            self._bind(bindings, ("space",), lambda: self._pick(self._at))
        _bind_commands(bindings, self._commands - {Command.GO_ON})
        _bind_ends(bindings)

        @bindings.add(ENTER[0])
        @bindings.add(ENTER[1])
        def _enter(event: KeyPressEvent) -> None:
            places = tuple(sorted(self._ticked)) if self._menu.several else (self._at,)
            if (places and places[0] != NOWHERE) or self._menu.may_be_empty:
                event.app.exit(result=Chosen(places))
            else:
                self._note = self._menu.missing

        heard: Chosen | Command = _run(self._draw, bindings, self._depth, self._cursor)
        return heard

    def _bind(self, bindings: KeyBindings, keys: tuple[str, ...], action: Callable[[], None]) -> None:
        for key in keys:
            bindings.add(key)(lambda _event: action())

    def _go(self, by: int) -> None:
        self._note = ""
        count = len(self._menu.texts)
        self._at = (self._at + by) % count if self._at != NOWHERE else (0 if by > 0 else count - 1)

    def _pick(self, place: int) -> None:
        self._note = ""
        self._at = place
        if self._menu.several:
            self._ticked ^= {place}

    def _rows(self, place: int) -> list[str]:
        return wrap(self._menu.texts[place], self._width() - (10 if self._menu.several else 6))

    def _title(self) -> list[str]:
        return wrap(self._menu.title, self._width()) if self._menu.title else []

    def _footer(self) -> str:
        """The keys, in as many lines as a window takes that has become narrower."""
        lines = self._menu.footer.split("\n")
        return "\n".join(row for line in lines for row in wrap(line, self._width()))

    def _cursor(self) -> Point:
        """Where the chosen option begins, so that a long menu scrolls to it."""
        return Point(x=0, y=len(self._title()) + sum(len(self._rows(place)) for place in range(self._at)))

    def _draw(self) -> StyleAndTextTuples:
        drawn: StyleAndTextTuples = [("bold", row + "\n") for row in self._title()]
        for place in range(len(self._menu.texts)):
            here, ticked = place == self._at, place in self._ticked
            style = "class:cursor" if here else "class:ticked" if ticked else ""
            lead = f" {'>' if here else ' '} {LABELS[place]}  "
            if self._menu.several:
                lead += f"[{'x' if ticked else ' '}] "
            for number, row in enumerate(self._rows(place)):
                drawn.append((style, (lead if number == 0 else " " * len(lead)) + row + "\n"))
        drawn.append(("class:note", f"\n{self._note}" if self._note else ""))
        drawn.append(("class:footer", "\n" + self._footer()))
        return drawn


def _bind_commands(bindings: KeyBindings, commands: frozenset[Command]) -> None:
    for command in commands:
        keys = _KEYS.get(command, (command.value, command.value.upper()))

        def leave(event: KeyPressEvent, command: Command = command) -> None:
            event.app.exit(result=command)

        for key in keys:
            bindings.add(key)(leave)


def _bind_ends(bindings: KeyBindings) -> None:
    @bindings.add("c-c")
    def _interrupt(event: KeyPressEvent) -> None:
        event.app.exit(exception=KeyboardInterrupt)

    @bindings.add("c-d")
    def _end(event: KeyPressEvent) -> None:
        event.app.exit(exception=EndOfInput)


def _run(text: Any, bindings: KeyBindings, depth: ColorDepth | None, cursor: Callable[[], Point] | None = None) -> Any:
    """Show `text` below what is printed until a key ends it, then take it away."""
    control = FormattedTextControl(text, focusable=True, show_cursor=False, get_cursor_position=cursor)
    window = Window(control, dont_extend_height=True, wrap_lines=False)
    app: Application[Any] = Application(
        layout=Layout(window), key_bindings=bindings, style=_STYLE, color_depth=depth, erase_when_done=True
    )
    return app.run(handle_sigint=False)  # asyncio's own handler loses no signal that comes as the menu ends
