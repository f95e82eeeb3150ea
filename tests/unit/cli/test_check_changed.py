"""`viva check --changed`: what is proven, what is said of it, and which wishes contradict each other."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pytest

from grader.cli.check import CheckOrder, run
from grader.cli.check_changed import Plan, Turn, keep, plan_all, plan_changed
from grader.content.pack import Pack
from grader.content.proof_record import Record, engine_digest, files_digest, read_records, record_proofs, turn_of
from grader.errors import UsageError
from grader.grading.proofs import Claims, Finding
from grader.report.console import Console

_SLUGS = ("alpha", "beta", "gamma", "delta")
_TODAY = date(2026, 11, 30)
_HELD = [Finding(claim="it holds", against=())]
_FAILED = [*_HELD, Finding(claim="it does not", against=("seed 1",))]
_FULL = Claims(seeds=(1, 2))


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    """Exercises of which nothing is read but digests; all but `delta` are on record."""
    for slug in _SLUGS:
        (tmp_path / "exercises" / slug).mkdir(parents=True)
        (tmp_path / "exercises" / slug / "exercise.yaml").write_text(slug, encoding="utf-8")
    (tmp_path / "reference").mkdir()
    pack = Pack(tmp_path)
    record_proofs(pack, [_record(pack, slug) for slug in _SLUGS if slug != "delta"], ())
    return pack


def _record(pack: Pack, slug: str, engine: str | None = None) -> Record:
    digest = files_digest(pack.root, slug)
    return Record(exercise=slug, digest=digest, engine=engine or engine_digest(), seeds=2, claims=1, on=_TODAY)


def _planned(pack: Pack, turn: Turn | None = None) -> tuple[set[str], str]:
    """What is proven in full, and what is said."""
    said = io.StringIO()
    plans = plan_all([(pack, slug) for slug in _SLUGS], _FULL)
    planned = plan_changed(Console(file=said, highlight=False, width=200), plans, 2, turn)
    assert all(plan.claims == Claims(seeds=(1,), quick=True) for plan in planned if plan.claims != _FULL)
    return {plan.slug for plan in planned if plan.claims == _FULL}, said.getvalue()


def test_what_no_record_vouches_for_is_proven(pack: Pack) -> None:
    """A new one, and one whose file has changed; of the others the quick claims."""
    (pack.root / "exercises/beta/exercise.yaml").write_text("changed", encoding="utf-8")
    proven, said = _planned(pack)
    assert proven == {"beta", "delta"}
    assert "on record, 2 seeds or more: 2 of 4 exercises" in said
    assert "without a current record: 2 (beta, delta)" in said


def test_whose_turn_it_is_is_proven_too(pack: Pack) -> None:
    """In four turns each is proven, beside what has no record in every one."""
    turns = [Turn(number=number, share=4, why="as wished") for number in range(1, 5)]
    proven = [_planned(pack, turn)[0] for turn in turns]
    assert all("delta" in one for one in proven)
    assert set.union(*proven) == set(_SLUGS)
    assert proven[turn_of("alpha", 4) - 1] >= {"alpha"}
    assert sum("alpha" in one for one in proven) == 1


def test_a_turn_says_how_to_repeat_it(pack: Pack) -> None:
    """Which it is, of how many, and the exercises."""
    turn = Turn.chosen(4, turn_of("alpha", 4))
    assert turn is not None
    assert f"turn {turn.number} of 4 (as wished)" in _planned(pack, turn)[1]
    today = Turn.chosen(4, None)
    assert today is not None
    assert "--turn" in today.why


def test_another_engine_is_said(pack: Pack) -> None:
    """Records by an engine that was changed since still hold; that they are old is never silent."""
    assert "another engine" not in _planned(pack)[1]
    record_proofs(pack, [_record(pack, "alpha", engine="sha256:old")], ())
    proven, said = _planned(pack)
    assert proven == {"delta"}
    assert "proven by another engine than this: 1;" in said


def test_what_held_is_kept_for_the_files_before_the_proof(pack: Pack) -> None:
    """A file that was saved while the proof ran is proven again."""
    (plan,) = plan_all([(pack, "delta")], _FULL)
    (pack.root / "exercises/delta/exercise.yaml").write_text("saved meanwhile", encoding="utf-8")
    keep(plan, _HELD, _TODAY)
    record = read_records(pack.root)["delta"]
    assert (record.digest, record.seeds, record.claims, record.on) == (plan.digest, 2, 1, _TODAY)
    assert "delta" in _planned(pack)[0]


def test_a_claim_that_fails_takes_the_record_out(pack: Pack) -> None:
    """Also where only the quick claims were proven, and also one that was written by hand."""
    for slug, quick in (("alpha", False), ("beta", True)):
        keep(Plan(pack=pack, slug=slug, claims=Claims(seeds=(1,), quick=quick)), _FAILED)
    assert set(read_records(pack.root)) == {"gamma"}


def test_quick_claims_are_no_proof(pack: Pack) -> None:
    """They leave the record as it was."""
    before = read_records(pack.root)
    keep(Plan(pack=pack, slug="delta", claims=Claims(seeds=(1,), quick=True)), _HELD)
    assert read_records(pack.root) == before


@pytest.mark.parametrize(
    ("wishes", "says"),
    [
        ({"changed": True, "quick": True}, "--changed proves"),
        ({"changed": True, "steady": True}, "--changed proves"),
        ({"rotate": 10}, "give --changed too"),
        ({"turn": 3}, "give --changed too"),
        ({"record": True, "quick": True}, "--quick proves only some claims"),
    ],
)
def test_wishes_that_contradict_each_other_are_refused(wishes: dict[str, int], says: str) -> None:
    """Before anything is read, with what to leave out or to add."""
    order = {"slugs": (), "packs": (), "seeds": 2, "jobs": 1, "quick": False, "timing": False, "verbose": False}
    with pytest.raises(UsageError, match=says):
        run(CheckOrder(**{**order, **wishes}))  # type: ignore[arg-type]


@pytest.mark.parametrize(("share", "number", "says"), [(None, 3, "give both"), (10, 11, "from 1 to 10")])
def test_a_turn_that_there_is_not_is_refused(share: int | None, number: int, says: str) -> None:
    """With the turns that there are."""
    with pytest.raises(UsageError, match=says):
        Turn.chosen(share, number)
