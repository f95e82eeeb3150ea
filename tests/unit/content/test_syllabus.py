"""The syllabus: what it holds, and the check of topics against it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.content.pack import builtin_pack_root
from grader.content.syllabus import Syllabus, read_syllabus
from grader.errors import ContentError

Write = Callable[..., Path]
Edit = Callable[[dict[str, Any]], object]


@pytest.fixture(scope="module")
def shipped() -> Syllabus:
    return read_syllabus(builtin_pack_root() / "bank" / "syllabus.yaml")


def test_shipped_syllabus_has_eighty_topics_in_fourteen_areas(shipped: Syllabus) -> None:
    """Nothing of the syllabus is missing."""
    assert (len(shipped.topics), len(shipped.areas)) == (80, 14)


def test_shipped_syllabus_plans_each_exercise_once(shipped: Syllabus) -> None:
    """201 exercises are planned, none under two topics."""
    slugs = [slug for topic in shipped.topics.values() for slug in topic.exercises]
    assert (len(slugs), len(set(slugs))) == (201, 201)


def test_shipped_texts_are_in_their_languages(shipped: Syllabus) -> None:
    """English has no Chinese characters in it, and Chinese has some."""
    texts = [area.title for area in shipped.areas]
    texts += [text for topic in shipped.topics.values() for text in (topic.title, topic.about)]
    assert not [text.en for text in texts if any("\u4e00" <= char <= "\u9fff" for char in text.en)]
    assert not [text.zh for text in texts if not any("\u4e00" <= char <= "\u9fff" for char in text.zh)]


def test_shipped_topics_are_described_in_one_sentence(shipped: Syllabus) -> None:
    """Each topic says what it is about in one sentence of each language."""
    for topic in shipped.topics.values():
        assert (topic.about.en.count("."), topic.about.zh.count("。")) == (1, 1), topic.id


def test_topic_knows_its_area(syllabus_file: Write) -> None:
    """The area of a topic is found by the topic's id."""
    assert read_syllabus(syllabus_file()).area_of("arch.attention").id == "architecture"


def test_area_of_an_unknown_topic_is_a_key_error(syllabus_file: Write) -> None:
    """There is no area for a topic that is not there."""
    with pytest.raises(KeyError):
        read_syllabus(syllabus_file()).area_of("arch.rnn")


def test_known_topics_pass(syllabus_file: Write) -> None:
    """Topics of the syllabus are no error."""
    read_syllabus(syllabus_file()).check_topics(Path("x.yaml"), ("arch.attention", "eval.regression"))


@pytest.mark.parametrize(("topic", "fix"), [("arch.atention", "did you mean `arch.attention`?"), ("zz.q", "write one")])
def test_unknown_topic_is_named(syllabus_file: Write, topic: str, fix: str) -> None:
    """The first unknown topic is reported at its place, with the nearest or with where to look."""
    with pytest.raises(ContentError) as caught:
        read_syllabus(syllabus_file()).check_topics(Path("x.yaml"), ("arch.attention", topic))
    assert caught.value.field == "topics.1"
    assert fix in caught.value.fix


@pytest.mark.parametrize(
    ("edit", "field"),
    [
        (lambda s: s["areas"].append(dict(s["areas"][0])), "areas.2.id"),
        (lambda s: s["areas"][1]["topics"][0].update(id="eval.regression"), "areas.1.topics.0.id"),
        (lambda s: s["areas"][1]["topics"][0]["about"].pop("zh"), "areas.1.topics.0.about.zh"),
        (lambda s: s["areas"][0].update(topics=[]), "areas.0.topics"),
        (lambda s: s["areas"][0].update(name="x"), "areas.0.name"),
        (lambda s: s["areas"][0]["topics"][0].update(exercises=["F1"]), "areas.0.topics.0.exercises.0"),
        (lambda s: s["areas"][0]["topics"][0].pop("weight"), "areas.0.topics.0.weight"),
        (lambda s: s["areas"][0]["topics"][0].update(weight=0), "areas.0.topics.0.weight"),
        (lambda s: s["areas"][0]["topics"][0].update(weight=6), "areas.0.topics.0.weight"),
        (lambda s: s["areas"][0]["topics"][0].update(weight=2.5), "areas.0.topics.0.weight"),
    ],
)
def test_mistake_in_a_syllabus_is_named(syllabus_file: Write, edit: Edit, field: str) -> None:
    """A repeated id, a missing language, an empty area or an unknown field is reported at its place."""
    with pytest.raises(ContentError) as caught:
        read_syllabus(syllabus_file(edit))
    assert caught.value.field == field
