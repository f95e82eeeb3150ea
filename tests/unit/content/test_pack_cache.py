"""Packs on a machine that grades: whole or not there, private, and removed when there are too many."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from grader.content import pack_cache
from grader.content.pack_archive import archive_of, digest_of
from grader.content.pack_cache import PackCache
from grader.errors import StoreError, UsageError

FILES = {"exercises/mean/stub.py": b"x = 1\n", "reference/mean/solution.py": 5000 * b"#"}
OTHER = {"exercises/mean/stub.py": b"x = 2\n", "reference/mean/solution.py": 5000 * b"#"}
HOLD = """
import sys
from pathlib import Path
from grader.content.pack_cache import PackCache
assert PackCache(Path(sys.argv[1])).find(sys.argv[2])
print("held", flush=True)
sys.stdin.read()
"""


def kept(cache: PackCache, files: dict[str, bytes]) -> Path:
    """A pack in the cache."""
    return cache.keep(digest_of(files), archive_of(files))


def test_what_was_kept_is_found_by_the_next_process(tmp_path: Path) -> None:
    """Without asking the database again; for nobody else to read."""
    place = kept(PackCache(tmp_path / "packs"), FILES)
    assert PackCache(tmp_path / "packs").find(digest_of(FILES)) == place
    assert (place / "exercises/mean/stub.py").read_bytes() == FILES["exercises/mean/stub.py"]
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "packs", place)} == {0}


def test_another_pack_than_was_asked_for_is_refused(tmp_path: Path) -> None:
    """A digest that does not fit leaves nothing behind; nor do bytes that are no archive."""
    cache = PackCache(tmp_path)
    with pytest.raises(StoreError, match="damaged"):
        cache.keep(digest_of(FILES), archive_of(OTHER))
    with pytest.raises(UsageError):
        cache.keep(digest_of(FILES), b"nonsense")
    assert cache.find(digest_of(FILES)) is None
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == []


@pytest.mark.parametrize("spoil", ["changed", "added", "removed", "link"])
def test_what_was_changed_on_disk_is_fetched_again(tmp_path: Path, spoil: str) -> None:
    """What lies there is not believed; it is taken away."""
    place = kept(PackCache(tmp_path), FILES)
    file = place / "reference/mean/solution.py"
    match spoil:
        case "changed":
            file.write_bytes(b"x")
        case "added":
            (place / "reference/mean/more.py").write_bytes(b"x")
        case "removed":
            file.unlink()
        case "link":
            file.unlink()
            file.symlink_to("/etc/passwd")
    cache = PackCache(tmp_path)
    assert cache.find(digest_of(FILES)) is None
    assert not place.exists()
    kept(cache, FILES)
    assert cache.find(digest_of(FILES)) == place


def test_the_longest_unused_makes_room(tmp_path: Path) -> None:
    """But not one in use, by this process or by another."""
    first = PackCache(tmp_path)
    place = kept(first, FILES)
    os.utime(place, (1, 1))
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path), digest_of(FILES)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        assert holder.stdout.readline() == "held\n"
        first.close()
        os.utime(place, (1, 1))
        small = PackCache(tmp_path, most_bytes=6000)
        newer = kept(small, OTHER)
        assert place.is_dir(), "another process holds it"
        holder.stdin.close()
        assert holder.wait(30) == 0
    third = {**FILES, "exercises/mean/stub.py": b"x = 3\n"}
    newest = kept(small, third)
    assert not place.exists()
    assert newer.is_dir(), "this process holds it"
    assert newest.is_dir()


def test_what_a_killed_process_left_half_written_is_removed(tmp_path: Path) -> None:
    """After an hour; before that somebody may still be writing it."""
    for name, age in ((".new-old", pack_cache._STALE_S + 60), (".new-young", 0)):
        (tmp_path / name).mkdir()
        seen = (tmp_path / name).stat().st_mtime - age
        os.utime(tmp_path / name, (seen, seen))
    PackCache(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [".new-young"]


def test_who_comes_second_takes_what_is_there(tmp_path: Path) -> None:
    """Two processes that fetch the same pack end up with one folder."""
    one, other = PackCache(tmp_path), PackCache(tmp_path)
    assert one.find(digest_of(FILES)) is None
    assert other.find(digest_of(FILES)) is None
    assert kept(one, FILES) == kept(other, FILES)
    assert len([path for path in tmp_path.iterdir() if path.is_dir()]) == 1
