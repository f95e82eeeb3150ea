"""A small pack in two releases, and what puts it into the service's database."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from grader.content.pack import Pack
from grader.content.pack_archive import archive_of, digest_of, files_of_folder
from grader.database.connection import open_pool
from grader.database.packs import Packs
from grader.model.service import NewPack
from grader.service.submitting import version_of
from tests.service.running import Service

ROOT = Path(__file__).parents[2]
SLUG = "rate"
MODEL = "pass_at_k"  # the built-in exercise that the pack's is a copy of
RIGHT = (ROOT / "reference" / MODEL / "solution.py").read_text()


def release(root: Path, number: int) -> Path:
    """Release `number` of a pack with one exercise, which gives 6 points and one more in each release."""
    for half in ("exercises", "reference"):
        shutil.copytree(ROOT / half / MODEL, root / half / SLUG, ignore=shutil.ignore_patterns("__pycache__"))
    manifest = root / "exercises" / SLUG / "exercise.yaml"
    text = manifest.read_text().replace(f"id: {MODEL}", f"id: {SLUG}").replace("version: 1", f"version: {number}")
    manifest.write_text(text.replace("points: 3}", f"points: {2 + number}}}"))
    return root


def suite_of(root: Path) -> str:
    """The digest of the suite in a release."""
    return Pack(root).exercise(SLUG).suite_digest


def new_pack(root: Path, name: str = "lab", *, quick: bool = False) -> NewPack:
    """A pack as it is added once it was checked."""
    files = files_of_folder(root)
    return NewPack(
        name=name,
        digest=digest_of(files),
        archive=archive_of(files),
        proven="quick" if quick else "all",
        suites=tuple((version_of(one), one.environment) for one in Pack(root).exercises()),
    )


def with_packs(service: Service, use: Callable[[Packs], Any]) -> Any:
    """What a coroutine over the rows of packs gives."""

    async def run() -> Any:
        pool = await open_pool(service.database, 2)
        try:
            return await use(Packs(pool))
        finally:
            await pool.close()

    return service.loop.run(run())


def put(service: Service, root: Path, name: str = "lab", *, quick: bool = False) -> str:
    """Add a pack; what came of it."""
    return str(with_packs(service, lambda packs: packs.add(new_pack(root, name, quick=quick))))
