"""What a person means by the name of a topic: `arch.attention`, `attention`, `architecture` or `metrics`."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable

from grader.content.suggestion import did_you_mean
from grader.content.syllabus import Syllabus, Topic
from grader.errors import UsageError
from grader.model.text import Text

_WORD = re.compile(r"[\w-]+")


def find_topics(name: str, syllabus: Syllabus) -> frozenset[str]:
    """The ids that `name` stands for: one topic, or several of the same area.

    It may be an id, an area, the part of an id before or after the dot, the beginning of the latter, or a word of
    titles. Raises UsageError for a name that fits nothing, or topics of different areas.
    """
    wanted = name.strip().lower()
    topics = list(syllabus.topics.values())
    for meaning in _meanings(wanted, syllabus):
        found = [topic.id for topic in topics if meaning(topic)]
        if found:
            return _of_one_area(name, found, syllabus)
    raise _unknown(name, wanted, syllabus)


def _meanings(wanted: str, syllabus: Syllabus) -> Iterable[Callable[[Topic], bool]]:
    """What a name may mean, the most certain first."""
    yield lambda topic: topic.id == wanted
    yield lambda topic: syllabus.area_of(topic.id).id == wanted or _before_dot(topic) == wanted
    yield lambda topic: _after_dot(topic) == wanted
    yield lambda topic: len(wanted) > 2 and _after_dot(topic).startswith(wanted)
    yield lambda topic: wanted in (topic.title.en.lower(), topic.title.zh.lower())
    yield lambda topic: wanted in _words(topic.title.en) or (len(wanted) > 1 and wanted in topic.title.zh.lower())
    yield lambda topic: len(wanted) > 2 and any(word.startswith(wanted) for word in _words(topic.title.en))


def _before_dot(topic: Topic) -> str:
    return topic.id.partition(".")[0]


def _after_dot(topic: Topic) -> str:
    return topic.id.partition(".")[2]


def _words(title: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(title)}


def _of_one_area(name: str, found: list[str], syllabus: Syllabus) -> frozenset[str]:
    if len({syllabus.area_of(topic).id for topic in found}) > 1:
        quoted = [f"`{topic}`" for topic in found]
        raise UsageError(
            f"the topic {name!r} can mean {' or '.join(quoted)}; write one of these",
            f"主题 {name!r} 可以指 {' 或 '.join(quoted)}；请写其中之一",
        )
    return frozenset(found)


def _unknown(name: str, wanted: str, syllabus: Syllabus) -> UsageError:
    names = {topic: topic for topic in syllabus.topics} | {_after_dot(t): t.id for t in syllabus.topics.values()}
    names |= {area.id: area.id for area in syllabus.areas}
    near = list(dict.fromkeys(names[key] for key in difflib.get_close_matches(wanted, names, n=4, cutoff=0.6)))
    areas = ", ".join(area.id for area in syllabus.areas)
    otherwise = Text(
        en=f"write a topic of bank/syllabus.yaml, or one of the areas {areas}",
        zh=f"请写 bank/syllabus.yaml 中的主题，或领域 {areas} 之一",
    )
    fix = did_you_mean(near) if near else otherwise
    return UsageError(f"there is no topic {name!r}; {fix.en}", f"没有主题 {name!r}；{fix.zh}")
