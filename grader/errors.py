"""Everything that can go wrong on our side, as one tree.

What a candidate's code does wrong is never an exception here: it is an outcome, a value of `grader.model`.
"""

from __future__ import annotations

from pathlib import Path


class GraderError(Exception):
    """Base of every error that the grader raises about itself, its content or its use.

    Its text is English; `chinese` says the same in Chinese, or is empty where an error is for those who keep the
    product or its content.
    """

    chinese = ""

    def said_in(self, lang: str) -> str:
        """What to print where people read `lang`."""
        return self.chinese if lang == "zh" and self.chinese else str(self)


class _BilingualError(GraderError):
    def __init__(self, english: str, chinese: str) -> None:
        super().__init__(english)
        self.chinese = chinese


class UsageError(_BilingualError):
    """The command was called in a way that cannot be carried out; the message says what to do instead."""


def unreadable(place: object, reason: str | None, fix: str, chinese: str) -> UsageError:
    """The error that `place` cannot be read; `reason` is the system's, `fix` what to do, in English and in Chinese."""
    return UsageError(f"{place} cannot be read ({reason}); {fix}", f"无法读取 {place}（{reason}）；{chinese}")


def unwritable(place: object, reason: str | None, fix: str, chinese: str) -> UsageError:
    """The error that `place` cannot be written; `reason` is the system's, `fix` what to do, in English and Chinese."""
    return UsageError(f"{place} cannot be written ({reason}); {fix}", f"无法写入 {place}（{reason}）；{chinese}")


class ContentError(GraderError):
    """A file of a pack breaks its format.

    `path` is the file, `field` the dotted place in it, `problem` what was found, `fix` what to write instead.
    """

    def __init__(self, path: Path, field: str, problem: str, fix: str) -> None:
        place = f"{path}: {field}" if field else str(path)
        super().__init__(f"{place}: {problem}; {fix}")
        self.path = path
        self.field = field
        self.problem = problem
        self.fix = fix


class WireError(GraderError):
    """Bytes that arrived, or a value that was to be sent, break the rules of the wire."""


class JudgeError(GraderError):
    """The trusted side failed; never charged to the candidate."""


class BoxError(GraderError):
    """The sandbox could not be built as strong as it was asked for; the message names the missing layer."""


class PackageError(_BilingualError, BoxError):
    """What candidate code may use is not installed on this machine; the message says what to install."""


class StoreError(_BilingualError):
    """A database file cannot be used; the message names the file and says what to do."""
