"""`viva watch`: grade a file again whenever it is saved."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from grader import wiring
from grader.cli.exit_status import DONE, NOT_ACCEPTED
from grader.cli.language import choose
from grader.cli.lasting import open_lasting
from grader.cli.recording import modules_of_work, record
from grader.cli.target import Target, find_target
from grader.cli.telling import late_note, telling_of
from grader.cli.waiting import waiting
from grader.errors import UsageError
from grader.grading.grade import SEED_BITS, Options, grade
from grader.grading.intake import read_submission
from grader.model.exercise import Exercise
from grader.model.text import Lang
from grader.model.verdict import Status, Verdict
from grader.practice.repairs import repair_in
from grader.report.catalogue import say
from grader.report.changes import changes
from grader.report.console import Console
from grader.report.page import Page
from grader.report.repairs import withhold
from grader.report.terminal import render_verdict

WIDTH = 100
POLL_MS = 200
EMPTY = (0, 0, 0)


class Watch:
    """One file, graded on the same inputs every time, so that what changes in the verdict is the code's doing."""

    def __init__(self, target: Target, data: Path | None, lang: Lang, isolation: str) -> None:
        self._slug, self._packs = target.exercise.id, target.packs
        self._file, self._data, self._lang = target.file, data, lang
        self._strict = isolation == "strict"
        self._seed = secrets.randbits(SEED_BITS)
        self._console = Console(file=sys.stdout)
        self._last: Verdict | None = None

    @property
    def accepted(self) -> bool:
        """Whether the last verdict was."""
        return self._last is not None and self._last.status is Status.ACCEPTED

    def run(self, engine: wiring.AnyEngine) -> None:
        """Grade now and after every change, until the person ends it."""
        for _ in _changes_of(self._file):
            if not self._file.is_file():
                self._console.print(say("watch.gone", self._lang, file=str(self._file)), style="yellow", markup=False)
                continue
            exercise = wiring.open_exercise(self._slug, self._packs)  # an author may have changed that, too
            with waiting(say("grading.one", self._lang)) as note:
                late = late_note(note, self._lang)
                options = Options(seed=self._seed, strict=self._strict, lang=self._lang, late=late)
                verdict = grade(
                    exercise,
                    read_submission(self._file, exercise, modules_of_work(self._file, exercise)),
                    engine,
                    options,
                )
            record(self._file, exercise, verdict, self._data, self._lang)
            verdict = withhold(verdict, repair_in(self._file.parent, exercise))
            self._show(exercise, verdict)
            self._last = verdict

    def _show(self, exercise: Exercise, verdict: Verdict) -> None:
        if self._console.is_terminal:
            self._console.clear()
        telling = telling_of(verdict, self._file, exercise, self._lang)
        render_verdict(verdict, self._console, self._lang, exercise.title.get(self._lang), telling)
        self._console.print()
        page = Page(self._console, self._lang, WIDTH)
        for line in changes(self._last, verdict, self._lang):
            text = line.lstrip()
            page.hang([(line[: len(line) - len(text)], "")], text, "bold")
        waiting = say("watch.waiting", self._lang, file=str(self._file))
        self._console.print(waiting, style="dim", markup=False, highlight=False)


def run(
    words: tuple[str, ...],
    packs: tuple[Path, ...],
    *,
    data: Path | None,
    isolation: str,
    wish: Literal["auto", "en", "zh"],
) -> int:
    """Watch until Ctrl-C; 0 when the last verdict was accepted."""
    target = find_target(words, packs)
    lang = choose(wish)
    watch = Watch(target, data, lang, isolation)
    with open_lasting(isolation, lang, warm=True, at_once=True) as engine:
        engine.start(target.exercise)
        try:
            watch.run(engine)
        except KeyboardInterrupt:
            print()
    return DONE if watch.accepted else NOT_ACCEPTED


def _changes_of(file: Path) -> Iterator[None]:
    """Once at once, and then whenever the file was written, replaced or removed, also while its caller was busy."""
    from watchfiles import watch

    if not file.is_file():
        raise UsageError(f"{file} is not a file; name the one to watch", f"{file} 不是文件；请指定要监视的文件")
    seen = _state_of(file)
    yield
    # The folder is watched and not the file: editors write a new file and rename it over the old one. What an event
    # told is not trusted: one may come before the watching begins, or while the last change is graded.
    looks = watch(
        file.resolve().parent,
        recursive=False,
        debounce=100,
        step=20,
        rust_timeout=POLL_MS,
        yield_on_timeout=True,
        raise_interrupt=True,
    )
    for _ in looks:
        state = _state_of(file)
        if state not in {seen, EMPTY}:
            seen = state
            yield


def _state_of(file: Path) -> tuple[int, int, int] | None:
    """What is different after the file was saved; `EMPTY` while an editor has yet to write; None where it is gone."""
    try:
        found = file.stat()
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size, found.st_ino) if found.st_size else EMPTY
