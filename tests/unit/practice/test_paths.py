"""Along a learning path: what counts as done, which path was practised last, and a quiz in a given order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from grader.content.pack import Pack
from grader.errors import ContentError, UsageError
from grader.model.learning_path import LearningPath, PathStep, StepState
from grader.model.progress import Rating, Result, Solved
from grader.practice.answers import Picked
from grader.practice.choosing import Filter
from grader.practice.course import Wish
from grader.practice.history import take_in
from grader.practice.paths import Paths, last_walked, walked
from grader.practice.sitting import Sitting
from tests.fakes.entries import entry
from tests.fakes.practice import MONDAY, FakeBank, FakeClock, MemoryProgress, text
from tests.fakes.practice import entry as small_entry
from tests.unit.practice.test_schedule import DAY, answered


class PackOfPaths:
    """A pack that has paths, and one exercise without files."""

    slugs = ("mean",)

    def __init__(self, *paths: LearningPath, broken: str = "") -> None:
        self.path_files = {path.id: path.path for path in paths} | ({broken: Path("x")} if broken else {})
        self._paths = {path.id: path for path in paths}

    def learning_path(self, path_id: str) -> LearningPath:
        """The path; a broken one is refused as its reader would."""
        if path_id not in self._paths:
            raise ContentError(Path("x"), "steps", "there are none", "write some")
        return self._paths[path_id]

    def exercise(self, slug: str) -> Any:
        """What a step needs of an exercise."""
        return replace(entry("code", slug), title=text("Write a mean"), minutes=25)


def path(name: str, *steps: str, **changes: Any) -> LearningPath:
    """A path of entries; only the step `mean` is an exercise."""
    made = [
        PathStep(kind="exercise" if step == "mean" else "entry", name=step, why=text(f"why {step}")) for step in steps
    ]
    fields: dict[str, Any] = {"id": name, "status": "active", "title": text(name), "summary": text("For all.")}
    return LearningPath(**{**fields, **changes}, steps=tuple(made), path=Path(f"{name}.yaml"))


def paths_of(*paths: LearningPath, broken: str = "") -> Paths:
    """Those paths over three open entries, a choice and the `code` entry of the exercise."""
    entries = [entry("open", name) for name in ("a", "b", "c")] + [entry("code", "mean-code")]
    return Paths(cast("Sequence[Pack]", [PackOfPaths(*paths, broken=broken)]), entries)


def history(*answers: tuple[str, Result], solved: str = "") -> MemoryProgress:
    """A store with answers, one an hour."""
    store = MemoryProgress()
    for number, (name, result) in enumerate(answers):
        rating = Rating.AGAIN if result is Result.WRONG else Rating.GOOD
        at = MONDAY + timedelta(hours=number)
        store.record(replace(answered(rating, DAY), uid=str(number), entry=name, result=result, at=at), take_in)
    if solved:
        store.mark_solved(Solved(exercise=solved, version=1, at=MONDAY))
    return store


RIGHT, WRONG, PARTIAL = Result.RIGHT, Result.WRONG, Result.PARTIAL


@pytest.mark.parametrize(
    ("answers", "states"),
    [
        ([], "open open"),
        ([("a", RIGHT)], "done open"),
        ([("a", WRONG)], "seen open"),
        ([("a", PARTIAL)], "seen open"),
        ([("a", RIGHT), ("a", WRONG)], "done open"),
        ([("mean-code", RIGHT)], "open done"),
        ([("mean-code", PARTIAL)], "open seen"),
    ],
)
def test_state_of_a_step(answers: list[tuple[str, Result]], states: str) -> None:
    """A step is done once its entry was right, seen once it was answered; an exercise goes by its `code` entry."""
    standing = paths_of().standing(path("p", "a", "mean"), walked(history(*answers)))
    assert [step.state.value for step in standing.steps] == states.split()


@pytest.mark.parametrize("step", ["mean", "mean-code"])
def test_an_accepted_exercise_is_done(step: str) -> None:
    """What the store knows as solved is done, whether the path names the exercise or its entry."""
    standing = paths_of().standing(path("p", step), walked(history(solved="mean")))
    assert standing.steps[0].state is StepState.DONE


def test_an_exercise_is_asked_by_its_entry() -> None:
    """The quiz asks the `code` entry; title and minutes are the exercise's."""
    (step,) = paths_of().standing(path("p", "mean"), walked(history())).steps
    assert (step.entry, step.title.en, step.minutes) == ("mean-code", "Write a mean", 25)


def test_next_is_the_first_that_is_not_done() -> None:
    """A step that was only seen is still ahead, and minutes are added up."""
    standing = paths_of().standing(path("p", "a", "b", "mean"), walked(history(("a", RIGHT), ("b", WRONG))))
    assert standing.next is standing.steps[1]
    assert [step.number for step in standing.ahead] == [2, 3]
    assert (standing.done, standing.minutes, standing.minutes_left) == (1, 35, 30)


def test_nothing_is_next_at_the_end() -> None:
    """A path whose steps are all done has no next one."""
    assert paths_of().standing(path("p", "a"), walked(history(("a", RIGHT)))).next is None


def test_what_cannot_be_asked_is_left_out() -> None:
    """A step whose entry is not there is named, and the others are numbered without it."""
    standing = paths_of().standing(path("p", "a", "gone", "b"), walked(history()))
    assert [(step.number, step.step.name) for step in standing.steps] == [(1, "a"), (2, "b")]
    assert standing.left_out == ("gone",)


def test_drafts_and_broken_paths_are_not_offered() -> None:
    """Only active paths are listed; what is wrong with a broken one is kept."""
    paths = paths_of(path("p", "a"), path("d", "a", status="draft"), broken="x")
    assert [one.id for one in paths.all()] == ["p"]
    assert len(paths.broken) == 1
    with pytest.raises(UsageError, match="there is no path 'd'"):
        paths.path("d")
    with pytest.raises(ContentError):
        paths.path("x")


def test_an_unknown_path_has_near_names() -> None:
    """The nearest names are offered in both languages."""
    with pytest.raises(UsageError) as caught:
        paths_of(path("metrics", "a")).path("metric")
    assert "did you mean `metrics`?" in str(caught.value)
    assert "是不是想写 `metrics`？" in caught.value.chinese


@pytest.mark.parametrize(
    ("answers", "last"),
    [
        ([], None),
        ([("a", WRONG)], "first"),
        ([("a", RIGHT), ("mean-code", WRONG)], "second"),
        ([("mean-code", WRONG), ("a", RIGHT)], "first"),
        ([("c", RIGHT), ("a", RIGHT), ("b", RIGHT)], "second"),
        ([("a", RIGHT), ("b", RIGHT)], None),
    ],
)
def test_the_path_that_was_practised_last(answers: list[tuple[str, Result]], last: str | None) -> None:
    """It is the unfinished one with the latest answer to one of its steps."""
    store = walked(history(*answers))
    standings = [paths_of().standing(one, store) for one in (path("first", "a", "b"), path("second", "mean", "c"))]
    found = last_walked(standings, store)
    assert (found and found.path.id) == last


def test_of_paths_that_share_an_answer_the_farther_one_counts() -> None:
    """A shared step begins both; the one with the larger share of done steps is meant."""
    store = walked(history(("b", RIGHT), ("a", RIGHT)))
    standings = [paths_of().standing(one, store) for one in (path("far", "b", "a", "c"), path("near", "a", "c"))]
    found = last_walked(standings, store)
    assert found is not None
    assert found.path.id == "far"


def sitting_of(store: MemoryProgress, clock: FakeClock, **wish: Any) -> Sitting:
    """A sitting over twelve choice entries, `e0` to `e11`."""
    bank = FakeBank(small_entry(id=f"e{number}", difficulty=1 + number % 9) for number in range(12))
    return Sitting(bank, store, clock, Wish(seed=1, **wish))


def ask_all(sitting: Sitting, *, until: int = 99) -> list[str]:
    """The ids of the entries that are asked, each answered right."""
    asked: list[str] = []
    while len(asked) < until and (question := sitting.next()) is not None:
        asked.append(question.entry.id)
        sitting.answer(Picked(ids=("right",)))
    return asked


def test_a_given_order_is_kept_to_its_end() -> None:
    """Learning in a given order asks all of it, more than ten too, and counts them."""
    order = tuple(f"e{number}" for number in (5, 3, 11, 0, 1, 2, 4, 6, 7, 8, 9))
    sitting = sitting_of(MemoryProgress(), FakeClock(), in_order=order)
    question = sitting.next()
    assert question is not None
    assert (question.number, question.total, question.due) == (1, 11, False)
    sitting.skip()
    assert (question.entry.id, *ask_all(sitting)) == order


def test_a_given_order_asks_what_is_not_due() -> None:
    """An entry that was answered an hour ago is asked again where the order names it, and is said to have come back."""
    store, clock = MemoryProgress(), FakeClock()
    ask_all(sitting_of(store, clock, in_order=("e3",)))
    question = sitting_of(store, clock, in_order=("e3",)).next()
    assert question is not None
    assert (question.entry.id, question.due) == ("e3", True)


def test_a_filter_thins_a_given_order() -> None:
    """What the filter refuses is passed over; a count ends the order early."""
    order = ("e5", "e3", "e11")
    only = Filter(ids=frozenset({"e3", "e11"}))
    assert ask_all(sitting_of(MemoryProgress(), FakeClock(), in_order=order, only=only)) == ["e3", "e11"]
    assert ask_all(sitting_of(MemoryProgress(), FakeClock(), in_order=order, count=2)) == ["e5", "e3"]


def test_a_finished_order_asks_nothing() -> None:
    """An empty order is no wish for anything else."""
    assert sitting_of(MemoryProgress(), FakeClock(), in_order=()).next() is None


def test_a_review_and_a_mock_choose_among_the_named() -> None:
    """Outside of learning the order does not lead: what may be asked is all that the filter names."""
    only = Filter(ids=frozenset({"e1", "e2"}))
    store, clock = MemoryProgress(), FakeClock()
    assert set(ask_all(sitting_of(store, clock, mode="mock", only=only, in_order=("e2",)))) == {"e1", "e2"}
    clock.pass_by(days=40)
    assert set(ask_all(sitting_of(store, clock, mode="review", only=only, in_order=("e2",)))) == {"e1", "e2"}
