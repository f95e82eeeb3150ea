"""Who takes part, and what was corrected afterwards."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.model.session import Session
from grader.model.session_results import Attempt, Correction, Record, Sheet
from grader.sessions.collect import Account, Collector
from grader.sessions.ledger import Ledger, decode, encode
from grader.sessions.names import stranger
from grader.sessions.people import Person, check_free, current, find_person, new_names, people
from tests.unit.sessions.test_collect import NOW, SUITE, FakeJudge, hand_in, make_judged
from tests.unit.sessions.test_ledger import ATTEMPT, SHEET, TURNED

ADA = replace(ATTEMPT, candidate="ada", name="Ada Okafor")
BO = replace(ATTEMPT, candidate="bo", name="bo", archive="bo-1.zip")
BY_OWN_NAME = replace(SHEET, candidate="Ada Okafor")


def fix(action: str, name: str, to: str = "") -> Correction:
    return Correction(action=action, name=name, to=to, at=NOW)  # type: ignore[arg-type]


def person(records: list[Record], name: str) -> Person:
    found = find_person(name, people(records))
    assert isinstance(found, Person)
    return found


def test_a_correction_comes_back() -> None:
    """It survives the ledger as every record does."""
    correction = fix("rename", "ada", "Ada \N{SNOWMAN}")
    assert decode(encode(correction)) == correction


def test_a_renamed_candidate_takes_everything_along() -> None:
    """Hand-ins, verdicts and rubrics under the file's name or the own one go under the new name, later rubrics too."""
    records = [ADA, make_judged("ada", 5), BY_OWN_NAME, BO, fix("rename", "ada", "A. O."), SHEET, BY_OWN_NAME]
    found = person(records, "a. o.")
    assert (found.key, len(found.attempts), len(found.verdicts), len(found.rubrics)) == ("A. O.", 1, 1, 3)
    assert [one.key for one in people(records)] == ["A. O.", "bo"]
    assert stranger("A. O.", current(records)) is None


def test_renamed_twice_and_back() -> None:
    """What a former name means follows; the name itself is free again after a renaming back."""
    records: list[Record] = [ADA, fix("rename", "ada", "x"), fix("rename", "x", "y")]
    assert new_names(records)["ada"] == "y"
    assert new_names(records)["x"] == "y"
    back = [*records, fix("rename", "y", "ada")]
    assert "ada" not in new_names(back)
    assert [one.key for one in people(back)] == ["ada"]


def test_a_removed_candidate_is_gone_until_the_next_hand_in() -> None:
    """Hand-ins, verdicts and rubrics so far are dropped, those of others stay, and what comes later counts."""
    records: list[Record] = [ADA, BO, make_judged("ada", 5), BY_OWN_NAME, fix("remove", "ada")]
    assert [one.key for one in people(records)] == ["bo"]
    (_, again) = people([*records, ADA])
    assert (again.key, len(again.attempts), again.rubrics) == ("ada", 1, ())


def test_a_rubric_is_taken_back() -> None:
    """Only the last one of that interviewer goes, and the one before counts again."""
    first, last = replace(SHEET, note="first"), replace(SHEET, note="last")
    other = replace(SHEET, interviewer="Max")
    records: list[Record] = [ADA, first, last, other, fix("rubric", "ada", "Lin")]
    assert person(records, "ada").rubrics == (first, other)


def test_a_refusal_is_taken_back() -> None:
    """The refusals of that archive go, and those of others stay."""
    other = replace(TURNED, archive="cem.zip")
    assert current([TURNED, other, TURNED, fix("refusal", "bo.zip")]) == [other]


@pytest.mark.parametrize("name", ["bo", " BO ", "Bo", "", " ", "a\nb"])
def test_two_people_are_never_made_one(name: str) -> None:
    """A new name that somebody else goes by, and an empty one, are refused."""
    everybody = people([ADA, BO])
    with pytest.raises(UsageError):
        check_free(name, everybody[0], everybody)
    check_free("Ada Okafor", everybody[0], everybody)


def test_a_near_name_is_no_person() -> None:
    """It is given back to be asked about."""
    assert find_person("Ada Okafer", people([ADA, BO])) == "ada"
    assert find_person("Zed", people([ADA, BO])) == ""


class TestHandingIn:
    """What a collector makes of names."""

    def take(self, session: Session, ledger_path: Path, *paths: Path, same: bool | None = None) -> Account:
        with Ledger(ledger_path) as ledger:
            collector = Collector(session, ledger, lambda: NOW, regrade=False, is_same=lambda _name, _near: same)
            collector.judge(collector.take(paths), FakeJudge(), SUITE, lambda _done, _of: None)
        return collector.account

    def keys(self, ledger_path: Path) -> list[str]:
        return [one.key for one in people(Ledger(ledger_path).records)]

    def test_the_old_file_of_a_renamed_candidate(self, tmp_path: Path, session: Session) -> None:
        """It is known, not graded again, and not somebody new."""
        path = hand_in(tmp_path, session, "Ada")
        self.take(session, tmp_path / "r", path)
        with Ledger(tmp_path / "r") as ledger:
            ledger.add(fix("rename", "Ada", "A. O."))
        assert self.take(session, tmp_path / "r", path).skipped == 1
        hand_in(tmp_path, session, "Ada", code="x = 2\n")
        self.take(session, tmp_path / "r", path)
        (found,) = people(Ledger(tmp_path / "r").records)
        assert (found.key, found.name, len(found.attempts), len(found.verdicts)) == ("A. O.", "A. O.", 2, 2)

    def test_a_removed_candidate_who_is_graded_again(self, tmp_path: Path, session: Session) -> None:
        """The attempt is recorded and judged anew."""
        path = hand_in(tmp_path, session, "Ada")
        self.take(session, tmp_path / "r", path)
        with Ledger(tmp_path / "r") as ledger:
            ledger.add(fix("remove", "Ada"))
        assert self.keys(tmp_path / "r") == []
        assert self.take(session, tmp_path / "r", path).graded == 1
        assert self.keys(tmp_path / "r") == ["Ada"]

    def test_a_near_name_in_a_pipe_is_refused(self, tmp_path: Path, session: Session) -> None:
        """It is neither merged nor taken for somebody else."""
        account = self.take(session, tmp_path / "r", *(hand_in(tmp_path, session, n) for n in ("Ada Lee", "ada_lee")))
        (turned,) = account.refused
        assert "'ada_lee' is nearly the name of 'Ada Lee'" in turned.reason.en
        assert self.keys(tmp_path / "r") == ["Ada Lee"]

    def test_a_near_name_at_a_terminal_is_asked_about(self, tmp_path: Path, session: Session) -> None:
        """Yes makes it one person, for good; no makes two."""
        first, second = (hand_in(tmp_path, session, name) for name in ("Ada Lee", "ada_lee"))
        for same, keys in ((True, ["Ada Lee"]), (False, ["Ada Lee", "ada_lee"])):
            ledger = tmp_path / f"r{same}"
            self.take(session, ledger, first)
            assert self.take(session, ledger, second, same=same).refused == []
            assert self.take(session, ledger, second, same=None).refused == []
            assert self.keys(ledger) == keys

    def test_names_without_a_letter_are_not_near(self, tmp_path: Path, session: Session) -> None:
        """Two of them are two people."""
        paths = [hand_in(tmp_path, session, name) for name in ("★", "☆")]
        assert self.take(session, tmp_path / "r", *paths).refused == []


def test_a_rubric_whose_name_was_settled_is_not_asked_about_again() -> None:
    """Whoever has a rubric under a near name already is somebody."""
    from grader.sessions.names import nearest

    sheet = Sheet(candidate="Ada Okafer", interviewer="Lin", at=NOW)
    assert nearest("Ada Okafer", [ADA]) == "ada"
    assert nearest("Ada Okafer", [ADA, sheet]) == ""


def test_records_hold_attempts() -> None:
    """Without corrections nothing changes."""
    records: list[Record] = [ADA, SHEET, TURNED, BO]
    assert current(records) == records
    assert isinstance(records[0], Attempt)
