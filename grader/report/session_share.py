"""A page for the candidate's eyes: the questions as they are put, to show on a screen or to send; no answers.

It is built from an allow-list, as the bundle is: numbers, titles, prompts, labels, statements, the code to begin with.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from grader.model.session import Question, Session
from grader.model.text import Lang, Text
from grader.report.entry_markdown import fenced
from grader.report.markdown_html import style as markdown_style
from grader.report.session_page import block, inline, phrases, render, style_sheet

_HOW = {
    "choice": "say_choice",
    "bug": "say_choice",
    "multi": "say_multi",
    "order": "say_order",
    "numeric": "say_number",
}


def share_html(session: Session, lang: Lang, facts: Sequence[tuple[str, str]] = ()) -> str:
    """One page without scripts or a network, on which each question opens by itself; `facts` stand at its head."""
    from markupsafe import Markup

    say = phrases(lang)
    return render(
        "session_share.html",
        lang,
        session=session,
        style=style_sheet(),
        markdown_style=Markup(markdown_style()),  # noqa: S704 - our own CSS
        lead=say["share_lead"].format(count=len(session.questions), minutes=session.minutes),
        facts=facts,
        questions=[_question(question, lang) for question in session.questions],
        footer=f"{say['session']} {session.code}",
    )


def _question(question: Question, lang: Lang) -> dict[str, Any]:
    say, exercise = phrases(lang), question.exercise
    shown = question.options or question.steps
    how = "" if exercise else _HOW.get(question.kind, "")
    return {
        "number": question.number,
        "title": inline(question.title, lang),
        "minutes": say["minutes_short"].format(count=question.minutes),
        "prompt": block(question.prompt, lang),
        "choices": [{"label": choice.label, "text": inline(choice.text, lang)} for choice in shown],
        "how": say[how] if how else "",
        "statement": block(exercise.statement, lang) if exercise else "",
        "code": block(Text.same(fenced("python", exercise.files["solution.py"])), lang) if exercise else "",
    }
