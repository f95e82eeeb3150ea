"""What is held back from a person who mends code, and how repair tasks are listed."""

from __future__ import annotations

import io

import pytest

from grader.content.pack import Pack, builtin_pack_root
from grader.content.planted import find_repair, repairs_of, shown_repair
from grader.model.text import Lang, Text
from grader.model.verdict import Diagnosis, Status, Verdict
from grader.report.as_json import dumps
from grader.report.console import Console
from grader.report.entry_markdown import entry_document
from grader.report.entry_record import entry_record, repair_head
from grader.report.listing import print_list
from grader.report.repairs import AS_GIVEN, with_preface, withhold
from grader.report.terminal import render_verdict
from tests.fakes.entries import entry
from tests.fakes.verdicts import verdict

F1_AUC = Pack(builtin_pack_root()).exercise("f1_auc")
REPAIR = find_repair(F1_AUC, "ties_count_one")


def diagnosed(*mutants: str) -> Verdict:
    """A failed verdict that behaves like these mutants."""
    known = {mutant.id: mutant for mutant in F1_AUC.mutants}
    found = tuple(Diagnosis(mutant=m, title=known[m].title, advice=known[m].advice) for m in mutants)
    return verdict(status=Status.WRONG_ANSWER, diagnosis=found)


def test_the_planted_mistake_is_not_named() -> None:
    """It still behaves as it was given: that is said, and no more."""
    (said,) = withhold(diagnosed("ties_count_one"), REPAIR).diagnosis
    assert said.mutant == AS_GIVEN
    assert said.title == Text(en="the code as it was given to you", zh="拿到时的代码")


def test_what_behaves_like_the_planted_mistake_is_not_named_either() -> None:
    """Two mutants that cannot be told apart would give each other away."""
    assert [d.mutant for d in withhold(diagnosed("ties_count_zero", "ties_count_one"), REPAIR).diagnosis] == [AS_GIVEN]


def test_other_mistakes_are_named() -> None:
    """Whoever made a new mistake while looking for the old one is helped as always."""
    other = diagnosed("ties_count_zero")
    assert withhold(other, REPAIR) is other
    planted = diagnosed("ties_count_one")
    assert withhold(planted, None) is planted


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_rendering_names_it(lang: Lang) -> None:
    """Neither the screen nor JSON."""
    held = withhold(diagnosed("ties_count_one"), REPAIR)
    out = io.StringIO()
    render_verdict(held, Console(file=out, width=100), lang, "F1")
    mutant = REPAIR.mutant
    for text in (out.getvalue(), dumps(held)):
        assert not [one for one in (mutant.id, mutant.title.en, mutant.title.zh, mutant.advice.en) if one in text]
    assert {"en": "the code as it was given", "zh": "拿到时的代码"}[lang] in out.getvalue()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_list_names_no_mistake(lang: Lang) -> None:
    """Repair tasks come by their handles, with level, minutes and topics."""
    out = io.StringIO()
    print_list(Console(file=out, width=200), (), (), (), lang, repairs_of(F1_AUC))
    listed = out.getvalue()
    assert not [mutant.id for mutant in F1_AUC.mutants if mutant.id in listed or mutant.title.get(lang) in listed]
    assert f"f1_auc#{REPAIR.handle}" in listed
    assert "eval.classification" in listed


def test_a_record_names_no_mistake() -> None:
    """The same for machines."""
    record = repair_head(REPAIR)
    assert (record["schema"], record["id"], record["minutes"]) == ("viva.repair/1", REPAIR.name, REPAIR.minutes)
    assert REPAIR.mutant.id not in repr(record)


def test_an_entry_shows_its_code_and_keeps_its_mistake() -> None:
    """A candidate sees the planted code; only with answers come title, advice and edit."""
    asked = entry("bug", choices=(), exercise="f1_auc", mutant="ties_count_one")
    shown = shown_repair(REPAIR)
    candid = entry_document(asked, "en", answers=False, repair=shown)
    assert shown.source.rstrip() in candid
    assert "viva start f1_auc --repair" in candid
    assert REPAIR.mutant.id not in candid
    assert REPAIR.mutant.title.en not in candid
    told = entry_document(asked, "en", answers=True, repair=shown)
    assert REPAIR.mutant.title.en in told
    assert f"```diff\n{shown.edit}" in told
    assert "planted" not in entry_record(asked, answers=False, repair=shown)
    assert entry_record(asked, answers=True, repair=shown)["planted"]["mutant"] == "ties_count_one"


def test_the_preface_comes_first() -> None:
    """A statement says at once that the code is there, and wrong somewhere."""
    assert with_preface("# Title\n", "en").startswith("> **Repair task.**")
    assert with_preface("# 标题\n", "zh").endswith("\n\n# 标题\n")
