"""`viva list`, `viva show` and `viva stats`: what there is to ask and to practise."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from grader import wiring
from grader.box.installed import command_for, lacking
from grader.cli.exit_status import DONE, NOT_ACCEPTED
from grader.cli.language import choose
from grader.cli.sentences import tell_aside
from grader.content.coverage import measure_coverage
from grader.content.exercise_figures import current_figures
from grader.content.numeric import instantiate
from grader.content.pack import Pack, find_entry, find_exercise
from grader.content.planted import repair_of_entry, shown_repair
from grader.content.search import search
from grader.content.selection import Selection, Wish, select
from grader.content.suggestion import SEE_LIST, did_you_mean, suggestion
from grader.content.yaml_source import read_prose
from grader.errors import ContentError, UsageError
from grader.guest.environments import known
from grader.model.entry import BugEntry, CodeEntry, Entry, NumericEntry, NumericTemplate
from grader.model.exercise import Exercise
from grader.model.progress import Mark
from grader.model.repair import ShownRepair
from grader.model.text import Lang, Text
from grader.practice.clock import SystemClock, day_of
from grader.practice.paths import walked
from grader.practice.tally import marks_of
from grader.report.catalogue import say
from grader.report.console import Console, paged
from grader.report.entry_markdown import entry_document, joined
from grader.report.entry_record import entry_head, entry_record, exercise_head, exercise_record, repair_head
from grader.report.heat_map import coverage_record, print_gaps, print_heat_map, print_needs
from grader.report.listing import print_areas, print_hits, print_list
from grader.report.machine import print_document
from grader.report.page import Page
from grader.report.prose import prose
from grader.report.suite_scores import print_suite_scores, suite_records

WIDEST = 100  # cells: longer lines of prose are hard to read
NAMED_AT_MOST = 5


def list_all(
    wish: Wish,
    lang_wish: Literal["auto", "en", "zh"],
    packs: tuple[Path, ...],
    data: Path | None,
    *,
    as_json: bool,
    whole: bool = True,
) -> None:
    """Print one line per entry and exercise that is wished for; with `as_json`, one JSON document per line.

    Unless the `whole` list is wanted, who wishes for nothing in particular at a terminal is told what areas there are.
    """
    found = select(wiring.open_packs(packs), wish)
    _tell_broken(found, choose(lang_wish))
    if as_json:
        _print_json(_heads(found))
        return
    console, lang = Console(), choose(lang_wish)
    if console.is_terminal and wish == Wish(lang=wish.lang) and not whole:
        print_areas(console, found.areas, found.entries, found.exercises, lang)
        _say(console, "bank.how_to_narrow", lang)
        return
    needs = _needs(wiring.open_packs(packs), (*found.entries, *found.exercises))
    with paged(console):
        print_list(console, found.areas, found.entries, found.exercises, lang, found.repairs, _marks(data), needs)
        _tell_needed(console, needs, lang)


def search_all(
    words: tuple[str, ...],
    lang_wish: Literal["auto", "en", "zh"],
    packs: tuple[Path, ...],
    data: Path | None,
    *,
    limit: int,
    as_json: bool,
) -> int:
    """Print the active entries and exercises that hold the words, best first; 0 when there are any.

    Raises UsageError where there is no word.
    """
    query = " ".join(words)
    if not query.strip():
        raise UsageError(
            "give a word to search for, such as `viva search kv cache`", "请给出要查找的词，例如 `viva search 注意力`"
        )
    found = select(wiring.open_packs(packs), Wish())
    lang = choose(lang_wish)
    _tell_broken(found, lang)
    hits = search(found, query)
    shown = hits.items[:limit]
    if as_json:
        _print_json(exercise_head(one) if isinstance(one, Exercise) else entry_head(one) for one in shown)
        return DONE if shown else NOT_ACCEPTED
    console = Console()
    if hits.instead:
        _say(console, "search.instead", lang, query=query, words=" ".join(hits.instead))
    if not shown:
        _say(console, "search.nothing", lang, query=query)
        return NOT_ACCEPTED
    needs = _needs(wiring.open_packs(packs), shown)
    print_hits(console, shown, lang, _marks(data), needs)
    _tell_needed(console, needs, lang)
    _say(console, "search.shown", lang, shown=str(len(shown)), count=str(len(hits.items)), first=shown[0].id)
    return DONE


def _say(console: Console, key: str, lang: Lang, **fields: str) -> None:
    console.print(say(key, lang, **fields), style="dim", markup=False, highlight=False)


def _needs(packs: list[Pack], shown: Iterable[Entry | Exercise]) -> dict[str, str]:
    """Of those whose exercise cannot be graded here, by id, the package that is not installed."""
    lacked = lacking(known())
    if not lacked:
        return {}
    slugs = {one.id: one.exercise for one in shown if isinstance(one, BugEntry | CodeEntry) and one.exercise}
    slugs |= {one.id: one.id for one in shown if isinstance(one, Exercise)}
    environments = {slug: _environment(packs, slug) for slug in set(slugs.values())}
    return {name: lacked[environments[slug]] for name, slug in slugs.items() if environments[slug] in lacked}


def _environment(packs: list[Pack], slug: str) -> str:
    """Empty where the exercise cannot be read, which `viva check` says."""
    try:
        return find_exercise(packs, slug).environment
    except (ContentError, UsageError):
        return ""


def _tell_needed(console: Console, needs: Mapping[str, str], lang: Lang) -> None:
    for package in sorted(set(needs.values())):
        _say(console, "bank.needs.how", lang, name=say("bank.needs", lang, name=package), command=command_for(package))


def _marks(data: Path | None) -> Mapping[str, Mark]:
    """What the person has behind them; nothing where nothing was ever kept, and no file is made to find that out."""
    if not (data or wiring.progress_path()).is_file():
        return {}
    store = wiring.open_progress(data)
    return marks_of(store, walked(store), day_of(SystemClock().now()))


def show_one(
    name: str,
    wish: Literal["auto", "en", "zh"],
    packs: tuple[Path, ...],
    *,
    answers: bool = False,
    seed: int | None = None,
    as_json: bool = False,
) -> None:
    """Print an entry or an exercise: rendered on a terminal, as Markdown in a pipe. Raises UsageError for neither."""
    lang, found = choose(wish), _find(wiring.open_packs(packs), name)
    if isinstance(found, Exercise):
        record, document = _exercise_shown(found, lang, answers=answers)
    else:
        repair = _repair_of(found, packs)
        record, document = _entry_shown(found, lang, answers=answers, seed=seed, repair=repair)
    if as_json:
        _print_json([record])
        return
    console = Console()
    if console.is_terminal:
        with paged(console):
            console.print(prose(document), width=min(console.width, WIDEST))
            if isinstance(found, Exercise):
                console.print(prose(say("bank.begin_exercise", lang, slug=found.id)), width=min(console.width, WIDEST))
    else:
        sys.stdout.write(document)


def show_stats(wish: Literal["auto", "en", "zh"], packs: tuple[Path, ...], *, as_json: bool) -> None:
    """Print how well the bank covers the syllabus."""
    found = select(wiring.open_packs(packs), Wish(statuses=()))
    _tell_broken(found, choose(wish))
    slugs = {exercise.id for exercise in found.exercises}
    covered = measure_coverage(found.areas, found.entries, slugs)
    totals = _totals(found)
    scores = _scores(packs)
    if as_json:
        _print_json([{**coverage_record(covered, totals), "suites": suite_records(scores)}])
        return
    console, lang = Console(), choose(wish)
    print_heat_map(console, found.areas, covered, lang)
    print_gaps(console, covered, lang)
    print_needs(console, covered, lang)
    fields = {name: str(number) for name, number in totals.items()}
    Page(console, lang, console.width).write((say("bank.totals", lang, **fields), ""))
    if scores:
        print_suite_scores(console, scores, lang)


def _scores(extra: tuple[Path, ...]) -> dict[str, float | None]:
    """The mutation score of each exercise of all packs, where it holds for the files as they are."""
    found: dict[str, float | None] = {}
    for pack in reversed(wiring.open_packs(extra)):
        figures = current_figures(pack)
        found |= {slug: figures[slug].score if slug in figures else None for slug in pack.slugs}
    return dict(sorted(found.items()))


def _tell_broken(found: Selection, lang: Lang) -> None:
    """Say on stderr that something was left out."""
    if found.broken:
        tell_aside(say("bank.broken", lang, count=str(len(found.broken))))


def _find(packs: list[Pack], name: str) -> Entry | Exercise:
    """The exercise or the entry `name`; exercises come first, as they did before there were entries."""
    if any(name in pack.slugs for pack in packs):
        return find_exercise(packs, name)
    if any(name in pack.entry_paths for pack in packs):
        return find_entry(packs, name)
    known = sorted({known for pack in packs for known in (*pack.slugs, *pack.entry_paths)})
    inside = [one for one in known if name and name in one][:NAMED_AT_MOST]
    fix = suggestion(name, known, did_you_mean(inside) if inside else SEE_LIST, most=3, cutoff=0.5)
    raise UsageError(f"there is no entry or exercise {name!r}; {fix.en}", f"没有题目条目或编程题 {name!r}；{fix.zh}")


def _exercise_shown(exercise: Exercise, lang: Lang, *, answers: bool) -> tuple[Mapping[str, Any], str]:
    texts = {one: read_prose(exercise.public_dir / f"statement.{one}.md") for one in ("en", "zh")}
    statement = Text(en=texts["en"], zh=texts["zh"])
    notes = exercise.private_dir / "notes.md"
    told = (read_prose(notes) if notes.is_file() else "") if answers else None
    document = statement.get(lang)
    if told:
        document = joined([document, f"# {say('bank.notes', lang)}", told])
    return exercise_record(exercise, statement, notes=told), document


def _repair_of(entry: Entry, packs: tuple[Path, ...]) -> ShownRepair | None:
    """The code of an entry that is a repair task. Raises UsageError and ContentError where nothing is to be planted."""
    if not isinstance(entry, BugEntry) or entry.exercise is None:
        return None
    return shown_repair(repair_of_entry(wiring.open_exercise(entry.exercise, packs), entry))


def _entry_shown(
    entry: Entry, lang: Lang, *, answers: bool, seed: int | None, repair: ShownRepair | None
) -> tuple[Mapping[str, Any], str]:
    drawn = None
    if isinstance(entry, NumericEntry) and isinstance(entry.numeric, NumericTemplate):
        drawn = seed or 0
        entry = instantiate(entry, drawn)
    record = entry_record(entry, answers=answers, seed=drawn, repair=repair)
    return record, entry_document(entry, lang, answers=answers, seed=drawn, repair=repair)


def _heads(found: Selection) -> Iterable[Mapping[str, Any]]:
    yield from map(entry_head, found.entries)
    yield from map(exercise_head, found.exercises)
    yield from map(repair_head, found.repairs)


def _totals(found: Selection) -> dict[str, int]:
    statuses = Counter(entry.status for entry in found.entries)
    return {
        "entries": statuses["active"],
        "drafts": statuses["draft"],
        "retired": statuses["retired"],
        "exercises": len(found.exercises),
        "topics": sum(len(area.topics) for area in found.areas),
    }


def _print_json(records: Iterable[Mapping[str, Any]]) -> None:
    for record in records:
        print_document(record)
