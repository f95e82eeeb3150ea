"""How a repair task is put before a person, and what is held back while the mistake has not been found."""

from __future__ import annotations

from dataclasses import replace

from grader.model.repair import Repair
from grader.model.text import Lang, Text
from grader.model.verdict import Diagnosis, Verdict
from grader.report.catalogue import CATALOGUE, say

AS_GIVEN = "as_given"  # stands where the id of a mutant would


def with_preface(statement: str, lang: Lang) -> str:
    """A statement, and before it that the code is there already and wrong somewhere."""
    return f"{say('repair.preface', lang)}\n\n{statement}"


def repair_title(title: Text) -> Text:
    """What the repair task of an exercise with this title is called."""
    return CATALOGUE["repair.title"].filled(title=title)


def withhold(verdict: Verdict, repair: Repair | None) -> Verdict:
    """The verdict for a person who mends `repair`: the planted mistake is not named, nor one that behaves like it."""
    if repair is None or all(diagnosis.mutant != repair.mutant.id for diagnosis in verdict.diagnosis):
        return verdict
    title, advice = CATALOGUE["repair.as_given"], CATALOGUE["repair.as_given_advice"]
    return replace(verdict, diagnosis=(Diagnosis(mutant=AS_GIVEN, title=title, advice=advice),))
