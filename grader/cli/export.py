"""`viva export` and `viva import`: the bank in the formats of other programs, and questions from a spreadsheet."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from grader import wiring
from grader.cli.language import choose
from grader.cli.sentences import tell_aside
from grader.content.drafts import read_drafts, write_drafts
from grader.content.numeric import instantiate
from grader.content.selection import EXERCISE, Wish, all_areas, select
from grader.content.suggestion import one_of, suggestion
from grader.errors import UsageError, unwritable
from grader.files import write_file
from grader.model.coverage import KINDS
from grader.model.entry import Entry, NumericEntry
from grader.model.syllabus import Area
from grader.model.text import Lang
from grader.report.catalogue import say
from grader.report.escaping import to_json
from grader.report.machine import print_plain

FORMATS: Final = ("markdown", "html", "anki", "csv", "json", "moodle")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to export: concrete entries, in `lang` where the format has one language, with or without answers."""

    areas: tuple[Area, ...]
    entries: tuple[Entry, ...]
    lang: Lang
    answers: bool
    seed: int


def export(
    name: str,
    target: Path | None,
    wish: Wish,
    lang_wish: Literal["auto", "en", "zh"],
    packs: tuple[Path, ...],
    *,
    answers: bool,
    seed: int,
) -> None:
    """Write the entries that are wished for to `target`, or to stdout. Raises UsageError."""
    if name not in FORMATS:
        fix = suggestion(name, FORMATS, one_of(FORMATS))
        raise UsageError(f"there is no format {name!r}; {fix.en}", f"没有格式 {name!r}；{fix.zh}")
    if EXERCISE in wish.kinds:
        raise UsageError(
            "--kind exercise: exercises are not exported; the entries of kind `code` lead to them",
            "--kind exercise：编程题本身不导出；`code` 类条目会指向它们",
        )
    order = _order(wish, lang_wish, packs, answers=answers, seed=seed)
    if name == "anki":
        _write_anki(order, target)
    else:
        _write_text(name, order, target)


def bring_in(sheet: Path, folder: Path, lang_wish: Literal["auto", "en", "zh"], packs: tuple[Path, ...]) -> None:
    """Make a draft of each row of `sheet`, below `folder`. Raises UsageError, and then nothing is written."""
    drafts = read_drafts(sheet, all_areas(wiring.open_packs(packs)))
    for place in write_drafts(drafts, folder):
        print(place)
    tell_aside(say("bank.imported", choose(lang_wish), count=str(len(drafts)), folder=str(folder)))


def _order(
    wish: Wish, lang_wish: Literal["auto", "en", "zh"], packs: tuple[Path, ...], *, answers: bool, seed: int
) -> Order:
    wish = wish if wish.kinds else dataclasses.replace(wish, kinds=KINDS)
    found = select(wiring.open_packs(packs), wish)
    if found.broken:
        raise found.broken[0]
    if not found.entries:
        raise UsageError(
            "no entry matches; drop a filter, or see `viva list`",
            "没有符合条件的条目；请去掉一个筛选条件，或看看 `viva list`",
        )
    entries = tuple(instantiate(one, seed) if isinstance(one, NumericEntry) else one for one in found.entries)
    return Order(areas=found.areas, entries=entries, lang=choose(lang_wish), answers=answers, seed=seed)


def _write_text(name: str, order: Order, target: Path | None) -> None:
    text, left_out = _TEXTS[name](order)
    if target is None:
        print_plain(text, end="")
    else:
        encoding = "utf-8-sig" if name == "csv" else "utf-8"  # spreadsheet programs know UTF-8 by the mark
        _write(target, text.encode(encoding))
        _tell(order, target, len(order.entries) - len(left_out))
    if left_out:
        ids = ", ".join(entry.id for entry in left_out)
        tell_aside(say("bank.left_out", order.lang, format=name.capitalize(), ids=ids))


def _markdown(order: Order) -> tuple[str, Sequence[Entry]]:
    from grader.report.book import book_markdown

    return book_markdown(order.areas, order.entries, order.lang, answers=order.answers), ()


def _html(order: Order) -> tuple[str, Sequence[Entry]]:
    from grader.report.book import book_html

    return book_html(order.areas, order.entries, order.lang, answers=order.answers), ()


def _csv(order: Order) -> tuple[str, Sequence[Entry]]:
    from grader.report.spreadsheet import entries_csv

    return entries_csv(order.entries, answers=order.answers), ()


def _json(order: Order) -> tuple[str, Sequence[Entry]]:
    from grader.report.entry_record import entry_record

    seeded = {entry.id: order.seed if isinstance(entry, NumericEntry) else None for entry in order.entries}
    records = [entry_record(entry, answers=order.answers, seed=seeded[entry.id]) for entry in order.entries]
    return to_json({"schema": "viva.bank/1", "entries": records}, indent=1) + "\n", ()


def _moodle(order: Order) -> tuple[str, Sequence[Entry]]:
    from grader.report.moodle import moodle_xml, split

    fits, others = split(order.entries)
    return moodle_xml(order.areas, fits, order.lang), others


_TEXTS: Final[dict[str, Callable[[Order], tuple[str, Sequence[Entry]]]]] = {
    "markdown": _markdown,
    "html": _html,
    "csv": _csv,
    "json": _json,
    "moodle": _moodle,
}


def _write_anki(order: Order, target: Path | None) -> None:
    from grader.report.anki import write_deck

    if target is None:
        raise UsageError(
            "a deck for Anki is a file; name it with -o, as in `-o viva.apkg`",
            "Anki 牌组是一个文件；请用 -o 指定，例如 `-o viva.apkg`",
        )
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "deck.apkg"
        write_deck(made, order.areas, order.entries, order.lang)
        _write(target, made.read_bytes())
    _tell(order, target, len(order.entries))


def _write(target: Path, data: bytes) -> None:
    try:
        write_file(target, data)
    except OSError as error:
        raise unwritable(target, error.strerror, "name another file with -o", "请用 -o 指定另一个文件") from error


def _tell(order: Order, target: Path, count: int) -> None:
    tell_aside(say("bank.exported", order.lang, path=str(target), count=str(count)))
