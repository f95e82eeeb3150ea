"""The shipped bank and blueprints, as sessions use them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader.content.pack import Pack
from grader.errors import UsageError
from grader.model.entry import Entry, Level
from grader.model.session import Question
from grader.sessions.assemble import assemble
from grader.sessions.blueprint import find_blueprint, shipped, topic_weights
from grader.sessions.bundle import candidate_files
from grader.sessions.debugging import exercise_of, is_repair, made_entries
from grader.sessions.prepare import Order, plan
from grader.sessions.wishes import LEVELS
from tests.unit.sessions.conftest import freeze

_WORDS = re.compile(r"[^\w]+")


@pytest.fixture(scope="module")
def entries(pack: Pack) -> list[Entry]:
    """Every active entry of the built-in pack."""
    return [entry for entry in pack.entries() if entry.status == "active"]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("role", shipped())
def test_every_role_can_be_interviewed(role: str, level: Level, pack: Pack, entries: list[Entry]) -> None:
    """Each blueprint has a choice of entries at each level."""
    planned = plan(Order(role=role, level=level), pack.syllabus)
    (form,) = assemble(planned.wishes, entries, 1)
    assert len(form.entries) >= 4


@pytest.mark.parametrize(
    ("role", "level", "minutes", "coding", "debugging"),
    [
        ("data-scientist", "junior", 45, 1, 1),
        ("data-scientist", "junior", 90, 1, 1),
        ("llm-engineer", "senior", 60, 1, 1),
        ("llm-engineer", "senior", 90, 1, 1),
        ("ml-platform", "staff", 90, 2, 0),
        ("applied-scientist", "senior", 60, 1, 1),
        ("applied-scientist", "senior", 90, 1, 1),
    ],
)
def test_coding_and_debugging_tasks_fit_the_role(
    role: str, level: Level, minutes: int, coding: int, debugging: int, pack: Pack, entries: list[Entry]
) -> None:
    """As many as were asked for, of topics that the role is asked about, and never both of one exercise."""
    order = Order(role=role, level=level, minutes=minutes, coding=coding, debugging=debugging)
    planned = plan(order, pack.syllabus)
    exercises = [exercise for exercise in pack.exercises() if exercise.status == "active"]
    offered = [*entries, *made_entries(exercises, entries, lambda repair: 0.0, 1)] if debugging else entries
    (form,) = assemble(planned.wishes, offered, 1)
    tasks = [entry for entry in form.entries if entry.kind == "code" or is_repair(entry)]
    assert len([entry for entry in tasks if entry.kind == "code"]) == coding
    assert len(tasks) >= coding + debugging
    blueprint = find_blueprint(role)
    assert blueprint is not None
    weights = topic_weights(blueprint, pack.syllabus, role)
    assert all(max(weights.get(topic, 1) for topic in entry.topics) > 0 for entry in tasks)
    assert len({exercise_of(entry) for entry in tasks}) == len(tasks)


@pytest.mark.parametrize("role", shipped())
def test_weights_name_topics(role: str, pack: Pack) -> None:
    """Every area and topic of a blueprint is in the syllabus, and both languages are there."""
    blueprint = find_blueprint(role)
    assert blueprint is not None
    assert set(topic_weights(blueprint, pack.syllabus, role)) <= set(pack.syllabus.topics)
    assert blueprint.title.zh
    assert blueprint.about.zh


def test_a_role_of_ones_own() -> None:
    """A title that is no blueprint is just a title; one that is nearly a blueprint is questioned."""
    assert find_blueprint("Head of Everything") is None
    assert find_blueprint("LLM engineer") == find_blueprint("大模型工程师") == find_blueprint("llm-engineer")
    with pytest.raises(UsageError, match="did you mean `ml-platform`"):
        find_blueprint("ml-platfrom")


def test_a_blueprint_in_a_file(tmp_path: Path, pack: Pack) -> None:
    """A team may keep its own."""
    path = tmp_path / "ours.yaml"
    text = "schema: 1\ntitle: {en: Ours, zh: 我们}\nabout: {en: a, zh: b}\nminutes: 30\nweights: {app: 0}\n"
    path.write_text(text, encoding="utf-8")
    blueprint = find_blueprint(str(path))
    assert blueprint is not None
    assert blueprint.minutes == 30
    assert set(topic_weights(blueprint, pack.syllabus, str(path)).values()) == {0}


def test_no_entry_gives_itself_away(pack: Pack, entries: list[Entry]) -> None:
    """Of no shipped entry does a bundle hold its answer, rubric, reasons, hints, red flags, follow-ups or id."""
    for entry in entries:
        (question,) = freeze([entry], pack).questions
        for lang in ("en", "zh"):
            files = candidate_files(freeze([entry], pack), lang, live=False)
            shown = _squeezed("\n".join(data.decode() for data in files.values()))
            stated = _squeezed("\n".join(_public(question, lang)))
            for text in _private(question, lang):
                private = _squeezed(text)
                assert len(private) < 25 or private not in shown or private in stated, (entry.id, text)
            assert entry.id not in "".join(data.decode() for data in files.values())


def _public(question: Question, lang: str) -> list[str]:
    """What a candidate must read."""
    texts = [question.prompt, *(option.text for option in question.options), *(step.text for step in question.steps)]
    statement = [question.exercise.statement.get(lang)] if question.exercise else []  # type: ignore[arg-type]
    return [*(text.get(lang) for text in texts), *statement]  # type: ignore[arg-type]


def _private(question: Question, lang: str) -> list[str]:
    """What no candidate may read."""
    texts = [*(criterion.text for criterion in question.rubric), *question.red_flags]
    texts += [follow_up.text for follow_up in question.follow_ups]
    texts += [option.why for option in question.options if option.why]
    answer = question.answer.get(lang).split("\n")  # type: ignore[arg-type]
    return [*(text.get(lang) for text in texts), *answer]  # type: ignore[arg-type]


def _squeezed(text: str) -> str:
    return _WORDS.sub("", text).lower()
