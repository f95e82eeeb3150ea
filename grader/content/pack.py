"""Packs: folders with `bank/`, `exercises/` and `reference/`, read when something in them is asked for.

Reading a pack executes none of it. A slug or an entry's id comes from a command line, so it is checked before it
becomes part of a path.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from grader.content import exercise_cache
from grader.content.names import SLUG
from grader.content.plain_files import require_plain
from grader.content.suggestion import SEE_LIST, suggestion
from grader.errors import ContentError, UsageError
from grader.model.entry import BugEntry, Entry
from grader.model.exercise import Exercise
from grader.model.learning_path import LearningPath

# What reads YAML is imported where it is used: a command that grades an exercise of yesterday needs none of it.
if TYPE_CHECKING:
    from grader.content.entry_cache import EntryCache
    from grader.content.syllabus import Syllabus

PUBLIC_FILES = ("exercise.yaml", "stub.py", "test_public.py", "statement.en.md", "statement.zh.md")
PRIVATE_FILES = ("solution.py", "test_hidden.py")
GRADED_PUBLIC_FILES = ("driver.py", "exercise.yaml", "stub.py", "test_public.py")
PATHS = "paths"  # the folder in `bank/` that is no area: it holds learning paths
_SLUG = re.compile(SLUG)


class Pack:
    """One pack; what was read once is kept."""

    def __init__(self, root: Path) -> None:
        """Raises UsageError for a folder that is none, ContentError for one that holds more than plain files."""
        if not any((root / half).is_dir() for half in ("bank", "exercises")):
            raise UsageError(
                f"{root} is not a pack: it has neither bank/ nor exercises/; name a folder that has",
                f"{root} 不是题库包：其中既没有 bank/ 也没有 exercises/；请指定含有它们的目录",
            )
        if root.resolve() != builtin_pack_root().resolve():
            require_plain(root)
        self.root = root
        self._exercises: dict[str, Exercise] = {}
        self._entries: dict[str, Entry] = {}

    def __repr__(self) -> str:
        return f"Pack({str(self.root)!r})"

    @cached_property
    def _cache(self) -> EntryCache:
        """What keeps entries between processes."""
        from grader.content.entry_cache import EntryCache

        return EntryCache(self.root)

    @cached_property
    def slugs(self) -> tuple[str, ...]:
        """Slugs of all exercises: the folders in `exercises/` that have a manifest."""
        manifests = (self.root / "exercises").glob("*/exercise.yaml")
        return tuple(sorted(path.parent.name for path in manifests))

    @cached_property
    def entry_paths(self) -> Mapping[str, Path]:
        """The file of each entry, by id. Raises ContentError when two areas hold the same id."""
        paths: dict[str, Path] = {}
        for path in sorted((self.root / "bank").glob("*/*.yaml")):
            if path.parent.name == PATHS:
                continue
            if path.stem in paths:
                problem = f"the id `{path.stem}` is also that of {paths[path.stem]}"
                raise ContentError(path, "id", problem, "choose another id and name the file after it")
            paths[path.stem] = path
        return paths

    @cached_property
    def path_files(self) -> Mapping[str, Path]:
        """The file of each learning path, by id."""
        return {path.stem: path for path in sorted((self.root / "bank" / PATHS).glob("*.yaml"))}

    def learning_path(self, path_id: str) -> LearningPath:
        """The learning path `path_id`; raises ContentError when it breaks the format, KeyError when there is none."""
        from grader.content.learning_path import read_path

        return read_path(self.path_files[path_id])[1]

    @cached_property
    def syllabus(self) -> Syllabus:
        """The pack's own syllabus; where it has none, that of the built-in pack."""
        from grader.content.syllabus import read_syllabus

        own = self.root / "bank" / "syllabus.yaml"
        return read_syllabus(own if own.is_file() else builtin_pack_root() / "bank" / "syllabus.yaml")

    def exercise(self, slug: str) -> Exercise:
        """The exercise `slug`; raises ContentError when it breaks the format, UsageError when there is none."""
        if slug not in self._exercises:
            if slug not in self.slugs:
                raise _no_exercise(slug, self.slugs)
            self._exercises[slug] = load_exercise(self.root.absolute(), slug)  # judges run in another folder
        return self._exercises[slug]

    def entry(self, entry_id: str) -> Entry:
        """The entry `entry_id`; raises ContentError when it breaks the format, UsageError when there is none."""
        if entry_id not in self._entries:
            if entry_id not in self.entry_paths:
                raise _no_entry(entry_id, self.entry_paths)
            self._entries[entry_id] = self._cache.read(self.entry_paths[entry_id])
        return self._entries[entry_id]

    def exercises(self) -> Iterator[Exercise]:
        """Every exercise, by slug."""
        return (self.exercise(slug) for slug in self.slugs)

    def entries(self) -> Iterator[Entry]:
        """Every entry, by area and id; what had to be parsed for it is remembered for the next process."""
        for entry_id in self.entry_paths:
            yield self.entry(entry_id)
        self.remember()

    def remember(self) -> None:
        """Keep the entries that were read for the next process, where there is a place to keep them."""
        if "_cache" in vars(self):
            self._cache.save()

    def check_exercise(self, slug: str) -> Exercise:
        """The exercise, after its topics were looked up in the syllabus. Raises ContentError."""
        exercise = self.exercise(slug)
        self.syllabus.check_topics(exercise.public_dir / "exercise.yaml", exercise.topics)
        return exercise

    def check_entry(self, entry_id: str) -> Entry:
        """The entry, after its topics, its folder, its exercise and its mutant were looked up. Raises ContentError."""
        entry = self.entry(entry_id)
        self.syllabus.check_topics(entry.path, entry.topics)
        area = self.syllabus.area_of(entry.topics[0]).id
        if entry.path.parent.name != area:
            problem = f"the file is in `{entry.path.parent.name}`, its first topic in `{area}`"
            raise ContentError(entry.path, "topics.0", problem, f"move it to bank/{area}/, or reorder the topics")
        exercise = getattr(entry, "exercise", None)
        if exercise is not None and exercise not in self.slugs:
            meant = difflib.get_close_matches(exercise, self.slugs, n=1)
            fix = f"did you mean `{meant[0]}`?" if meant else "write the exercise first, or keep the entry a draft"
            raise ContentError(entry.path, "exercise", f"there is no exercise `{exercise}` in this pack", fix)
        if isinstance(entry, BugEntry) and exercise is not None:
            from grader.content.planted import repair_of_entry

            repair_of_entry(self.exercise(exercise), entry)
        return entry


def builtin_pack_root() -> Path:
    """Where the pack that comes with the grader is: the checkout, or the folder that the wheel carries."""
    package = Path(__file__).resolve().parents[1]
    checkout = package.parent
    if (checkout / "exercises").is_dir() and (checkout / "bank").is_dir():
        return checkout
    installed = package / "pack"
    if installed.is_dir():
        return installed
    raise UsageError(
        f"the built-in pack is missing from {package}; install `vivavoce` again, or name one with --pack",
        f"{package} 中缺少内置题库包；请重新安装 `vivavoce`，或用 --pack 指定一个",
    )


def find_exercise(packs: Sequence[Pack], name: str) -> Exercise:
    """The exercise that `name` means, of the first pack that has it; UsageError names the nearest slugs if none has."""
    slug = slug_named(packs, name)
    for pack in packs:
        if slug in pack.slugs:
            return pack.exercise(slug)
    raise _no_exercise(name, [slug for pack in packs for slug in pack.slugs])


def slug_named(packs: Sequence[Pack], name: str) -> str | None:
    """The slug that `name` means: itself, written with dashes, or that of the entry that asks it; None for neither."""
    known = {slug for pack in packs for slug in pack.slugs}
    for spelled in (name, name.lower().replace("-", "_")):
        if spelled in known:
            return spelled
    if any(name in pack.entry_paths for pack in packs):
        return getattr(find_entry(packs, name), "exercise", None)
    return None


def find_entry(packs: Sequence[Pack], entry_id: str) -> Entry:
    """The entry `entry_id` of the first pack that has it; UsageError names the nearest ids when none has."""
    for pack in packs:
        if entry_id in pack.entry_paths:
            return pack.entry(entry_id)
    raise _no_entry(entry_id, [name for pack in packs for name in pack.entry_paths])


def require_slug(slug: str) -> None:
    """Raise UsageError for what cannot name an exercise."""
    if not _SLUG.fullmatch(slug):
        raise UsageError(
            f"{slug!r} is not a slug: write snake_case, 32 characters at most, such as `f1_auc`",
            f"{slug!r} 不是合法的编程题名：请用 snake_case，最多 32 个字符，例如 `f1_auc`",
        )


def load_exercise(root: Path, slug: str) -> Exercise:
    """Read both halves of an exercise of the pack at `root`.

    Raises UsageError when `slug` is not one, and ContentError when a file is missing or breaks its format.
    """
    require_slug(slug)
    public_dir, private_dir = root / "exercises" / slug, root / "reference" / slug
    _require_files(public_dir, PUBLIC_FILES)
    digest = suite_digest(root, slug)
    known = exercise_cache.find(digest, public_dir, private_dir)
    if known is None:
        known = _read_exercise(public_dir, private_dir, digest)
        exercise_cache.keep(known)
    _require_files(private_dir, PRIVATE_FILES)
    return known


def _read_exercise(public_dir: Path, private_dir: Path, digest: str) -> Exercise:
    from grader.content.manifest import freeze_manifest, read_manifest
    from grader.content.mutants import read_mutants

    _, manifest = read_manifest(public_dir)
    _require_files(private_dir, PRIVATE_FILES)
    mutants = read_mutants(private_dir, [task.id for task in manifest.tasks], manifest.devices)
    return freeze_manifest(manifest, public_dir, private_dir, mutants, digest)


def suite_digest(root: Path, slug: str) -> str:
    """`sha256:` and the digest over every file that a verdict on `slug` depends on.

    Each file adds its path from `root` and its bytes, both preceded by their length in 8 bytes, in the order of the
    paths; what the interpreter caches (`__pycache__`) adds nothing.
    """
    digest = hashlib.sha256()
    for path in sorted(_graded_files(root, slug), key=lambda path: path.relative_to(root).as_posix()):
        for part in (path.relative_to(root).as_posix().encode("utf-8", "surrogateescape"), path.read_bytes()):
            digest.update(len(part).to_bytes(8))
            digest.update(part)
    return "sha256:" + digest.hexdigest()


# Folders of `reference/<slug>/` that no verdict depends on: other right solutions are proofs of the suite.
_BESIDE_A_VERDICT: Final = {"__pycache__", "alternatives"}


def _graded_files(root: Path, slug: str) -> Iterator[Path]:
    public_dir = root / "exercises" / slug
    yield from (public_dir / name for name in GRADED_PUBLIC_FILES if (public_dir / name).is_file())
    private_dir = root / "reference" / slug
    for path in (*private_dir.rglob("*.py"), private_dir / "mutants.yaml"):
        if not _BESIDE_A_VERDICT & set(path.parts) and path.is_file():
            yield path


def _require_files(folder: Path, names: Sequence[str]) -> None:
    for name in names:
        if not (folder / name).is_file():
            raise ContentError(folder / name, "", "there is no such file", "write it; every exercise has one")


def _no_exercise(slug: str, known: Iterable[str]) -> UsageError:
    fix = suggestion(slug, known, SEE_LIST, most=3, cutoff=0.5)
    return UsageError(f"there is no exercise {slug!r}; {fix.en}", f"没有编程题 {slug!r}；{fix.zh}")


def _no_entry(entry_id: str, known: Iterable[str]) -> UsageError:
    fix = suggestion(entry_id, known, SEE_LIST, most=3, cutoff=0.5)
    return UsageError(f"there is no entry {entry_id!r}; {fix.en}", f"没有题目条目 {entry_id!r}；{fix.zh}")
