"""Packs of the operator: archives by digest, the suites in them, and which are in force. Tenants have no part in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from grader.database.connection import Connection, Pool, alone, as_service
from grader.database.tenants import note
from grader.errors import StoreError, UsageError
from grader.model.service import ExerciseVersion, NewPack, Purge, StoredPack, StoredSuite

Added = Literal["added", "unchanged", "in force again"]
_LOCK: Final = 0x76697663  # "vivc": one change of packs at a time
_OPENING: Final = 0x76697664  # "vivd": shared by who opens gradings, alone for who takes suites away
INSTALLED_S: Final = 180.0  # how long a program counts as running after its last sign
_SUITES: Final = """
    SELECT DISTINCT ON (s.digest, s.exercise) s.exercise, s.version, s.digest AS suite, s.environment, s.pack,
        p.in_force IS NOT NULL AS in_force
    FROM suites s JOIN packs p ON p.digest = s.pack
    WHERE p.in_force IS NOT NULL OR EXISTS (SELECT FROM gradings g WHERE g.suite = s.digest AND g.state <> 'done')
    ORDER BY s.digest, s.exercise, (p.in_force IS NOT NULL) DESC
"""
_PACKS: Final = """
    SELECT name, digest, octet_length(archive) AS size, proven, added, in_force,
    ARRAY(SELECT exercise FROM suites WHERE pack = p.digest ORDER BY 1) AS exercises,
    (SELECT count(*) FROM gradings g JOIN suites s ON s.digest = g.suite WHERE s.pack = p.digest AND g.state <> 'done')
    AS open,
    greatest(0, extract(epoch FROM now() - coalesce(retired, added)))::float / 86400 AS idle_days,
    coalesce(abs(extract(epoch FROM now() - installed)) < %s, false) AS is_installed
    FROM packs p ORDER BY name, added DESC
"""
_GONE: Final = """
    SELECT exercise, pack, purged FROM purged_suites p
    WHERE digest = ANY(%s) AND NOT EXISTS (SELECT FROM suites s WHERE s.digest = p.digest) LIMIT 1
"""
_REMEMBER: Final = """
    INSERT INTO purged_suites (digest, exercise, pack) SELECT DISTINCT ON (digest) digest, exercise, pack FROM suites
    WHERE pack = ANY(%s) ON CONFLICT (digest) DO UPDATE SET pack = excluded.pack, purged = now()
"""


class SuiteGoneError(StoreError):
    """A grading was to be opened by a suite whose files were purged this moment; nothing was kept."""


class StillThere:
    """Within a transaction that opens gradings: that their suites are not purged before it ends."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._asked: Any = None

    async def ask(self, suites: Sequence[str]) -> None:
        """Hold off purges and look; in the service's role. What is found is raised by `require`.

        The lock is a statement of its own, so that the look behind it sees what a purge committed.
        """
        await self._connection.execute("SELECT pg_advisory_xact_lock_shared(%s)", (_OPENING,))
        self._asked = await self._connection.execute(_GONE, (list(suites),))

    async def require(self) -> None:
        """Raise SuiteGoneError where the files of one of the suites are gone."""
        row = await self._asked.fetchone()
        if row is not None:
            slug = row["exercise"]
            raise SuiteGoneError(
                f"the suite of {slug} by which this was to be graded was removed this moment; send it again",
                f"本次判题所用的 {slug} 测试集刚刚被清除；请重新发送",
            )


class Packs:
    """Rows of packs and suites."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def suites(self) -> list[StoredSuite]:
        """Every suite that may be asked for: in force, or that of a grading which is not done."""
        async with as_service(self._pool) as connection:
            return [_suite(row) for row in await (await connection.execute(_SUITES)).fetchall()]

    async def archive(self, digest: str) -> bytes | None:
        """The archive of a pack."""
        async with as_service(self._pool) as connection:
            cursor = await connection.execute("SELECT archive FROM packs WHERE digest = %s", (digest,), binary=True)
            row = await cursor.fetchone()
        return bytes(row["archive"]) if row else None

    async def all(self) -> list[StoredPack]:
        """Every pack, by name, the newest first."""
        async with as_service(self._pool) as connection:
            return await _all(connection)

    async def refuse_taken(self, name: str, slugs: Sequence[str]) -> None:
        """Raise UsageError where another pack in force has one of the slugs."""
        async with as_service(self._pool) as connection:
            await _refuse_taken(connection, name, slugs)

    async def add(self, pack: NewPack) -> Added:
        """Keep a pack and put it in force instead of the one of its name, in one transaction.

        Raises UsageError where another pack in force has one of its slugs, or the same files are there by another name.
        """
        async with as_service(self._pool) as connection:
            await connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            await _refuse_taken(connection, pack.name, [one.exercise for one, _ in pack.suites])
            known = await (
                await connection.execute("SELECT name, in_force, proven FROM packs WHERE digest = %s", (pack.digest,))
            ).fetchone()
            if known and known["name"] != pack.name:
                raise _same_files(known["name"])
            if known and known["in_force"] and known["proven"] in ("all", pack.proven):
                return "unchanged"
            await connection.execute(
                "UPDATE packs SET in_force = NULL, retired = now() WHERE name = %s AND in_force IS NOT NULL",
                (pack.name,),
            )
            if known is None:
                await _insert(connection, pack)
            await connection.execute(
                "UPDATE packs SET in_force = now(), retired = NULL, "
                "proven = CASE proven WHEN 'all' THEN proven ELSE %s END WHERE digest = %s",
                (pack.proven, pack.digest),
            )
            await note(connection, "operator", "pack added", f"{pack.name} {pack.digest}", None)
        return "in force again" if known and not known["in_force"] else "added"

    async def unknown(self, suites: Sequence[str]) -> set[str]:
        """Those of some suites, by digest, that no pack here holds."""
        async with as_service(self._pool) as connection:
            cursor = await connection.execute("SELECT digest FROM suites WHERE digest = ANY(%s)", (list(suites),))
            return set(suites) - {row["digest"] for row in await cursor.fetchall()}

    async def keep(self, pack: NewPack) -> None:
        """Keep a pack without putting it in force, for gradings by suites that nobody has installed any more."""
        async with as_service(self._pool) as connection:
            await connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            known = await connection.execute("SELECT FROM packs WHERE digest = %s", (pack.digest,))
            if await known.fetchone() is None:
                await _insert(connection, pack)

    async def retire(self, name: str) -> bool:
        """Take no more submissions for the pack of that name; False where none is in force."""
        async with as_service(self._pool) as connection:
            await connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            cursor = await connection.execute(
                "UPDATE packs SET in_force = NULL, retired = now() WHERE name = %s AND in_force IS NOT NULL", (name,)
            )
            if cursor.rowcount:
                await note(connection, "operator", "pack retired", name, None)
            return cursor.rowcount == 1

    async def installed(self, suites: Sequence[str]) -> None:
        """A running program's sign that it has these suites installed; to be given again within `INSTALLED_S`."""
        async with alone(self._pool) as connection:
            await connection.execute(
                "UPDATE packs SET installed = now() WHERE digest IN (SELECT pack FROM suites WHERE digest = ANY(%s))",
                (list(suites),),
            )

    async def purge(self, older_than_days: float = 0.0, *, dry: bool = False) -> list[Purge]:
        """Remove the files of packs that nobody needs any more, all in one transaction; what became of each pack.

        A pack stays that is in force, that a grading which is not done names, that a running program has installed, or
        that was in force within so many days. Nobody opens a grading meanwhile, so none can name what is removed: who
        comes later finds its suite gone, and is told. Where it is `dry`, nothing is changed.
        """
        async with as_service(self._pool) as connection:
            if not dry:
                await connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
                await connection.execute("SELECT pg_advisory_xact_lock(%s)", (_OPENING,))
            found = [Purge(pack=one, kept=_needed(one, older_than_days)) for one in await _all(connection)]
            gone = [one.pack for one in found if one.kept is None]
            if gone and not dry:
                digests = [one.digest for one in gone]
                await connection.execute(_REMEMBER, (digests,))
                await connection.execute("DELETE FROM suites WHERE pack = ANY(%s)", (digests,))
                await connection.execute("DELETE FROM packs WHERE digest = ANY(%s)", (digests,))
                for one in gone:
                    await note(connection, "operator", "pack purged", f"{one.name} {one.digest}", None)
        return found


def _needed(pack: StoredPack, days: float) -> Literal["in_force", "open", "installed", "young"] | None:
    if pack.in_force is not None:
        return "in_force"
    if pack.open:
        return "open"
    if pack.is_installed:
        return "installed"
    return "young" if pack.idle_days < days else None


async def _all(connection: Connection) -> list[StoredPack]:
    rows = await (await connection.execute(_PACKS, (INSTALLED_S,))).fetchall()
    return [StoredPack(**{**row, "exercises": tuple(row["exercises"])}) for row in rows]


async def _insert(connection: Connection, pack: NewPack) -> None:
    await connection.execute(
        "INSERT INTO packs (digest, name, archive, proven) VALUES (%s, %s, %s, %s)",
        (pack.digest, pack.name, pack.archive, pack.proven),
    )
    for one, environment in pack.suites:
        await connection.execute(
            "INSERT INTO suites (pack, exercise, version, digest, environment) VALUES (%s, %s, %s, %s, %s)",
            (pack.digest, one.exercise, one.version, one.suite, environment),
        )


async def _refuse_taken(connection: Connection, name: str, slugs: Sequence[str]) -> None:
    cursor = await connection.execute(
        """SELECT s.exercise, p.name FROM suites s JOIN packs p ON p.digest = s.pack
        WHERE p.in_force IS NOT NULL AND p.name <> %s AND s.exercise = ANY(%s) ORDER BY 1 LIMIT 1""",
        (name, list(slugs)),
    )
    row = await cursor.fetchone()
    if row is not None:
        slug, other = row["exercise"], row["name"]
        raise UsageError(
            f"the exercise {slug} is in the pack `{other}`, too; rename it, or `viva pack retire {other}` first; if "
            f"this is a newer `{other}`, add it with --name {other}",
            f"编程题 {slug} 已在题库包 `{other}` 中；请改名，或先执行 `viva pack retire {other}`；"
            f"如果这是 `{other}` 的新版本，请用 --name {other} 添加",
        )


def _same_files(name: str) -> UsageError:
    return UsageError(
        f"the same files are kept as the pack `{name}`; add them with --name {name}",
        f"同样的文件已作为题库包 `{name}` 保存；请用 --name {name} 添加",
    )


def _suite(row: Mapping[str, Any]) -> StoredSuite:
    return StoredSuite(
        of=ExerciseVersion(exercise=row["exercise"], version=row["version"], suite=row["suite"]),
        environment=row["environment"],
        pack=row["pack"],
        in_force=row["in_force"],
    )
