"""A pack is replaced while submissions for it are queued: real commands, real worker processes, real verdicts."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from grader.client import Client
from tests.service.packs import RIGHT, SLUG, new_pack, release, suite_of
from tests.service.running import Service, running
from tests.service.test_packs import until_offered

ROOT = Path(__file__).parents[2]
COUNT = 6
pytestmark = pytest.mark.slow


@pytest.fixture
def service(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """An api with a cache of its own."""
    monkeypatch.setenv("VIVA_CACHE", str(tmp_path / "cache of the api"))
    with running(database, tmp_path) as service:
        yield service


def viva(service: Service, *words: str) -> subprocess.CompletedProcess[str]:
    """A command's end, on the service's database."""
    return subprocess.run(
        [sys.executable, "-m", "grader", *words, "--lang", "en"],
        env={**os.environ, "VIVA_DATABASE": service.database, "COLUMNS": "200"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@contextmanager
def workers(service: Service, folder: Path) -> Iterator[list[Path]]:
    """Two worker processes as on two machines, each with its cache; they end in order."""
    caches = [folder / f"cache of worker {number}" for number in (1, 2)]
    with ExitStack() as stack:
        running = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "grader", "worker", "--lanes", "1", "--environment", "numpy"],
                    env={**os.environ, "VIVA_DATABASE": service.database, "VIVA_CACHE": str(cache)},
                    cwd=ROOT,
                    stderr=(folder / "log").open("a"),
                )
            )
            for cache in caches
        ]
        try:
            yield caches
        finally:
            for one in running:
                one.terminate()
            assert [one.wait(60) for one in running] == [0, 0], (folder / "log").read_text()


def verdicts(client: Client, ids: list[str]) -> list[tuple[str, str, float, int]]:
    """Status, suite, full marks and exercise version of each verdict, when all are there."""
    found = [client.wait(one, 120).verdict for one in ids]
    assert all(found)
    return [(one["status"], one["suite_digest"], one["max_score"], one["exercise"]["version"]) for one in found if one]


def test_a_pack_is_replaced_while_submissions_wait(service: Service, tmp_path: Path) -> None:
    """Those queued are graded by the release they were sent for, later ones by the next; none is lost."""
    first, second = release(tmp_path / "one", 1), release(tmp_path / "two", 2)
    packed = tmp_path / "two.tar.gz"
    with tarfile.open(packed, "w:gz") as tar:
        tar.add(second, "lab")
    by_first = ("accepted", suite_of(first), 7.0, 1)
    by_second = ("accepted", suite_of(second), 8.0, 2)
    key = service.key()
    with service.client(key) as client:
        with workers(service, tmp_path):
            added = viva(service, "pack", "add", str(first), "--name", "lab", "--quick")
            assert (added.returncode, "is in force" in added.stdout) == (0, True), added.stdout + added.stderr
            assert "--quick: mutants" in added.stdout
            until_offered(service, key, suite_of(first))
            assert verdicts(client, [client.submit(SLUG, RIGHT).id]) == [by_first], "while workers run"
        early = [client.submit(SLUG, RIGHT).id for _ in range(COUNT)]
        added = viva(service, "pack", "add", str(packed), "--name", "lab", "--quick")
        assert added.returncode == 0, added.stdout + added.stderr
        until_offered(service, key, suite_of(second))
        late = [client.submit(SLUG, RIGHT).id for _ in range(COUNT)]
        listed = viva(service, "pack", "list").stdout
        assert [line.split()[:1] + line.split()[-2:] for line in listed.splitlines()[1:]] == [
            ["lab", str(COUNT), SLUG],
            ["lab", str(COUNT), SLUG],
        ]
        with workers(service, tmp_path) as caches:
            assert verdicts(client, early) == COUNT * [by_first]
            assert verdicts(client, late) == COUNT * [by_second]
            again = client.regrade(early[0]).id
            assert verdicts(client, [again]) == [by_second]
            assert viva(service, "pack", "retire", "lab").returncode == 0
            until_offered(service, key, None)
    assert service.ask("SELECT count(*), sum(lost) FROM gradings WHERE state = 'done'") == [(2 * COUNT + 2, 0)]
    assert service.ask("SELECT count(*) FROM gradings") == [(2 * COUNT + 2,)]
    graders = service.ask("SELECT worker, array_agg(DISTINCT suite) FROM gradings GROUP BY 1")
    held = {path.name for cache in caches for path in (cache / "packs").iterdir() if path.is_dir()}
    assert held == {new_pack(one).digest.removeprefix("sha256:") for one in (first, second)}
    assert len(graders) >= 2


def test_a_pack_that_fails_its_check_is_not_added(service: Service, tmp_path: Path) -> None:
    """The claims that do not hold are named, the status is 1, and the database is as it was."""
    root = release(tmp_path / "lab", 1)
    (root / "exercises" / SLUG / "stub.py").write_text(RIGHT)
    done = viva(service, "pack", "add", str(root), "--quick")
    assert (done.returncode, "was not added" in done.stdout, "✗" in done.stdout) == (1, True, True), done.stderr
    assert service.ask("SELECT count(*) FROM packs") == [(0,)]


@pytest.mark.parametrize(
    ("spoil", "words", "said"),
    [
        ("empty", (), "is not a pack"),
        ("missing", (), "cannot be read"),
        ("built-in", (), "comes with viva, too"),
        ("link", (), "symbolic link"),
        ("draft", (), "no exercise of the pack is active"),
        ("archive", (), "leads out of the pack"),
        ("nothing", ("--name", "a/b"), "is no name for a pack"),
    ],
)
def test_what_cannot_be_added_is_refused_with_a_sentence(
    service: Service, tmp_path: Path, spoil: str, words: tuple[str, ...], said: str
) -> None:
    """Status 2, what is wrong and what to do; nothing is kept."""
    root = release(tmp_path / "lab", 1)
    manifest = root / "exercises" / SLUG / "exercise.yaml"
    match spoil:
        case "empty":
            root = tmp_path / "empty"
            root.mkdir()
        case "missing":
            root = tmp_path / "nowhere"
        case "built-in":
            manifest.write_text(manifest.read_text().replace(f"id: {SLUG}", "id: f1_auc"))
            for half in ("exercises", "reference"):
                (root / half / SLUG).rename(root / half / "f1_auc")
        case "link":
            (root / "exercises" / SLUG / "more.py").symlink_to("/etc/passwd")
        case "draft":
            manifest.write_text(manifest.read_text().replace("status: active", "status: draft"))
        case "archive":
            root = tmp_path / "lab.tar.gz"
            with tarfile.open(root, "w:gz") as tar:
                tar.addfile(tarfile.TarInfo("../exercises/x.py"))
    done = viva(service, "pack", "add", str(root), "--quick", *words)
    assert (done.returncode, said in done.stderr) == (2, True), done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert service.ask("SELECT count(*) FROM packs") == [(0,)]
