"""Repair tasks: their names, and the code that is given."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import count

import pytest

from grader.content.pack import Pack, builtin_pack_root
from grader.content.planted import (
    choose_repair,
    find_repair,
    planted_source,
    repair_of_digest,
    repair_of_entry,
    repairs_of,
    shown_repair,
)
from grader.errors import ContentError, UsageError
from grader.model.exercise import Exercise
from grader.model.repair import planted_digest
from tests.fakes.entries import entry

F1_AUC = Pack(builtin_pack_root()).exercise("f1_auc")


def with_mutants(*ids: str) -> Exercise:
    """The exercise with mutants of other names."""
    return replace(F1_AUC, mutants=tuple(replace(F1_AUC.mutants[0], id=name) for name in ids))


def four(mutant_id: str) -> str:
    """What a handle is as long as nothing else begins so."""
    return planted_digest("f1_auc", mutant_id)[:4]


def test_every_mutant_is_a_repair_task() -> None:
    """There are as many repair tasks as mutants, each under a handle of its own."""
    repairs = repairs_of(F1_AUC)
    assert {one.mutant.id for one in repairs} == {mutant.id for mutant in F1_AUC.mutants}
    assert len({one.handle for one in repairs}) == len(repairs)


def test_the_order_of_repair_tasks_says_nothing() -> None:
    """They come by their handles, and adding a mutant renames none of the others."""
    before = repairs_of(F1_AUC)
    assert [one.handle for one in before] == sorted(one.handle for one in before)
    more = replace(F1_AUC, mutants=(*F1_AUC.mutants, replace(F1_AUC.mutants[0], id="another_one")))
    assert {one.name for one in before} < {one.name for one in repairs_of(more)}


def test_handles_that_begin_alike_are_longer() -> None:
    """Where four digits do not tell two mutants apart, handles have as many as do."""
    known: dict[str, str] = {}
    name = next(name for name in map("m{}".format, count()) if known.setdefault(four(name), name) != name)
    twins = repairs_of(with_mutants(known[four(name)], name))
    assert all(len(one.handle) > 4 for one in twins)
    assert len({one.handle for one in twins}) == 2
    with pytest.raises(UsageError, match=f"did you mean `{twins[0].handle}` or `{twins[1].handle}`"):
        find_repair(twins[0].exercise, four(name))


DIGEST = planted_digest("f1_auc", "ties_in_order_of_arrival")


@pytest.mark.parametrize("name", [DIGEST[:4], f"f1_auc#{DIGEST[:4]}", DIGEST[:8].upper(), "ties_in_order_of_arrival"])
def test_a_repair_task_is_found(name: str) -> None:
    """By its handle, by the name that lists show, by more digits of it, and by its mutant's id."""
    assert find_repair(F1_AUC, name).mutant.id == "ties_in_order_of_arrival"


@pytest.mark.parametrize("name", ["ties_in_order_of_arival", "377", "zzzz"])
def test_an_unknown_repair_task_is_refused_without_a_name_of_a_mistake(name: str) -> None:
    """What is nearest is said in handles: an id would tell what there is to be found."""
    with pytest.raises(UsageError) as caught:
        find_repair(F1_AUC, name)
    said = f"{caught.value}{caught.value.chinese}".replace(name, "")
    assert not [mutant.id for mutant in F1_AUC.mutants if mutant.id in said]


def test_a_seed_chooses_the_same_again() -> None:
    """The same seed gives the same repair task, whatever order mutants are in."""
    turned = replace(F1_AUC, mutants=F1_AUC.mutants[::-1])
    assert [choose_repair(F1_AUC, seed).name for seed in range(20)] == [
        choose_repair(turned, seed).name for seed in range(20)
    ]


def test_seeds_choose_evenly() -> None:
    """Over 1,400 seeds each of 14 tasks comes about 100 times: within five standard deviations."""
    found = Counter(choose_repair(F1_AUC, seed).name for seed in range(100 * len(F1_AUC.mutants)))
    assert len(found) == len(F1_AUC.mutants)
    assert all(50 < times < 150 for times in found.values())


def test_without_mutants_there_is_nothing_to_choose() -> None:
    """An exercise without mutants is refused in one sentence."""
    with pytest.raises(UsageError, match="nothing to mend"):
        choose_repair(replace(F1_AUC, mutants=()), 1)


def test_a_digest_finds_its_repair_task() -> None:
    """What a folder remembers leads back; what it does not know leads nowhere."""
    (first, *_) = repairs_of(F1_AUC)
    assert repair_of_digest(F1_AUC, planted_digest("f1_auc", first.mutant.id)) == first
    assert repair_of_digest(F1_AUC, planted_digest("smote", first.mutant.id)) is None


def test_an_entry_finds_its_repair_task() -> None:
    """By the mutant that it names; the nearest name comes with the refusal of another."""
    found = repair_of_entry(F1_AUC, entry("bug", choices=(), exercise="f1_auc", mutant="all_pairs"))  # type: ignore[arg-type]
    assert found.mutant.id == "all_pairs"
    with pytest.raises(ContentError) as caught:
        repair_of_entry(F1_AUC, entry("bug", choices=(), exercise="f1_auc", mutant="all_pair"))  # type: ignore[arg-type]
    assert (caught.value.field, caught.value.fix) == ("mutant", "did you mean `all_pairs`?")


def test_the_edit_is_shown_as_a_diff() -> None:
    """An interviewer sees the right line and the planted one, in the code that the candidate has."""
    shown = shown_repair(find_repair(F1_AUC, "weighted_by_predictions"))
    assert '-    weights = support if average == "weighted" else np.ones(len(labels))' in shown.edit
    planted = '    weights = predicted if average == "weighted" else np.ones(len(labels))'
    assert f"+{planted}" in shown.edit
    assert planted in shown.source
    assert shown.source == planted_source(find_repair(F1_AUC, "weighted_by_predictions"))


def test_a_repair_task_takes_two_fifths_of_the_time() -> None:
    """And five minutes at least."""
    (first, *_) = repairs_of(F1_AUC)
    assert first.minutes == round(0.4 * F1_AUC.minutes)
    assert replace(first, exercise=replace(F1_AUC, minutes=10)).minutes == 5
