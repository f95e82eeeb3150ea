"""The candidate's files: built from an allow-list of what a candidate may read, never copied from a folder.

A question is put in by its number, prompt and labels alone: no id of the bank, no level, no topic, no answer. The same
session, language, choice and installed versions give the same bytes.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.model.session import FrozenExercise, Question, Session
from grader.model.text import Lang
from grader.report.editor_text import for_editor
from grader.report.entry_markdown import tolerance
from grader.report.session_page import phrase, phrases
from grader.sessions.clock import INTERVIEW, interview_bytes
from grader.sessions.one_language import STATEMENT, in_language
from grader.sessions.requirements import needed, python_here, version_here

ANSWERS = "answers.yaml"
KIT_FILES = ("conftest.py", "pytest.ini", "requirements.txt")
KIT = Path(__file__).parent / "kit" / "conftest.py"
_STAMP = (2020, 1, 1, 0, 0, 0)  # zip files hold times; ours must not differ between two runs
_ROOT = re.compile(r"interview-([0-9a-f]{6})")
_WRITTEN = re.compile(r"share\.(en|zh)\.html|guide\.(en|zh)\.(html|md|pdf)|rubric\.(en|zh)\.yaml")
_TOLERANCES = re.compile(r"^TOLERANCES: .*$", re.MULTILINE)
_HEAD = re.compile(r'\A""".*?"""', re.DOTALL)
# Cases of one name lie in several folders; pytest's older way of importing takes the second for the first.
_PYTEST_INI = "[pytest]\naddopts = --import-mode=importlib\npython_files = test_public.py\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who asks, whom to write to and until when, as the candidate reads it; empty for what nobody said."""

    company: str = ""
    contact: str = ""
    deadline: str = ""


NOBODY = Sender()


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


def solution_file(question: Question) -> str:
    """Where a coding question is answered."""
    return f"{code_folder(question)}/solution.py"


def notebook_file(question: Question) -> str:
    """Where it may be answered instead."""
    return f"{code_folder(question)}/solution.ipynb"


def essay_file(question: Question) -> str:
    """Where an open question is answered."""
    return f"{question.number}-answer.md"


def expected_files(session: Session) -> dict[str, Question | None]:
    """What may come back: each path below the root, and the question that it answers (None for answers.yaml)."""
    files: dict[str, Question | None] = {ANSWERS: None}
    for question in session.questions:
        if question.exercise:
            files |= dict.fromkeys((solution_file(question), notebook_file(question)), question)
        elif not question.grades_itself:
            files[essay_file(question)] = question
    return files


def asked_in(session: Session, *, live: bool) -> list[Question]:
    """The questions that a candidate gets in writing; `live` leaves out what is only talked over."""
    return [q for q in session.questions if q.grades_itself or not live]


def candidate_files(session: Session, lang: Lang, *, live: bool, sender: Sender = NOBODY) -> dict[str, bytes]:
    """Every file that a candidate gets, by path below the root; `live` leaves out what is only talked over."""
    questions = asked_in(session, live=live)
    files = {
        "README.md": _readme(session, questions, lang, sender),
        "QUESTIONS.md": _questions(questions, lang),
        ANSWERS: _answers(session, questions, lang),
        INTERVIEW: interview_bytes(session).decode(),
        **_kit_files(questions, lang),
    }
    for question in questions:
        if question.exercise:
            files |= _code_files(question, question.exercise, lang)
        elif not question.grades_itself:
            files[essay_file(question)] = ""
    return {name: text.encode() for name, text in sorted(files.items())}


def written_in(folder: Path) -> list[Path]:
    """What `bundle` wrote into a folder: zips, unpacked folders, guides, pages to share and empty rubrics."""
    bundles = [path for path in sorted(folder.glob("interview-*")) if session_of_root(path.name.removesuffix(".zip"))]
    return bundles + [path for path in sorted(folder.glob("*.*.*")) if _WRITTEN.fullmatch(path.name)]


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
    return {
        f"{folder}/{STATEMENT}": for_editor(exercise.statement.get(lang)),
        **{f"{folder}/{name}": in_language(text, lang) for name, text in exercise.files.items()},
    }


def _kit_files(questions: Sequence[Question], lang: Lang) -> dict[str, str]:
    """What runs the public cases of every folder, from the root and from each of them; nothing where none is code."""
    exercises = {code_folder(q): q.exercise for q in questions if q.exercise}
    if not exercises:
        return {}
    stated = ", ".join(f'"{folder}": {{{_tolerances(exercise)}}}' for folder, exercise in exercises.items())
    line = f"TOLERANCES: dict[str, dict[str, tuple[float, float]]] = {{{stated}}}  # folder: dtype: (rtol, atol)"
    kit = _TOLERANCES.sub(lambda _: line, KIT.read_text(encoding="utf-8"), count=1)
    head = f'"""{phrase("kit_conftest", lang)}"""'
    return {
        "conftest.py": _HEAD.sub(lambda _: head, kit, count=1),
        "pytest.ini": _PYTEST_INI,
        "requirements.txt": _requirements(exercises.values(), lang),
    }


def _tolerances(exercise: FrozenExercise) -> str:
    return ", ".join(f'"{dtype}": ({rtol!r}, {atol!r})' for dtype, (rtol, atol) in exercise.tolerances.items())


def _requirements(exercises: Iterable[FrozenExercise], lang: Lang) -> str:
    """Names without a version, so that they install on any machine; beside each the one that grades."""
    names = needed(text for exercise in exercises for text in exercise.files.values())
    lines = [f"# {phrase('kit_requirements', lang).format(python=python_here())}"]
    for name in names:
        version = version_here(name)
        lines.append(f"{name}  # {phrase('kit_graded_with', lang).format(version=version)}" if version else name)
    return "\n".join(lines) + "\n"


def _readme(session: Session, questions: Sequence[Question], lang: Lang, sender: Sender) -> str:
    say = phrases(lang)
    parts = [f"# {say['kit_title']}", say["kit_intro"].format(count=len(questions), minutes=session.minutes)]
    parts.append("\n".join(f"- {name}{say['colon']}{value}" for name, value in _facts(questions, lang, sender)))
    parts += [f"## {say['kit_how']}", _steps(questions, lang), say["kit_clock"]]
    if any(q.exercise for q in questions):
        parts += [f"## {say['kit_run']}", say["kit_run_text"]]
    parts += [f"## {say['kit_return']}", say["kit_return_text"].format(root=root_name(session))]
    parts += [f"## {say['kit_rules']}", say["kit_rules_text"]]
    return for_editor("\n\n".join(part for part in parts if part)) + "\n"


def sender_facts(sender: Sender, lang: Lang) -> list[tuple[str, str]]:
    """What is known of who asks, each with its name."""
    named = {"kit_company": sender.company, "kit_contact": sender.contact, "kit_deadline": sender.deadline}
    return [(phrase(name, lang), value) for name, value in named.items() if value]


def _facts(questions: Sequence[Question], lang: Lang, sender: Sender) -> Iterable[tuple[str, str]]:
    """What a candidate asks first: from whom, to whom, until when, in which language, on which Python."""
    say = phrases(lang)
    yield from sender_facts(sender, lang)
    yield say["kit_language"], say["kit_language_text"]
    if any(q.exercise for q in questions):
        yield "Python", say["kit_python_text"].format(version=python_here())


def _steps(questions: Sequence[Question], lang: Lang) -> str:
    say = phrases(lang)
    steps = [say["kit_step_name"].format(file=ANSWERS), say["kit_step_questions"]]
    for step, given in (("kit_step_code", False), ("kit_step_repair", True)):
        folders = say["enumeration"].join(
            f"`{code_folder(q)}/`" for q in questions if q.exercise and bool(q.repair) is given
        )
        steps += [say[step].format(folders=folders)] if folders else []
    essays = [essay_file(q) for q in questions if not q.grades_itself]
    if essays:
        steps.append(say["kit_step_essay"].format(file=essays[0]))
    return "\n".join(f"{number}. {step}" for number, step in enumerate(steps, 1))


def _questions(questions: Iterable[Question], lang: Lang) -> str:
    return for_editor("\n".join(_question(question, lang) for question in questions))


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
        unit = question.numeric.unit.get(lang)
        asked = phrase("kit_answer_unit", lang).format(unit=unit) if unit else phrase("kit_answer_number", lang)
        limits = tolerance(question.numeric, lang)
        close = phrase("kit_close_enough", lang).format(tolerance=limits[0].upper() + limits[1:])
        return f"{asked} {close}" if lang == "en" else f"{asked}{close}"
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
        unit, close = question.numeric.unit.get(lang), tolerance(question.numeric, lang)
        return f"{phrase('kit_hint_number', lang)}{f' ({unit})' if unit else ''}, {close}"
    if question.steps:
        return phrase("kit_hint_order", lang)
    return phrase("kit_hint_multi" if question.kind == "multi" else "kit_hint_choice", lang)
