"""Exercises that were read before: a command that grades one then need not load what reads manifests.

An exercise is found by its suite digest, which covers every file that it is read from, and by the digest of the code
that reads them; so what comes out is what reading would give.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec

from grader.content.cache_file import cache_folder, code_digest, read_checked, write_checked
from grader.model.exercise import Exercise


def find(suite_digest: str, public_dir: Path, private_dir: Path) -> Exercise | None:
    """The exercise with this digest whose halves are in these folders, if it was kept."""
    place = _place(suite_digest)
    if place is None:
        return None
    with contextlib.suppress(msgspec.MsgspecError):
        exercise = _decoder().decode(read_checked(place))
        return dataclasses.replace(
            exercise,
            tolerance=MappingProxyType(dict(exercise.tolerance)),
            cuda_tolerance=MappingProxyType(dict(exercise.cuda_tolerance)),
            public_dir=public_dir,
            private_dir=private_dir,
            suite_digest=suite_digest,
        )
    return None


def keep(exercise: Exercise) -> None:
    """Keep an exercise for the next process, where there is a place."""
    place = _place(exercise.suite_digest)
    if place is not None:
        with contextlib.suppress(OSError):
            write_checked(place, msgspec.msgpack.encode(exercise, enc_hook=_simplify))


def _place(suite_digest: str) -> Path | None:
    folder = cache_folder()
    name = f"{suite_digest.removeprefix('sha256:')[:32]}-{code_digest()[:16]}.msgpack"
    return None if folder is None else folder / "exercises" / name


@functools.cache
def _decoder() -> msgspec.msgpack.Decoder[Exercise]:
    return msgspec.msgpack.Decoder(Exercise, dec_hook=_restore)


def _simplify(value: object) -> Any:
    if isinstance(value, MappingProxyType):
        return dict(value)
    if isinstance(value, Path):
        return value.name
    raise NotImplementedError(type(value).__name__)


def _restore(kind: type, value: object) -> Any:
    if kind is Path:
        return Path(str(value))
    raise NotImplementedError(kind.__name__)
