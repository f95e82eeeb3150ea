"""The cache of entries: it never changes what is read, and never stands in the way."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.content import entry_cache
from grader.content.entry import KINDS, read_entry
from grader.content.entry_cache import cache_folder
from grader.content.pack import Pack
from grader.errors import ContentError
from grader.model.entry import Entry

EntryOf = Callable[[str], dict[str, Any]]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of the test's own."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("VIVA_CACHE", str(folder))
    return folder


@pytest.fixture
def bank(pack_root: Path, entry_of: EntryOf, template: dict[str, Any]) -> Path:
    """A pack with an entry of every kind, and a template."""
    folder = pack_root / "bank" / "architecture"
    for kind in KINDS:
        value = {**entry_of(kind), "id": f"of-{kind}"}
        (folder / f"of-{kind}.yaml").write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    (folder / "drawn.yaml").write_text(json.dumps({**template, "id": "drawn"}, ensure_ascii=False), encoding="utf-8")
    return pack_root


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that are parsed from here on."""
    seen: list[Path] = []
    real = entry_cache.parse_document

    def parse(path: Path, *arguments: Any, **options: Any) -> Any:
        seen.append(path)
        return real(path, *arguments, **options)

    monkeypatch.setattr(entry_cache, "parse_document", parse)
    return seen


def load(root: Path) -> list[Entry]:
    return list(Pack(root).entries())


def test_a_second_load_parses_nothing(bank: Path, parsed: list[Path]) -> None:
    """What one process has read, the next one need not parse."""
    first = load(bank)
    assert len(parsed) == len(first)
    parsed.clear()
    assert load(bank) == first
    assert parsed == []


def test_what_comes_out_is_what_reading_gives(bank: Path) -> None:
    """Entries from the cache are of the same classes and equal in every field to those that are read."""
    load(bank)
    for entry in load(bank):
        fresh = read_entry(entry.path)
        assert type(entry) is type(fresh)
        assert repr(entry) == repr(fresh)
        assert entry == fresh


def test_only_what_changed_is_parsed(bank: Path, parsed: list[Path]) -> None:
    """An edited file is parsed again, whatever its time says; the others are not."""
    load(bank)
    parsed.clear()
    path = bank / "bank" / "architecture" / "of-open.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace('"minutes": 4', '"minutes": 7'), encoding="utf-8")
    assert {entry.id: entry.minutes for entry in load(bank)}["of-open"] == 7
    assert parsed == [path]


def test_a_renamed_file_is_refused(bank: Path) -> None:
    """A cached entry whose file has another name than its id is not passed off as right."""
    load(bank)
    path = bank / "bank" / "architecture" / "of-open.yaml"
    path.rename(path.with_name("another.yaml"))
    with pytest.raises(ContentError, match="make them the same"):
        load(bank)


def test_the_path_is_that_of_today(bank: Path, tmp_path: Path) -> None:
    """An entry tells where its file is now."""
    load(bank)
    assert {entry.path.parent for entry in load(bank)} == {bank / "bank" / "architecture"}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[:-7],
        lambda data: b"",
        lambda data: b"\x00" * 40,
        lambda data: data[:200] + bytes([data[200] ^ 1]) + data[201:],
    ],
    ids=["cut", "empty", "zeros", "one bit"],
)
def test_a_damaged_cache_is_no_cache(bank: Path, cache: Path, parsed: list[Path], spoil: Any) -> None:
    """Whatever happened to the file, entries are read as though there were none."""
    first = load(bank)
    (place,) = (cache / "bank").iterdir()
    place.write_bytes(spoil(place.read_bytes()))
    parsed.clear()
    assert load(bank) == first
    assert len(parsed) == len(first)


def test_another_version_of_the_code_voids_it(bank: Path, parsed: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """What other code has read is read again."""
    count = len(load(bank))
    parsed.clear()
    monkeypatch.setattr(entry_cache, "code_digest", lambda: "another")
    load(bank)
    assert len(parsed) == count


def test_a_cache_that_cannot_be_written_is_no_matter(
    bank: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the folder cannot be made, entries load all the same."""
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("VIVA_CACHE", str(tmp_path / "file" / "below"))
    assert load(bank)


def test_no_cache_where_none_is_wished(bank: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty VIVA_CACHE means that nothing is kept."""
    monkeypatch.setenv("VIVA_CACHE", "")
    assert cache_folder() is None
    assert load(bank)
    assert not cache.exists()


def test_nothing_is_left_beside_it(bank: Path, cache: Path) -> None:
    """The file is written whole and moved into place; no half of it stays."""
    load(bank)
    assert [path.suffix for path in (cache / "bank").iterdir()] == [".msgpack"]


def test_one_entry_alone_writes_nothing(bank: Path, cache: Path) -> None:
    """Asking for one entry does not throw the others out of the cache."""
    load(bank)
    (place,) = (cache / "bank").iterdir()
    before = place.read_bytes()
    Pack(bank).entry("of-open")
    assert place.read_bytes() == before


def test_two_packs_have_caches_of_their_own(bank: Path, cache: Path, tmp_path: Path) -> None:
    """Packs do not throw each other's entries out."""
    other = tmp_path / "other"
    (other / "bank").mkdir(parents=True)
    load(bank)
    (other / "bank" / "architecture").mkdir()
    source = bank / "bank" / "architecture" / "of-open.yaml"
    (other / "bank" / "architecture" / "of-open.yaml").write_bytes(source.read_bytes())
    load(other)
    assert len(list((cache / "bank").iterdir())) == 2
