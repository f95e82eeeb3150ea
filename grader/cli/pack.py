"""`viva pack`: an operator puts packs into the service's database, for all of its machines."""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Final

from grader.cli import check
from grader.cli.check_bank import run_bank
from grader.cli.exit_status import DONE, NOT_ACCEPTED
from grader.cli.operate import Access, print_table, table_of
from grader.content.pack import Pack, builtin_pack_root
from grader.content.pack_archive import archive_of, digest_of, files_of_folder, read_archive, write_files
from grader.database.packs import Packs
from grader.errors import UsageError
from grader.model.exercise import Exercise
from grader.model.service import NewPack, Purge, StoredPack
from grader.report.catalogue import say
from grader.service.submitting import version_of

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SHOWN_DIGITS: Final = 12
_SHOWN_SLUGS: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class AddOrder:
    """What was asked for on the command line."""

    place: Path
    name: str | None
    quick: bool
    seeds: int
    jobs: int


def add(access: Access, order: AddOrder) -> int:
    """Check a pack and keep it; the exit status. Raises UsageError and ContentError."""
    name = order.name or _name_of(order.place)
    _require_name(name)
    with _unpacked(order.place) as root:
        exercises = _exercises(root)
        files = files_of_folder(root)
        pack = NewPack(
            name=name,
            digest=digest_of(files),
            archive=archive_of(files),
            proven="quick" if order.quick else "all",
            suites=tuple((version_of(one), one.environment) for one in exercises),
        )
        _refuse_built_in(root)
        if not asyncio.run(_is_there(access, pack)) and _check(root, order) != DONE:
            print(say("service.pack_not_added", access.lang, name=name))
            return NOT_ACCEPTED
        if files_of_folder(root) != files:
            raise UsageError(
                f"{order.place} was changed while it was checked; add it again",
                f"{order.place} 在检查期间被改动；请重新添加",
            )
    outcome = asyncio.run(_keep(access, pack))
    shown = {"name": name, "digest": _short(pack.digest), "slugs": ", ".join(one.id for one in exercises)}
    print(say(f"service.pack_{outcome.replace(' ', '_')}", access.lang, **shown))
    if order.quick and outcome != "unchanged":
        print(say("service.pack_quick", access.lang))
    return DONE


def purge(access: Access, older_than_days: float, *, dry: bool) -> None:
    """Remove the files of packs that nobody needs, and say what was freed, what stays, and why."""
    found = asyncio.run(_purge(access, older_than_days, dry=dry))
    for one in found:
        shown = {"name": one.pack.name, "digest": _short(one.pack.digest), "size": _size(one.pack.size)}
        why = one.kept or ("would_go" if dry else "gone")
        print(say(f"service.purge.{why}", access.lang, **shown, open=str(one.pack.open), days=f"{older_than_days:g}"))
    gone = [one.pack for one in found if one.kept is None]
    total = {"count": str(len(gone)), "size": _size(sum(one.size for one in gone)), "kept": str(len(found) - len(gone))}
    print(say("service.purge.dry" if dry else "service.purge.done", access.lang, **total))


def list_packs(access: Access) -> None:
    """Print a table of packs."""
    table = table_of("name", "state", "digest", "size", "proven", "added", "open", "exercises")
    for pack in asyncio.run(_all(access)):
        state = "in force" if pack.in_force else ""
        added = pack.added.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
        table.add_row(
            *(pack.name, state, _short(pack.digest), _size(pack.size), pack.proven, added),
            *(str(pack.open), _some_of(pack.exercises)),
        )
    print_table(table, access.lang)


def retire(access: Access, name: str) -> None:
    """Take no more submissions for a pack."""
    if not asyncio.run(_retire(access, name)):
        raise UsageError(
            f"no pack `{name}` is in force; `viva pack list` shows them all",
            f"没有在用的题库包 `{name}`；`viva pack list` 会列出全部",
        )
    print(say("service.pack_retired", access.lang, name=name))


@contextmanager
def _unpacked(place: Path) -> Iterator[Path]:
    """The folder of the pack that was named: itself, or one for the time being. Raises UsageError."""
    if place.is_dir():
        yield place
        return
    files = read_archive(place)
    if not any(name.startswith("exercises/") for name in files):
        raise UsageError(
            f"{place} is no archive of a pack: there is no exercises/ in it; pack a folder that has one",
            f"{place} 不是题库包的归档：其中没有 exercises/；请打包含有它的目录",
        )
    with tempfile.TemporaryDirectory(prefix="viva-pack-") as folder:
        write_files(files, Path(folder))
        yield Path(folder)


def _name_of(place: Path) -> str:
    name = place.resolve().name
    return name if place.is_dir() else re.sub(r"(\.tar)?\.(gz|tgz|tar)$|\.tgz$", "", name)


def _require_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} is no name for a pack; give --name with letters, digits, dots, - and _, at most 64",
            f"{name!r} 不能作题库包的名字；请用 --name 指定，只用字母、数字、点、- 和 _，最多 64 个字符",
        )


def _exercises(root: Path) -> list[Exercise]:
    """The active exercises of a pack. Raises UsageError where there is none, ContentError where one cannot be read."""
    found = [one for one in Pack(root).exercises() if one.status == "active"]
    if not found:
        raise UsageError(
            "no exercise of the pack is active; set `status: active` in the exercise.yaml of what is to be graded",
            "该题库包中没有启用的编程题；请在要判题的 exercise.yaml 中设置 `status: active`",
        )
    return found


def _refuse_built_in(root: Path) -> None:
    """Raise UsageError where a slug is also that of an exercise that comes with the program, drafts included."""
    twice = sorted(set(Pack(root).slugs) & set(Pack(builtin_pack_root()).slugs))
    if twice:
        raise UsageError(
            f"the exercise {twice[0]} comes with viva, too; rename it (folders in exercises/ and reference/, and `id`)",
            f"编程题 {twice[0]} 与 viva 自带的同名；请改名（exercises/ 和 reference/ 中的目录，以及 `id`）",
        )


def _check(root: Path, order: AddOrder) -> int:
    """`viva check` of the pack's own entries and exercises, printed as it prints."""
    pack = Pack(root)
    problems = run_bank((root,), verbose=False) if (root / "bank").is_dir() else DONE
    proofs = check.run(
        check.CheckOrder(
            slugs=pack.slugs,
            packs=(root,),
            seeds=order.seeds,
            jobs=order.jobs,
            quick=order.quick,
            timing=False,
            verbose=False,
        )
    )
    return problems or proofs


async def _is_there(access: Access, pack: NewPack) -> bool:
    """Whether all of it was checked before. Raises UsageError where another pack has one of its slugs."""
    async with access.pool() as pool:
        packs = Packs(pool)
        await packs.refuse_taken(pack.name, [one.exercise for one, _ in pack.suites])
        return any(one.digest == pack.digest and one.proven in ("all", pack.proven) for one in await packs.all())


async def _keep(access: Access, pack: NewPack) -> str:
    async with access.pool() as pool:
        return await Packs(pool).add(pack)


async def _all(access: Access) -> list[StoredPack]:
    async with access.pool() as pool:
        return await Packs(pool).all()


async def _retire(access: Access, name: str) -> bool:
    async with access.pool() as pool:
        return await Packs(pool).retire(name)


async def _purge(access: Access, older_than_days: float, *, dry: bool) -> list[Purge]:
    async with access.pool() as pool:
        return await Packs(pool).purge(older_than_days, dry=dry)


def _size(count: int) -> str:
    return f"{count / 1e6:.1f}MB" if count >= 100_000 else f"{count / 1e3:.1f}kB"


def _some_of(slugs: Sequence[str]) -> str:
    left = len(slugs) - _SHOWN_SLUGS
    return " ".join(slugs[:_SHOWN_SLUGS]) + (f" +{left}" if left > 0 else "")


def _short(digest: str) -> str:
    return digest.removeprefix("sha256:")[:_SHOWN_DIGITS]
