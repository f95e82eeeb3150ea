"""The interviewer's guide to a session: one HTML file without a network, and the same as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from grader.model.session import Question, Session
from grader.model.session_results import RECOMMENDATIONS
from grader.model.text import Lang, Text
from grader.report.catalogue import say as say_text
from grader.report.entry_markdown import fenced, tolerance
from grader.report.markdown_html import style as markdown_style
from grader.report.session_charts import timeline
from grader.report.session_drawn import drawn_head, drawn_rows
from grader.report.session_page import block, inline, phrases, render, style_sheet
from grader.report.strings.session_pages import PAGES


def guide_html(session: Session, lang: Lang) -> str:
    """The guide as one self-contained page with a form for the rubric."""
    from markupsafe import Markup

    say = phrases(lang)
    return render(
        "session_guide.html",
        lang,
        session=session,
        title=session.title.get(lang),
        level=say[f"level_{session.level}"],
        style=style_sheet(),
        markdown_style=Markup(markdown_style()),  # noqa: S704 - our own CSS
        footer_css=f"viva · {session.code} · {say['guide_private']}",
        timeline=timeline(session, lang),
        rows=[row | {"title": inline(row["title"], lang)} for row in schedule(session, lang)],
        drawn_head=drawn_head(lang),
        drawn=drawn_rows(session, lang),
        off=say_text("session.drawn.off", lang),
        how_scored=how_scored(session, lang),
        recommendations=recommendation_words(lang),
        questions=[_question(session, question, lang) for question in session.questions],
    )


def recommendation_words(lang: Lang) -> list[tuple[str, str]]:
    """Each recommendation, the best first, and the words for it."""
    return [(name, phrases(lang)[f"rec_{name}"]) for name in RECOMMENDATIONS]


def how_scored(session: Session, lang: Lang) -> str:
    """How points come about, in a few sentences."""
    share = round(100 * session.code_share)
    return phrases(lang)["how_scored_text"].format(code=share, talk=100 - share)


def schedule(session: Session, lang: Lang) -> Iterator[dict[str, Any]]:
    """What happens when: begin and end in minutes, and the question's number where it is one."""
    say = phrases(lang)
    at = session.opening
    if at:
        yield _slot(0, at, PAGES["opening"], text=say["opening_text"])
    for q in session.questions:
        end = at + q.minutes
        yield _slot(at, end, q.title, number=q.number, kind=say[f"kind_{q.shown_kind}"])
        at = end
    last = session.minutes - session.closing
    if at < last:
        yield _slot(at, last, PAGES["spare"])
    if session.closing:
        yield _slot(max(at, last), max(at, last) + session.closing, PAGES["closing"], text=say["closing_text"])


def _slot(begin: int, end: int, title: Text, *, number: int = 0, kind: str = "", text: str = "") -> dict[str, Any]:
    return {"begin": begin, "end": end, "title": title, "number": number, "kind": kind, "text": text}


def when(session: Session, question: Question, lang: Lang) -> str:
    """Between which minutes a question is asked."""
    begin = session.opening + sum(q.minutes for q in session.questions if q.number < question.number)
    return phrases(lang)["from_to"].format(begin=begin, end=begin + question.minutes)


def answer_key(question: Question, lang: Lang) -> str:
    """The right answer in short: letters, or a number and its unit."""
    if question.numeric:
        return f"{question.numeric.value:.6g} {question.numeric.unit.get(lang)}".strip()
    return question.right_labels


def limits_of(question: Question, lang: Lang) -> str:
    """How far a number may be off."""
    return tolerance(question.numeric, lang) if question.numeric else ""


def statement_place(question: Question, lang: Lang) -> str:
    """Where a printed guide's reader finds what the candidate reads."""
    return phrases(lang)["statement_place"].format(number=question.number) if question.exercise else ""


def _question(session: Session, question: Question, lang: Lang) -> dict[str, Any]:
    say = phrases(lang)
    exercise = question.exercise
    return {
        "number": question.number,
        "title": inline(question.title, lang),
        "when": when(session, question, lang),
        "brief": not question.rubric and not exercise,
        "kind": say[f"kind_{question.shown_kind}"],
        "level": say[f"level_{question.level}"],
        "difficulty": say["difficulty_of"].format(value=question.difficulty),
        "topics": [session.topics[topic].get(lang) for topic in question.topics if topic in session.topics],
        "prompt": block(question.prompt, lang),
        "answer": block(question.answer, lang),
        "options": [
            _option(option.label, option.correct, option.text, option.why, lang) for option in question.options
        ],
        "steps": [
            {"label": step.label, "text": inline(step.text, lang), "place": step.place} for step in question.steps
        ],
        "key": answer_key(question, lang),
        "tolerance": limits_of(question, lang),
        "rubric": [
            {"id": c.id, "weight": f"{100 * c.weight:g}%", "text": inline(c.text, lang)} for c in question.rubric
        ],
        "aloud": question.grades_itself and not exercise,
        "red_flags": [inline(flag, lang) for flag in question.red_flags],
        "strong": _follow_ups(question, "strong", lang),
        "weak": _follow_ups(question, "weak", lang),
        "where": statement_place(question, lang),
        "statement": block(exercise.statement, lang) if exercise else "",
        "tasks": [{"title": task.title.get(lang), "points": f"{task.points:g}"} for task in exercise.tasks]
        if exercise
        else [],
        "planted": _planted(question, lang),
        "watch_for": block(exercise.notes, lang) if exercise and exercise.notes.get(lang) else "",
        "sources": [{"cited": source.cited, "url": source.url} for source in question.sources],
    }


def _planted(question: Question, lang: Lang) -> dict[str, Any] | None:
    """What is wrong with the code of a repair task, as a diff and in words."""
    repair = question.repair
    if repair is None:
        return None
    diff = fenced("diff", repair.edit)
    return {
        "title": inline(repair.title, lang),
        "advice": inline(repair.advice, lang),
        "diff": block(Text(en=diff, zh=diff), lang),
    }


def _option(label: str, correct: bool, text: Text, why: Text | None, lang: Lang) -> dict[str, Any]:
    return {
        "label": label,
        "correct": correct,
        "text": inline(text, lang),
        "why": inline(why, lang) if why else "",
    }


def _follow_ups(question: Question, after: str, lang: Lang) -> list[Any]:
    return [inline(follow_up.text, lang) for follow_up in question.follow_ups if follow_up.when == after]


def guide_markdown(session: Session, lang: Lang) -> str:
    """The guide as Markdown, with boxes to tick."""
    say = phrases(lang)
    minutes = say["minutes_short"].format(count=session.minutes)
    level = say[f"level_{session.level}"]
    parts = [
        f"# {session.title.get(lang)}{say['colon']}{say['guide']}",
        f"{level} · {minutes} · {say['session']} {session.code}",
        f"**{say['guide_private']}**",
        "  ".join(f"{say[name]}{say['colon']}____________" for name in ("candidate", "interviewer", "date")),
        f"## {say['timeline']}",
        "\n".join(_timeline_lines(session, lang)),
        "\n".join(_drawn_lines(session, lang)),
        f"**{say['how_scored']}**{say['colon']}{how_scored(session, lang)}",
    ]
    for question in session.questions:
        parts += _question_markdown(session, question, lang)
    boxes = "  ".join(f"[ ] {word}" for _, word in recommendation_words(lang))
    parts += [f"## {say['overall']}", f"{say['recommendation']}{say['colon']}{boxes}", "\n\n"]
    return "\n\n".join(part for part in parts if part) + "\n"


def _timeline_lines(session: Session, lang: Lang) -> Iterator[str]:
    for slot in schedule(session, lang):
        number = f"**{slot['number']}.** " if slot["number"] else ""
        kind = f" ({slot['kind']})" if slot["kind"] else ""
        yield f"- {slot['begin']}–{slot['end']}: {number}{slot['title'].get(lang)}{kind}"


def _drawn_lines(session: Session, lang: Lang) -> Iterator[str]:
    """What was drawn against what was wanted, as a table."""
    rows = drawn_rows(session, lang)
    if not rows:
        return
    yield f"| {' | '.join(drawn_head(lang))} |"
    yield "| --- | --- | --- |"
    off = say_text("session.drawn.off", lang)
    yield from (f"| {row.name} | {row.wanted} | {row.came}{f' {off}' if row.off else ''} |" for row in rows)


def _question_markdown(session: Session, question: Question, lang: Lang) -> list[str]:
    say = phrases(lang)
    figures = f"{say[f'kind_{question.shown_kind}']} · {say['difficulty_of'].format(value=question.difficulty)}"
    parts = [f"## {question.number}. {question.title.get(lang)}", f"{when(session, question, lang)} · {figures}"]
    parts += [f"### {say['ask']}", question.prompt.get(lang), statement_place(question, lang)]
    parts.append("\n".join(_option_lines(question, lang)))
    if key := answer_key(question, lang):
        limits = limits_of(question, lang)
        parts.append(f"**{say['right_answer']}**{say['colon']}{key}{f' ({limits})' if limits else ''}")
    parts += [f"### {say['model_answer']}", question.answer.get(lang)]
    rubric = [f"- [ ] {c.text.get(lang)} ({say['weight']} {100 * c.weight:g}%)" for c in question.rubric]
    parts += _list(say["rubric"], rubric)
    parts += _list(say["red_flags"], [f"- [ ] {flag.get(lang)}" for flag in question.red_flags])
    for after, name in (("strong", "follow_strong"), ("weak", "follow_weak")):
        asked = [f"- {f.text.get(lang)}" for f in question.follow_ups if f.when == after]
        parts += _list(say[name], asked)
    if question.repair:
        repair = question.repair
        parts += [f"### {say['planted']}", f"**{repair.title.get(lang)}**", repair.advice.get(lang)]
        parts += [fenced("diff", repair.edit), say["planted_diff"], say["planted_watch"]]
    if question.exercise:
        tasks = [f"- {task.title.get(lang)}: {task.points:g}" for task in question.exercise.tasks]
        parts += [*_list(say["hidden_tasks"], tasks), f"### {say['watch_for']}"]
        parts.append(_lowered(question.exercise.notes.get(lang)))
    return [*parts, f"### {say['notes']}", "\n\n"]


def _option_lines(question: Question, lang: Lang) -> Iterator[str]:
    for option in question.options:
        mark = " ✓" if option.correct else ""
        why = f" *({' '.join(option.why.get(lang).split())})*" if option.why else ""
        yield f"- **{option.label}{mark}** {' '.join(option.text.get(lang).split())}{why}"
    if question.steps:
        say = phrases(lang)
        yield f"{say['order_seen']}{say['colon'].rstrip()}\n"
    for step in question.steps:
        yield f"- **{step.label}** {' '.join(step.text.get(lang).split())} ({phrases(lang)['place']} {step.place})"


def _list(head: str, lines: Sequence[str]) -> list[str]:
    return [f"### {head}", "\n".join(lines)] if lines else []


def _lowered(markdown: str) -> str:
    """Headings of a text moved below those around it."""
    fenced = False
    lines = []
    for line in markdown.split("\n"):
        fenced ^= line.lstrip().startswith("```")
        lines.append(f"###{line}" if line.startswith("#") and not fenced else line)
    return "\n".join(lines)
