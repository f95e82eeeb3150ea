"""`viva session …`: interviews from a role and an hour to a report. Only typer is imported until a command runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from grader.cli.options import Language, PackFolders

session_app = typer.Typer(
    name="session",
    help="Prepare an interview, hand out its bundle, grade what comes back, read the report.",
    no_args_is_help=True,
    add_completion=False,
)

candidate_app = typer.Typer(
    name="candidate",
    help="List, rename or remove the candidates of a session.",
    no_args_is_help=True,
    add_completion=False,
)

OnlyPacks = Annotated[bool, typer.Option("--only-packs", help="Leave the built-in pack out of it.")]
SessionPath = Annotated[Path, typer.Argument(metavar="SESSION", help="A session file, or the folder that holds it.")]


@session_app.command()
def new(
    role: Annotated[str | None, typer.Option(help="A role (`viva session roles`), or a blueprint file.")] = None,
    level: Annotated[str | None, typer.Option(help="junior, mid, senior or staff.")] = None,
    minutes: Annotated[int | None, typer.Option(help="The whole interview, 5 to 480.")] = None,
    topics: Annotated[list[str] | None, typer.Option(help="What to cover, as attention:2,metrics.")] = None,
    coding: Annotated[int | None, typer.Option(min=0, max=10, help="How many coding exercises.")] = None,
    debugging: Annotated[int | None, typer.Option(min=0, max=10, help="How many repair tasks: code to mend.")] = None,
    kinds: Annotated[list[str] | None, typer.Option(help="At least so many of a kind, as open:3,numeric.")] = None,
    avoid: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Earlier sessions, or a list of entry ids.")
    ] = None,
    per_topic: Annotated[int, typer.Option(min=1, max=20, help="Questions that may share a main topic.")] = 1,
    seed: Annotated[int | None, typer.Option(min=0, help="The same seed gives the same session.")] = None,
    variants: Annotated[int, typer.Option(help="How many parallel forms of equal difficulty.")] = 1,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="DIR", help="Where to; default: a new folder.")
    ] = None,
    lang: Language = "auto",
    pack: PackFolders = None,
    only_packs: OnlyPacks = False,
) -> None:
    """Choose questions for a role and a time; without any wish it asks for them."""
    from grader.cli.session_new import NewOrder, run
    from grader.sessions.prepare import Order

    order = Order(
        role=role,
        level=level,
        minutes=minutes,
        topics=tuple(topics or ()),
        coding=coding,
        debugging=debugging,
        kinds=tuple(kinds or ()),
        avoid=tuple(avoid or ()),
        per_topic=per_topic,
    )
    run(
        NewOrder(
            wishes=order,
            seed=seed,
            variants=variants,
            out=out,
            lang=lang,
            packs=tuple(pack or ()),
            only_packs=only_packs,
        )
    )


@session_app.command()
def roles(lang: Language = "auto") -> None:
    """List the blueprints that come with viva."""
    from grader.cli.session_new import list_roles

    list_roles(lang)


@session_app.command()
def show(session: SessionPath, lang: Language = "auto") -> None:
    """Show a session: its questions, minutes and topics (for the interviewer)."""
    from grader.cli.session_new import show_session
    from grader.sessions.session_file import locate_all

    for form in locate_all(session):
        show_session(form, lang)


@session_app.command()
def swap(
    session: SessionPath,
    question: Annotated[int, typer.Argument(help="The number of the question to replace.")],
    entry: Annotated[
        str | None, typer.Option(metavar="ID", help="By this entry or exercise; default: the likest.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Decides between entries that are equally like.")] = 0,
    lang: Language = "auto",
    pack: PackFolders = None,
    only_packs: OnlyPacks = False,
) -> None:
    """Replace one question by a like one."""
    from grader.cli.session_new import run_swap

    run_swap(session, question, entry, seed, lang, tuple(pack or ()), only_packs=only_packs)


@session_app.command()
def bundle(
    session: SessionPath,
    lang: Language = "auto",
    guide_lang: Annotated[
        Literal["same", "en", "zh"], typer.Option(help="Language of the guide, where it is another one.")
    ] = "same",
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="DIR", help="Where to; default: the session's folder.")
    ] = None,
    folder: Annotated[bool, typer.Option("--folder", help="The candidate's files as a folder beside the zip.")] = False,
    live: Annotated[bool, typer.Option("--live", help="Leave out what is only talked over: open questions.")] = False,
    pdf: Annotated[bool, typer.Option("--pdf/--no-pdf", help="Print the guide with a headless Chromium.")] = True,
    company: Annotated[str, typer.Option(help="Who asks, as the candidate reads it.")] = "",
    contact: Annotated[str, typer.Option(help="Whom the candidate writes to with questions.")] = "",
    deadline: Annotated[str, typer.Option(metavar="DATE", help="Until when to hand in, as 2026-12-04.")] = "",
) -> None:
    """Write the candidate's zip, and the interviewer's guide and rubric."""
    from grader.cli.session_bundle import BundleOrder, run, sender_of
    from grader.sessions.session_file import locate_all

    forms = locate_all(session)
    for form in forms:
        where = out / form.parent.name if out and len(forms) > 1 else out
        order = BundleOrder(
            session=form,
            lang=lang,
            guide_lang=guide_lang,
            out=where,
            folder=folder,
            live=live,
            pdf=pdf,
            sender=sender_of(company, contact, deadline),
        )
        run(order)


@session_app.command("open")
def open_session(session: SessionPath, lang: Language = "auto") -> None:
    """Start the clock on the candidate's machine; asked again, show what is left (of an unpacked bundle, too)."""
    from grader.cli.session_open import run_open

    run_open(session, lang)


@session_app.command("close")
def close_session(session: SessionPath, lang: Language = "auto") -> None:
    """Stop the clock that `open` started; the time goes back with the answers."""
    from grader.cli.session_open import run_close

    run_close(session, lang)


@session_app.command()
def grade(
    session: SessionPath,
    returned: Annotated[
        list[Path] | None, typer.Argument(metavar="[RETURNED...]", help="Zips or folders, or folders of them.")
    ] = None,
    rubric: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE...", help="Ticked rubrics, from the guide or rubric.yaml, or folders of them."),
    ] = None,
    names_as_written: Annotated[
        bool, typer.Option("--names-as-written", help="Take a rubric's name as it is, also where it is nearly another.")
    ] = False,
    jobs: Annotated[int, typer.Option(min=1, max=256, help="How many submissions to grade at a time.")] = 1,
    regrade: Annotated[bool, typer.Option("--regrade", help="Grade again; the old verdicts stay.")] = False,
    allow_changed_suite: Annotated[
        bool, typer.Option("--allow-changed-suite", help="Grade with the suite of today; both digests are kept.")
    ] = False,
    isolation: Annotated[
        Literal["strict", "process"],
        typer.Option(help="How candidate code is confined; `process` is only for code that you trust."),
    ] = "strict",
    lang: Language = "auto",
    pack: PackFolders = None,
    only_packs: OnlyPacks = False,
) -> None:
    """Grade what candidates handed back, and merge ticked rubrics; goes on where it was interrupted."""
    from grader.cli.session_grade import GradeOrder, run

    order = GradeOrder(
        session=session,
        returned=tuple(returned or ()),
        rubrics=tuple(rubric or ()),
        names_as_written=names_as_written,
        jobs=jobs,
        regrade=regrade,
        allow_changed_suite=allow_changed_suite,
        isolation=isolation,
        lang=lang,
        packs=tuple(pack or ()),
        only_packs=only_packs,
    )
    raise typer.Exit(run(order))


@candidate_app.command("list")
def list_candidates(
    session: SessionPath,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document, and nothing else.")] = False,
    lang: Language = "auto",
) -> None:
    """List who handed in or has a rubric, and what was refused."""
    from grader.cli.session_people import list_people

    list_people(session, lang, as_json=as_json)


@candidate_app.command("rename")
def rename_candidate(
    session: SessionPath,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The candidate, as the list names them.")],
    to: Annotated[str, typer.Argument(metavar="NEW_NAME", help="What to call them from now on.")],
    lang: Language = "auto",
) -> None:
    """Call a candidate something else, in the report and when they hand in again."""
    from grader.cli.session_people import rename

    rename(session, name, to, lang)


@candidate_app.command("remove")
def remove_candidate(
    session: SessionPath,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The candidate, as the list names them.")],
    lang: Language = "auto",
) -> None:
    """Leave a candidate out: hand-ins, verdicts and rubrics so far; grading their file again brings them back."""
    from grader.cli.session_people import remove

    remove(session, name, lang)


session_app.add_typer(candidate_app)


@session_app.command()
def undo(
    session: SessionPath,
    rubric: Annotated[
        str | None, typer.Option(metavar="CANDIDATE", help="Take back the last rubric for this candidate.")
    ] = None,
    interviewer: Annotated[
        str | None, typer.Option(metavar="NAME", help="Whose rubric, where there are several.")
    ] = None,
    refusal: Annotated[str | None, typer.Option(metavar="ARCHIVE", help="Take back that this was refused.")] = None,
    lang: Language = "auto",
) -> None:
    """Take back a rubric that was merged, or a refusal that is settled."""
    from grader.cli.session_people import undo as take_back

    take_back(session, rubric, interviewer, refusal, lang)


@session_app.command()
def report(
    session: SessionPath,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="DIR", help="Where to; default: report/ beside the session.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON on stdout, and no files.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="One row per candidate on stdout, and no files.")] = False,
    pdf: Annotated[bool, typer.Option("--pdf", help="All pages as one PDF too, printed by a Chromium.")] = False,
    lang: Language = "auto",
) -> None:
    """Write the report: HTML for people, JSON and CSV for machines."""
    from grader.cli.session_report import run

    run(session, out, lang, as_json=as_json, as_csv=as_csv, pdf=pdf)


@session_app.command()
def items(
    sessions: Annotated[list[Path], typer.Argument(metavar="SESSION...", help="Sessions, or folders of them.")],
    as_json: Annotated[bool, typer.Option("--json", help="As JSON (viva.items/1) on stdout.")] = False,
    out: Annotated[Path | None, typer.Option("-o", "--out", metavar="FILE", help="Write the JSON there.")] = None,
    lang: Language = "auto",
) -> None:
    """Figures of each question over many sessions: difficulty, discrimination, time."""
    from grader.cli.session_report import run_items

    run_items(tuple(sessions), out, lang, as_json=as_json)
