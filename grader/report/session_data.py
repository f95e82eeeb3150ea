"""A session's report for machines: JSON (`viva.session-report/1`), CSV, and the figures of items (`viva.items/1`)."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from grader.model.session_figures import Candidate, Item, Mark, Range, Results
from grader.model.text import Text
from grader.model.verdict import Diagnosis
from grader.report.as_json import to_document
from grader.report.escaping import for_json

SCHEMA = "viva.session-report/1"
ITEMS_SCHEMA = "viva.items/1"
_TIMES = ("minutes_clock", "minutes_self_reported")
_FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")  # some spreadsheets take the wide forms for the narrow ones


def common_mistakes(candidates: Sequence[Candidate]) -> list[tuple[Diagnosis, int]]:
    """Each recognised mistake and how many made it, the most common first."""
    counts: Counter[str] = Counter()
    known: dict[str, Diagnosis] = {}
    for mistake in (mistake for candidate in candidates for mistake in candidate.mistakes):
        counts[mistake.mutant] += 1
        known[mistake.mutant] = mistake
    return [(known[name], count) for name, count in counts.most_common()]


def report_document(results: Results) -> dict[str, Any]:
    """The whole report as plain data; what is not known is null."""
    session = results.session
    document = {
        "schema": SCHEMA,
        "session": {
            "id": session.id,
            "code": session.code,
            "role": session.role,
            "level": session.level,
            "minutes": session.minutes,
            "form": session.form,
            "forms": session.forms,
            "questions": [
                {
                    "number": q.number,
                    "entry": q.entry,
                    "revision": q.revision,
                    "kind": q.shown_kind,
                    "minutes": q.minutes,
                }
                for q in session.questions
            ],
        },
        "candidates": [_candidate(candidate) for candidate in results.candidates],
        "ahead": [
            {"candidate": first, "of": second, "share": round(share, 4)}
            for (first, second), share in results.duels.items()
        ],
        "common_mistakes": [
            {"mutant": mistake.mutant, "title": _both(mistake.title), "candidates": count}
            for mistake, count in common_mistakes(results.candidates)
        ],
        "resemblance": {
            "note": "evidence to look at, never a verdict",
            "left_out": results.resemblance.left_out,
            "medians": {str(number): round(value, 4) for number, value in results.resemblance.medians.items()},
            "pairs": [
                {"question": pair.question, "candidates": [pair.first, pair.second], "share": round(pair.share, 4)}
                for pair in results.resemblance.pairs
            ],
        },
        "refused": [{"archive": t.archive, "reason": _both(t.reason), "at": t.at} for t in results.refused],
        "items": items_document(results.items, results.least)["items"],
        "damaged_lines": results.torn,
    }
    found: dict[str, Any] = _plain(document)
    return found


def items_document(items: Iterable[Item], least: int) -> dict[str, Any]:
    """Figures of questions; null where fewer than `least` candidates, or no spread, would make them say nothing."""
    return {
        "schema": ITEMS_SCHEMA,
        "least": least,
        "items": [
            {
                "entry": item.entry,
                "revision": item.revision,
                "kind": item.kind,
                "title": _both(item.title),
                "stated_difficulty": item.difficulty,
                "planned_minutes": item.planned,
                "sessions": item.sessions,
                "n": item.n,
                "mean_score": _range(item.mean),
                "discrimination": _range(item.discrimination),
                "minutes": _range(item.minutes),
            }
            for item in items
        ],
    }


def report_csv(results: Results) -> str:
    """One row per candidate; a cell that a spreadsheet would take for a formula gets an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    questions = [f"q{q.number}_{q.entry}" for q in results.session.questions]
    head = [
        "rank",
        "candidate",
        "name",
        "score",
        "low90",
        "high90",
        "assessed",
        "provisional",
        "minutes",
        *_TIMES,
        *questions,
    ]
    writer.writerow([*head, "mistakes", "notes", "recommendations", "red_flags"])
    for candidate in results.candidates:
        found = candidate.range
        figures = [candidate.total, found and found.low, found and found.high, candidate.assessed]
        scores = [mark.score for mark in candidate.marks]
        mistakes = "; ".join(mistake.mutant for mistake in candidate.mistakes)
        notes = "; ".join(note.en for note in candidate.notes)
        said = ["; ".join(f"{who}: {name}" if who else name for who, name in candidate.recommendations)]
        said.append(str(len(candidate.red_flags)))
        times = [candidate.minutes, *(_time(candidate)[name] for name in ("clock", "self_reported"))]
        provisional = "yes" if candidate.provisional else "no"
        row = [candidate.rank, candidate.key, candidate.name, *figures, provisional, *times]
        row += [*scores, mistakes, notes, *said]
        writer.writerow([csv_cell(value) for value in row])
    return out.getvalue()


def csv_cell(value: object) -> str:
    """A cell of the CSV; nothing in it is a formula."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4f}"
    text = for_json(str(value)).encode("utf-8", "backslashreplace").decode()
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _candidate(candidate: Candidate) -> dict[str, Any]:
    return {
        "candidate": candidate.key,
        "name": candidate.name,
        "rank": candidate.rank,
        "rank_range": None if candidate.rank_low is None else [candidate.rank_low, candidate.rank_high],
        "score": candidate.total,
        "provisional": candidate.provisional,
        "range90": _range(candidate.range),
        "assessed": candidate.assessed,
        "minutes": candidate.minutes,
        "time": _time(candidate),
        "topics": dict(candidate.topics),
        "questions": [_mark(mark) for mark in candidate.marks],
        "notes": [_both(note) for note in candidate.notes],
        "remarks": [{"interviewer": who, "text": text} for who, text in candidate.remarks],
        "recommendations": [{"interviewer": who, "recommendation": name} for who, name in candidate.recommendations],
        "red_flags": [
            {"number": question.number, "text": _both(flag), "interviewers": list(names)}
            for question, flag, names in candidate.red_flags
        ],
    }


def _time(candidate: Candidate) -> dict[str, Any]:
    """Minutes by where they are from: the clock of the candidate's machine, the interviewer, the candidate's word."""
    clock, told = candidate.clock, candidate.told
    by_interviewer = None if candidate.minutes is None else candidate.minutes - (told or 0.0)
    return {
        "clock": clock.minutes if clock else None,
        "started": clock.started if clock else None,
        "ended": clock.ended or None if clock else None,
        "interviewer": by_interviewer or None,
        "self_reported": told,
    }


def _mark(mark: Mark) -> dict[str, Any]:
    judged = mark.judged
    return {
        "number": mark.question.number,
        "entry": mark.question.entry,
        "score": mark.score,
        "unread": mark.floor is not None,
        "auto": mark.auto,
        "talk": mark.talk,
        "talk_by": dict(mark.talks),
        "talk_gap": mark.gap,
        "points_if_one_mistake_counts_once": mark.once,
        "answer": None if mark.answer is None else mark.answer.given,
        "essay": mark.essay,
        "minutes": mark.minutes,
        "minutes_from": None if mark.minutes is None else "interviewer" if mark.measured else "self_reported",
        "no_file": mark.missing,
        "source": judged.source if judged else None,
        "verdict": to_document(judged.verdict) if judged else None,
        "suite_when_made": judged.suite_then if judged else None,
        "rubric": {
            name: {
                "criteria": dict(t.criteria),
                "score": t.score,
                "red_flags": list(t.red_flags),
                "note": t.note,
            }
            for name, t in mark.ticks.items()
        },
    }


def _range(found: Range | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {"value": round(found.value, 4), "low": round(found.low, 4), "high": round(found.high, 4), "n": found.n}


def _both(text: Text) -> dict[str, str]:
    return {"en": text.en, "zh": text.zh}


def _plain(value: Any) -> Any:
    """`value` with strings that every JSON reader takes, and finite numbers rounded to what is meant."""
    if isinstance(value, str):
        return for_json(value)
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) else None
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {for_json(str(name)): _plain(item) for name, item in value.items()}
    return value
