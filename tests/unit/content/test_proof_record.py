"""Records of proofs: what they vouch for, whose turn it is, and files that people merge by hand."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from grader.content.pack import Pack, builtin_pack_root
from grader.content.proof_record import (
    FILE,
    Record,
    current_records,
    engine_digest,
    files_digest,
    read_records,
    record_proofs,
    turn_of,
    turn_on,
)
from grader.errors import ContentError

_FILES = (
    "exercises/mean/exercise.yaml",
    "exercises/mean/statement.en.md",
    "exercises/mean/statement.zh.md",
    "exercises/mean/stub.py",
    "exercises/mean/test_public.py",
    "exercises/mean/driver.py",
    "reference/mean/solution.py",
    "reference/mean/test_hidden.py",
    "reference/mean/alternatives/loop.py",
    "reference/mean/mutants/off_by_one.py",
    "reference/mean/mutants.yaml",
    "reference/mean/promises.yaml",
    "reference/mean/notes.md",
)
_SHARE = 10
SLUGS = Pack(builtin_pack_root()).slugs


def _record(slug: str, digest: str = "sha256:0", seeds: int = 2) -> Record:
    return Record(exercise=slug, digest=digest, engine="sha256:1", seeds=seeds, claims=7, on=date(2026, 11, 30))


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    """One exercise with every kind of file, of which all claims were proven on two seeds."""
    for name in _FILES:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"of {name}\n", encoding="utf-8")
    pack = Pack(tmp_path)
    record_proofs(pack, [_record("mean", files_digest(tmp_path, "mean"))], ())
    return pack


def test_a_record_holds_for_the_files_as_they_were(pack: Pack) -> None:
    """On as many seeds as were proven, or fewer."""
    assert set(current_records(pack, 2)) == set(current_records(pack, 1)) == {"mean"}
    assert current_records(pack, 3) == {}


@pytest.mark.parametrize("name", _FILES)
def test_a_changed_byte_ends_it(pack: Pack, name: str) -> None:
    """Of whichever file, statements and notes too."""
    path = pack.root / name
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    assert current_records(pack, 1) == {}


@pytest.mark.parametrize("name", _FILES[1:])
def test_a_missing_file_ends_it(pack: Pack, name: str) -> None:
    """Whichever it was."""
    (pack.root / name).unlink()
    assert current_records(pack, 1) == {}


@pytest.mark.parametrize("name", ["exercises/mean/extra.txt", "reference/mean/alternatives/other.py"])
def test_a_new_file_ends_it(pack: Pack, name: str) -> None:
    """One that does not belong there is against a claim."""
    (pack.root / name).write_text("", encoding="utf-8")
    assert current_records(pack, 1) == {}


def test_what_moves_between_two_files_ends_it(pack: Pack) -> None:
    """The same bytes in all, with a line in the next file."""
    first, second = pack.root / "reference/mean/mutants.yaml", pack.root / "reference/mean/notes.md"
    first.write_text(second.read_text(encoding="utf-8") + first.read_text(encoding="utf-8"), encoding="utf-8")
    second.write_text("", encoding="utf-8")
    assert current_records(pack, 1) == {}


def test_what_the_interpreter_caches_does_not(pack: Pack) -> None:
    """Else no record would outlive its own proof."""
    cached = pack.root / "reference/mean/__pycache__/solution.cpython-311.pyc"
    cached.parent.mkdir()
    cached.write_bytes(b"\0")
    assert set(current_records(pack, 1)) == {"mean"}


def test_what_failed_and_what_is_gone_is_taken_out(pack: Pack) -> None:
    """A line that was written by hand for an exercise that fails does not outlive the proof either."""
    record_proofs(pack, [_record("of_another_pack")], ())
    record_proofs(pack, [], ["mean"])
    assert read_records(pack.root) == {}


def test_ten_turns_reach_every_exercise_once() -> None:
    """On ten days in a row, whichever is the first."""
    for start in (date(2026, 11, 30), date(2027, 2, 26)):
        turns = [turn_on(start + timedelta(days=day), _SHARE) for day in range(_SHARE)]
        assert sorted(slug for turn in turns for slug in SLUGS if turn_of(slug, _SHARE) == turn) == sorted(SLUGS)


def test_no_turn_is_much_longer_than_the_others() -> None:
    """Twice its share at most, of as many exercises as there may be."""
    slugs = [f"{slug}_{number}" for slug in SLUGS for number in range(3)]
    longest = max(sum(turn_of(slug, _SHARE) == turn for slug in slugs) for turn in range(1, _SHARE + 1))
    assert longest < 2 * len(slugs) / _SHARE


def _merged(folder: Path, edits: list[Callable[[dict[str, Record]], None]]) -> str:
    """What git makes of two edits of one base; fails on a conflict."""
    texts = []
    for number, edit in enumerate([lambda _: None, *edits]):
        records = {slug: _record(slug) for slug in SLUGS}
        edit(records)
        for slug in records:
            (folder / f"{number}/exercises/{slug}").mkdir(parents=True)
            (folder / f"{number}/exercises/{slug}/exercise.yaml").touch()
        (folder / f"{number}/reference").mkdir()
        record_proofs(Pack(folder / str(number)), records.values(), ())
        texts.append(folder / str(number) / FILE)
    base, ours, theirs = map(str, texts)
    return subprocess.run(
        ["git", "merge-file", "-p", ours, base, theirs], capture_output=True, text=True, check=True
    ).stdout


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_two_branches_that_prove_different_exercises_merge(tmp_path: Path) -> None:
    """One proves the first again and adds one at the end, the other proves one in the middle: no conflict."""
    first, middle = SLUGS[0], SLUGS[len(SLUGS) // 2]

    def ours(records: dict[str, Record]) -> None:
        records |= {first: _record(first, "sha256:2"), "zz_new": _record("zz_new")}

    def theirs(records: dict[str, Record]) -> None:
        records[middle] = _record(middle, "sha256:3")

    (tmp_path / "reference").mkdir()
    (tmp_path / "exercises").mkdir()
    (tmp_path / FILE).write_text(_merged(tmp_path / "sides", [ours, theirs]), encoding="utf-8")
    merged = read_records(tmp_path)
    assert (merged[first].digest, merged[middle].digest) == ("sha256:2", "sha256:3")
    assert set(merged) == {*SLUGS, "zz_new"}


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda line: line + line, r"line 2: `mean` has a line already"),
        (lambda line: "<<<<<<< ours\n" + line, r"line 1: it is no record"),
        (lambda line: line.replace('"seeds":2', '"seeds":"all"'), r"line 1: it is no record.*seeds"),
        (lambda line: line.replace('"claims"', '"trust"'), r"line 1: it is no record.*trust"),
        (lambda line: "\udcff" + line, r"line 1: it is no record"),
    ],
    ids=["twice", "a conflict", "a wrong value", "an unknown field", "no text"],
)
def test_a_broken_line_is_named(pack: Pack, spoil: Callable[[str], str], says: str) -> None:
    """With its number and what to do; nothing is proven on the word of such a file."""
    path = pack.root / FILE
    path.write_text(spoil(path.read_text(encoding="utf-8")), encoding="utf-8", errors="surrogateescape")
    with pytest.raises(ContentError, match=says + r"(.|\n)*viva check --changed --record"):
        current_records(pack, 1)


def test_the_records_of_this_pack_can_be_read() -> None:
    """Stale ones are proven again; broken ones would end every check."""
    assert set(read_records(builtin_pack_root())) <= set(SLUGS)


def test_the_engine_is_named_by_what_decides_claims() -> None:
    """Its digest is a digest, and the same each time."""
    engine_digest.cache_clear()
    first = engine_digest()
    engine_digest.cache_clear()
    assert (first, len(first)) == (engine_digest(), len("sha256:") + 64)
