"""What comes next: due, begun, the path, the weakest topic, and a start for who has none of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from grader.content.pack import Pack, builtin_pack_root
from grader.model.progress import Mark, Rating, Result, Solved
from grader.practice.bank import PackBank
from grader.practice.clock import day_of
from grader.practice.coming import coming, overview_of
from grader.practice.history import take_in
from grader.practice.paths import walked
from grader.practice.tally import marks_of
from tests.fakes.practice import MONDAY, MemoryProgress
from tests.unit.practice.test_schedule import answered

BANK = PackBank([Pack(builtin_pack_root())])
TODAY = day_of(MONDAY)
QUESTION = next(head for head in BANK.heads() if head.kind == "choice")


def answer(store: MemoryProgress, entry: str, topic: str, result: Result, *, days_ago: int = 0) -> None:
    """Have answered an entry."""
    right = result is Result.RIGHT
    one = answered(Rating.GOOD if right else Rating.AGAIN, TODAY - timedelta(days=days_ago))
    at = MONDAY - timedelta(days=days_ago)
    changes = {"uid": entry, "entry": entry, "topic": topic, "result": result, "score": float(right), "at": at}
    store.record(replace(one, **changes), take_in)  # type: ignore[arg-type]


def commands(store: MemoryProgress) -> list[tuple[str, ...]]:
    """What is proposed, in order."""
    return [one.command for one in coming(BANK, store, TODAY)]


def test_a_new_person_gets_a_few_questions() -> None:
    """There is always something to do."""
    assert commands(MemoryProgress()) == [("quiz", "--count", "5")]


def test_an_exercise_that_was_begun_comes_before_others() -> None:
    """Until it is solved."""
    store = MemoryProgress()
    store.note_try("smote", 0.5, MONDAY - timedelta(hours=2))
    store.note_try("f1_auc", 0.7, MONDAY - timedelta(hours=1))
    assert commands(store)[0] == ("watch", "f1_auc")
    store.mark_solved(Solved(exercise="f1_auc", version=3, at=MONDAY))
    assert commands(store)[0] == ("watch", "smote")


def test_what_is_due_comes_first() -> None:
    """Reviews before what was begun."""
    store = MemoryProgress()
    store.note_try("smote", 0.5, MONDAY)
    answer(store, QUESTION.id, QUESTION.topics[0], Result.WRONG, days_ago=20)
    assert [command[:3] for command in commands(store)][:2] == [("quiz", "--mode", "review"), ("watch", "smote")]


def test_a_path_goes_on_where_it_was_left() -> None:
    """The next step of the path whose step was answered last."""
    path = next(path for path in BANK.paths.all() if path.steps[0].kind == "entry")
    store = MemoryProgress()
    answer(store, path.steps[0].name, "eval.classification", Result.RIGHT)
    proposed = commands(store)[0]
    assert proposed[-1] in {step.name for step in path.steps[1:]} | {head.id for head in BANK.heads()}
    assert proposed[:2] in {("quiz", "--entry"), ("start", path.steps[1].name)}


def test_the_weakest_topic_from_the_first_answers_on() -> None:
    """One right, one wrong: the wrong one's topic."""
    store = MemoryProgress()
    answer(store, "one", "arch.attention", Result.RIGHT)
    answer(store, "two", "trust.privacy", Result.WRONG)
    assert ("quiz", "--topic", "trust.privacy", "--count", "5") in commands(store)


def test_tally_and_marks() -> None:
    """Exercises and questions are counted apart; what is behind a person is marked."""
    store = MemoryProgress()
    answer(store, QUESTION.id, QUESTION.topics[0], Result.RIGHT)
    store.note_try("smote", 0.2, MONDAY)
    store.mark_solved(Solved(exercise="f1_auc", version=3, at=MONDAY))
    tally = overview_of(BANK, store, TODAY).tally
    assert (tally.solved, tally.right) == (1, 1)
    assert tally.exercises == sum(BANK.is_code(head.id) for head in BANK.heads())
    assert tally.questions + tally.exercises == len(BANK.heads())
    marks = marks_of(store, walked(store), TODAY)
    assert (marks["smote"], marks["f1_auc"], marks[QUESTION.id]) == (Mark.TRIED, Mark.DONE, Mark.DONE)
    assert marks_of(store, walked(store), TODAY + timedelta(days=900))[QUESTION.id] is Mark.DUE
