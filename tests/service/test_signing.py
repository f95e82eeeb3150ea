"""Keys that sign: changed while the service runs, given up, revoked; and what `viva verify` says of each."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from grader.cli import signing_key
from grader.cli import verify as verifying
from grader.cli.operate import Access
from grader.cli.serve import _refuse_revoked
from grader.cli.verify import VerifyOrder
from grader.database.connection import open_pool
from grader.errors import StoreError, UsageError
from grader.model.service import SigningKey
from grader.model.text import Lang
from grader.service.signing import ENVIRONMENT, PrivateKey, Signer
from grader.service.verifying import published, read_keys, verify
from tests.service.conftest import fresh_database
from tests.service.running import Service, made, running, worker

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The folder of a service, where its signing key lies."""
    return tmp_path


@pytest.fixture
def service(postgresql: str, data: Path) -> Iterator[Service]:
    """A service that signs with the key in `data`."""
    with running(fresh_database(postgresql), data) as service:
        yield service


def test_a_key_that_is_changed_under_way_loses_no_verdict(service: Service, data: Path) -> None:
    """Two workers grade while the key is changed: every verdict holds, by the old key or the new, and both are told."""
    old = service.signer.key_id
    half = threading.Event()
    access = Access(service.database, data, "en")
    verdicts: list[dict[str, Any]] = []

    def rotate() -> None:
        assert half.wait(60)
        signing_key.rotate(access)

    changing = threading.Thread(target=rotate)
    changing.start()
    with service.client(service.key()) as client, worker(service, "worker-1"), worker(service, "worker-2"):
        for number in range(40):
            if number == 15:
                half.set()
            if number == 30:
                changing.join(60)
            found = client.submit("f1_auc", f"x = {number}", wait_s=20).verdict
            assert found is not None
            verdicts.append(dict(found))
    with service.http() as http:
        document = http.get("/.well-known/viva-keys.json").json()
    keys = read_keys(document)
    signed_by = {one["signature"]["key_id"] for one in verdicts}
    assert signed_by == {old, service.signer.key_id} == set(keys)
    assert old != service.signer.key_id
    assert verdicts[-1]["signature"]["key_id"] == service.signer.key_id
    assert [verify(one, keys) for one in verdicts] == [None] * 40
    assert (data / "signing.key").stat().st_mode & 0o777 == 0o600


def test_a_key_is_given_up_when_nobody_signs_with_it(service: Service, data: Path) -> None:
    """`until` is null while an api says that it signs with a key, and is told when none did for a while."""
    old = service.signer.key_id
    signing_key.rotate(Access(service.database, data, "en"))
    service.ask("UPDATE signing_keys SET used = used - interval '1 hour' WHERE key_id = %s", old)
    with service.http() as http:
        by_id = {one["key_id"]: one for one in http.get("/.well-known/viva-keys.json").json()["keys"]}
    assert by_id[old]["until"] is not None
    assert by_id[service.signer.key_id]["until"] is None
    assert {one["revoked"] for one in by_id.values()} == {None}


def test_a_key_of_the_environment_is_told_and_not_written(
    service: Service, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The operator puts it there; its public half is published before."""
    monkeypatch.setenv(ENVIRONMENT, PrivateKey.drawn().text)
    before = (data / "signing.key").read_text()
    signing_key.rotate(Access(service.database, data, "en"))
    told = capsys.readouterr().out.split(f"{ENVIRONMENT}=")[1].strip()
    monkeypatch.setenv(ENVIRONMENT, told)
    with service.http() as http:
        assert Signer(data).key_id in read_keys(http.get("/.well-known/viva-keys.json").json())
    assert (data / "signing.key").read_text() == before


def test_what_is_unknown_or_signs_now_is_not_revoked(service: Service, data: Path, tmp_path: Path) -> None:
    """Each with a sentence that says what to do."""
    access = Access(service.database, data, "en")
    with pytest.raises(UsageError, match="rotate"):
        signing_key.revoke_signing_key(access, service.signer.key_id)
    with pytest.raises(UsageError, match="viva key signing list"):
        signing_key.revoke_signing_key(access, "0" * 16)
    with pytest.raises(UsageError, match="--data"):
        signing_key.rotate(Access(service.database, tmp_path / "elsewhere", "en"))


def test_a_revoked_key_starts_no_service(service: Service, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What it would sign holds for nobody."""
    old = data / "old"
    old.mkdir()
    (old / "signing.key").write_text((data / "signing.key").read_text())
    access = Access(service.database, data, "en")
    signing_key.rotate(access)
    signing_key.revoke_signing_key(access, Signer(old).key_id)
    signing_key.list_signing_keys(access)
    assert "revoked" in capsys.readouterr().out.split(Signer(old).key_id)[-1]

    async def start() -> None:
        pool = await open_pool(service.database, 1)
        try:
            await _refuse_revoked(pool, Signer(old))
        finally:
            await pool.close()

    with pytest.raises(UsageError, match="was revoked"):
        service.loop.run(start())


def checked(folder: Path, lang: Lang, **times: datetime | None) -> int:
    """What `viva verify` ends with for a verdict of `NOW`, given what is published of its key."""
    signer = Signer(folder)
    key = SigningKey(key_id=signer.key_id, public=signer.key.public, begun=NOW - 9 * HOUR, **times)
    (folder / "keys.json").write_text(json.dumps(published([key])))
    document = {**json.loads(made("wrong_answer", 4.0).document), "created": NOW.isoformat()}
    (folder / "verdict.json").write_text(json.dumps(signer.signed(document)))
    order = VerifyOrder(file=folder / "verdict.json", keys=str(folder / "keys.json"), replay=None, packs=(), lang=lang)
    return verifying.run(order)


@pytest.mark.parametrize(
    ("times", "status", "english", "chinese"),
    [
        ({}, 0, "✓ the signature holds", "✓ 签名有效"),
        ({"until": NOW + HOUR}, 0, "no longer in use", "已停用"),
        ({"until": NOW - HOUR}, 1, "when its key", "晚于密钥"),
        ({"revoked": NOW + HOUR}, 1, "was revoked", "吊销"),
        ({"until": NOW + HOUR, "revoked": NOW + HOUR}, 1, "somebody else may have it", "他人之手"),
    ],
)
def test_verify_tells_a_key_given_up_from_one_that_leaked(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    times: dict[str, datetime],
    status: int,
    english: str,
    chinese: str,
) -> None:
    """One vouches for what was graded while it was in use, the other for nothing."""
    assert checked(tmp_path, "en", **times) == status
    assert english in capsys.readouterr().out
    assert checked(tmp_path, "zh", **times) == status
    assert chinese in capsys.readouterr().out


def test_keys_that_were_saved_before_times_were_told_still_check(tmp_path: Path) -> None:
    """A published file without `from`, `until` and `revoked` is one whose keys are in force."""
    signer = Signer(tmp_path)
    key = SigningKey(key_id=signer.key_id, public=signer.key.public, begun=NOW)
    (entry,) = published([key])["keys"]
    old = {name: entry[name] for name in ("key_id", "algorithm", "public_key")}
    assert verify(signer.signed({"score": 1.0}), read_keys({"keys": [old]})) is None


def test_a_new_key_that_cannot_be_read_leaves_the_old_one(tmp_path: Path) -> None:
    """A slip of the pen in the file stops nobody's verdicts."""
    signer = Signer(tmp_path)
    before = signer.key_id
    (tmp_path / "signing.key").write_text("not base64\n")
    assert signer.key_id == before


def test_a_key_belongs_to_who_had_the_one_before(tmp_path: Path) -> None:
    """An operator who is root changes it, and the service, which is not, reads it; nothing else is left beside."""
    signer = Signer(tmp_path)
    file = tmp_path / "signing.key"
    if os.geteuid() == 0:
        os.chown(file, 12345, 12345)
    owner = file.stat().st_uid
    fresh = PrivateKey.drawn()
    signer.replace(fresh)
    assert (file.stat().st_uid, file.stat().st_mode & 0o777) == (owner, 0o600)
    assert [one.name for one in tmp_path.iterdir()] == ["signing.key"]
    assert signer.key_id == fresh.key_id == Signer(tmp_path).key_id


def test_a_key_that_cannot_be_kept_is_one_sentence(tmp_path: Path) -> None:
    """A folder that cannot be made is named."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="signing key cannot be kept"):
        Signer(tmp_path / "file" / "below")
