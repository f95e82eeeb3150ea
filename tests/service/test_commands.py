"""The commands as people run them: `viva serve`, `worker`, `submit`, `verify`, `tenant`, `key`."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from grader.cli.serve import data_folder
from grader.errors import UsageError
from tests.service.command import said_until_ready

ROOT = Path(__file__).parents[2]
KEY = f"viva_{'a' * 12}_{'b' * 64}"
HALF_RIGHT = ROOT / "examples" / "f1_auc" / "half_right.py"
pytestmark = pytest.mark.slow


def viva(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """A command's end."""
    return subprocess.run(
        [sys.executable, "-m", "grader", *words],
        env={**os.environ, **env},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@contextmanager
def serving(folder: Path, *words: str, **env: str) -> Iterator[tuple[str, str, subprocess.Popen[str]]]:
    """`viva serve` on a free port: its address and the first key that it printed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "grader", "serve", "--port", "0", "--data", str(folder), "--lang", "en", *words],
        env={**os.environ, **env},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=(folder / "log").open("a"),
        text=True,
    )
    said = said_until_ready(process)
    try:
        address = re.search(r"http://\S+?:\d+", said)
        key = re.search(r"viva_[0-9a-f]{12}_[0-9a-f]{64}", said)
        assert address, said + (folder / "log").read_text()
        yield address[0], key[0] if key else "", process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0, (folder / "log").read_text()


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Where the service keeps its data; as root, PostgreSQL's user must be able to pass."""
    place = Path(tempfile.mkdtemp(prefix="viva-serve-"))
    place.chmod(0o755)
    yield place
    shutil.rmtree(place, ignore_errors=True)


def test_what_the_readme_shows(folder: Path) -> None:
    """Serve, submit, get the verdict that `viva grade` gives for that seed; verify it; stop; start again."""
    with serving(folder) as (url, key, _process):
        body = {"exercise": "f1_auc", "source": HALF_RIGHT.read_text(), "seed": 7}
        headers = {"Authorization": f"Bearer {key}", "Prefer": "wait=60"}
        answer = httpx.post(f"{url}/v1/submissions", json=body, headers=headers, timeout=90)
        assert answer.status_code == 200
        verdict = answer.json()["grading"]["verdict"]
        graded = json.loads(viva("grade", "f1_auc", str(HALF_RIGHT), "--json", "--seed", "7").stdout)
        same = ("status", "score", "seed", "suite_digest", "submission_digest", "tasks", "diagnosis", "exercise")
        assert {name: verdict[name] for name in same} == {name: graded[name] for name in same}
        outcomes = [[(case["id"], case["status"]) for case in one["cases"]] for one in (verdict, graded)]
        assert outcomes[0] == outcomes[1]

        saved = folder / "verdict.json"
        saved.write_text(answer.text)
        good = viva("verify", str(saved), "--keys", url, "--replay", str(HALF_RIGHT), "--lang", "en")
        assert (good.returncode, good.stdout.count("✓")) == (0, 2), good.stdout + good.stderr
        saved.write_text(answer.text.replace('"score":7.0', '"score":10.0', 1))
        forged = json.loads(saved.read_text())
        forged["grading"]["verdict"]["score"] = 10.0
        saved.write_text(json.dumps(forged))
        bad = viva("verify", str(saved), "--keys", url, "--lang", "en")
        assert (bad.returncode, "was changed" in bad.stdout) == (1, True)

        seen = viva_on(folder, "top", "--once")
        assert re.search(r"0 queued .* 1 workers with \d+ lanes, 1 verdicts a minute", " ".join(seen.split())), seen
        sent = viva("submit", "f1_auc", str(HALF_RIGHT), "--server", url, "--key", key, "--lang", "en")
        assert (sent.returncode, "score 7/10" in sent.stdout) == (1, True), sent.stdout + sent.stderr
        again = viva("submit", "f1_auc", str(HALF_RIGHT), "--server", url, "--key", key, "--json")
        assert json.loads(again.stdout)["submission_digest"] == verdict["submission_digest"]
        assert len(httpx.get(f"{url}/v1/submissions", headers=headers).json()["items"]) == 2
    with serving(folder) as (url, other, _process):
        assert other == "", "the first key is told once"
        assert len(httpx.get(f"{url}/v1/submissions", headers=headers).json()["items"]) == 2


def test_a_solution_in_several_files_is_sent_whole(folder: Path, tmp_path: Path) -> None:
    """`viva submit` of a folder gets the verdict that `viva grade` gives for that seed, and can be replayed."""
    solution = tmp_path / "ada" / "solution.py"
    solution.parent.mkdir()
    solution.write_text("import parts\n\npass_at_k = parts.estimate\n")
    reference = (ROOT / "reference" / "pass_at_k" / "solution.py").read_text("utf-8")
    (solution.parent / "parts.py").write_text(reference.replace("def pass_at_k(", "def estimate("))
    with serving(folder) as (url, _key, _process):
        key = re.search(r"viva_\S+", viva_on(folder, "key", "new", "--tenant", "default", "--scope", "submit,read"))
        assert key is not None
        words = ("pass_at_k", str(solution.parent), "--seed", "7", "--json")
        sent = viva("submit", *words, "--server", url, VIVA_KEY=key[0])
        graded = json.loads(viva("grade", *words).stdout)
        assert sent.returncode == 0, sent.stdout + sent.stderr
        verdict = json.loads(sent.stdout)
        same = ("status", "score", "submission_digest", "tasks")
        assert [verdict[name] for name in same] == [graded[name] for name in same]
        assert verdict["status"] == "accepted"
        (tmp_path / "verdict.json").write_text(sent.stdout)
        replayed = viva("verify", str(tmp_path / "verdict.json"), "--keys", url, "--replay", str(solution))
        assert (replayed.returncode, replayed.stdout.count("✓")) == (0, 2), replayed.stdout + replayed.stderr


def test_what_is_running_ends_with_it(folder: Path) -> None:
    """After a Ctrl-C nothing of it is left, not even the database."""
    with serving(folder) as (url, _key, process):
        assert httpx.get(f"{url}/healthz").status_code == 200
        pids = [int(word) for word in descendants(process.pid)]
        assert pids
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists() and "Z" not in state_of(pid)]
    assert not (folder / "postgresql" / "postmaster.pid").exists()


def descendants(pid: int) -> list[str]:
    """Pids below a process."""
    below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [*below, *(word for one in below for word in descendants(int(one)))]


def state_of(pid: int) -> str:
    """The state of a process, by its letter."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return "Z"


def test_a_killed_worker_is_replaced_and_loses_nothing(folder: Path) -> None:
    """SIGKILL in the middle: the submission is graded all the same."""
    with serving(folder) as (url, _key, process):
        postmaster = (folder / "postgresql" / "postmaster.pid").read_text()
        key = re.search(r"viva_\S+", viva_on(folder, "key", "new", "--tenant", "default", "--scope", "submit,read"))
        assert key
        assert (folder / "postgresql" / "postmaster.pid").read_text() == postmaster, "an operator stops no database"
        headers = {"Authorization": f"Bearer {key[0]}"}
        body = {"exercise": "f1_auc", "source": HALF_RIGHT.read_text()}
        ids = [httpx.post(f"{url}/v1/submissions", json=body, headers=headers).json()["id"] for _ in range(4)]
        for pid in workers_of(process.pid):
            os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + 150
        states = {}
        while time.monotonic() < deadline and set(states.values()) != {"done"}:
            found = [
                httpx.get(f"{url}/v1/submissions/{one}", headers={**headers, "Prefer": "wait=10"}, timeout=30)
                for one in ids
            ]
            states = {one.json()["id"]: one.json()["state"] for one in found}
        assert set(states.values()) == {"done"}
        statuses = {one.json()["grading"]["verdict"]["status"] for one in found}
        assert statuses == {"wrong_answer"}


def workers_of(pid: int) -> list[int]:
    """Pids of the worker processes below `viva serve`."""
    found = []
    for word in descendants(pid):
        command = Path(f"/proc/{word}/cmdline")
        if command.exists() and b"grader\0worker" in command.read_bytes():
            found.append(int(word))
    assert found
    return found


def viva_on(folder: Path, *words: str) -> str:
    """What an operator's command prints, asked of the embedded database of a running service."""
    done = viva(*words, "--data", str(folder), "--lang", "en")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_tenants_and_keys(folder: Path) -> None:
    """Added, listed, changed, suspended; made, listed, revoked; and wrong words in one sentence."""
    assert "added" in viva_on(folder, "tenant", "add", "acme", "--weight", "2")
    assert "changed" in viva_on(folder, "tenant", "add", "acme", "--weight", "3")
    assert re.search(r"acme\s+3.0", viva_on(folder, "tenant", "list"))
    made = viva_on(folder, "key", "new", "--tenant", "acme", "--label", "ci", "--expires", "2099-01-01")
    prefix = made.split("_")[1]
    assert re.search(rf"{prefix}\s+acme\s+read,.*\sci\s", viva_on(folder, "key", "list"))
    assert "revoked" in viva_on(folder, "key", "revoke", prefix)
    assert "revoked" in viva_on(folder, "key", "list")
    assert "suspended" in viva_on(folder, "tenant", "suspend", "acme")
    for words, word in (
        (("key", "new", "--tenant", "nobody"), "viva tenant add nobody"),
        (("key", "new", "--tenant", "acme", "--scope", "all"), "submit, read, admin"),
        (("key", "revoke", "000000000000"), "viva key list"),
        (("tenant", "add", "a b"), "letters"),
    ):
        done = viva(*words, "--data", str(folder), "--lang", "en")
        assert (done.returncode, word in done.stderr) == (2, True), done.stderr


def test_a_signing_key_is_changed_while_two_workers_grade(folder: Path) -> None:
    """What was signed before holds, and so does what is signed after; what a revoked key signed does not."""
    with serving(folder, "--workers", "2", "--lanes", "1") as (url, _key, _process):
        viva_on(folder, "tenant", "add", "signed", "--feedback", "full")
        key = re.search(r"viva_\S+", viva_on(folder, "key", "new", "--tenant", "signed", "--scope", "submit,read"))
        assert key
        old = httpx.get(f"{url}/.well-known/viva-keys.json").json()["keys"][0]["key_id"]
        headers = {"Authorization": f"Bearer {key[0]}"}
        body = {"exercise": "f1_auc", "source": HALF_RIGHT.read_text()}
        ids = [httpx.post(f"{url}/v1/submissions", json=body, headers=headers).json()["id"] for _ in range(4)]
        ask = lambda one: httpx.get(  # noqa: E731
            f"{url}/v1/submissions/{one}", headers={**headers, "Prefer": "wait=60"}, timeout=90
        )
        before, after = folder / "before.json", folder / "after.json"
        before.write_text(ask(ids[0]).text)
        assert "from now on" in viva_on(folder, "key", "signing", "rotate")
        after.write_text(ask(ids[-1]).text)
        for saved in (before, after):
            done = viva("verify", str(saved), "--keys", url, "--lang", "en")
            assert (done.returncode, "signature holds" in done.stdout) == (0, True), done.stdout + done.stderr
        assert f"key {old}" not in done.stdout
        assert re.search(rf"{old}\s.*in use", viva_on(folder, "key", "signing", "list"))
        assert "is revoked" in viva_on(folder, "key", "signing", "revoke", old)
        bad = viva("verify", str(before), "--keys", url, "--lang", "en")
        assert (bad.returncode, "was revoked" in bad.stdout) == (1, True), bad.stdout


@pytest.mark.parametrize(
    ("words", "word"),
    [
        (("serve", "--host", "0.0.0.0"), "--insecure"),
        (("serve", "--database", "postgresql://nobody@127.0.0.1:1/x"), "cannot be reached"),
        (("worker",), "--database"),
        (("worker", "--database", "postgresql://nobody@127.0.0.1:1/x", "--exercise", "f2"), "cannot be reached"),
        (("submit", "f1_auc", str(HALF_RIGHT), "--server", "http://127.0.0.1:1", "--key", KEY), "cannot be reached"),
        (("submit", "f1_auc", str(HALF_RIGHT), "--server", "http://127.0.0.1:1", "--key", "k"), "--key-file"),
        (("submit", "f1_auc", str(HALF_RIGHT), "--server", "http://192.0.2.1", "--key", KEY), "--insecure"),
    ],
)
def test_wrong_words_end_with_a_sentence(tmp_path: Path, words: tuple[str, ...], word: str) -> None:
    """Status 2, one line, no traceback, no password."""
    data = ("--data", str(tmp_path)) if words[0] == "serve" else ()
    done = viva(*words, *data, "--lang", "en", VIVA_DATABASE="")
    assert done.returncode == 2
    assert word in done.stderr
    assert "Traceback" not in done.stderr


def test_a_taken_port_is_named(folder: Path) -> None:
    """One sentence that says what to do."""
    with serving(folder) as (url, _key, _process):
        port = url.rsplit(":", 1)[1]
        other = viva("serve", "--port", port, "--data", str(folder), "--workers", "0", "--lang", "en")
    assert other.returncode == 2
    assert "give another --port" in other.stderr


def test_root_keeps_its_data_where_others_may_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not below /root, which the database's user may not enter."""
    monkeypatch.delenv("VIVA_HOME")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert data_folder(None) == Path("/var/lib/viva")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's database runs as another user")
def test_a_closed_folder_is_named_and_not_opened(tmp_path: Path) -> None:
    """As root, nothing above the data is made passable for others."""
    from grader.database.embedded import EmbeddedServer

    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(UsageError, match="may not pass"):
        EmbeddedServer(closed / "postgresql").start()
    assert closed.stat().st_mode & 0o777 == 0o700
