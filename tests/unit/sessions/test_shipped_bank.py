"""The shipped bank and blueprints, as sessions use them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader.content.pack import Pack
from grader.model.entry import Entry, Level
from grader.model.session import Question
from grader.sessions.assemble import assemble
from grader.sessions.blueprint import UnknownRole, find_blueprint, shipped, topic_weights
from grader.sessions.bundle import candidate_files
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


@pytest.mark.parametrize("role", shipped())
def test_weights_name_topics(role: str, pack: Pack) -> None:
    """Every area and topic of a blueprint is in the syllabus, and both languages are there."""
    blueprint = find_blueprint(role)
    assert set(topic_weights(blueprint, pack.syllabus, role)) <= set(pack.syllabus.topics)
    assert blueprint.title.zh
    assert blueprint.about.zh


def test_a_role_has_a_name_and_titles() -> None:
    """Either finds the blueprint, in both languages and however it is spelled."""
    assert find_blueprint("LLM engineer") == find_blueprint("大模型工程师") == find_blueprint("llm_engineer")


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("ml-platfrom", ["ml-platform"]),
        ("research scientist", ["applied-scientist", "data-scientist"]),
        ("ML platform lead", ["ml-platform"]),
        ("数据科学", ["data-scientist"]),
        ("Head of Everything", []),
    ],
)
def test_an_unknown_role_is_questioned(name: str, near: list[str]) -> None:
    """What is like a role is asked about, and all of them are listed."""
    with pytest.raises(UnknownRole) as caught:
        find_blueprint(name)
    assert set(near) <= set(caught.value.near)
    assert bool(near) == ("did you mean" in str(caught.value)) == ("是不是想写" in caught.value.chinese)
    assert all(known in str(caught.value) and known in caught.value.chinese for known in shipped())


def test_a_blueprint_in_a_file(tmp_path: Path, pack: Pack) -> None:
    """A team may keep its own."""
    path = tmp_path / "ours.yaml"
    text = "schema: 1\ntitle: {en: Ours, zh: 我们}\nabout: {en: a, zh: b}\nminutes: 30\nweights: {app: 0}\n"
    path.write_text(text, encoding="utf-8")
    blueprint = find_blueprint(str(path))
    assert blueprint.minutes == 30
    weights = topic_weights(blueprint, pack.syllabus, str(path))
    assert {topic for topic, weight in weights.items() if not weight} == {
        topic.id for topic in pack.syllabus.topics.values() if topic.id.startswith("app.")
    }


def test_what_is_asked_more_is_worth_more(tmp_path: Path, pack: Pack) -> None:
    """Of two topics that a role says the same of, the one of more weight is worth more, and none crosses 1 for that."""
    path = tmp_path / "ours.yaml"
    says = "schema: 1\ntitle: {en: a, zh: b}\nabout: {en: a, zh: b}\nweights: {dist: 2, trust: 0.9, deploy: 0.9}\n"
    path.write_text(says, encoding="utf-8")
    ours = topic_weights(find_blueprint(str(path)), pack.syllabus, str(path))
    assert ours["dist.model_parallel"] > ours["dist.scheduling"] > ours["dist.federated"] >= 1
    assert ours["llm.serving"] > ours["llm.safety"] == ours["app.finance"] == 1
    assert 1 > ours["deploy.latency"] > ours["trust.fairness"] > 0


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
