"""Packs of the database, brought to this machine: by digest, verified, kept in a cache, read."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection
from pathlib import Path
from typing import Protocol

from grader.content.pack import load_exercise
from grader.content.pack_cache import PackCache
from grader.errors import ContentError, StoreError, UsageError
from grader.model.exercise import Exercise
from grader.model.service import StoredSuite


class PackRows(Protocol):
    """What is kept of packs."""

    async def suites(self) -> list[StoredSuite]:
        """Every suite that may be asked for."""

    async def archive(self, digest: str) -> bytes | None:
        """The archive of a pack."""


class Shelf:
    """The packs that this process uses."""

    def __init__(self, rows: PackRows, cache: PackCache) -> None:
        self._rows = rows
        self._cache = cache
        self._one_at_a_time: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._places: dict[str, Path] = {}
        self._exercises: dict[tuple[str, str | None], Exercise] = {}

    async def exercise(self, suite: StoredSuite) -> Exercise:
        """The exercise, from files on this machine; raises StoreError where it cannot be had, and what `rows` does."""
        key = (suite.pack, suite.of.suite)
        async with self._one_at_a_time[suite.pack]:
            if key not in self._exercises:
                try:
                    place = await self._place(suite.pack)
                    self._exercises[key] = await asyncio.to_thread(_read, place, suite)
                except (OSError, UsageError, ContentError) as error:
                    raise _cannot_be_had(suite, str(error)) from error
        return self._exercises[key]

    def keep_only(self, packs: Collection[str]) -> None:
        """Let go of all other packs, so that they may make room."""
        for pack in set(self._places) - set(packs):
            del self._places[pack]
            self._exercises = {key: one for key, one in self._exercises.items() if key[0] != pack}
            self._cache.let_go(pack)

    def close(self) -> None:
        """Let go of all."""
        self.keep_only(())

    async def _place(self, pack: str) -> Path:
        if pack not in self._places:
            place = await asyncio.to_thread(self._cache.find, pack)
            if place is None:
                archive = await self._rows.archive(pack)
                if archive is None:
                    raise UsageError("it is not in the database", "数据库中没有它")
                place = await asyncio.to_thread(self._cache.keep, pack, archive)
            self._places[pack] = place
        return self._places[pack]


def _read(place: Path, suite: StoredSuite) -> Exercise:
    exercise = load_exercise(place, suite.of.exercise)
    if exercise.suite_digest != suite.of.suite:
        raise UsageError("its suite has another digest here", "它的测试集在这里的摘要不同")
    return exercise


def _cannot_be_had(suite: StoredSuite, reason: str) -> StoreError:
    slug, pack = suite.of.exercise, suite.pack[:19]
    return StoreError(
        f"the exercise {slug} of pack {pack}… cannot be had here ({reason}); `viva pack add` brings a pack again",
        f"这里取不到题库包 {pack}… 的编程题 {slug}（{reason}）；可用 `viva pack add` 重新添加该题库包",
    )
