"""A session's report for people: one page over all candidates and one page for each, without scripts or a network.

Everything that a candidate controls (names, answers, code, messages) passes through the templates' escaping, and
through `for_terminal` first, so that invisible and reordering characters show as what they are.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from grader.model.session import Question, Session
from grader.model.session_figures import Candidate, Item, Mark, Range, Results
from grader.model.session_results import Judged, Ticks
from grader.model.text import Lang
from grader.model.verdict import Outcome, Status, Verdict
from grader.report.catalogue import say, say_status
from grader.report.escaping import for_terminal
from grader.report.markdown_html import style as markdown_style
from grader.report.page import points
from grader.report.session_charts import Bar, bar_chart, heat_map, histogram, range_chart
from grader.report.session_clock import time_of
from grader.report.session_data import common_mistakes
from grader.report.session_guide import answer_key, how_scored, recommendation_words
from grader.report.session_page import block, inline, phrases, render, style_sheet

CHARTED = 40  # candidates that a chart shows; the table shows all
SPREAD_FROM = 12  # candidates from which a histogram says something
MESSAGE_CHARACTERS = 1200
MAX_FAILED = 30
AHEAD = 0.95
MAX_REMARKS = 3  # under one line of code
INDEX = "index.html"
_LINE = re.compile(r'File "solution\.py", line (\d+)')
_NOT_FILE = re.compile(r"[^\w-]+")


def page_name(key: str) -> str:
    """The file of a candidate's page: readable, and different for every key."""
    readable = _NOT_FILE.sub("-", key).strip("-")[:40] or "candidate"
    return f"{readable}-{hashlib.sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()[:6]}.html"


def report_pages(results: Results, lang: Lang) -> Iterator[tuple[str, str]]:
    """(path below the report's folder, HTML) of every page."""
    yield INDEX, index_page(results, lang)
    means = _topic_means(results)
    for candidate in results.candidates:
        yield f"candidates/{page_name(candidate.key)}", candidate_page(results, candidate, means, lang)


def index_page(results: Results, lang: Lang) -> str:
    """The page over all candidates."""
    session, say = results.session, phrases(lang)
    charted = results.candidates[:CHARTED]
    totals = [c.total for c in results.candidates if c.total is not None]
    return render(
        "session_report.html",
        lang,
        style=style_sheet(),
        session=session,
        title=session.title.get(lang),
        level=say[f"level_{session.level}"],
        lead=say["report_lead"].format(
            count=len(results.candidates), questions=len(session.questions), minutes=session.minutes
        ),
        candidates=[_row(candidate, lang) for candidate in results.candidates],
        impressions=[found for c in results.candidates if (found := _impression(c, lang))],
        scores=range_chart([_score_bar(candidate) for candidate in charted], say["chart_scores"]),
        shown_of=say["shown_of"].format(shown=CHARTED, count=len(results.candidates))
        if len(results.candidates) > CHARTED
        else "",
        how_sure=say["how_sure"].format(draws=results.draws, questions=len(session.questions), versus=say["versus"]),
        spread=histogram(totals, say["chart_spread"]) if len(totals) >= SPREAD_FROM else "",
        questions=[{"number": q.number, "title": inline(q.title, lang)} for q in session.questions],
        heat=_heat(session, charted, say["chart_heat"]),
        topics=_topic_chart(session, _topic_means(results), {}, lang),
        partly=say["partly_assessed"] if any(c.provisional for c in results.candidates) else "",
        mistakes=_mistakes(results, lang),
        duels=_duels(results),
        item_text=say["item_text"].format(least=results.least),
        items=[_item(item, results.least, lang) for item in results.items],
        similar=_similar(results, lang),
        notes=[
            {"page": _link(c.key), "name": safe(c.name), "text": safe(note.get(lang))}
            for c in results.candidates
            for note in c.notes
        ],
        refused=[{"archive": safe(t.archive), "reason": safe(t.reason.get(lang))} for t in results.refused],
        how_scored=how_scored(session, lang),
        footer=_footer(session, lang),
    )


def candidate_page(results: Results, candidate: Candidate, means: Mapping[str, float], lang: Lang) -> str:
    """The page of one candidate."""
    from markupsafe import Markup

    session, say = results.session, phrases(lang)
    shown = _row(candidate, lang) | {
        "key": safe(candidate.key),
        "no_range": say["too_few_questions"].format(least=results.least_questions),
        "topics": _topic_chart(session, candidate.topics, means, lang) if candidate.topics else "",
        "notes": [safe(note.get(lang)) for note in candidate.notes],
        "remarks": [{"who": safe(who), "text": safe(text)} for who, text in candidate.remarks],
        "recommendations": _recommendations(candidate, lang),
        "red_flags": _red_flags(candidate, lang),
        "apart": _apart(candidate, lang),
        "marks": [_mark(mark, lang) for mark in candidate.marks],
    }
    return render(
        "session_candidate.html",
        lang,
        style=style_sheet(),
        markdown_style=Markup(markdown_style()),  # noqa: S704 - our own CSS
        session=session,
        title=session.title.get(lang),
        level=say[f"level_{session.level}"],
        c=shown,
        footer=_footer(session, lang),
    )


def print_page(results: Results, lang: Lang) -> str:
    """All pages as one document to print: the page over all candidates, then one for each, on sheets of their own."""
    from markupsafe import Markup

    session = results.session
    pages = [page for _, page in report_pages(results, lang)]
    # The pages are ours, and what is a candidate's is escaped in them: the marks of a page's parts are there once.
    styles = dict.fromkeys(_between(page, "<style>", "</style>") for page in pages)
    return render(
        "session_print.html",
        lang,
        title=phrases(lang)["report_of"].format(title=session.title.get(lang)),
        styles=[Markup(style) for style in styles],  # noqa: S704 - our own CSS
        bodies=[Markup(_between(page, "<body>", "</body>")) for page in pages],  # noqa: S704 - as rendered above
        footer_css=f"viva · {session.code}",
    )


def _between(page: str, start: str, end: str) -> str:
    return page.partition(start)[2].partition(end)[0]


def safe(text: str) -> str:
    """Text of somebody else's making without what moves or hides other text; the template escapes it for HTML."""
    return for_terminal(text)


def percent(share: float | None) -> str:
    """A share as a whole number of per cent; a dash for what is not known."""
    return "–" if share is None else f"{100 * share:.0f}%"


def _row(candidate: Candidate, lang: Lang) -> dict[str, Any]:
    found = candidate.range
    return {
        "rank": candidate.rank or "",
        "name": safe(candidate.name),
        "page": _link(candidate.key),
        "noted": bool(candidate.notes),
        "total": percent(candidate.total),
        "range": f"{100 * found.low:.0f}–{100 * found.high:.0f}%" if found else "",
        "ranks": f"{candidate.rank_low}–{candidate.rank_high}" if candidate.rank_low else "",
        "assessed": percent(candidate.assessed),
        "minutes": time_of(candidate).get(lang),
        "mistakes": [inline(mistake.title, lang) for mistake in candidate.mistakes],
        "part": candidate.provisional,
    }


def _impression(candidate: Candidate, lang: Lang) -> dict[str, Any] | None:
    """What people said of a candidate, for the front page; None where nobody said anything."""
    shown = {
        "recommendations": _recommendations(candidate, lang),
        "red_flags": _red_flags(candidate, lang),
        "remarks": [{"who": safe(who), "text": safe(text)} for who, text in candidate.remarks],
        "apart": _apart(candidate, lang),
    }
    return _row(candidate, lang) | shown if any(shown.values()) else None


def _recommendations(candidate: Candidate, lang: Lang) -> list[dict[str, str]]:
    """Who recommends what; the word's colour says on which side it is."""
    words = dict(recommendation_words(lang))
    return [
        {"who": safe(who), "word": words.get(name, safe(name)), "colour": "bad" if "no_hire" in name else "good"}
        for who, name in candidate.recommendations
    ]


def _red_flags(candidate: Candidate, lang: Lang) -> list[dict[str, Any]]:
    return [
        {"number": question.number, "text": inline(flag, lang), "who": _joined_names(names, lang)}
        for question, flag, names in candidate.red_flags
    ]


def _apart(candidate: Candidate, lang: Lang) -> str:
    """On which questions interviewers disagree, and whether their recommendations do; empty where they agree."""
    say = phrases(lang)
    sides = {"no_hire" in name for _, name in candidate.recommendations}
    parts = [say["apart_recommendations"]] if len(sides) > 1 else []
    listed = [say["apart_on"].format(number=m.question.number, shares=_shares(m, lang)) for m in candidate.apart]
    parts += [say["apart_questions"].format(questions=say["semicolon"].join(listed))] if listed else []
    return (" " if lang == "en" else "").join([*parts, say["talk_it_over"]]) if parts else ""


def _shares(mark: Mark, lang: Lang) -> str:
    say = phrases(lang)
    return say["enumeration"].join(f"{safe(who) or say['nameless']} {percent(s)}" for who, s in mark.talks.items())


def _joined_names(names: Sequence[str], lang: Lang) -> str:
    return phrases(lang)["enumeration"].join(safe(name) for name in names if name)


def _link(key: str) -> str:
    from urllib.parse import quote

    return f"candidates/{quote(page_name(key))}"


def _score_bar(candidate: Candidate) -> Bar:
    found = candidate.range
    return Bar(
        name=safe(candidate.name),
        value=candidate.total,
        low=found.low if found else None,
        high=found.high if found else None,
    )


def _heat(session: Session, candidates: Sequence[Candidate], label: str) -> Any:
    columns = [str(question.number) for question in session.questions]
    cells = [[mark.score for mark in candidate.marks] for candidate in candidates]
    return heat_map([safe(candidate.name) for candidate in candidates], columns, cells, label)


def _topic_means(results: Results) -> dict[str, float]:
    """Mean score by topic over all candidates that were assessed on it."""
    found = {}
    for topic in results.session.topics:
        scores = [candidate.topics[topic] for candidate in results.candidates if topic in candidate.topics]
        if scores:
            found[topic] = sum(scores) / len(scores)
    return found


def _topic_chart(session: Session, own: Mapping[str, float], means: Mapping[str, float], lang: Lang) -> Any:
    bars = [
        Bar(name=title.get(lang), value=own[topic], low=means.get(topic))
        for topic, title in session.topics.items()
        if topic in own
    ]
    return bar_chart(bars, phrases(lang)["chart_topics"])


def _mistakes(results: Results, lang: Lang) -> list[dict[str, str]]:
    people = phrases(lang)["people"]
    return [
        {
            "title": inline(mistake.title, lang),
            "advice": inline(mistake.advice, lang),
            "count": people.format(count=count, of=len(results.candidates)),
        }
        for mistake, count in common_mistakes(results.candidates)
    ]


def _duels(results: Results) -> dict[str, Any] | None:
    keys = list(dict.fromkeys(first for first, _ in results.duels))
    if len(keys) < 2:
        return None
    names = {candidate.key: safe(candidate.name) for candidate in results.candidates}
    rows = []
    for first in keys:
        shares = [results.duels.get((first, second)) for second in keys]
        cells = [{"text": "" if s is None else _share_of_draws(s), "sure": bool(s and s > AHEAD)} for s in shares]
        rows.append({"name": names[first], "cells": cells})
    return {"names": [names[key] for key in keys], "rows": rows}


def _share_of_draws(share: float) -> str:
    """A share of random draws: never quite all of them, and never none."""
    if share > 0.99:
        return "> 99%"
    return "< 1%" if share < 0.01 else percent(share)


def _item(item: Item, least: int, lang: Lang) -> dict[str, Any]:
    say = phrases(lang)
    few = say["too_few"].format(least=least)
    used = f"{item.minutes.value:.0f}" if item.minutes else "–"
    return {
        "title": inline(item.title, lang),
        "kind": say[f"kind_{item.kind}"],
        "n": item.n,
        "mean": _figure(item.mean) or few,
        "discrimination": _figure(item.discrimination) or (few if item.paired < least else say["no_spread"]),
        "minutes": f"{item.planned} / {used}",
    }


def _figure(found: Range | None) -> str:
    return "" if found is None else f"{found.value:.2f} ({found.low:.2f}–{found.high:.2f})"


def _similar(results: Results, lang: Lang) -> dict[str, Any]:
    say, found = phrases(lang), results.resemblance
    names = {candidate.key: safe(candidate.name) for candidate in results.candidates}
    return {
        "left_out": say["similar_left_out"].format(reason=safe(found.left_out)) if found.left_out else "",
        "texts": [
            say["similar_text"].format(number=number, median=round(100 * median))
            for number, median in found.medians.items()
        ],
        "pairs": [
            {
                "number": pair.question,
                "first": names.get(pair.first, safe(pair.first)),
                "second": names.get(pair.second, safe(pair.second)),
                "first_page": _link(pair.first),
                "second_page": _link(pair.second),
                "share": percent(pair.share),
            }
            for pair in found.pairs
        ],
    }


def _mark(mark: Mark, lang: Lang) -> dict[str, Any]:
    say, question = phrases(lang), mark.question
    parts = []
    if mark.auto is not None and mark.talk is not None:
        parts = [f"{say['verdict']} {percent(mark.auto)}", f"{say['talk']} {percent(mark.talk)}"]
    minutes = say["minutes_short"].format(count=question.minutes)
    return {
        "number": question.number,
        "title": inline(question.title, lang),
        "kind": say[f"kind_{question.shown_kind}"],
        "prompt": block(question.prompt, lang),
        "statement": block(question.exercise.statement, lang) if question.exercise else "",
        "options": _shown_options(mark, lang),
        "minutes": minutes if mark.minutes is None else f"{mark.minutes:g} / {minutes}{_whose(mark, lang)}",
        "parts": " · ".join(parts),
        "score": say["not_assessed"] if mark.score is None else percent(mark.score),
        "missing": mark.missing,
        "answer": None if mark.answer is None else _answer(mark, lang),
        "key": answer_key(question, lang),
        "essay": safe(mark.essay),
        "verdict": _verdict(mark, mark.judged, lang) if mark.judged else None,
        "people": [safe(who) or say["nameless"] for who in mark.talks],
        "criteria": _criteria(mark, lang),
        "talks": [percent(share) for share in mark.talks.values()],
        "apart": mark.is_apart,
        "sheets": [_sheet(question, who, ticks, lang) for who, ticks in mark.ticks.items()],
    }


def _shown_options(mark: Mark, lang: Lang) -> list[dict[str, Any]]:
    """What there was to choose from or to put in order, as the candidate saw it; what was chosen, what is right."""
    question = mark.question
    chosen = _letters(mark.answer.given, {option.label for option in question.options}) if mark.answer else set()
    options = [
        {
            "label": option.label,
            "text": inline(option.text, lang),
            "right": option.correct,
            "chosen": option.label in chosen,
            "place": "",
        }
        for option in question.options
    ]
    steps = [
        {"label": step.label, "text": inline(step.text, lang), "right": False, "chosen": False, "place": step.place}
        for step in question.steps
    ]
    return [*options, *steps]


def _letters(given: str, labels: Collection[str]) -> set[str]:
    """The labels that an answer writes alone or side by side, as in `a, C` and `ACD`; not those in a word."""
    words = re.findall(r"[A-Za-z]+", unicodedata.normalize("NFKC", given))
    letters = {letter for word in words if len(word) == 1 or word.isupper() for letter in word.upper()}
    return letters & set(labels)


def _criteria(mark: Mark, lang: Lang) -> list[dict[str, Any]]:
    """Each criterion with the mark of every interviewer who ticked the question, and whether they differ."""
    say = phrases(lang)
    names = {1.0: (say["met"], "good"), 0.5: (say["half"], "warn"), 0.0: (say["not_met"], "bad")}
    given = [mark.ticks[who].criteria for who in mark.talks]
    rows = []
    for criterion in mark.question.rubric if given else ():
        shares = [ticked.get(criterion.id, 0.0) for ticked in given]
        rows.append(
            {
                "text": inline(criterion.text, lang),
                "weight": f"{100 * criterion.weight:g}%",
                "marks": [names.get(share, (percent(share), "warn")) for share in shares],
                "differ": len(set(shares)) > 1,
            }
        )
    return rows


def _whose(mark: Mark, lang: Lang) -> str:
    """That minutes are the candidate's own word, where they are."""
    return "" if mark.measured else f" ({say('session.time.own', lang)})"


def _answer(mark: Mark, lang: Lang) -> str:
    say, answer = phrases(lang), mark.answer
    assert answer is not None
    given = safe(answer.given)
    if not given:
        return say["blank" if answer.score is not None else "unread"]
    return f"{given} ({say['unclear']})" if answer.score is None else given


def _verdict(mark: Mark, judged: Judged, lang: Lang) -> dict[str, Any]:
    verdict = judged.verdict
    passed = sum(case.status is Status.ACCEPTED for case in verdict.cases)
    failed = [case for case in verdict.cases if case.status is not Status.ACCEPTED]
    return {
        "status": say_status(verdict.status, lang),
        "colour": "good" if verdict.status is Status.ACCEPTED else "bad",
        "points": f"{points(verdict.score)}/{points(verdict.max_score)}",
        "cases": phrases(lang)["cases_passed"].format(passed=passed, total=len(verdict.cases)),
        "message": safe(verdict.message),
        "diagnosis": [
            {"likeness": d.likeness, "title": inline(d.title, lang), "advice": inline(d.advice, lang)}
            for d in verdict.diagnosis
        ],
        "tasks": [
            {
                "title": task.title.get(lang),
                "points": f"{points(task.score)}/{points(task.max_score)}",
                "colour": "good" if task.score >= task.max_score else "bad",
            }
            for task in verdict.tasks
        ],
        "once": _once(mark, verdict, lang),
        "failed": [_failed(case, lang) for case in failed[:MAX_FAILED]],
        "lines": _code_lines(judged.source, failed, lang),
        "judged_as": _judged_as(verdict, lang),
    }


def _once(mark: Mark, verdict: Verdict, lang: Lang) -> str:
    """That several failed tasks are one mistake, and what it would cost if it were counted once."""
    if mark.once is None:
        return ""
    say = phrases(lang)
    failed = [f"“{task.title.get(lang)}”" for task in verdict.tasks if task.score < task.max_score]
    figures = {"once": points(mark.once), "score": points(verdict.score), "most": points(verdict.max_score)}
    share = f"{mark.once / verdict.max_score:.2f}"
    return say["one_mistake"].format(tasks=say["enumeration"].join(failed), count=len(failed), share=share, **figures)


def _judged_as(verdict: Verdict, lang: Lang) -> str:
    suite = verdict.suite_digest.removeprefix("sha256:")[:12]
    return phrases(lang)["judged_as"].format(suite=suite, seed=verdict.seed, isolation=verdict.isolation.level)


def _failed(case: Outcome, lang: Lang) -> dict[str, str]:
    message = safe(case.message.get(lang))
    if len(message) > MESSAGE_CHARACTERS:
        message = message[:MESSAGE_CHARACTERS] + " …"
    return {"title": safe(case.title.get(lang)), "message": message, "status": say_status(case.status, lang)}


def _code_lines(source: str, failed: Sequence[Outcome], lang: Lang) -> list[dict[str, Any]]:
    """The code, and under a line what went wrong there: the last line of ours in the traceback of a failed case."""
    remarks: dict[int, list[str]] = {}
    for case in failed:
        places = _LINE.findall(case.message.en)
        first = safe(case.message.get(lang)).partition("\n")[0][:200]
        own = remarks.setdefault(int(places[-1]), []) if places else []
        if first not in own and len(own) < MAX_REMARKS:
            own.append(first)
    lines = safe(source.removesuffix("\n")).split("\n")
    return [{"text": line, "remarks": remarks.get(number, [])} for number, line in enumerate(lines, 1)]


def _sheet(question: Question, who: str, ticks: Ticks, lang: Lang) -> dict[str, Any]:
    """What one interviewer wrote beside the marks."""
    say = phrases(lang)
    return {
        "who": safe(who) or say["nameless"],
        "own": "" if ticks.score is None else say["own_score"].format(share=percent(ticks.score)),
        "red_flags": [inline(question.red_flags[place - 1], lang) for place in ticks.red_flags],
        "note": safe(ticks.note),
    }


def _footer(session: Session, lang: Lang) -> str:
    return phrases(lang)["footer"].format(code=session.code, form=session.form, forms=session.forms)
