"""Repair tasks in practice: what a folder remembers, how they are posed, judged and recorded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grader.content.pack import Pack, builtin_pack_root
from grader.content.planted import repairs_of
from grader.model.entry import BugEntry, Entry
from grader.model.exercise import Exercise
from grader.model.progress import Result
from grader.model.verdict import Status
from grader.practice.answers import Submitted, judge
from grader.practice.course import Wish
from grader.practice.question import pose
from grader.practice.repairs import has_seen_reference, repair_in, state_of
from grader.practice.sitting import Sitting
from grader.practice.workspace import STATE
from tests.fakes.entries import entry
from tests.fakes.practice import FakeBank, FakeClock, MemoryProgress
from tests.fakes.verdicts import verdict

PACK = Pack(builtin_pack_root())
F1_AUC = PACK.exercise("f1_auc")
FIRST = repairs_of(F1_AUC)[0]


def bug() -> Entry:
    """An entry that is a repair task."""
    return entry("bug", "mend-it", choices=(), exercise="f1_auc", mutant=FIRST.mutant.id)


class RepairBank(FakeBank):
    """Entries that are worked on in f1_auc."""

    def exercise_of(self, entry: Entry) -> Exercise | None:
        """The exercise of a bug."""
        return F1_AUC if isinstance(entry, BugEntry) else None


def test_a_folder_remembers_its_repair_task(tmp_path: Path) -> None:
    """What was written is found again, and says neither id nor title."""
    (tmp_path / STATE).write_text(state_of(FIRST, 7), encoding="utf-8")
    assert repair_in(tmp_path, F1_AUC) == FIRST
    assert json.loads((tmp_path / STATE).read_text(encoding="utf-8"))["seed"] == 7
    assert FIRST.mutant.id not in (tmp_path / STATE).read_text(encoding="utf-8")


def test_a_folder_is_for_one_exercise(tmp_path: Path) -> None:
    """The repair task of one exercise says nothing about submissions for another."""
    (tmp_path / STATE).write_text(state_of(FIRST, None), encoding="utf-8")
    assert repair_in(tmp_path, PACK.exercise("smote")) is None


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"schema": "viva.workspace/1"}', '"' + "x" * 100_000 + '"', "\0"]
)
def test_a_memory_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    """A file that somebody else made, or damaged, stops nobody from being graded."""
    (tmp_path / STATE).write_text(text, encoding="utf-8")
    assert repair_in(tmp_path, F1_AUC) is None


def test_without_a_file_there_is_no_repair_task(tmp_path: Path) -> None:
    """Most folders are for none."""
    assert repair_in(tmp_path, F1_AUC) is None


def test_a_repair_task_is_solved_with_the_hints_of_its_entry() -> None:
    """The exercise's own hints are about writing it; they are not given."""
    question = pose(bug(), 1, F1_AUC)
    assert (question.way, question.repair) == ("solve", FIRST)
    assert question.hints == bug().hints
    code = pose(entry("code", exercise="f1_auc"), 1, F1_AUC)
    assert code.repair is None
    assert len(code.hints) == len(bug().hints) + len(F1_AUC.hints)


@pytest.mark.parametrize(("status", "result"), [(Status.ACCEPTED, Result.RIGHT), (Status.WRONG_ANSWER, Result.WRONG)])
def test_a_repair_task_is_mended_or_not(status: Status, result: Result) -> None:
    """The code as given earns most points of the suite, so points alone earn nothing."""
    given = Submitted(verdict=verdict(status=status, score=9.0, max_score=10.0), tries=1)
    judged = judge(pose(bug(), 1, F1_AUC), given)
    assert (judged.result, judged.score) == (result, float(status is Status.ACCEPTED))


def test_a_mended_repair_task_is_recorded_as_its_own() -> None:
    """It opens the reference to the person, and is not taken for the exercise itself, whose folder goes on."""
    store = MemoryProgress()
    sitting = Sitting(RepairBank([bug()]), store, FakeClock(), Wish(seed=1))
    sitting.next()
    sitting.answer(Submitted(verdict=verdict(), tries=1))
    assert list(store.solved()) == [FIRST.key]
    assert has_seen_reference("f1_auc", store.solved())
    assert not has_seen_reference("f1", store.solved())
    assert FIRST.mutant.id not in FIRST.key
