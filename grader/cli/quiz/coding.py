"""An exercise within a quiz: a workspace, the person's editor, and verdicts on request or whenever the file is saved.

The engine is started when the first exercise is asked, in a thread, while the person reads; a quiz without exercises
never imports it.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from grader.box.installed import require
from grader.cli.handed_out import given_sources
from grader.cli.quiz.conversation import Quit
from grader.cli.quiz.editor import edit_file
from grader.cli.quiz.keys import Command, Keyboard
from grader.cli.quiz.screen import Screen
from grader.cli.recording import modules_of_work
from grader.cli.telling import late_note
from grader.cli.workspace import lay_out, lay_out_repair, repair_folder
from grader.content.yaml_source import read_prose
from grader.engine.news import Late
from grader.errors import GraderError, PackageError, UsageError
from grader.model.exercise import Exercise
from grader.model.text import Lang, Text
from grader.model.verdict import Status, Verdict
from grader.practice.answers import GaveUp, Submitted
from grader.practice.question import Question
from grader.practice.sitting import Sitting
from grader.practice.workspace import SOLUTION
from grader.report.repairs import with_preface, withhold

if TYPE_CHECKING:
    from grader.wiring import AnyEngine

SOLVING = (
    Command.GRADE,
    Command.WATCH,
    Command.EDITOR,
    Command.STATEMENT,
    Command.HINT,
    Command.SKIP,
    Command.GIVE_UP,
    Command.HELP,
    Command.QUIT,
)
IN_A_MOCK = (Command.HAND_IN, *SOLVING[2:])  # one verdict, at the end: nothing to grade before, nothing to watch
OWN_HELP = {Command.GIVE_UP: "quiz.help.x.solve"}
POLL_MS = 200


class Grader(Protocol):
    """Makes verdicts on a file."""

    def start(self, exercise: Exercise) -> None:
        """Begin to warm up for an exercise, without waiting."""

    def grade(self, exercise: Exercise, path: Path, late: Late | None = None) -> Verdict:
        """The verdict on the file as it is now; raises UsageError when it cannot be read.

        `late` is told of a case that its time limit ended, before the others have.
        """


class EngineGrader:
    """Verdicts from an engine that is opened when it is first needed."""

    def __init__(self, open_engine: Callable[[], AnyEngine], lang: Lang, *, strict: bool) -> None:
        self._open, self._lang, self._strict = open_engine, lang, strict
        self._engine: AnyEngine | None = None
        self._lock = threading.Lock()
        self._seeds: dict[str, int] = {}  # kept, so that what changes between two verdicts is the code's doing

    def start(self, exercise: Exercise) -> None:
        """Begin to warm up for an exercise, without waiting."""
        threading.Thread(target=self._warm, args=(exercise,), daemon=True).start()

    def grade(self, exercise: Exercise, path: Path, late: Late | None = None) -> Verdict:
        """The verdict on the file as it is now; raises UsageError when it cannot be read."""
        from grader.grading.grade import SEED_BITS, Options, grade
        from grader.grading.intake import read_submission

        submission = read_submission(path, exercise, modules_of_work(path, exercise))
        seed = self._seeds.setdefault(exercise.id, secrets.randbits(SEED_BITS))
        options = Options(seed=seed, strict=self._strict, lang=self._lang, late=late)
        return grade(exercise, submission, self._current(), options)

    def close(self) -> None:
        """End the engine, if there is one."""
        with self._lock:
            if self._engine is not None:
                self._engine.close()

    def _warm(self, exercise: Exercise) -> None:
        try:
            self._current().start(exercise)
        except GraderError:  # said when a verdict is asked for
            return

    def _current(self) -> AnyEngine:
        with self._lock:
            if self._engine is None:
                self._engine = self._open()
            return self._engine


class Workbench:
    """Where an exercise of the quiz is worked on."""

    def __init__(
        self, screen: Screen, keyboard: Keyboard, grader: Grader, folder: Path, solved: Callable[[], set[str]]
    ):
        self._screen, self._keyboard, self._grader, self._folder, self._solved = (
            screen,
            keyboard,
            grader,
            folder,
            solved,
        )

    def solve(self, question: Question, sitting: Sitting) -> Submitted | GaveUp | None:
        """What the person arrived at; None for a skipped question."""
        exercise = question.exercise
        if exercise is None:
            raise TypeError(f"{question.entry.id} has no exercise")
        try:
            require(exercise.environment)
        except PackageError as error:
            self._screen.complain(error)
            return None
        self._grader.start(exercise)
        try:
            path = self._prepare(question, exercise, Command.HAND_IN if sitting.wish.mode == "mock" else Command.GRADE)
        except UsageError as error:  # a folder of that name holds something else: nothing is overwritten
            self._screen.complain(error)
            self._screen.say("quiz.code.elsewhere", "yellow")
            return None
        return _Task(self._screen, self._keyboard, self._grader, exercise, path, question, sitting).run()

    def _prepare(self, question: Question, exercise: Exercise, then: Command) -> Path:
        """The file to edit: the one that is there, or a new one; a solved exercise that came back starts afresh."""
        repair, lang = question.repair, self._screen.page.lang
        folder = self._folder / (repair_folder(repair) if repair else exercise.id)
        if (repair.key if repair else exercise.id) in self._solved() and (folder / SOLUTION).exists():
            folder = folder.with_name(f"{folder.name}-{date.today().isoformat()}")
        path = folder / SOLUTION
        if path.exists():
            self._screen.say("quiz.code.found", file=str(path))
            return path
        if repair:
            lay_out_repair(repair, folder, lang, None)
        else:
            lay_out(exercise, folder, lang)
        self._screen.say("quiz.code.made", folder=str(folder), file=str(path), then=then.value)
        return path


def _offered(question: Question, *, mock: bool) -> tuple[Command, ...]:
    """The keys for an exercise; without hints where there are none."""
    return tuple(
        command for command in (IN_A_MOCK if mock else SOLVING) if command is not Command.HINT or question.hints
    )


class _Task:
    """One exercise being solved."""

    def __init__(
        self,
        screen: Screen,
        keyboard: Keyboard,
        grader: Grader,
        exercise: Exercise,
        path: Path,
        question: Question,
        sitting: Sitting,
    ) -> None:
        self._screen, self._keyboard, self._grader = screen, keyboard, grader
        self._exercise, self._path = exercise, path
        self._question, self._sitting = question, sitting
        self._best: Verdict | None = None
        self._last: Verdict | None = None
        self._is_mock = sitting.wish.mode == "mock"
        self._commands = _offered(question, mock=self._is_mock)
        self._given = {source.encode() for source in given_sources(exercise, question.repair)}
        self._graded = self._given  # the contents that the last verdict was about
        self._tried: set[bytes] = set()

    def run(self) -> Submitted | GaveUp | None:
        """Obey keys until the exercise is solved, skipped or given up."""
        self._screen.taken(self._sitting.taken, len(self._question.hints))
        while True:
            command = self._keyboard.key(self._screen.keys_line(self._commands), frozenset(self._commands))
            if command is Command.SKIP:
                return None
            if command is Command.QUIT:
                raise Quit
            if command is Command.GIVE_UP:
                return GaveUp() if self._best is None else self._submitted(self._best)
            self._obey(command)
            if self._best is not None and self._is_done(self._best):
                return self._submitted(self._best)

    def _obey(self, command: Command) -> None:
        match command:
            case Command.GRADE:
                self._grade()
            case Command.HAND_IN:
                self._hand_in()
            case Command.WATCH:
                self._watch()
            case Command.EDITOR:
                edit_file(self._screen, self._path)
            case Command.HINT:
                self._screen.hint(self._sitting.hint(), self._sitting.hints, len(self._question.hints))
            case Command.STATEMENT:
                self._show_statement()
            case _:
                self._screen.help(self._commands, own=OWN_HELP)

    def _is_done(self, verdict: Verdict) -> bool:
        return self._is_mock or verdict.status is Status.ACCEPTED

    def _submitted(self, verdict: Verdict) -> Submitted:
        return Submitted(verdict=verdict, tries=max(1, len(self._tried)))

    def _hand_in(self) -> None:
        """The one verdict of a mock; what nobody touched is not handed in by a slip of the finger."""
        if self._contents() in self._given:
            key = "repair.untouched" if self._question.repair else "quiz.code.untouched"
            self._screen.say(key, "yellow", file=str(self._path))
        else:
            self._grade()

    def _grade(self) -> None:
        """One verdict; a failure of ours is no try, nor is code as it was given or as it was graded before."""
        from grader.report.changes import changes
        from grader.report.terminal import Telling, render_verdict

        contents = self._contents()
        late = None if self._is_mock else late_note(self._note, self._screen.page.lang)
        try:
            with self._screen.console.status(self._screen.page.say("quiz.code.grading")):
                verdict = withhold(self._grader.grade(self._exercise, self._path, late), self._question.repair)
        except GraderError as error:  # the file is gone, or this system lacks strict isolation
            self._screen.complain(error)
            return
        self._graded = {contents}
        if verdict.status is not Status.JUDGE_ERROR:
            self._tried |= {contents} - self._given
            if self._best is None or verdict.score >= self._best.score:
                self._best = verdict
        if not self._is_mock or verdict.status is Status.JUDGE_ERROR:
            lang = self._screen.page.lang
            self._screen.blank()
            title = self._exercise.title.get(lang)
            render_verdict(verdict, self._screen.console, lang, title, Telling(whole=False))
            for line in changes(self._last, verdict, lang) if self._last is not None else ():
                text = line.lstrip()
                self._screen.page.hang([(" " * (2 + len(line) - len(text)), "")], text, "bold")
            self._offer_hint(verdict)
            self._screen.blank()
        self._last = verdict

    def _note(self, line: str) -> None:
        """Written above the line that says that grading goes on, in a thread of the engine's."""
        self._screen.console.print(f"  {line}", style="yellow", markup=False, highlight=False)

    def _offer_hint(self, verdict: Verdict) -> None:
        left = len(self._question.hints) - self._sitting.hints
        if left > 0 and verdict.status is not Status.ACCEPTED:
            self._screen.say("quiz.code.hint", "dim", count=str(left))

    def _watch(self) -> None:
        """Grade what has no verdict yet, at once and whenever the file changes, until it is right or Ctrl-C."""
        from watchfiles import watch

        self._screen.say("quiz.code.watching", file=str(self._path))
        try:
            for _ in watch(self._path.parent, rust_timeout=POLL_MS, yield_on_timeout=True, raise_interrupt=True):
                contents = self._contents()
                if contents in self._graded | {b""}:  # an editor may empty a file before it writes it
                    continue
                self._grade()
                self._graded = {contents}  # also where there was no verdict: one sentence about it is enough
                if self._best is not None and self._is_done(self._best):
                    return
        except KeyboardInterrupt:
            self._screen.blank()

    def _contents(self) -> bytes:
        try:
            return self._path.read_bytes()
        except OSError:  # between two steps of an editor that saves by renaming
            return b""

    def _show_statement(self) -> None:
        folder = self._exercise.public_dir
        texts = [read_prose(folder / f"statement.{lang}.md") for lang in ("en", "zh")]
        if self._question.repair:
            texts = [with_preface(texts[0], "en"), with_preface(texts[1], "zh")]
        self._screen.prose(Text(en=texts[0], zh=texts[1]))
        self._screen.blank()
