"""Progress in a file: what every store must do, and what only a file can get wrong."""

from __future__ import annotations

import contextlib
import signal
import sqlite3
import stat
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from grader.errors import StoreError
from grader.model.progress import Aim, Attempt, Rating, Solved
from grader.practice.history import take_in
from grader.practice.ports import PracticeStore
from grader.store.database import Database
from grader.store.migrations import STEPS
from grader.store.progress import StoredProgress
from tests.fakes.practice import MemoryProgress
from tests.unit.practice.test_schedule import DAY, answered

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[3]
FIRST = answered(Rating.GOOD)
LATER = replace(
    answered(Rating.AGAIN, DAY + timedelta(days=2)),
    uid="later",
    at=FIRST.at + timedelta(days=2),
    topic="data.pipeline",
    score=0.0,
    given="方差 ✓",
)


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> PracticeStore:
    """Each adapter of the port."""
    return MemoryProgress() if request.param == "memory" else StoredProgress.at(tmp_path / "progress.sqlite")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a file will be, in a folder that is not there yet."""
    return tmp_path / "new folder" / "progress?#.sqlite"


def test_what_was_recorded_is_read_back(store: PracticeStore) -> None:
    """Answers come back as they were, oldest first, with what was learnt from them."""
    store.record(LATER, take_in)
    memory = store.record(FIRST, take_in)
    assert store.answers() == [FIRST, LATER]
    assert store.memories() == {"e": memory}
    assert set(store.abilities()) == {"", FIRST.topic, LATER.topic}


def test_learning_goes_on_from_what_is_stored(store: PracticeStore) -> None:
    """The second answer sees the memory and the beliefs that the first one left."""
    first = store.record(FIRST, take_in)
    beliefs = store.abilities()
    expected, changed = take_in(LATER, first, beliefs)
    assert store.record(LATER, take_in) == expected
    assert store.abilities() == {**beliefs, **changed}


def test_merging_is_replaying(store: PracticeStore) -> None:
    """In whatever order answers arrive, the result is that of their order in time; a second time changes nothing."""
    assert store.merge([LATER, FIRST], [], take_in) == 2
    memories, abilities = store.memories(), store.abilities()
    other = MemoryProgress()
    other.record(FIRST, take_in)
    other.record(LATER, take_in)
    assert (memories, abilities) == (other.memories(), other.abilities())
    assert store.merge([FIRST], [], take_in) == 0
    assert (store.memories(), store.abilities()) == (memories, abilities)


def test_merging_replaces_an_answer(store: PracticeStore) -> None:
    """An answer with a known uid takes the other's place, and what was learnt follows."""
    store.record(FIRST, take_in)
    better = replace(FIRST, rating=Rating.EASY)
    assert store.merge([better], [], take_in) == 0
    assert store.answers() == [better]
    assert store.memories()["e"].due > DAY + timedelta(days=4)


def test_the_first_solution_counts(store: PracticeStore) -> None:
    """Solving again does not change when it was solved."""
    solved = Solved(exercise="f1_auc", version=1, at=datetime(2026, 11, 22, tzinfo=UTC))
    store.mark_solved(solved)
    store.mark_solved(replace(solved, at=solved.at + timedelta(days=9)))
    assert store.solved() == {"f1_auc": solved}


def test_an_update_that_fails_records_nothing(store: PracticeStore, request: pytest.FixtureRequest) -> None:
    """The answer and what is learnt from it are one transaction."""

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.record(FIRST, fail)  # type: ignore[arg-type]
    assert (store.answers(), store.memories()) == ([], {})


def test_a_file_outlives_the_process(path: Path) -> None:
    """Opened again, it has what was recorded; odd characters in its name are a name."""
    StoredProgress.at(path).record(FIRST, take_in)
    assert path.is_file()
    assert StoredProgress.at(path).answers() == [FIRST]


def test_text_that_no_file_can_hold(path: Path) -> None:
    """A lone surrogate in an answer is replaced, not refused."""
    store = StoredProgress.at(path)
    store.record(replace(FIRST, given="a\ud800\x00b"), take_in)
    assert store.answers()[0].given == "a?\x00b"


def test_a_file_of_the_first_format_is_brought_up_to_date(tmp_path: Path) -> None:
    """The format that the first version wrote is read by this one."""
    path = tmp_path / "old.sqlite"
    old = Database(path, STEPS[:1])
    StoredProgress(old).record(FIRST, take_in)
    assert StoredProgress.at(path).answers() == [FIRST]


def test_each_step_is_carried_out_once_and_a_copy_is_kept(tmp_path: Path) -> None:
    """A later format adds its step to what is there; the old file lies beside it; the answers stay."""
    path = tmp_path / "progress.sqlite"
    StoredProgress.at(path).record(FIRST, take_in)
    later = (*STEPS, ("ALTER TABLE solved ADD COLUMN note TEXT", "CREATE TABLE extra (x INTEGER)"))
    for _ in range(2):
        assert StoredProgress(Database(path, later)).answers() == [FIRST]
    assert sqlite3.connect(path).execute("PRAGMA user_version").fetchone() == (len(later),)
    copy = path.with_name(f"progress.sqlite.format-{len(STEPS)}")
    assert StoredProgress.at(copy).answers() == [FIRST]


def test_a_step_that_fails_leaves_the_old_format(tmp_path: Path) -> None:
    """A migration is one transaction."""
    path = tmp_path / "progress.sqlite"
    StoredProgress.at(path).record(FIRST, take_in)
    with pytest.raises(StoreError):
        Database(path, (*STEPS, ("CREATE TABLE extra (x INTEGER)", "NOT SQL")))
    assert StoredProgress.at(path).answers() == [FIRST]


def test_a_newer_file_is_refused(tmp_path: Path) -> None:
    """The sentence names the file and both formats, and the file is not touched."""
    path = tmp_path / "progress.sqlite"
    Database(path, (*STEPS, ("CREATE TABLE extra (x INTEGER)",)))
    before = path.read_bytes()
    with pytest.raises(StoreError, match=rf"progress\.sqlite was written by a newer viva \(format {len(STEPS) + 1}"):
        StoredProgress.at(path)
    assert path.read_bytes() == before


def test_another_program_s_database_is_left_alone(tmp_path: Path) -> None:
    """Tables that are not ours are never added to."""
    path = tmp_path / "photos.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE photos (x INTEGER)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="another program"):
        StoredProgress.at(path)
    assert path.read_bytes() == before


def _garbage(path: Path) -> None:
    path.write_bytes(b"not a database at all" * 100)


def _folder(path: Path) -> None:
    path.mkdir()


def _file_for_folder(path: Path) -> None:
    path.parent.rmdir()
    path.parent.write_text("a file")


def _spoilt(path: Path) -> None:
    StoredProgress.at(path).record(FIRST, take_in)
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    path.write_bytes(data)


def _edited(path: Path) -> None:
    StoredProgress.at(path).record(FIRST, take_in)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE answers SET day = 'soon'")
        connection.commit()


@pytest.mark.parametrize("spoil", [_garbage, _folder, _file_for_folder, _spoilt, _edited])
def test_a_file_that_cannot_be_used(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    """One sentence that names the file and says what to do."""
    path = tmp_path / "place" / "progress.sqlite"
    path.parent.mkdir()
    spoil(path)
    with pytest.raises(StoreError) as caught:
        StoredProgress.at(path).answers()
    assert str(path.parent) in str(caught.value)
    assert ";" in str(caught.value)


def test_an_empty_file_is_a_new_one(tmp_path: Path) -> None:
    """A file of no bytes, as a crash at the first start may leave it, is used."""
    path = tmp_path / "progress.sqlite"
    path.touch()
    assert StoredProgress.at(path).answers() == []


def test_a_locked_file_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When another program never lets go, the person learns that, and not a traceback."""
    path = tmp_path / "progress.sqlite"
    store = StoredProgress.at(path)
    monkeypatch.setattr("grader.store.database.PATIENCE_S", 0.05)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreError, match="locked"):
        store.record(FIRST, take_in)
    other.close()


def test_terminals_that_make_one_file_together_all_get_it(tmp_path: Path) -> None:
    """Nobody takes the half-made file of another terminal for a stranger's, or finds it locked for a moment."""
    together = threading.Barrier(6)

    def opened(path: Path) -> Database:
        together.wait()
        return Database(path)

    with ThreadPoolExecutor(together.parties) as terminals:
        for number in range(60):
            path = tmp_path / f"{number}.sqlite"
            assert all(terminals.map(opened, [path] * together.parties))


_WRITER = """
    import sys
    from dataclasses import replace
    from datetime import timedelta
    from pathlib import Path
    from grader.practice.history import take_in
    from grader.store.progress import StoredProgress
    from tests.unit.store.test_stored_progress import FIRST

    store = StoredProgress.at(Path(sys.argv[1]))
    for number in range(int(sys.argv[3])):
        uid = f"{sys.argv[2]}-{number}"
        store.record(replace(FIRST, uid=uid, entry=f"e{number % 7}", at=FIRST.at + timedelta(seconds=number)), take_in)
        print(uid, flush=True)
"""


def _writer(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", textwrap.dedent(_WRITER), str(path), name, str(count)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_several_writers_lose_nothing(tmp_path: Path) -> None:
    """Three processes record into one new file at once, and every answer is there and was learnt from."""
    path = tmp_path / "progress.sqlite"
    writers = [_writer(path, name, 25) for name in "abc"]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0, 0]
    for writer in writers:
        assert writer.stdout is not None
        writer.stdout.close()
    store = StoredProgress.at(path)
    assert len(store.answers()) == 75
    assert sum(memory.answers for memory in store.memories().values()) == 75
    assert store.abilities()[""].answers == 75


@pytest.mark.parametrize("after", [0, 1, 7, 20])
def test_a_writer_that_is_killed_loses_nothing_that_it_reported(tmp_path: Path, after: int) -> None:
    """Killed while it writes, the file holds what was reported, at most one answer more, and no half of one."""
    path = tmp_path / "progress.sqlite"
    writer = _writer(path, "a", 100_000)
    assert writer.stdout is not None
    reported = [writer.stdout.readline().strip() for _ in range(after + 1)]
    writer.send_signal(signal.SIGKILL)
    reported += writer.stdout.read().split()
    writer.stdout.close()
    writer.wait(timeout=60)
    store = StoredProgress.at(path)
    found = [one.uid for one in store.answers()]
    assert set(reported) <= set(found)
    assert len(found) <= len(reported) + 1
    assert sum(memory.answers for memory in store.memories().values()) == len(found)


def test_a_read_only_file_says_so(tmp_path: Path) -> None:
    """A file that may not be written is a sentence (as root everything may be)."""
    path = tmp_path / "progress.sqlite"
    StoredProgress.at(path)
    path.chmod(stat.S_IRUSR)
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        with path.open("ab"):
            pytest.skip("this user may write everything")
    except PermissionError:
        with pytest.raises(StoreError, match="permissions"):
            StoredProgress.at(path).record(FIRST, take_in)
    finally:
        tmp_path.chmod(stat.S_IRWXU)


def test_attempts_add_up(store: PracticeStore) -> None:
    """Tries are counted, the best share stays, hints are what was said last, and nothing of one touches another."""
    store.note_try("smote", 0.5, NOON)
    store.note_try("smote", 0.25, NOON + timedelta(hours=1))
    store.set_hints("smote", 2, NOON)
    store.set_hints("entry:loss", 1, NOON)
    store.set_hints("entry:loss", 0, NOON)
    found = store.attempts()
    assert found["smote"] == Attempt(name="smote", tries=2, best=0.5, hints=2, last=NOON + timedelta(hours=1))
    assert found["entry:loss"] == Attempt(name="entry:loss", tries=0, best=0.0, hints=0, last=NOON)


def test_attempts_of_another_machine_are_not_counted_twice(store: PracticeStore) -> None:
    """Of two records of one attempt, the one that has more stays, however often it is brought in."""
    store.note_try("smote", 0.5, NOON)
    other = Attempt(name="smote", tries=3, best=0.25, hints=1, last=NOON + timedelta(days=1))
    for _ in range(2):
        store.merge_attempts([other, replace(other, name="f1_auc")])
    found = store.attempts()
    assert found["smote"] == replace(other, best=0.5)
    assert found["f1_auc"] == replace(other, name="f1_auc")


def test_a_draft_is_kept_until_it_is_emptied(store: PracticeStore) -> None:
    """One for each entry, the last one; an empty text forgets it."""
    store.set_draft("one", "erste Fassung")
    store.set_draft("one", "方差 \ud800 ✓")
    store.set_draft("two", "other")
    assert store.draft("one").startswith("方差 ")
    store.set_draft("one", "")
    assert (store.draft("one"), store.draft("two"), store.draft("three")) == ("", "other", "")


@pytest.mark.parametrize("aim", [Aim(goal="systems", level="senior"), Aim(goal="everything", level=None)])
def test_an_aim_is_kept(store: PracticeStore, aim: Aim) -> None:
    """Nothing at first, then what was said last."""
    assert store.aim() is None
    store.set_aim(Aim(goal="data_science", level="junior"))
    store.set_aim(aim)
    assert store.aim() == aim


def test_an_aim_that_nobody_can_have_is_none(path: Path) -> None:
    """What another program wrote is asked for again."""
    store = StoredProgress.at(path)
    store.set_aim(Aim(goal="systems", level="senior"))
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE settings SET value = 'astrology' WHERE name = 'goal'")
    assert store.aim() is None
