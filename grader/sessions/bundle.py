"""The candidate's files: built from an allow-list of what a candidate may read, never copied from a folder.

A question is put in by its number, prompt and labels alone: no id of the bank, no level, no topic, no answer. The same
session, language and choice give the same bytes.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from grader.model.session import FrozenExercise, Question, Session
from grader.model.text import Lang
from grader.report.session_page import phrase, phrases

ANSWERS = "answers.yaml"
KIT = Path(__file__).parent / "kit" / "conftest.py"
_STAMP = (2020, 1, 1, 0, 0, 0)  # zip files hold times; ours must not differ between two runs
_ROOT = re.compile(r"interview-([0-9a-f]{6})")
_TOLERANCES = re.compile(r"^TOLERANCES: .*$", re.MULTILINE)


def root_name(session: Session) -> str:
    """The folder that the files are in."""
    return f"interview-{session.code}"


def session_of_root(name: str) -> str:
    """The session whose bundle has a folder of this name; empty for a name of somebody's own."""
    match = _ROOT.fullmatch(name)
    return match[1] if match else ""


def code_folder(question: Question) -> str:
    """Where a coding question's files are."""
    return f"{question.number}-code"


def essay_file(question: Question) -> str:
    """Where an open question is answered."""
    return f"{question.number}-answer.md"


def expected_files(session: Session) -> dict[str, Question | None]:
    """What may come back: each path below the root, and the question that it answers (None for answers.yaml)."""
    files: dict[str, Question | None] = {ANSWERS: None}
    for question in session.questions:
        if question.exercise:
            files[f"{code_folder(question)}/solution.py"] = question
        elif not question.grades_itself:
            files[essay_file(question)] = question
    return files


def candidate_files(session: Session, lang: Lang, *, live: bool) -> dict[str, bytes]:
    """Every file that a candidate gets, by path below the root; `live` leaves out what is only talked over."""
    questions = [q for q in session.questions if q.grades_itself or not live]
    files = {
        "README.md": _readme(session, questions, lang),
        "QUESTIONS.md": _questions(questions, lang),
        ANSWERS: _answers(session, questions, lang),
    }
    for question in questions:
        if question.exercise:
            files |= _code_files(question, question.exercise, lang)
        elif not question.grades_itself:
            files[essay_file(question)] = ""
    return {name: text.encode() for name, text in sorted(files.items())}


def to_zip(files: Mapping[str, bytes], root: str) -> bytes:
    """A zip of the files below one folder; fixed times and order, so that equal files give equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            info = zipfile.ZipInfo(f"{root}/{name}", _STAMP)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, data)
    return buffer.getvalue()


def _code_files(question: Question, exercise: FrozenExercise, lang: Lang) -> dict[str, str]:
    folder = code_folder(question)
    kit = KIT.read_text(encoding="utf-8")
    stated = ", ".join(f'"{dtype}": ({rtol!r}, {atol!r})' for dtype, (rtol, atol) in exercise.tolerances.items())
    line = f"TOLERANCES: dict[str, tuple[float, float]] = {{{stated}}}  # dtype: (rtol, atol)"
    return {
        f"{folder}/STATEMENT.md": exercise.statement.get(lang),
        f"{folder}/conftest.py": _TOLERANCES.sub(lambda _: line, kit, count=1),
        **{f"{folder}/{name}": text for name, text in exercise.files.items()},
    }


def _readme(session: Session, questions: Iterable[Question], lang: Lang) -> str:
    say = phrases(lang)
    listed = list(questions)
    parts = [f"# {say['kit_title']}", say["kit_intro"].format(count=len(listed), minutes=session.minutes)]
    parts.append(f"## {say['kit_how']}")
    steps = [say["kit_step_name"].format(file=ANSWERS), say["kit_step_questions"]]
    for step, given in (("kit_step_code", False), ("kit_step_repair", True)):
        folders = ", ".join(f"`{code_folder(q)}/`" for q in listed if q.exercise and bool(q.repair) is given)
        steps += [say[step].format(folders=folders)] if folders else []
    essays = [essay_file(q) for q in listed if not q.grades_itself]
    if essays:
        steps.append(say["kit_step_essay"].format(file=essays[0]))
    parts.append("\n".join(f"{number}. {step}" for number, step in enumerate(steps, 1)))
    parts += [f"## {say['kit_return']}", say["kit_return_text"].format(root=root_name(session))]
    parts += [f"## {say['kit_rules']}", say["kit_rules_text"]]
    return "\n\n".join(parts) + "\n"


def _questions(questions: Iterable[Question], lang: Lang) -> str:
    return "\n".join(_question(question, lang) for question in questions)


def _question(question: Question, lang: Lang) -> str:
    say = phrases(lang)
    head = f"## {question.number}. {question.title.get(lang)} ({say['minutes_short'].format(count=question.minutes)})\n"
    if question.repair:
        where = say["kit_see_repair"].format(folder=code_folder(question))
        return f"{head}\n{question.prompt.get(lang).rstrip()}\n\n{where}\n"
    if question.exercise:
        where = say["kit_see_folder"].format(folder=code_folder(question))
        return f"{head}\n{where}\n"
    parts = [head, question.prompt.get(lang).rstrip() + "\n"]
    parts += [f"- **{option.label}.** {_hanging(option.text.get(lang))}" for option in question.options]
    parts += [f"- **{step.label}.** {_hanging(step.text.get(lang))}" for step in question.steps]
    if question.options or question.steps:
        parts.append("")
    parts.append(f"*{_how_to_answer(question, lang)}*\n")
    return "\n".join(parts)


def _hanging(text: str) -> str:
    """A choice may have several lines, or a fence of code: they stay inside the list's item."""
    return text.strip().replace("\n", "\n  ")


def _how_to_answer(question: Question, lang: Lang) -> str:
    if question.numeric:
        unit = question.numeric.unit
        return phrase("kit_answer_unit", lang).format(unit=unit) if unit else phrase("kit_answer_number", lang)
    if question.steps:
        return phrase("kit_answer_order", lang)
    if question.kind == "multi":
        return phrase("kit_answer_multi", lang)
    if question.options:
        return phrase("kit_answer_choice", lang)
    return phrase("kit_answer_essay", lang).format(file=essay_file(question))


def _answers(session: Session, questions: Iterable[Question], lang: Lang) -> str:
    say = phrases(lang)
    lines = [f"# {line}" for line in say["kit_answers_head"].splitlines()]
    lines += ["", f'session: "{session.code}"', 'name: ""', "", "answers:"]
    own = [q for q in questions if q.grades_itself and not q.exercise]
    lines += [f'  "{q.number}": ""   # {_short_hint(q, lang)}' for q in own]
    if not own:
        lines[-1] = "answers: {}"
    lines += ["", f"# {say['kit_minutes']}", "minutes:"]
    return "\n".join([*lines, *(f'  "{q.number}": ' for q in questions)]) + "\n"


def _short_hint(question: Question, lang: Lang) -> str:
    if question.numeric:
        unit = question.numeric.unit
        return f"{phrase('kit_hint_number', lang)}{f' ({unit})' if unit else ''}"
    if question.steps:
        return phrase("kit_hint_order", lang)
    return phrase("kit_hint_multi" if question.kind == "multi" else "kit_hint_choice", lang)
