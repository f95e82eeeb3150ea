"""Judging answers of every kind."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from grader.content.unreadable import UnreadableAnswer
from grader.model.entry import OpenEntry
from grader.model.progress import Result
from grader.practice.answers import GaveUp, Given, Picked, Submitted, Typed, Written, judge, right_ids
from grader.practice.question import pose, price
from grader.practice.ticking import found_in
from tests.fakes.practice import entry
from tests.fakes.verdicts import accepted, wrong_answer


@pytest.mark.parametrize(
    ("kind", "given", "score", "result"),
    [
        ("choice", Picked(ids=("right",)), 1, Result.RIGHT),
        ("choice", Picked(ids=("wrong",)), 0, Result.WRONG),
        ("choice", GaveUp(), 0, Result.WRONG),
        ("multi", Picked(ids=("two", "one")), 1, Result.RIGHT),
        ("multi", Picked(ids=("one",)), 0.5, Result.PARTIAL),
        ("multi", Picked(ids=("one", "bad")), 0, Result.WRONG),
        ("multi", Picked(ids=("one", "two", "bad")), 0.5, Result.PARTIAL),
        ("multi", Picked(ids=("one", "two", "bad", "worse")), 0, Result.WRONG),
        ("numeric", Typed(text="3.52 GiB"), 1, Result.RIGHT),
        ("numeric", Typed(text="3.6"), 0, Result.WRONG),
        ("order", Picked(ids=("zero", "back", "clip", "step")), 1, Result.RIGHT),
        ("order", Picked(ids=("back", "zero", "clip", "step")), 2 / 3, Result.PARTIAL),
        ("order", Picked(ids=("step", "clip", "back", "zero")), 0, Result.WRONG),
        ("open", Written(text="I think", met=("variance", "root")), 1, Result.RIGHT),
        ("open", Written(text="I think", met=("variance",)), 0.6, Result.PARTIAL),
        ("open", Written(text="I think", met=("root", "no such point")), 0.4, Result.WRONG),
    ],
)
def test_what_an_answer_earns(kind: str, given: Given, score: float, result: Result) -> None:
    """All and only the right ones are right; guessing everything earns nothing."""
    judged = judge(pose(entry(kind), 1), given)
    assert (judged.score, judged.result) == (pytest.approx(score), result)


@pytest.mark.parametrize(
    ("kind", "given", "key"),
    [
        ("choice", Picked(ids=()), "quiz.unreadable.pick"),
        ("choice", Picked(ids=("no such",)), "quiz.unreadable.pick"),
        ("choice", Picked(ids=("right", "wrong")), "quiz.unreadable.one"),
        ("order", Picked(ids=("zero", "back")), "quiz.unreadable.order"),
        ("open", Written(text=" \n", met=()), "quiz.unreadable.empty"),
    ],
)
def test_what_is_asked_again(kind: str, given: Given, key: str) -> None:
    """An answer that says nothing is no wrong answer."""
    with pytest.raises(UnreadableAnswer) as caught:
        judge(pose(entry(kind), 1), given)
    assert caught.value.key == key


def test_a_written_answer_is_the_persons_own_assessment() -> None:
    """The score of an open answer is marked as theirs; that of a choice is not."""
    assert judge(pose(entry("open"), 1), Written(text="x", met=())).self_assessed
    assert not judge(pose(entry("choice"), 1), Picked(ids=("right",))).self_assessed


def test_a_verdict_is_worth_its_share() -> None:
    """A submission earns the share of its points, and is right only with all of them."""
    question = pose(entry("choice"), 1)
    right, wrong = accepted(), wrong_answer()
    assert judge(question, Submitted(verdict=right, tries=2)).result is Result.RIGHT
    partly = judge(question, Submitted(verdict=wrong, tries=3))
    assert partly.score == pytest.approx(wrong.score / wrong.max_score)
    assert (partly.tries, partly.result is Result.RIGHT) == (3, False)


def test_a_long_answer_is_cut_for_the_history() -> None:
    """The history keeps the beginning of a very long answer."""
    judged = judge(pose(entry("open"), 1), Written(text="x" * 50_000, met=()))
    assert len(judged.given) == 20_000


def test_words_tick_criteria() -> None:
    """Patterns find their points in either language and case, anywhere in a long answer, and nothing else."""
    question = pose(entry("open"), 1)
    assert found_in(question, "The VARIANCE grows.") == ("variance",)
    assert found_in(question, "x " * 3000 + "方差") == ("variance",)
    assert found_in(question, "nothing of the kind") == ()


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*a){20}$", "(x+x+)+y", "^(([a-z])+.)+[A-Z]([a-z])+$"])
def test_no_pattern_keeps_anybody_waiting(pattern: str) -> None:
    """What hangs a backtracking engine takes a time that grows with the text."""
    one = entry("open")
    assert isinstance(one, OpenEntry)
    question = pose(replace(one, rubric=(replace(one.rubric[0], accept=(pattern,)),)), 1)
    started = time.monotonic()
    assert found_in(question, "a" * 10_000 + "!") == ()
    assert time.monotonic() - started < 5


def ticked(pattern: str, said: str) -> bool:
    """Whether an answer ticks a point that this pattern hints at."""
    one = entry("open")
    assert isinstance(one, OpenEntry)
    return bool(found_in(pose(replace(one, rubric=(replace(one.rubric[0], accept=(pattern,)),)), 1), said))


@pytest.mark.parametrize(
    ("said", "is_found"),
    [
        ("The cache is read per token.", True),
        ("Per token, the CACHE.", True),
        ("It reads the cache. That is per token.", True),
        ("缓存要读，per token 都要 cache。", True),
        ("The cache is large.", False),
        ("Counted per token it is large.", False),
        ("The cache is large. So is the model. The price is per token.", False),
        ("The cache.\n\nNothing.\nPer token.", False),
    ],
)
def test_parts_of_a_pattern_belong_near_each_other(said: str, is_found: bool) -> None:
    """All parts are needed, in any order, in one sentence or two that follow each other."""
    assert ticked("cache & per token", said) is is_found


@pytest.mark.parametrize("said", ["a. " * 6_000, "a b\n" * 5_000, "。" * 20_000])
def test_no_text_keeps_parts_waiting(said: str) -> None:
    """A long answer of many short sentences takes a time that grows with its length."""
    started = time.monotonic()
    assert not ticked("a+ & (b|c)+ & z & ^.*y", said)
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("kind", ["choice", "multi", "order"])
def test_options_move_with_the_seed_and_keep_their_ids(kind: str) -> None:
    """Places cannot be learnt; a seed always gives the same ones; an order never begins solved."""
    one = entry(kind)
    shuffled = {tuple(option.id for option in pose(one, seed).options) for seed in range(40)}
    assert len(shuffled) > 3
    assert pose(one, 5) == pose(one, 5)
    if kind == "order":
        assert right_ids(pose(one, 1)) not in shuffled


def test_hints_cost_a_tenth_each_and_half_at_most() -> None:
    """The price is capped."""
    assert [price(count) for count in (0, 1, 3, 9)] == pytest.approx([0, 0.1, 0.3, 0.5])
