"""The check of a pack's learning paths: every step is there, can be asked, and comes once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches

from grader.content.check_texts import LANGUAGES, wrong_language
from grader.content.learning_path import read_path
from grader.content.pack import Pack
from grader.content.suggestion import did_you_mean
from grader.content.yaml_source import Document, Loc
from grader.errors import ContentError
from grader.markup import dialect
from grader.model.entry import CodeEntry, Entry
from grader.model.learning_path import LearningPath, PathStep
from grader.model.text import Text


def check_paths(pack: Pack, entries: Sequence[Entry]) -> Iterator[str]:
    """What is wrong with the paths of `pack`, one sentence each; `entries` are those of it that can be read."""
    for file in pack.path_files.values():
        try:
            document, path = read_path(file)
            yield from map(str, _Check(document, path, pack, entries).findings())
        except ContentError as error:
            yield from (str(error), *getattr(error, "__notes__", ()))


class _Check:
    """The check of one path that keeps the format."""

    def __init__(self, document: Document, path: LearningPath, pack: Pack, entries: Sequence[Entry]) -> None:
        self._document, self._path, self._pack = document, path, pack
        self._entries = {entry.id: entry for entry in entries}

    def findings(self) -> Iterator[ContentError]:
        """Everything against it; raises ContentError where two areas hold the same entry."""
        yield from _check_texts(self._document, self._path)
        for place, step in enumerate(self._path.steps):
            check = self._check_entry if step.kind == "entry" else self._check_exercise
            yield from check(("steps", place, step.kind), step)

    def _check_entry(self, at: Loc, step: PathStep) -> Iterator[ContentError]:
        if step.name not in self._pack.entry_paths:
            yield self._unknown(at, step, self._pack.entry_paths)
            return
        entry = self._entries.get(step.name)  # None where it breaks the format, which is said elsewhere
        if entry is not None and self._needs_active(entry):
            problem = f"the entry `{step.name}` has the status {entry.status}, so nobody is asked it"
            yield self._document.error(at, problem, "name an active one, or keep the path a draft")

    def _check_exercise(self, at: Loc, step: PathStep) -> Iterator[ContentError]:
        """An exercise is asked by a `code` entry, which is no step of its own."""
        if step.name not in self._pack.slugs:
            yield self._unknown(at, step, self._pack.slugs)
            return
        entries = self._entries.values()
        asking = [one for one in entries if isinstance(one, CodeEntry) and one.exercise == step.name]
        steps = {one.name for one in self._path.steps if one.kind == "entry"}
        for name in sorted(steps & {one.id for one in asking}):
            problem = f"the entry `{name}` asks this exercise, and is a step too"
            yield self._document.error(at, problem, "keep one of the two steps")
        if all(map(self._needs_active, asking)) and self._path.status == "active":
            problem = f"no active `code` entry asks `{step.name}`, so it would never count as done"
            yield self._document.error(at, problem, f"write one with `exercise: {step.name}`, or leave the step out")

    def _needs_active(self, entry: Entry) -> bool:
        return entry.status != "active" and self._path.status == "active"

    def _unknown(self, at: Loc, step: PathStep, known: Iterable[str]) -> ContentError:
        near = get_close_matches(step.name, list(known), n=3, cutoff=0.5)
        fix = did_you_mean(near).en if near else "write it first, or leave the step out"
        return self._document.error(at, f"there is no {step.kind} `{step.name}` in this pack", fix)


def _check_texts(document: Document, path: LearningPath) -> Iterator[ContentError]:
    """Each text is in its language."""
    for at, text in _texts_of(path):
        for lang in LANGUAGES:
            problem, _, fix = wrong_language(lang, dialect.words(text.get(lang))).partition("; ")
            if problem:
                yield document.error((*at, lang), problem, fix)


def _texts_of(path: LearningPath) -> Iterator[tuple[Loc, Text]]:
    yield ("title",), path.title
    yield ("summary",), path.summary
    yield from ((("steps", place, "why"), step.why) for place, step in enumerate(path.steps))
