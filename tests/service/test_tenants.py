"""What one tenant can learn of another: nothing. A call with another tenant's id is answered as if there were none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import httpx
import psycopg
import pytest

from grader.api.app import create_app
from grader.service.ids import new_id
from tests.service.running import Service, made, worker

BODY = {"exercise": "f1_auc", "source": "x = 1"}


@dataclass(frozen=True)
class Belongings:
    """Ids of what a tenant has."""

    submission: str
    webhook: str
    regrade: str


@pytest.fixture(scope="module")
def theirs(shared: Service) -> Belongings:
    """Something of every kind that belongs to a tenant `victim`."""
    with shared.http(shared.key("victim")) as http, worker(shared):
        submission = http.post("/v1/submissions", json=BODY, headers={"Prefer": "wait=20"}).json()["id"]
        webhook = http.post("/v1/webhooks", json={"url": "https://hooks.example.com/a"}).json()["id"]
        regrade = http.post("/v1/regrades", json={"exercise": "f1_auc"}).json()["id"]
    return Belongings(submission, webhook, regrade)


def calls_with_ids() -> list[tuple[str, str]]:
    """Every call of the api that names something by its id."""
    paths = create_app().openapi()["paths"]
    return [(method, path) for path, methods in paths.items() for method in methods if re.search(r"\{(?!slug)", path)]


@pytest.mark.parametrize(("method", "path"), calls_with_ids())
def test_another_tenants_id_is_no_id(shared: Service, theirs: Belongings, method: str, path: str) -> None:
    """404 on every call, with the same words as for an id that nobody has; and nothing happened."""
    names = {"submission": theirs.submission, "webhook": theirs.webhook, "regrade": theirs.regrade}
    strangers = {name: str(new_id()) for name in names}
    before = shared.ask("SELECT count(*), count(erased) FROM submissions WHERE id = %s", UUID(theirs.submission))
    with shared.http(shared.key("thief")) as http:
        answer = http.request(method, path.format(**names), json={} if method == "post" else None)
        nobody_s = http.request(method, path.format(**strangers), json={} if method == "post" else None)
    assert answer.status_code == 404
    assert answer.json() == nobody_s.json()
    assert (
        shared.ask("SELECT count(*), count(erased) FROM submissions WHERE id = %s", UUID(theirs.submission)) == before
    )
    assert shared.ask("SELECT count(*) FROM webhooks WHERE removed IS NULL AND id = %s", UUID(theirs.webhook)) == [(1,)]


def test_there_are_such_calls() -> None:
    """The table above is not empty by a slip."""
    assert len(calls_with_ids()) >= 7


@pytest.mark.parametrize("path", ["/v1/submissions", "/v1/submissions?external_id=x", "/v1/webhooks/deliveries"])
def test_lists_hold_ones_own(shared: Service, theirs: Belongings, path: str) -> None:
    """Nothing of the other tenant's is in any list."""
    with shared.http(shared.key("thief")) as http:
        assert http.get(path).json()["items"] == []


def test_an_idempotency_key_is_a_tenants_own(shared: Service) -> None:
    """The same key from another tenant is another submission."""
    headers = {"Idempotency-Key": "the-same"}
    ids = set()
    for tenant in ("one", "two"):
        with shared.http(shared.key(tenant)) as http:
            ids.add(http.post("/v1/submissions", json=BODY, headers=headers).json()["id"])
    assert len(ids) == 2


@pytest.fixture
def as_thief(shared: Service) -> Iterator[psycopg.Connection]:
    """The database in the role of tenants, for the tenant `thief`, as if the first lock were open."""
    shared.key("thief")
    with psycopg.connect(shared.database) as connection:
        connection.execute("SELECT set_config('viva.tenant', %s, false)", (str(shared.tenants["thief"].id),))
        connection.execute("SET ROLE viva_tenant")
        yield connection


@pytest.mark.parametrize(
    "table",
    ["submissions", "gradings", "verdicts", "webhooks", "deliveries", "usage", "usage_parts", "regrades", "audit"],
)
def test_the_second_lock_holds_alone(as_thief: psycopg.Connection, theirs: Belongings, table: str) -> None:
    """Row-level security shows no row of another tenant's, whatever is asked."""
    own = as_thief.execute("SELECT current_setting('viva.tenant')::uuid").fetchone()
    tenants = as_thief.execute(f"SELECT DISTINCT tenant FROM {table}").fetchall()  # type: ignore[arg-type]
    assert {row[0] for row in tenants} <= {own[0] if own else None}


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM keys",
        "SELECT * FROM tenants",
        "SELECT * FROM procrastinate_jobs",
        "DELETE FROM submissions",
        "DELETE FROM verdicts",
        "UPDATE verdicts SET score = 10",
        "UPDATE verdicts SET status = 'accepted'",
        "UPDATE gradings SET attempt = 99",
        "TRUNCATE audit",
    ],
)
def test_the_role_of_tenants_may_not(as_thief: psycopg.Connection, statement: str) -> None:
    """Keys, quotas, the queue, and verdicts once written are out of its reach."""
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        as_thief.execute(statement)  # type: ignore[arg-type]


def test_no_row_can_be_put_under_another_tenants_name(as_thief: psycopg.Connection, shared: Service) -> None:
    """Neither inserted nor moved."""
    victim = shared.ask("SELECT id FROM tenants WHERE name = 'victim'")[0][0]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        as_thief.execute(
            "INSERT INTO webhooks (id, tenant, url, secret) VALUES (%s, %s, 'https://x.example', '')",
            (new_id(), victim),
        )


@pytest.mark.parametrize(
    ("presented", "why"),
    [
        (None, "none"),
        ("viva_000000000000_" + "0" * 64, "unknown"),
        ("x" * 10_000, "no key"),
        ("viva_' OR 1=1 --_" + "0" * 64, "no key"),
    ],
)
def test_no_key_no_answer(shared: Service, presented: str | None, why: str) -> None:
    """401 with a hint, the same for all of them."""
    with shared.http(presented) as http:
        answer = http.get("/v1/submissions")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="viva"'), why
    assert "Bearer" in answer.json()["detail"]


def test_a_key_with_another_secret_is_none(shared: Service) -> None:
    """The prefix alone opens nothing."""
    key = shared.key("acme")
    forged = key[:-1] + ("0" if key[-1] != "0" else "1")
    with shared.http(forged) as http:
        assert http.get("/v1/submissions").status_code == 401


def test_revoked_expired_and_suspended_keys_open_nothing(shared: Service) -> None:
    """At once."""
    for change in (
        "UPDATE keys SET revoked = now() WHERE prefix = %s",
        "UPDATE keys SET expires = now() - interval '1 s' WHERE prefix = %s",
        "UPDATE tenants SET suspended = now() WHERE id = (SELECT tenant FROM keys WHERE prefix = %s)",
    ):
        key = shared.key("leaver")
        with shared.http(key) as http:
            assert http.get("/v1/submissions").status_code == 200
            shared.ask(change, key.split("_")[1])
            assert http.get("/v1/submissions").status_code == 401


def test_secrets_are_not_kept(shared: Service) -> None:
    """The database holds a digest of a key, and nothing from which it could be presented."""
    key = shared.key("acme")
    secret = key.split("_")[2]
    rows = shared.ask("SELECT * FROM keys WHERE prefix = %s", key.split("_")[1])
    assert secret not in repr(rows)
    assert bytes.fromhex(secret) not in [value for value in rows[0] if isinstance(value, bytes)]


@pytest.mark.parametrize(
    ("scope", "method", "path", "status"),
    [
        ("read", "post", "/v1/submissions", 403),
        ("submit", "get", "/v1/submissions", 403),
        ("read", "get", "/v1/submissions", 200),
        ("submit", "delete", "/v1/submissions/{id}", 403),
        ("submit", "get", "/v1/webhooks", 403),
        ("read", "post", "/v1/regrades", 403),
    ],
)
def test_scopes_are_what_a_key_may(shared: Service, scope: str, method: str, path: str, status: int) -> None:
    """403 names the scope that is missing."""
    with shared.http(shared.key("acme", scopes=(scope,))) as http:  # type: ignore[arg-type]
        answer = http.request(method, path.format(id=new_id()), json=BODY if method == "post" else None)
    assert answer.status_code == status
    assert status == 200 or "scope" in answer.json()["detail"]


def test_an_erased_submission_leaves_figures(shared: Service) -> None:
    """Source, metadata, external id and every text of the verdict are gone, in the database too; the score stays."""
    shared.judging.judge_with = lambda _claim: made("wrong_answer", 4.0, message="their words")
    with shared.http(shared.key("eraser")) as http, worker(shared):
        body = {**BODY, "metadata": {"name": "Ada"}, "external_id": "ada@example.com"}
        found = http.post("/v1/submissions", json=body, headers={"Prefer": "wait=20"}).json()
        assert http.delete(f"/v1/submissions/{found['id']}").status_code == 204
        left = http.get(f"/v1/submissions/{found['id']}").json()
        assert http.post(f"/v1/submissions/{found['id']}/regrade").status_code == 409
    assert left["grading"]["verdict"]["score"] == 4.0
    rows = shared.ask(
        "SELECT s::text, v::text FROM submissions s JOIN verdicts v ON v.submission = s.id WHERE s.id = %s",
        UUID(found["id"]),
    )
    for word in ("Ada", "ada@example.com", "their words", "SECRET", "x = 1", "expected 0.25"):
        assert word not in repr(rows) + repr(left)


def test_connections_are_not_left_in_a_tenants_role(shared: Service) -> None:
    """A pool's connection that served one tenant serves the next one its own rows."""
    keys = [shared.key("one"), shared.key("two")]
    seen: dict[str, set[str]] = {key: set() for key in keys}
    for _ in range(20):
        for key in keys:
            with httpx.Client(base_url=shared.url, headers={"Authorization": f"Bearer {key}"}) as http:
                seen[key] |= {item["id"] for item in http.get("/v1/submissions").json()["items"]}
    assert seen[keys[0]].isdisjoint(seen[keys[1]])
