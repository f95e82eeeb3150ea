"""A sitting, from its first question to its last."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from grader.content.unreadable import UnreadableAnswer
from grader.errors import ContentError
from grader.model.entry import Entry
from grader.model.exercise import Exercise
from grader.model.progress import Rating, Result, Solved
from grader.practice.answers import GaveUp, Picked, Submitted, Typed, Written, judge
from grader.practice.choosing import Filter
from grader.practice.course import Wish
from grader.practice.question import Question, pose
from grader.practice.sitting import Sitting
from grader.wiring import open_exercise
from tests.fakes.practice import FakeBank, FakeClock, MemoryProgress, entry, wide_bank
from tests.fakes.verdicts import verdict

RIGHT, WRONG = Picked(ids=("right",)), Picked(ids=("wrong",))


class Room:
    """A bank, a store and a clock that sittings share."""

    def __init__(self, bank: FakeBank | None = None) -> None:
        self.bank, self.store, self.clock = bank or wide_bank(), MemoryProgress(), FakeClock()

    def sit(self, seed: int = 1, **wish: Any) -> Sitting:
        """A new sitting."""
        return Sitting(self.bank, self.store, self.clock, Wish(seed=seed, **wish))

    def answer_all(self, sitting: Sitting, given: Picked = RIGHT) -> list[Question]:
        """Every question, answered alike after a minute."""
        asked = []
        while (question := sitting.next()) is not None:
            self.clock.pass_by(minutes=1)
            sitting.answer(given)
            asked.append(question)
        return asked


def test_learning_asks_ten_different_questions() -> None:
    """Without a wish there are ten, each once, numbered."""
    asked = Room().answer_all(Room().sit())
    assert len({question.entry.id for question in asked}) == 10
    assert [question.number for question in asked] == list(range(1, 11))
    assert {question.total for question in asked} == {10}


def test_a_seed_replays_a_sitting() -> None:
    """The same seed and history ask the same questions in the same order of options; another seed does not."""
    first, second, other = (Room().answer_all(Room().sit(seed=seed)) for seed in (1, 1, 2))
    assert first == second
    assert first != other


def test_an_answer_is_recorded_before_it_is_told() -> None:
    """What `answer` returns is in the store."""
    room = Room()
    sitting = room.sit(count=1)
    sitting.next()
    room.clock.pass_by(seconds=90)
    told = sitting.answer(RIGHT)
    assert room.store.answers() == [told.answered]
    assert room.store.memories()[told.answered.entry] == told.memory
    assert (told.answered.seconds, told.answered.chance) == (90, pytest.approx(1 / 3))


def test_time_after_the_answer_is_not_counted() -> None:
    """`stop` ends the time; holding the answer against a rubric is free."""
    room = Room(FakeBank([entry("open")]))
    sitting = room.sit()
    sitting.next()
    room.clock.pass_by(seconds=30)
    sitting.stop()
    room.clock.pass_by(minutes=20)
    assert sitting.answer(Written(text="root", met=("root",))).answered.seconds == 30


def test_a_closed_lid_is_not_practice() -> None:
    """The time of one question is capped at four times what was planned."""
    room = Room()
    sitting = room.sit()
    question = sitting.next()
    room.clock.pass_by(days=1)
    assert question is not None
    assert sitting.answer(RIGHT).answered.seconds == 4 * 60 * question.entry.minutes


def test_the_clock_may_go_back() -> None:
    """A clock that was set back gives no negative time."""
    room = Room()
    sitting = room.sit()
    sitting.next()
    room.clock.pass_by(hours=-1)
    assert sitting.answer(RIGHT).answered.seconds == 0


def test_an_unreadable_answer_changes_nothing() -> None:
    """The question stays, nothing is recorded."""
    room = Room(FakeBank([entry("numeric")]))
    sitting = room.sit()
    sitting.next()
    with pytest.raises(UnreadableAnswer):
        sitting.answer(Typed(text="what?"))
    assert room.store.answers() == []
    assert sitting.answer(Typed(text="3.5")).judged.result is Result.RIGHT


def test_hints_lower_score_and_rating() -> None:
    """Hints come weakest first, are counted, and are paid for."""
    sitting = Room().sit()
    sitting.next()
    assert [hint and hint.en for hint in (sitting.hint(), sitting.hint(), sitting.hint())] == [
        "weak hint",
        "strong hint",
        None,
    ]
    told = sitting.answer(RIGHT)
    assert (told.answered.score, told.answered.hints, told.answered.rating) == (0.8, 2, Rating.HARD)


def test_a_skipped_question_leaves_no_trace() -> None:
    """It is not asked again in this sitting, and is new in the next."""
    room = Room(FakeBank([entry(id="one"), entry(id="two")]))
    sitting = room.sit()
    first = sitting.next()
    sitting.skip()
    second = sitting.next()
    sitting.skip()
    assert {question.entry.id for question in (first, second) if question} == {"one", "two"}
    assert sitting.next() is None
    assert room.store.answers() == []
    assert len(sitting.skipped) == 2


def test_an_assessment_replaces_the_proposal() -> None:
    """The person's ticks change score, rating and what is remembered; the answer is there once."""
    room = Room(FakeBank([entry("open")]))
    sitting = room.sit()
    sitting.next()
    told = sitting.answer(Written(text="the variance", met=("variance",)))
    better = sitting.assess(told, ["variance", "root"])
    assert (better.judged.result, better.answered.score) == (Result.RIGHT, 1.0)
    assert room.store.answers() == [better.answered]
    assert room.store.memories()[better.answered.entry] == better.memory != told.memory
    assert sitting.told == [better]


def test_an_assessment_that_agrees_writes_nothing() -> None:
    """The same ticks are the same answer."""
    room = Room(FakeBank([entry("open")]))
    sitting = room.sit()
    sitting.next()
    told = sitting.answer(Written(text="the variance", met=("variance",)))
    assert sitting.assess(told, ["variance"]) is told


def test_what_was_wrong_comes_back_tomorrow_and_not_today() -> None:
    """A review has nothing on the same day, and the wrong ones on the next."""
    room = Room()
    wrong = {question.entry.id for question in room.answer_all(room.sit(count=3), WRONG)}
    assert room.sit(mode="review").next() is None
    room.clock.pass_by(days=1)
    reviewed = room.answer_all(room.sit(mode="review"))
    assert {question.entry.id for question in reviewed} == wrong
    assert all(question.due for question in reviewed)


def test_learning_mixes_what_is_due_with_new_questions() -> None:
    """Two due ones, then a new one."""
    room = Room()
    room.answer_all(room.sit(count=6), WRONG)
    room.clock.pass_by(days=1)
    assert [question.due for question in room.answer_all(room.sit(count=6))] == [True, True, False, True, True, False]


def test_filters_hold_in_every_mode() -> None:
    """Only what was asked for is asked, due or new."""
    room = Room()
    room.answer_all(room.sit(), WRONG)
    room.clock.pass_by(days=1)
    only = Filter(topics=frozenset({"area1.t01"}))
    for mode in ("learn", "review", "mock"):
        asked = room.answer_all(room.sit(mode=mode, only=only, count=4))
        assert {question.entry.topics[0] for question in asked} <= {"area1.t01"}


@pytest.mark.parametrize(
    ("only", "admitted"),
    [
        (Filter(), True),
        (Filter(topics=frozenset({"arch.attention"})), True),
        (Filter(topics=frozenset({"architecture"}), areas={"arch.attention": "architecture"}), True),
        (Filter(topics=frozenset({"arch"})), True),
        (Filter(topics=frozenset({"data"})), False),
        (Filter(levels=frozenset({"mid"}), kinds=frozenset({"choice", "open"})), True),
        (Filter(levels=frozenset({"senior"})), False),
        (Filter(kinds=frozenset({"code"})), False),
    ],
)
def test_what_a_filter_admits(only: Filter, admitted: bool) -> None:
    """Topics, areas, levels and kinds, all of which must fit."""
    assert only.admits(entry()) is admitted


def test_a_mock_fits_its_time_and_ends_with_it() -> None:
    """Planned minutes stay within the wish, and when time is up nothing more is asked."""
    room = Room()
    sitting = room.sit(mode="mock", minutes=20)
    assert sitting.planned == 6
    assert sitting.seconds_left() == 1200
    sitting.next()
    room.clock.pass_by(minutes=21)
    sitting.answer(RIGHT)
    assert sitting.seconds_left() == -60
    assert sitting.next() is None


def test_a_mock_does_not_test_what_is_well_remembered() -> None:
    """What was answered well today is not in today's mock while there is anything else."""
    room = Room()
    known = {question.entry.id for question in room.answer_all(room.sit(count=10))}
    mock = {question.entry.id for question in room.answer_all(room.sit(mode="mock", count=10))}
    assert len(mock) == 10
    assert not mock & known


def test_time_limits_learning_too() -> None:
    """`minutes` ends the sitting, and no new question is begun that does not fit."""
    room = Room()
    sitting = room.sit(minutes=7)
    for _ in range(2):
        assert sitting.next() is not None
        room.clock.pass_by(minutes=2.5)
        sitting.answer(RIGHT)
    assert sitting.next() is None


def test_topics_are_spread() -> None:
    """Ten questions of a beginner are of ten topics."""
    asked = Room().answer_all(Room().sit())
    assert len({question.entry.topics[0] for question in asked}) == 10


class _BrokenBank(FakeBank):
    """Has one entry that cannot be read."""

    def entry(self, entry_id: str) -> Entry:
        one = super().entry(entry_id)
        if one.id == "broken":
            raise ContentError(one.path, "prompt", "it is broken", "mend it")
        return one


def test_a_broken_entry_is_passed_over() -> None:
    """The others are asked, and what was wrong is kept for who wants to know."""
    room = Room(_BrokenBank([entry(id="broken"), entry(id="whole")]))
    sitting = room.sit()
    asked = room.answer_all(sitting)
    assert [(question.entry.id, question.number) for question in asked] == [("whole", 1)]
    assert len(sitting.unusable) == 1


def test_editing_the_bank_loses_nobody_s_history() -> None:
    """An entry that moved, was revised or was retired keeps its answers, and comes back when it is due."""
    room = Room(FakeBank([entry(id="one"), entry(id="two")]))
    room.answer_all(room.sit(), WRONG)
    moved = replace(entry(id="one"), revision=2, topics=("data.pipeline",), difficulty=9)
    room.bank = FakeBank([moved])
    room.clock.pass_by(days=1)
    assert [question.entry.id for question in room.answer_all(room.sit(mode="review"))] == ["one"]
    assert len(room.store.answers()) == 3
    assert set(room.store.memories()) == {"one", "two"}


def test_nothing_to_ask_is_no_error() -> None:
    """An empty bank ends the sitting at once."""
    for mode in ("learn", "mock", "review"):
        assert Room(FakeBank([])).sit(mode=mode).next() is None


def test_giving_up_counts_as_wrong() -> None:
    """It is recorded with nothing given."""
    room = Room()
    sitting = room.sit()
    sitting.next()
    told = sitting.answer(GaveUp())
    assert (told.answered.score, told.answered.given, told.answered.rating) == (0, "", Rating.AGAIN)


def test_kinds_take_turns() -> None:
    """Where one kind tells more per minute than another, the other has its turn all the same."""
    quick = [entry(id=f"quick-{n:02}", topics=(f"area{n}.one",), minutes=2) for n in range(20)]
    slow = [entry("open", id=f"slow-{n:02}", topics=(f"area{n}.two",), minutes=8) for n in range(20)]
    sitting = Room(FakeBank([*quick, *slow])).sit()
    asked = []
    while (question := sitting.next()) is not None and len(asked) < 10:
        sitting.skip()
        asked.append(question.entry.kind)
    assert 2 <= asked.count("open") <= 5


def test_a_skip_uses_up_nothing() -> None:
    """Another question takes its place and its number; nothing is recorded, and it is not asked twice."""
    room = Room()
    sitting = room.sit(count=2)
    asked = []
    for _ in range(3):
        question = sitting.next()
        assert question is not None
        asked.append(question)
        sitting.skip()
    answered = room.answer_all(sitting)
    assert [(question.number, question.total) for question in (*asked, *answered)] == [(1, 2)] * 4 + [(2, 2)]
    assert len({question.entry.id for question in (*asked, *answered)}) == 5
    assert len(room.store.answers()) == 2


def test_a_skip_in_a_mock_keeps_its_place() -> None:
    """A mock was planned as a whole: what is skipped earns nothing, and nothing comes for it."""
    room = Room()
    sitting = room.sit(mode="mock", count=3)
    numbers = []
    while (question := sitting.next()) is not None:
        numbers.append((question.number, question.total))
        sitting.skip()
    assert numbers == [(1, 3), (2, 3), (3, 3)]


class _OneExercise(FakeBank):
    """Every entry leads to `exercise`."""

    exercise: Exercise | None = None

    def exercise_of(self, entry: Entry) -> Exercise | None:
        return self.exercise


def test_what_was_solved_elsewhere_is_not_offered() -> None:
    """Learning passes over an exercise that was accepted in a workspace, unless it is asked for by name or due."""
    bank = _OneExercise([entry(id="one"), entry(id="two")])
    bank.exercise = open_exercise("gae")
    room = Room(bank)
    room.store.mark_solved(Solved(exercise="gae", version=1, at=room.clock.now()))
    assert room.sit().next() is None
    named = room.sit(in_order=("one",)).next()
    assert named is not None
    assert named.entry.id == "one"


def test_a_draft_is_kept_until_the_answer_is_given() -> None:
    """It is there when the question is asked again, and gone once there is an answer."""
    room = Room(FakeBank([entry("open", id="words")]))
    sitting = room.sit()
    sitting.next()
    sitting.keep("half a thought")
    again = room.sit()
    again.next()
    assert again.draft == "half a thought"
    again.answer(Written(text="a whole thought", met=()))
    assert room.store.draft("words") == ""


def test_asking_again_records_nothing() -> None:
    """What was explained a moment ago tests no memory: history, memories and abilities stay as they were."""
    room = Room(FakeBank([entry(id="one")]))
    room.answer_all(room.sit(), WRONG)
    before = (room.store.answers(), room.store.memories(), room.store.abilities())
    sitting = room.sit(in_order=("one",), again=True)
    sitting.next()
    told = sitting.answer(RIGHT)
    assert told.judged.result is Result.RIGHT
    assert (room.store.answers(), room.store.memories(), room.store.abilities()) == before


def test_the_verdict_of_an_exercise_is_kept_for_the_end() -> None:
    """After a mock it can be shown: what was judged has it."""
    found = verdict()
    question = replace(pose(entry(), 1), way="solve")
    assert judge(question, Submitted(verdict=found, tries=1)).verdict is found


def test_a_topic_that_interviews_ask_more_is_drawn_more() -> None:
    """Of two topics alike but for their weight, the first ten new questions ask the heavier one more often."""
    topics = ("dist.federated", "llm.serving")
    entries = [entry(id=f"{topic}-{n}", topics=(topic,)) for topic in topics for n in range(10)]
    drawn = {}
    for name, weights in (("even", {}), ("apart", {"dist.federated": 1, "llm.serving": 5})):
        room = Room(FakeBank(entries, weights))
        asked = room.answer_all(room.sit(count=9), WRONG)
        drawn[name] = sum(question.entry.topics[0] == "llm.serving" for question in asked)
    assert drawn["even"] in {4, 5}
    assert drawn["apart"] >= 6


def test_what_is_due_comes_before_what_is_asked_more() -> None:
    """A review that is due in a light topic comes before a new question of a heavy one."""
    entries = [entry(id="light", topics=("dist.federated",)), entry(id="heavy", topics=("llm.serving",))]
    room = Room(FakeBank(entries, {"dist.federated": 1, "llm.serving": 5}))
    room.answer_all(room.sit(only=Filter(topics=frozenset({"dist.federated"}))), WRONG)
    room.clock.pass_by(days=1)
    first = room.sit().next()
    assert first is not None
    assert (first.entry.id, first.due) == ("light", True)
