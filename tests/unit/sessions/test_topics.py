"""What a topic's name stands for."""

from __future__ import annotations

import pytest

from grader.content.syllabus import Syllabus
from grader.errors import UsageError
from grader.sessions.topics import find_topics


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("arch.attention", {"arch.attention"}),
        ("attention", {"arch.attention"}),
        ("Attention", {"arch.attention"}),
        ("quant", {"comp.quantization"}),
        ("metrics", {"eval.classification", "eval.regression"}),
        ("量化", {"comp.quantization"}),
    ],
)
def test_a_name_finds_topics(name: str, found: set[str], syllabus: Syllabus) -> None:
    """An id, its end, the beginning of that, or a word of titles is enough."""
    assert find_topics(name, syllabus) == found


@pytest.mark.parametrize("name", ["evaluation", "eval"])
def test_an_area_is_all_its_topics(name: str, syllabus: Syllabus) -> None:
    """An area may be named by its id or by the beginning of its topics' ids."""
    assert find_topics(name, syllabus) == {topic for topic in syllabus.topics if topic.startswith("eval.")}


def test_a_misspelt_name_gets_near_ones(syllabus: Syllabus) -> None:
    """The nearest ids are offered."""
    with pytest.raises(UsageError, match=r"no topic 'atention'; did you mean `arch.attention`"):
        find_topics("atention", syllabus)


def test_a_name_of_several_areas_is_refused(syllabus: Syllabus) -> None:
    """A word of titles in different areas does not say which is meant; all are listed."""
    with pytest.raises(UsageError, match="can mean") as caught:
        find_topics("data", Syllabus(path=syllabus.path, areas=tuple(a for a in syllabus.areas if a.id != "data")))
    assert "`dist.data_parallel`" in str(caught.value)


def test_nonsense_gets_the_areas(syllabus: Syllabus) -> None:
    """A name like nothing gets the list of areas."""
    with pytest.raises(UsageError, match="one of the areas data, evaluation"):
        find_topics("zzzzqqq", syllabus)
