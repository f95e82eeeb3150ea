"""From records to the figures of a report."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from grader.model.session import Session
from grader.model.session_figures import Candidate, Resemblance, Results
from grader.model.session_results import Answer, Attempt, Judged, Record, Sheet, Ticks, Turned
from grader.model.text import Text
from grader.model.verdict import Status
from grader.sessions.figures import last_sources, results_of
from grader.sessions.items import Sitting, item_figures
from grader.sessions.resemblance import find_resemblance
from grader.sessions.statistics import redrawn_totals
from tests.unit.sessions.test_collect import NOW, make_judged, make_verdict


def attempt(name: str, scores: dict[int, float | None], missing: tuple[int, ...] = (), at: str = NOW) -> Attempt:
    answers = {number: Answer(given="x", score=score) for number, score in scores.items()}
    return Attempt(
        candidate=name, name=name, archive=f"{name}.zip", digest=f"{name}{at}", at=at, answers=answers, missing=missing
    )


def ticks(candidate: str, interviewer: str = "Lin", number: int = 6, **criteria: float) -> Sheet:
    return Sheet(candidate=candidate, interviewer=interviewer, at=NOW, questions={number: Ticks(criteria=criteria)})


def figures(session: Session, *records: Record) -> Results:
    return results_of(session, records, Resemblance())


def only(session: Session, *records: Record) -> Candidate:
    (candidate,) = figures(session, *records).candidates
    return candidate


def test_a_total_weighs_minutes(session: Session) -> None:
    """25 minutes of coding with half the points and 5 of a right choice: 0.5 * 25/30 + 1 * 5/30."""
    found = only(session, attempt("Ada", {1: 1.0}), make_judged("Ada", 5, score=5.0))
    assert found.total == pytest.approx((0.5 * 25 + 5) / 30)
    assert found.assessed == pytest.approx(30 / 50)


def test_nothing_assessed_is_not_zero(session: Session) -> None:
    """Before anything is known there is no score and no rank."""
    found = only(session, attempt("Ada", {1: None}))
    assert (found.total, found.rank, found.assessed) == (None, None, 0)


def test_talk_is_scored_by_the_rubric(session: Session) -> None:
    """One criterion of two met: half; what is not ticked beside it was not met."""
    found = only(session, attempt("Ada", {}), ticks("ada", one=1.0))
    assert found.marks[5].score == pytest.approx(0.5)


def test_interviewers_are_averaged(session: Session) -> None:
    """Two sheets of two interviewers give their mean; a second sheet of one of them replaces the first."""
    sheets = [ticks("Ada", "Lin", one=0.0), ticks("Ada", "Lin", one=1.0, two=1.0), ticks("Ada", "Max", one=1.0)]
    assert only(session, *sheets).marks[5].score == pytest.approx(0.75)


def test_code_and_talk_are_joined(session: Session) -> None:
    """The verdict makes 70 % of a coding question's score and the talk 30 %."""
    found = only(session, make_judged("Ada", 5, score=10.0), ticks("Ada", number=5, one=1.0))
    assert found.marks[4].score == pytest.approx(0.7 + 0.3 * 0.5)


def test_a_missing_solution_scores_zero(session: Session) -> None:
    """Who hands in no code gets no points for it, also if an earlier attempt had some."""
    found = only(session, make_judged("Ada", 5), attempt("Ada", {}, missing=(5,)))
    assert (found.marks[4].score, found.marks[4].missing) == (0.0, True)


def test_our_failure_is_not_charged(session: Session) -> None:
    """A judge error leaves the question open and is noted."""
    failed = replace(make_judged("Ada", 5), verdict=make_verdict("Ada", Status.JUDGE_ERROR, 0.0))
    found = only(session, failed)
    assert found.marks[4].score is None
    assert any("the grader failed" in note.en for note in found.notes)


def test_the_last_verdict_counts(session: Session) -> None:
    """After a regrade the new verdict counts, and the old one is mentioned."""
    found = only(session, make_judged("Ada", 5, score=2.0), make_judged("Ada", 5, score=8.0))
    assert found.marks[4].score == pytest.approx(0.8)
    assert any("2 verdicts" in note.en for note in found.notes)


def test_an_own_score_stands_in(session: Session) -> None:
    """An answer that was given aloud, or could not be read, is scored by the interviewer."""
    sheet = Sheet(candidate="Ada", interviewer="Lin", at=NOW, questions={1: Ticks(score=1.0)})
    assert only(session, attempt("Ada", {1: None}), sheet).marks[0].score == 1.0


def test_what_could_not_be_read_never_ranks_above_a_blank(session: Session) -> None:
    """Answers that nobody could read count as nothing until they are scored; the total says that it may change."""
    blank = attempt("Blank", dict.fromkeys((1, 2, 3, 4), 0.0))
    unread = attempt("Unread", dict.fromkeys((1, 2, 3, 4), None))
    old = attempt("Old", {})  # a ledger of old has no answers of a file that was missing
    found = figures(session, unread, old, blank, *(make_judged(name, 5) for name in ("Unread", "Blank", "Old")))
    assert {candidate.rank for candidate in found.candidates} == {1}
    by_name = {candidate.key: candidate for candidate in found.candidates}
    assert by_name["Unread"].total == by_name["Old"].total == by_name["Blank"].total == pytest.approx(25 / 45)
    assert [by_name["Unread"].marks[n].score for n in range(4)] == [None] * 4
    assert by_name["Unread"].assessed < by_name["Blank"].assessed


def test_a_person_scores_what_could_not_be_read(session: Session) -> None:
    """A score in the rubric takes the place of what counted as nothing."""
    sheet = Sheet(candidate="Ada", interviewer="Lin", at=NOW, questions={1: Ticks(score=1.0)})
    scores = {1: None, 2: 0.0, 3: 0.0, 4: 0.0}
    assert only(session, attempt("Ada", scores)).total == 0.0
    assert only(session, attempt("Ada", scores), sheet).total == pytest.approx(0.25)


def test_a_part_that_was_assessed_is_provisional(session: Session) -> None:
    """A candidate is provisional until every question has a score."""
    whole = attempt("Ada", dict.fromkeys((1, 2, 3, 4), 1.0))
    assert only(session, whole, make_judged("Ada", 5)).provisional
    assert not only(session, whole, make_judged("Ada", 5), ticks("Ada", one=1.0)).provisional


def test_a_changed_suite_is_noted(session: Session) -> None:
    """A verdict of another suite than the session's says so."""
    changed = replace(make_judged("Ada", 5), suite_then="sha256:00000000")
    assert any("another suite" in note.en for note in only(session, changed).notes)


def test_too_few_questions_get_no_range(session: Session) -> None:
    """From fewer than four assessed questions no range is made."""
    assert only(session, attempt("Ada", {1: 1.0, 2: 1.0, 3: 1.0})).range is None
    assert only(session, attempt("Ada", {1: 1.0, 2: 1.0, 3: 1.0, 4: 0.0})).range is not None


def test_perfection_is_not_certain(session: Session) -> None:
    """Four right answers of four do not make a range without width."""
    found = only(session, attempt("Ada", dict.fromkeys((1, 2, 3, 4), 1.0))).range
    assert found is not None
    assert found.high == 1.0
    assert found.low < 0.95


def test_better_everywhere_is_ahead(session: Session) -> None:
    """Who is better on every question ranks first and is ahead in nearly all draws; the two shares sum to 1."""
    strong = attempt("Ada", dict.fromkeys((1, 2, 3, 4), 1.0))
    weak = attempt("Bo", {1: 0.0, 2: 0.2, 3: 0.0, 4: 0.1})
    found = figures(session, weak, strong)
    assert [candidate.key for candidate in found.candidates] == ["Ada", "Bo"]
    assert 0.95 < found.duels["Ada", "Bo"] < 1.0
    assert found.duels["Ada", "Bo"] + found.duels["Bo", "Ada"] == pytest.approx(1.0)


def test_equal_candidates_share_a_rank(session: Session) -> None:
    """The same answers: the same rank, and neither ahead."""
    pair = [attempt(name, {1: 1.0, 2: 0.0, 3: 1.0, 4: 0.0}) for name in ("Ada", "Bo")]
    found = figures(session, *pair)
    assert [candidate.rank for candidate in found.candidates] == [1, 1]
    assert found.duels["Ada", "Bo"] == pytest.approx(0.5)


def test_equally_good_candidates_are_seldom_told_apart() -> None:
    """Of pairs with the same chances on every question about a tenth is far ahead; dominance of four is not certain."""
    rng = np.random.default_rng(5)
    weights = [25.0, 8.0, 4.0, 9.0, 2.0]
    far = [abs(_share_ahead(rng.integers(0, 5, size=(5, 2)) / 4, weights, n) - 0.5) > 0.45 for n in range(150)]
    assert 0.02 < np.mean(far) < 0.17
    assert _share_ahead(np.array([[0.8, 0.5]] * 4), weights[:4], 1) < 0.97


def _share_ahead(scores: NDArray[np.float64], weights: list[float], seed: int) -> float:
    difference = redrawn_totals(scores, weights, seed) @ [1, -1]
    return float(np.mean(difference > 0))


def test_a_borrowed_name_draws_no_rubric(session: Session) -> None:
    """Who calls themselves as another is called gets none of their marks; both are shown with their files."""
    mallory = replace(attempt("Mallory", {}), name="Ada")
    found = {c.key: c for c in figures(session, attempt("Ada", {}), mallory, ticks("Ada", one=1.0)).candidates}
    assert (found["Ada"].marks[5].score, found["Mallory"].marks[5].score) == (0.5, None)
    assert (found["Ada"].name, found["Mallory"].name) == ("Ada", "Ada (Mallory)")
    assert all(any("goes by the name" in note.en for note in c.notes) for c in found.values())


def test_a_verdict_is_that_of_the_last_attempt(session: Session) -> None:
    """New code that is not graded yet is open; code that was graded in an earlier attempt has its old verdict."""
    first = replace(attempt("Ada", {}), code={5: "sha256:x"})
    second = replace(first, digest="second", code={5: "sha256:y"})
    judged = make_judged("Ada", 5, score=10.0)
    assert only(session, first, judged, second).marks[4].score is None
    later = replace(make_judged("Ada", 5, score=2.0, source="y = 1\n"), file_digest="sha256:y")
    records = [first, judged, second, later]
    assert only(session, *records).marks[4].score == pytest.approx(0.2)
    assert only(session, *records, first).marks[4].score == 1.0
    assert last_sources(session, [*records, first]) == {5: {"Ada": "x = 1\n"}}


def test_a_refusal_is_forgotten_when_mended(session: Session) -> None:
    """An archive that was accepted later is not listed as refused."""
    turned = Turned(archive="Ada.zip", reason=Text(en="no", zh="不"), at="2026-11-22T09:00:00")
    assert figures(session, turned).refused == (turned,)
    assert figures(session, turned, attempt("Ada", {})).refused == ()


def test_items_of_few_candidates_are_left_out(session: Session) -> None:
    """Four candidates make no figure, five do."""
    people = [attempt(f"p{n}", {1: float(n % 2), 2: n / 5}) for n in range(5)]
    assert figures(session, *people[:4]).items[0].mean is None
    assert figures(session, *people).items[0].mean is not None


def test_a_correlation_counts_pairs(session: Session) -> None:
    """Five scores, of which one stands alone, make a mean and no discrimination: four pairs are too few."""
    people = [attempt(f"p{n}", {1: float(n % 2), 2: n / 5}) for n in range(4)]
    item = figures(session, *people, attempt("alone", {1: 1.0})).items[0]
    assert (item.n, item.paired, item.mean is None, item.discrimination) == (5, 4, False, None)


def test_an_item_that_tells_people_apart(session: Session) -> None:
    """A question that only the strong get right correlates with the rest; one that all get right has no figure."""
    people = [attempt(f"p{n}", {1: float(n >= 5), 2: n / 10, 3: 1.0, 4: n / 10}) for n in range(10)]
    first, _, third, _, *_ = figures(session, *people).items
    assert first.discrimination is not None
    assert first.discrimination.value > 0.8
    assert first.discrimination.low < first.discrimination.value < first.discrimination.high
    assert third.discrimination is None
    assert third.mean is not None
    assert third.mean.low < 1.0 == third.mean.value


def test_items_over_sessions_are_pooled(session: Session) -> None:
    """The same question in two sessions is one item with both samples."""
    people = figures(session, *(attempt(f"p{n}", {1: float(n % 2), 2: n / 3}) for n in range(3))).candidates
    other = replace(session, id="f" * 12)
    items = item_figures([Sitting(session=session, candidates=people), Sitting(session=other, candidates=people)])
    assert (items[0].n, items[0].sessions) == (6, 2)
    assert len(items) == len(session.questions)


SOURCE = """
import numpy as np

def ranks(values):
    order = np.argsort(values, kind="stable")
    out = np.empty(len(values))
    out[order] = np.arange(1, len(values) + 1)
    for value in np.unique(values):
        mask = values == value
        out[mask] = out[mask].mean()
    return out

def roc_auc(y, s):
    positive = y == 1
    n, m = positive.sum(), (~positive).sum()
    return (ranks(s)[positive].sum() - n * (n + 1) / 2) / (n * m)
"""
OTHER = """
def roc_auc(labels, scores):
    wins = 0
    pairs = [(a, b) for a, y in zip(scores, labels) if y for b, z in zip(scores, labels) if not z]
    while pairs:
        high, low = pairs.pop()
        if high > low:
            wins = wins + 2
        elif high == low:
            wins = wins + 1
        else:
            pass
    return wins / 2 / max(1, sum(labels) * (len(labels) - sum(labels)))

def f1_score(truth, guess, average="binary"):
    table = {}
    for t, g in zip(truth, guess):
        table[(t, g)] = table.get((t, g), 0) + 1
    return table
"""


def judged(name: str, source: str) -> Judged:
    return make_judged(name, 5, source=source)


def test_renamed_code_is_recognised(session: Session) -> None:
    """A copy with other names and comments stands out; an own solution does not."""
    renamed = SOURCE.replace("ranks", "place").replace("values", "xs").replace("positive", "p") + "# my own work\n"
    records = [judged("Ada", SOURCE), judged("Bo", renamed), judged("Cem", OTHER)]
    found = find_resemblance(session, last_sources(session, records))
    assert [(pair.first, pair.second) for pair in found.pairs] == [("Ada", "Bo")]
    assert found.pairs[0].share > 0.8


def test_the_stub_is_disregarded(session: Session) -> None:
    """Two who handed in the stub do not resemble each other: it was given to them."""
    assert session.questions[4].exercise is not None
    stub = session.questions[4].exercise.files["solution.py"]
    found = find_resemblance(session, last_sources(session, [judged("Ada", stub), judged("Bo", stub)]))
    assert found.pairs == ()


@pytest.mark.parametrize("source", ["", "def (", "\0", "x = '''", "é" * 100, "(" * 1000])
def test_any_text_can_be_compared(session: Session, source: str) -> None:
    """Code that does not parse does no harm."""
    found = find_resemblance(session, last_sources(session, [judged("Ada", source), judged("Bo", SOURCE)]))
    assert all(math.isfinite(pair.share) for pair in found.pairs)
