"""Which entries and exercises a wish admits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from grader.content.pack import Pack
from grader.content.selection import Wish, names_topic, select
from grader.errors import UsageError
from tests.unit.content.conftest import MUTANTS


@pytest.fixture
def packs(pack_root: Path, entry_of: Any) -> list[Pack]:
    """A pack with entries of several kinds, levels, areas and states."""
    folder = pack_root / "bank"
    for name, area, changes in (
        ("quick", "architecture", {"kind": "choice", "minutes": 2, "level": "junior"}),
        ("planned", "architecture", {"kind": "open", "status": "draft"}),
        ("errors", "evaluation", {"kind": "numeric", "topics": ["eval.regression"]}),
    ):
        value = {**entry_of(changes["kind"]), "id": name, **changes}
        (folder / area).mkdir(exist_ok=True)
        (folder / area / f"{name}.yaml").write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    return [Pack(pack_root)]


@pytest.mark.parametrize(
    ("wish", "entries", "exercises"),
    [
        (Wish(), {"sample", "quick", "errors"}, {"mean"}),
        (Wish(kinds=("open",)), {"sample"}, set()),
        (Wish(kinds=("exercise",)), set(), {"mean"}),
        (Wish(kinds=("choice", "exercise")), {"quick"}, {"mean"}),
        (Wish(levels=("junior",)), {"quick"}, {"mean"}),
        (Wish(minutes=2), {"quick"}, set()),
        (Wish(areas=("evaluation",)), {"errors"}, {"mean"}),
        (Wish(topics=("arch",)), {"sample", "quick"}, set()),
        (Wish(topics=("regress",)), {"errors"}, {"mean"}),
        (Wish(topics=("arch.attention", "eval.")), {"sample", "quick", "errors"}, {"mean"}),
        (Wish(statuses=("draft",)), {"planned"}, set()),
        (Wish(statuses=()), {"sample", "quick", "errors", "planned"}, {"mean"}),
        (Wish(levels=("staff",)), set(), set()),
    ],
    ids=str,
)
def test_a_wish_is_met(packs: list[Pack], wish: Wish, entries: set[str], exercises: set[str]) -> None:
    """What is found is what every filter admits."""
    found = select(packs, wish)
    assert {entry.id for entry in found.entries} == entries
    assert {exercise.id for exercise in found.exercises} == exercises


@pytest.mark.parametrize(
    ("wish", "count"),
    [
        (Wish(), 0),
        (Wish(kinds=("exercise",)), 0),
        (Wish(kinds=("repair",)), len(MUTANTS["mutants"])),
        (Wish(kinds=("repair",), minutes=5), len(MUTANTS["mutants"])),
        (Wish(kinds=("repair",), minutes=4), 0),
        (Wish(kinds=("repair",), topics=("arch",)), 0),
        (Wish(kinds=("repair",), areas=("evaluation",), levels=("junior",)), len(MUTANTS["mutants"])),
    ],
    ids=str,
)
def test_repair_tasks_are_found_where_they_are_wished_for(packs: list[Pack], wish: Wish, count: int) -> None:
    """By the filters of their exercises, but for their own minutes; nobody else sees them, nor anything beside them."""
    found = select(packs, wish)
    assert len(found.repairs) == count
    if "repair" in wish.kinds:
        assert (found.entries, found.exercises) == ((), ())


def test_entries_come_in_the_order_of_the_syllabus(packs: list[Pack]) -> None:
    """Entries are sorted by their first topic's place in the syllabus, and then by id."""
    assert [entry.id for entry in select(packs, Wish()).entries] == ["errors", "quick", "sample"]


def test_a_language_that_is_missing_leaves_out(packs: list[Pack], rewrite: Any) -> None:
    """A draft without a Chinese title is left out where Chinese is wished for."""
    rewrite(packs[0].root / "bank/architecture/planned.yaml", lambda value: value["title"].pop("zh"))
    wish = Wish(statuses=("draft",), lang="zh")
    assert select(packs, wish).entries == ()
    assert select(packs, Wish(statuses=("draft",), lang="en")).entries != ()


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        (Wish(topics=("arch.atention",)), "did you mean `arch.attention`?"),
        (Wish(areas=("evalution",)), "did you mean `evaluation`?"),
        (Wish(topics=("zzz",)), "`viva stats` shows all"),
    ],
)
def test_an_unknown_name_is_refused(packs: list[Pack], wish: Wish, says: str) -> None:
    """A topic or an area that there is not ends in a sentence with the nearest one."""
    with pytest.raises(UsageError) as caught:
        select(packs, wish)
    assert says in str(caught.value)


def test_the_first_pack_wins(packs: list[Pack]) -> None:
    """An entry that two packs have is taken from the first."""
    found = select([packs[0], Pack(packs[0].root)], Wish())
    assert len(found.entries) == len({entry.id for entry in found.entries})
    assert len(found.exercises) == 1


@pytest.mark.parametrize(
    ("name", "topic", "named"),
    [("arch", "arch.rnn", True), ("rnn", "arch.rnn", True), ("nn", "arch.rnn", False), ("arch.rnn", "arch.rnn", True)],
)
def test_topics_are_named_by_their_beginnings(name: str, topic: str, named: bool) -> None:
    """The beginning of the id, or of its part after the dot, names a topic."""
    assert names_topic(name, topic) is named


def test_a_broken_entry_hides_no_other(packs: list[Pack]) -> None:
    """An entry that breaks its format is told apart; the others are found."""
    (packs[0].root / "bank" / "architecture" / "quick.yaml").write_text("id: [", encoding="utf-8")
    found = select(packs, Wish())
    assert {entry.id for entry in found.entries} == {"sample", "errors"}
    assert [error.path.name for error in found.broken] == ["quick.yaml"]
