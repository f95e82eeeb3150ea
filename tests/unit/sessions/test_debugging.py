"""Debugging rounds of a session."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from grader.content.pack import Pack
from grader.content.planted import find_repair, planted_source, repairs_of
from grader.errors import UsageError
from grader.model.entry import BugEntry, Entry
from grader.model.session import Session
from grader.model.session_figures import Resemblance
from grader.model.text import Lang
from grader.model.verdict import Status
from grader.report.session_guide import guide_html, guide_markdown, schedule
from grader.sessions.assemble import assemble, in_order
from grader.sessions.bundle import candidate_files, expected_files
from grader.sessions.debugging import exercise_of, exposed, form_of, is_repair, made_entries, made_entry
from grader.sessions.figures import results_of
from grader.sessions.prepare import Bank, Order, make_sessions, plan, swap
from grader.sessions.session_file import read_session, write_session
from grader.sessions.wishes import Wishes
from tests.unit.sessions.conftest import freeze, make_bank, make_entry
from tests.unit.sessions.test_collect import make_judged

WISHES = Wishes(role="tester", level="mid", minutes=60, opening=3, closing=5, coding=1, debugging=1, per_topic=2)


def bug(slug: str, mutant: str, **fields: Any) -> Entry:
    """A repair entry as somebody wrote it."""
    spoken = make_entry(fields.pop("name", f"bug-{slug.replace('_', '-')}"), "open", **fields)
    shared = {name: getattr(spoken, name) for name in spoken.__dataclass_fields__ if name != "kind"}
    return BugEntry(**shared, kind="bug", choices=(), exercise=slug, mutant=mutant)


@pytest.fixture(scope="module")
def made(pack: Pack) -> list[Entry]:
    """The small bank and one repair task for each shipped exercise."""
    bank = make_bank()
    return [*bank, *made_entries(pack.exercises(), bank, lambda repair: int(repair.handle, 16), 1)]


@pytest.fixture(scope="module")
def mended(pack: Pack) -> Session:
    """A session with a made repair task and a talk."""
    return freeze([made_entry(find_repair(pack.exercise("f1_auc"), "ties_count_one")), make_entry("entry-open")], pack)


def whim_bank(pack: Pack, entries: list[Entry]) -> Bank:
    """The built-in exercises behind some entries."""
    return Bank(
        entries=entries,
        syllabus=pack.syllabus,
        find_exercise=pack.exercise,
        exercises=lambda: tuple(pack.exercises()),
    )


@pytest.mark.parametrize("seed", range(12))
def test_coding_and_debugging_never_share_an_exercise(made: list[Entry], seed: int) -> None:
    """Each session has one of both, of two exercises."""
    (form,) = assemble(WISHES, made, seed)
    hands_on = [exercise_of(entry) for entry in form.entries if exercise_of(entry)]
    assert sorted(form_of(entry) for entry in form.entries if exercise_of(entry)) == ["code", "debugging"]
    assert len(set(hands_on)) == 2


def test_what_is_about_one_exercise_cannot_both_be_asked(pack: Pack) -> None:
    """Where the bank has nothing else, it is the wish that gives way, with a sentence."""
    talk = [entry for entry in make_bank() if entry.kind != "code"]
    only = [*talk, make_entry("code-0", "code", exercise="f1_auc", minutes=25, topics=("eval.classification",))]
    repair = made_entry(find_repair(pack.exercise("f1_auc"), "ties_count_one"))
    with pytest.raises(UsageError, match="change `--debugging 1` to `--debugging 0`"):
        assemble(WISHES, [*only, repair], 1)


def test_two_debugging_rounds_are_of_two_exercises(made: list[Entry]) -> None:
    """However alike they are put."""
    (form,) = assemble(replace(WISHES, coding=0, debugging=2), made, 3)
    slugs = [exercise_of(entry) for entry in form.entries if is_repair(entry)]
    assert len(slugs) == len(set(slugs)) == 2


def test_nobody_gets_a_repair_task_unasked(pack: Pack) -> None:
    """Not as a bug to find, either."""
    entries = [*make_bank(), bug("smote", "fixed_seed"), bug("f1_auc", "all_pairs")]
    for seed in range(6):
        (form,) = assemble(replace(WISHES, debugging=0), entries, seed)
        assert not any(map(is_repair, form.entries))
    with pytest.raises(UsageError, match="leave out `--kinds bug:1`"):
        assemble(replace(WISHES, kinds={"bug": 1}), entries, 1)


def test_a_written_entry_comes_before_made_ones(pack: Pack) -> None:
    """An exercise with a repair entry makes no others; the others make one each, by the seed."""
    written = bug("f1_auc", "all_pairs")
    exercises = list(pack.exercises())
    slugs = [exercise_of(one) for one in made_entries(exercises, [written], lambda repair: 0.0, 1)]
    assert slugs == [one.id for one in exercises if one.id != "f1_auc"]
    assert (
        len(made_entries(exercises, [written], lambda repair: 0.0, None))
        == sum(len(repairs_of(one)) for one in exercises) - 1
    )


def test_a_made_entry_names_no_mistake(pack: Pack) -> None:
    """Its id is made of the handle; it takes two fifths of the exercise's minutes."""
    repair = find_repair(pack.exercise("f1_auc"), "ties_count_one")
    entry = made_entry(repair)
    assert entry.id == f"repair-f1-auc-{repair.handle}"
    assert entry.minutes == repair.minutes
    assert repair.mutant.title.en not in f"{entry.title}{entry.prompt}"
    assert repair.mutant.title.en in entry.answer.en
    assert sum(criterion.weight for criterion in entry.rubric) == pytest.approx(1)


@pytest.mark.parametrize("seen", ["code-0", "bug-f1-auc", "repair-f1-auc-3f2a"])
def test_who_has_seen_an_exercise_gets_neither_of_its_tasks(pack: Pack, seen: str) -> None:
    """A repair task shows the reference, and whoever wrote the exercise knows where to look."""
    entries = [*make_bank(), bug("f1_auc", "all_pairs", topics=("biz.cost",))]
    assert exposed({seen}, entries) == {"f1_auc"}
    others = [one for one in pack.exercises() if one.id != "f1_auc"]
    pool = [*entries, *made_entries(others, entries, lambda repair: 0.0, 1)]
    for seed in range(5):
        (form,) = assemble(replace(WISHES, avoid=frozenset({seen})), pool, seed)
        assert "f1_auc" not in {exercise_of(entry) for entry in form.entries}


def test_debugging_does_not_come_first(pack: Pack) -> None:
    """As coding does not."""
    easy = made_entry(find_repair(pack.exercise("f1_auc"), "ties_count_one"))
    talk = make_entry("entry-open", difficulty=9)
    assert [form_of(entry) for entry in in_order([replace(easy, difficulty=1), talk])] == ["open", "debugging"]


def test_an_order_makes_debugging_rounds(pack: Pack) -> None:
    """`--debugging 1` reaches the questions; parallel forms have one each, of different tasks."""
    bank = whim_bank(pack, make_bank())
    planned = plan(Order(role="ml-engineer", minutes=60, coding=1, debugging=1, per_topic=2), pack.syllabus)
    sessions, _ = make_sessions(planned, bank, seed=5, forms=2, created="2026-11-29T10:00:00+00:00")
    rounds = [[q for q in session.questions if q.repair] for session in sessions]
    assert [len(found) for found in rounds] == [1, 1]
    assert rounds[0][0].entry != rounds[1][0].entry
    assert "debugging 1" in sessions[0].wishes


def test_the_frozen_exercise_holds_what_is_planted(mended: Session, pack: Pack) -> None:
    """Source, digest, and for the interviewer what is wrong; the public files are the exercise's."""
    question = mended.questions[0]
    repair = find_repair(pack.exercise("f1_auc"), "ties_count_one")
    assert question.exercise is not None
    assert question.exercise.files["solution.py"] == planted_source(repair)
    assert question.exercise.files["test_public.py"] == repair.exercise.public_suite.read_text(encoding="utf-8")
    assert question.exercise.suite_digest == repair.exercise.suite_digest
    assert question.exercise.statement.zh.startswith("> **修复题。**")
    assert (question.repair and question.repair.mutant, question.shown_kind) == ("ties_count_one", "debugging")


def test_a_session_file_keeps_it(mended: Session, tmp_path: Path) -> None:
    """Written and read again, it is the same session."""
    write_session(tmp_path / "session.json", mended)
    assert read_session(tmp_path / "session.json") == mended


def test_a_session_of_before_can_be_read(session: Session) -> None:
    """A session file without the field is one without debugging rounds."""
    body = msgspec.to_builtins(session)
    for question in body["questions"]:
        if question["exercise"]:
            del question["exercise"]["repair"]
    assert msgspec.convert(body, Session) == session


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_candidate_is_told_to_mend(mended: Session, lang: Lang) -> None:
    """The bundle has the code, and says what to do with it; it is expected back under the same name."""
    files = candidate_files(mended, lang, live=False)
    assert "1-code/solution.py" in expected_files(mended)
    mend = {"en": "wrong somewhere", "zh": "有一处错误"}[lang]
    assert mend in files["README.md"].decode()
    assert "1-code/solution.py" in files["QUESTIONS.md"].decode()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_guide_shows_what_is_planted(mended: Session, lang: Lang) -> None:
    """Title, advice and edit, what to watch for, and the word debugging in the timeline."""
    repair = mended.questions[0].repair
    assert repair is not None
    html, markdown = guide_html(mended, lang), guide_markdown(mended, lang)
    assert repair.title.get(lang) in markdown
    assert repair.advice.get(lang) in markdown
    assert f"```diff\n{repair.edit}\n```" in markdown
    assert {"en": "What is planted", "zh": "埋下的错误"}[lang] in html
    assert "tied_positives" in html
    kinds = [slot["kind"] for slot in schedule(mended, lang)]
    assert {"en": "debugging", "zh": "调试"}[lang] in kinds


def test_swap_gives_another_debugging_round(pack: Pack) -> None:
    """A repair task is replaced by one, of an exercise that no other question is about."""
    entries = [make_entry("code-1", "code", exercise="smote", topics=("data.imbalance",), minutes=25)]
    repair = made_entry(find_repair(pack.exercise("f1_auc"), "ties_count_one"))
    session = freeze([*entries, repair], pack)
    changed = swap(session, 2, whim_bank(pack, entries), wanted=None, seed=1)
    assert changed.questions[1].repair
    assert changed.questions[1].exercise is not None
    assert changed.questions[1].exercise.id != "smote"
    assert changed.questions[1].entry != repair.id


def test_swap_refuses_the_same_exercise(pack: Pack) -> None:
    """Also for an entry that was named."""
    coding = make_entry("code-1", "code", exercise="f1_auc", minutes=25)
    session = freeze([make_entry("entry-open"), coding], pack)
    wanted = made_entry(find_repair(pack.exercise("f1_auc"), "ties_count_one")).id
    with pytest.raises(UsageError, match="about the exercise of question 2"):
        swap(session, 1, whim_bank(pack, [coding]), wanted=wanted, seed=1)


@pytest.mark.parametrize(("status", "score"), [(Status.ACCEPTED, 1.0), (Status.WRONG_ANSWER, 0.0)])
def test_debugging_scores_when_it_is_mended(mended: Session, status: Status, score: float) -> None:
    """The points of code that was handed back as it was earn nothing."""
    judged = make_judged("Ada", 1, score=9.0)
    judged = replace(judged, verdict=replace(judged.verdict, status=status))
    (ada,) = results_of(mended, [judged], Resemblance()).candidates
    assert ada.marks[0].score == score
