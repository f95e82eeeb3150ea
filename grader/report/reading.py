"""Strict reading of plain JSON values: what is missing, unknown or of another type is refused with its place."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NoReturn

from grader.errors import UsageError


class Field:
    """One value of a document, and the dotted place where it stands."""

    __slots__ = ("place", "value")

    def __init__(self, value: Any, place: str) -> None:
        self.value = value
        self.place = place

    def record(self, *names: str, optional: Iterable[str] = ()) -> dict[str, Field]:
        """An object that has exactly the fields `names`, and perhaps some that are `optional`."""
        given = self._of(dict, "an object", "对象")
        missing = [name for name in names if name not in given]
        if missing:
            self._refuse(f"lacks the field {missing[0]!r}", f"缺少字段 {missing[0]!r}")
        unknown = [name for name in given if name not in (*names, *optional)]
        if unknown:
            self._refuse(f"has the unknown field {unknown[0]!r}", f"有未知字段 {unknown[0]!r}")
        return {name: Field(value, f"{self.place}.{name}") for name, value in given.items()}

    def mapping(self) -> dict[str, str]:
        """An object whose fields are all strings."""
        given = self._of(dict, "an object", "对象")
        return {name: Field(value, f"{self.place}.{name}").text() for name, value in given.items()}

    def items(self) -> list[Field]:
        """The items of a list."""
        given = self._of(list, "a list", "列表")
        return [Field(value, f"{self.place}[{index}]") for index, value in enumerate(given)]

    def text(self) -> str:
        """A string."""
        return str(self._of(str, "a string", "字符串"))

    def one_of(self, names: Iterable[str]) -> str:
        """A string that is one of `names`."""
        allowed = list(names)
        given = self.text()
        if given not in allowed:
            listed = ", ".join(allowed)
            self._refuse(f"is {given!r}, not one of {listed}", f"是 {given!r}，不在 {listed} 之列")
        return given

    def integer(self) -> int:
        """A whole number; `true` and `1.0` are none."""
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            self._refuse("is not a whole number", "不是整数")
        return self.value

    def number(self) -> float:
        """A finite number."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            self._refuse("is not a number", "不是数值")
        try:
            number = float(self.value)
        except OverflowError:
            self._refuse("is too large a number", "数值过大")
        return number if math.isfinite(number) else self._refuse("is not a finite number", "不是有限数值")

    @property
    def is_text(self) -> bool:
        """Whether a string stands here."""
        return isinstance(self.value, str)

    @property
    def is_null(self) -> bool:
        """Whether nothing stands here."""
        return self.value is None

    def _of(self, kind: type[Any], name: str, chinese: str) -> Any:
        return self.value if isinstance(self.value, kind) else self._refuse(f"is not {name}", f"不是{chinese}")

    def _refuse(self, problem: str, chinese: str) -> NoReturn:
        raise UsageError(
            f"{self.place} {problem}; give a document that `viva grade --json` wrote, unchanged",
            f"{self.place} {chinese}；请给出 `viva grade --json` 写出的原样文档",
        )
