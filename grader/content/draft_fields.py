"""A row of a sheet -> the fields of an entry, in the order in which people write them.

Only `topics`, a title and a prompt are needed; what else an entry must have and the row has not is marked with `TODO`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NoReturn

from grader.content.entry import KINDS
from grader.content.fields import ENTRY_ID
from grader.content.sheet import Row
from grader.content.suggestion import SEE_STATS, one_of, suggestion
from grader.model.columns import BOTH
from grader.model.coverage import LEVELS
from grader.model.syllabus import Area

TODO: Final = "TODO"
_MINUTES: Final = {"open": 8, "numeric": 4, "order": 3, "bug": 5, "code": 25}
_MARKED = re.compile(r"\(?([A-Za-z0-9][\w-]{0,31})[.)、．]\s*(\S.*)")
_WEIGHTED = re.compile(r"(\d+(?:\.\d+)?)\s*(%?)\s+(\S.*)")
_LANGUAGES: Final = ("en", "zh")

Fields = dict[str, Any]


class RowError(Exception):
    """What is wrong in one cell."""

    def __init__(self, column: str, english: str, chinese: str) -> None:
        super().__init__(english)
        self.column = column
        self.chinese = chinese


def fields_of(row: Row, areas: Sequence[Area]) -> Fields:
    """The entry as a mapping. Raises RowError."""
    kind = _kind(row)
    fields: Fields = {
        "schema": 1,
        "id": _id(row),
        "revision": 1,
        "status": "draft",
        "kind": kind,
        "topics": _topics(row, areas),
        "level": _one_of(row, "level", LEVELS, "mid"),
        "difficulty": _number(row, "difficulty", 5),
        "minutes": _number(row, "minutes", _MINUTES.get(kind, 2)),
        "title": _both(row, "title", needed=True),
        "prompt": _both(row, "prompt", needed=True),
        "answer": _both(row, "answer"),
    }
    fields.update(_own_fields(row, kind))
    fields["red_flags"] = [{"text": text} for text in _each(row, "red_flags")]
    fields["hints"] = [{"text": text} for text in _each(row, "hints")]
    fields["follow_ups"] = list(_follow_ups(row))
    fields["sources"] = list(_sources(row))
    fields["license"] = row.get("license") or TODO
    fields["verified"] = row.get("verified") or "1970-01-01"
    return {name: value for name, value in fields.items() if value != []}


def _own_fields(row: Row, kind: str) -> Fields:
    """What only this kind has."""
    found: Fields = {}
    if kind in {"open", "bug", "code"}:
        found["rubric"] = _rubric(row)
    if kind in {"choice", "multi"} or (kind == "bug" and not row.get("exercise")):
        found["choices"] = _choices(row)
    if kind == "numeric":
        found["numeric"] = {"value": _number(row, "value", None), "rtol": _number(row, "rtol", 0.01)}
        found["numeric"].update(_unit(row))
    if kind == "order":
        found["steps"] = [{"id": f"step-{n}", "text": text} for n, text in enumerate(_each(row, "steps"), start=1)]
    if row.get("exercise"):
        found["exercise"] = row["exercise"]
        found.update({"mutant": TODO.lower()} if kind == "bug" else {})
    return found


def _unit(row: Row) -> Fields:
    """The unit: words in the languages that have some, or a symbol for both."""
    english, chinese = row.get("unit", ""), row.get("unit_zh", "")
    if not chinese or chinese == english:
        return {"unit": english} if english else {}
    return {"unit": {"en": english, "zh": chinese} if english else {"zh": chinese}}


def _kind(row: Row) -> str:
    """The kind that is written, or the one that the filled cells speak for."""
    if row.get("kind"):
        return _one_of(row, "kind", tuple(KINDS), "")
    if _lines(row, "choices"):
        return "multi" if len(_ids(row)) > 1 else "choice"
    if row.get("value"):
        return "numeric"
    if _lines(row, "steps"):
        return "order"
    return "code" if row.get("exercise") else "open"


def _id(row: Row) -> str:
    found = row.get("id") or re.sub(r"[^a-z0-9]+", "-", row.get("title_en", "").lower()).strip("-")[:64].strip("-")
    if not re.fullmatch(ENTRY_ID, found):
        raise RowError(
            "id",
            f"{f'`{found}` is not an id' if found else 'there is none'}; "
            "write lower-case letters, digits and single hyphens, such as `scaling-of-logits`",
            f"{f'`{found}` 不能用作 id' if found else '没有 id'}；"
            "请用小写字母、数字和单个连字符，例如 `scaling-of-logits`",
        )
    return found


def _topics(row: Row, areas: Sequence[Area]) -> list[str]:
    names = [name for name in re.split(r"[,;，；、\s]+", row.get("topics", "")) if name]
    known = [topic.id for area in areas for topic in area.topics]
    if not names:
        raise RowError(
            "topics",
            "it is empty; write the id of a topic, such as `arch.attention`",
            "内容为空；请写主题的 id，例如 `arch.attention`",
        )
    for name in names:
        if name not in known:
            fix = suggestion(name, known, SEE_STATS)
            raise RowError("topics", f"there is no topic `{name}`; {fix.en}", f"没有主题 `{name}`；{fix.zh}")
    return names


def _both(row: Row, name: str, *, needed: bool = False) -> Fields:
    """A text in both languages; one that is missing is marked."""
    found = {lang: row.get(f"{name}_{lang}", "") for lang in _LANGUAGES}
    if needed and not any(found.values()):
        raise RowError(f"{name}_en", "it is empty in both languages; write it in one", "两种语言都为空；请至少写一种")
    return {lang: text or TODO for lang, text in found.items()}


def _each(row: Row, name: str) -> list[Fields]:
    """The lines of a cell, in both languages; as many in each where both are filled."""
    lines = {lang: _lines_of(row, f"{name}_{lang}") for lang in _LANGUAGES}
    _check_counts(name, lines)
    count = max(len(found) for found in lines.values())
    return [{lang: found[n] if found else TODO for lang, found in lines.items()} for n in range(count)]


def _check_counts(name: str, lines: Mapping[str, Sequence[object]]) -> None:
    if lines["en"] and lines["zh"] and len(lines["en"]) != len(lines["zh"]):
        raise RowError(
            f"{name}_zh",
            f"{len(lines['zh'])} lines, and {len(lines['en'])} in English; write one for each",
            f"有 {len(lines['zh'])} 行，而英文有 {len(lines['en'])} 行；请逐行对应",
        )


def _lines(row: Row, name: str) -> list[str]:
    return _lines_of(row, f"{name}_en") or _lines_of(row, f"{name}_zh")


def _lines_of(row: Row, column: str) -> list[str]:
    return [line.strip() for line in row.get(column, "").splitlines() if line.strip()]


def _choices(row: Row) -> list[Fields]:
    """Choices with their reasons; letters are given where the cell has none."""
    texts = {lang: _marked(row, f"choices_{lang}") for lang in _LANGUAGES}
    whys = {lang: _marked(row, f"why_{lang}") for lang in _LANGUAGES}
    names = list(texts["en"] or texts["zh"])
    right = _ids(row)
    for lang, found in (*texts.items(), *whys.items()):
        stray = [name for name in found if name not in names]
        if stray:
            column = f"{'choices' if found is texts[lang] else 'why'}_{lang}"
            raise _no_choice(column, stray[0], names)
    for name in right:
        if name not in names:
            raise _no_choice("correct", name, names)
    return [_choice(name, texts, whys, is_right=name in right) for name in names]


def _no_choice(column: str, name: str, names: Sequence[str]) -> RowError:
    listed = ", ".join(names)
    return RowError(
        column,
        f"there is no choice `{name}`; the choices are {listed or 'missing'}",
        f"没有选项 `{name}`；{f'选项有 {listed}' if names else '选项列是空的'}",
    )


def _choice(name: str, texts: Mapping[str, Row], whys: Mapping[str, Row], *, is_right: bool) -> Fields:
    text = {lang: found.get(name, TODO) for lang, found in texts.items()}
    why = {lang: found.get(name, TODO) for lang, found in whys.items()}
    return {"id": name, **({"correct": True} if is_right else {}), "text": text, "why": why}


def _marked(row: Row, column: str) -> dict[str, str]:
    """The lines of a cell by the letter before each, or by the letters in their order where no line has one."""
    lines = _lines_of(row, column)
    matches = [_MARKED.fullmatch(line) for line in lines]
    if all(matches):
        return {match[1].lower(): match[2] for match in matches if match}
    if column.startswith("why") and lines:
        raise RowError(
            column,
            "write the letter of the choice before each reason, as in `b. because …`",
            "请在每条理由前写上选项的字母，例如 `b. 因为……`",
        )
    return dict(zip("abcdefghij", lines, strict=False))


def _ids(row: Row) -> list[str]:
    return [name.lower() for name in re.split(r"[,;，；、\s]+", row.get("correct", "")) if name]


def _rubric(row: Row) -> list[Fields]:
    """The points; the weights that are written, scaled to sum to 1, or equal ones."""
    lines = _each(row, "rubric") or [{"en": TODO, "zh": TODO}]
    matches = [
        _WEIGHTED.fullmatch(next(text for text in line.values() if text != TODO or line["en"] == TODO))
        for line in lines
    ]
    weights = [float(match[1]) if match else 1.0 for match in matches]
    total = sum(weights)
    if total <= 0 or min(weights) <= 0:
        raise RowError(
            "rubric_en",
            "a weight is 0; write numbers above 0, as in `40% names the variance`",
            "有一个权重为 0；请写大于 0 的数，例如 `40% 说出方差`",
        )
    shares = [round(weight / total, 4) for weight in weights]
    shares[-1] = round(1 - sum(shares[:-1]), 4)
    return [
        {"id": f"point-{n}", "weight": share, "text": {lang: _unweighted(text) for lang, text in line.items()}}
        for n, (share, line) in enumerate(zip(shares, lines, strict=True), start=1)
    ]


def _unweighted(text: str) -> str:
    match = _WEIGHTED.fullmatch(text)
    return match[3] if match else text


def _follow_ups(row: Row) -> Iterator[Fields]:
    for line in _each(row, "follow_ups"):
        shown = line["en"] if line["en"] != TODO else line["zh"]
        when = shown.partition(":")[0].strip().lower()
        if when not in {"strong", "weak"}:
            raise RowError(
                "follow_ups_en",
                f"found `{shown[:30]}`; begin each line with `strong:` or `weak:`",
                f"这里写的是 `{shown[:30]}`；每行请以 `strong:` 或 `weak:` 开头",
            )
        texts = {
            lang: re.sub(r"^\s*(strong|weak)\s*:\s*", "", text, flags=re.IGNORECASE) for lang, text in line.items()
        }
        yield {"when": when, "text": texts}


def _sources(row: Row) -> Iterator[Fields]:
    for line in _lines_of(row, "sources"):
        cited, _, url = (part.strip() for part in line.rpartition("|"))
        title, _, place = (part.strip() for part in cited.partition("|"))
        yield {"title": title or url, "url": url} | ({"place": place} if place else {})


def _one_of(row: Row, column: str, known: Sequence[str], default: str) -> str:
    value = row.get(column, "").lower() or default
    if value not in known:
        fix = suggestion(value, known, one_of(known))
        raise RowError(column, f"found `{value}`; {fix.en}", f"这里写的是 `{value}`；{fix.zh}")
    return value


def _number(row: Row, column: str, default: float | None) -> float | int:
    text = row.get(column, "").replace(",", "")
    if not text and default is not None:
        return default
    try:
        number = float(text)
    except ValueError:
        _refuse_number(column, text)
    if not abs(number) < float("inf"):
        _refuse_number(column, text)
    return int(number) if number.is_integer() and re.fullmatch(r"[-+]?\d+", text) else number


def _refuse_number(column: str, text: str) -> NoReturn:
    raise RowError(
        column,
        f"found {f'`{text}`' if text else 'nothing'}; write a number",
        f"{f'这里写的是 `{text}`' if text else '这里是空的'}；请写一个数",
    )


def column_of(field: str) -> str:
    """The column that a field of the entry was made from."""
    parts = field.split(".")
    if parts[0] == "numeric":
        return "value" if parts[-1] not in {"rtol", "unit"} else parts[-1]
    if parts[0] not in BOTH:
        return parts[0]
    name = "why" if "why" in parts else parts[0]
    return f"{name}_{parts[-1] if parts[-1] in _LANGUAGES else 'en'}"
