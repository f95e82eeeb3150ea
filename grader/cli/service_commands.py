"""The commands of the grading backend with their options; each imports what it needs when it runs."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from grader.cli.options import Language, PackFolders
from grader.cli.panels import SERVE

Database = Annotated[
    str | None,
    typer.Option("--database", metavar="URL", envvar="VIVA_DATABASE", help="PostgreSQL; default: an embedded one."),
]
CORES = os.cpu_count() or 1
Lanes = Annotated[int, typer.Option(min=1, max=256, help="How many submissions to grade at a time.")]
Data = Annotated[
    Path | None, typer.Option("--data", metavar="DIR", help="Where the service keeps its database and signing key.")
]
pack_app = typer.Typer(help="Packs in the grading backend's database, for all of its machines.", no_args_is_help=True)
tenant_app = typer.Typer(help="Tenants of the grading backend: their shares and quotas.", no_args_is_help=True)
key_app = typer.Typer(help="Keys of tenants: shown once, kept as a digest.", no_args_is_help=True)

signing_app = typer.Typer(help="Keys that verdicts are signed with.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to `viva`."""
    app.command(rich_help_panel=SERVE)(serve)
    app.command(rich_help_panel=SERVE)(worker)
    app.command(rich_help_panel=SERVE)(top)
    app.command(rich_help_panel=SERVE)(submit)
    app.command(rich_help_panel=SERVE)(verify)
    app.add_typer(pack_app, name="pack", rich_help_panel=SERVE)
    app.add_typer(tenant_app, name="tenant", rich_help_panel=SERVE)
    key_app.add_typer(signing_app, name="signing")
    app.add_typer(key_app, name="key", rich_help_panel=SERVE)


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on; 0 takes a free one.")] = 8080,
    database: Database = None,
    data: Data = None,
    workers: Annotated[int, typer.Option(min=0, max=64, help="Worker processes on this machine.")] = 1,
    lanes: Lanes = CORES,
    certificate: Annotated[
        Path | None, typer.Option(metavar="FILE", exists=True, dir_okay=False, help="TLS certificate chain, PEM.")
    ] = None,
    certificate_key: Annotated[
        Path | None, typer.Option(metavar="FILE", exists=True, dir_okay=False, help="Its private key, PEM.")
    ] = None,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Listen beyond loopback without TLS: something in front speaks it.")
    ] = False,
    allow_inside: Annotated[
        bool, typer.Option("--allow-inside", help="Let webhooks and callbacks point into private networks.")
    ] = False,
    lang: Language = "auto",
    pack: PackFolders = None,
) -> None:
    """Run the grading backend: an HTTP api, a queue and workers; nothing else is needed."""
    require_service()
    from grader.cli.language import choose
    from grader.cli.serve import ServeOrder, run

    order = ServeOrder(
        host=host,
        port=port,
        database=database,
        folder=data,
        workers=workers,
        lanes=lanes,
        packs=tuple(pack or ()),
        certificate=certificate,
        certificate_key=certificate_key,
        insecure=insecure,
        allow_inside=allow_inside,
        lang=choose(lang),
    )
    raise typer.Exit(run(order))


def worker(
    database: Database = None,
    lanes: Lanes = CORES,
    exercises: Annotated[
        list[str] | None, typer.Option("--exercise", help="Only this exercise; may be repeated.")
    ] = None,
    environments: Annotated[
        list[str] | None, typer.Option("--environment", help="Only exercises of this environment; may be repeated.")
    ] = None,
    device: Annotated[
        Literal["cpu", "cuda"],
        typer.Option(help="`cuda`: also what is to be graded on a GPU, on that of this machine."),
    ] = "cpu",
    gpu_lanes: Annotated[
        int, typer.Option("--gpu-lanes", min=1, max=64, help="How many submissions may be on the GPU at a time.")
    ] = 1,
    lang: Language = "auto",
    pack: PackFolders = None,
) -> None:
    """Grade what the queue of a grading backend holds, on this machine too."""
    require_service()
    from grader.cli.language import choose
    from grader.cli.worker import run
    from grader.errors import UsageError
    from grader.worker.run import WorkerOrder

    if database is None:
        raise UsageError(
            "a worker needs the service's database; name it with --database URL or in VIVA_DATABASE",
            "工作进程需要服务的数据库；请用 --database URL 或环境变量 VIVA_DATABASE 指定",
        )
    order = WorkerOrder(
        url=database,
        lanes=lanes,
        exercises=tuple(exercises or ()),
        environments=tuple(environments or ()),
        packs=tuple(pack or ()),
        device=device,
        gpu_lanes=gpu_lanes,
    )
    raise typer.Exit(run(order, choose(lang)))


def top(
    database: Database = None,
    data: Data = None,
    every: Annotated[float, typer.Option(min=0.2, metavar="SECONDS", help="How often to look.")] = 1.0,
    once: Annotated[bool, typer.Option("--once", help="Look once and end.")] = False,
    lang: Language = "auto",
) -> None:
    """Watch the queue and the workers of a grading backend."""
    require_service()
    from grader.cli.operate import Access
    from grader.cli.top import TopOrder, run

    raise typer.Exit(run(TopOrder(Access.of(database, data, lang), every, once)))


def submit(
    words: Annotated[list[str], typer.Argument(metavar="EXERCISE PATH...", help="Files, or folders of them.")],
    server: Annotated[str, typer.Option(envvar="VIVA_SERVER", metavar="URL", help="The grading backend.")],
    key: Annotated[
        str | None,
        typer.Option(
            envvar="VIVA_KEY",
            metavar="KEY",
            help="A key of your tenant. Others on this machine can see it here (`ps`): better set VIVA_KEY.",
        ),
    ] = None,
    key_file: Annotated[
        Path | None,
        typer.Option("--key-file", metavar="FILE", help="Read the key from this file; - reads standard input."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One verdict per line as JSON, and nothing else.")] = False,
    seed: Annotated[int | None, typer.Option(help="Replay this seed instead of drawing a secret one.")] = None,
    insecure: Annotated[
        bool,
        typer.Option("--insecure", help="Send the key unencrypted to another machine: anybody between may read it."),
    ] = False,
    lang: Language = "auto",
) -> None:
    """Send submissions to a grading backend and show their verdicts; sent again, it goes on where it broke off."""
    require_service()
    from grader.cli.language import choose
    from grader.cli.submit import SubmitOrder, key_of, run

    order = SubmitOrder(
        slug=words[0],
        paths=tuple(Path(word) for word in words[1:]),
        server=server,
        key=key_of(key, key_file),
        as_json=as_json,
        seed=seed,
        lang=choose(lang),
        insecure=insecure,
    )
    raise typer.Exit(run(order))


def verify(
    file: Annotated[Path, typer.Argument(metavar="VERDICT", help="A signed verdict, or a submission that holds one.")],
    keys: Annotated[
        str | None, typer.Option(metavar="FILE|URL", help="Public keys: a file, or the service's address.")
    ] = None,
    replay: Annotated[
        Path | None, typer.Option(metavar="SOURCE", help="Grade this source again with the same seed and compare.")
    ] = None,
    lang: Language = "auto",
    pack: PackFolders = None,
) -> None:
    """Check a verdict that came from a grading backend: who signed it, and that nobody changed it."""
    require_service()
    from grader.cli.language import choose
    from grader.cli.verify import VerifyOrder, run

    order = VerifyOrder(file=file, keys=keys, replay=replay, packs=tuple(pack or ()), lang=choose(lang))
    raise typer.Exit(run(order))


@pack_app.command("add")
def pack_add(
    place: Annotated[Path, typer.Argument(metavar="FILE|DIR", help="A pack's folder, or a .tar.gz of one.")],
    name: Annotated[
        str | None, typer.Option(help="What it replaces when it is in force; default: the folder's name.")
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Leave out mutants and bad submissions; `viva pack list` shows that.")
    ] = False,
    seeds: Annotated[int, typer.Option(min=1, max=100, help="How many seeds to try each claim on.")] = 3,
    jobs: Annotated[int, typer.Option(min=1, max=256, help="How many exercises to check at a time.")] = 2,
    database: Database = None,
    data: Data = None,
    lang: Language = "auto",
) -> None:
    """Check a pack as `viva check` does, and put it in force; its suites run with the rights of the judge."""
    require_service()
    from grader.cli.operate import Access
    from grader.cli.pack import AddOrder, add

    order = AddOrder(place=place, name=name, quick=quick, seeds=seeds, jobs=jobs)
    raise typer.Exit(add(Access.of(database, data, lang), order))


@pack_app.command("list")
def pack_list(database: Database = None, data: Data = None, lang: Language = "auto") -> None:
    """List packs, those in force and those that they replaced."""
    require_service()
    from grader.cli.operate import Access
    from grader.cli.pack import list_packs

    list_packs(Access.of(database, data, lang))


@pack_app.command("retire")
def pack_retire(
    name: Annotated[str, typer.Argument(help="The pack's name.")],
    database: Database = None,
    data: Data = None,
    lang: Language = "auto",
) -> None:
    """Take no more submissions for a pack; what is queued is graded all the same."""
    require_service()
    from grader.cli.operate import Access
    from grader.cli.pack import retire

    retire(Access.of(database, data, lang), name)


@pack_app.command("purge")
def pack_purge(
    older_than: Annotated[
        float, typer.Option(min=0, metavar="DAYS", help="Only those that were not in force for so many days.")
    ] = 0.0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be removed, and remove nothing.")] = False,
    database: Database = None,
    data: Data = None,
    lang: Language = "auto",
) -> None:
    """Remove replaced and retired packs that no grading and no running program needs; verdicts stay."""
    require_service()
    from grader.cli.operate import Access
    from grader.cli.pack import purge

    purge(Access.of(database, data, lang), older_than, dry=dry_run)


@tenant_app.command("add")
def tenant_add(
    name: Annotated[str, typer.Argument(help="A short name, such as acme.")],
    database: Database = None,
    data: Data = None,
    weight: Annotated[float, typer.Option(min=0.01, max=16, help="Its share of the queue.")] = 1.0,
    feedback: Annotated[
        Literal["full", "titles", "score"], typer.Option(help="The most that leaves the service.")
    ] = "score",
    per_minute: Annotated[int, typer.Option(min=1, help="Requests a minute.")] = 6000,
    in_flight: Annotated[int, typer.Option(min=1, help="Submissions queued or being graded.")] = 20_000,
    per_day: Annotated[int, typer.Option(min=1, help="Submissions a day (UTC).")] = 100_000,
    lang: Language = "auto",
) -> None:
    """Add a tenant, or change one that there is."""
    require_service()
    from grader.cli.operate import Access, add_tenant

    settings = {
        "weight": weight,
        "feedback": feedback,
        "per_minute": per_minute,
        "in_flight": in_flight,
        "per_day": per_day,
    }
    add_tenant(Access.of(database, data, lang), name, settings)


@tenant_app.command("list")
def tenant_list(database: Database = None, data: Data = None, lang: Language = "auto") -> None:
    """List tenants."""
    require_service()
    from grader.cli.operate import Access, list_tenants

    list_tenants(Access.of(database, data, lang))


@tenant_app.command("suspend")
def tenant_suspend(
    name: Annotated[str, typer.Argument(help="The tenant.")],
    database: Database = None,
    data: Data = None,
    undo: Annotated[bool, typer.Option("--undo", help="Let it in again.")] = False,
    lang: Language = "auto",
) -> None:
    """Let nobody of a tenant in any more; what is queued is graded all the same."""
    require_service()
    from grader.cli.operate import Access, suspend_tenant

    suspend_tenant(Access.of(database, data, lang), name, on=not undo)


@key_app.command("new")
def key_new(
    tenant: Annotated[str, typer.Option(help="Whose key it is.")],
    scopes: Annotated[str, typer.Option("--scope", help="submit, read, admin; several with commas.")] = "submit,read",
    label: Annotated[str, typer.Option(help="A word to tell it apart.")] = "",
    expires: Annotated[datetime | None, typer.Option(help="From when on it is worthless (UTC).")] = None,
    database: Database = None,
    data: Data = None,
    lang: Language = "auto",
) -> None:
    """Make a key; it is shown this once."""
    require_service()
    from grader.cli.operate import Access, make_key

    make_key(Access.of(database, data, lang), tenant, scopes, label, expires)


@key_app.command("list")
def key_list(database: Database = None, data: Data = None, lang: Language = "auto") -> None:
    """List keys by their prefixes."""
    require_service()
    from grader.cli.operate import Access, list_keys

    list_keys(Access.of(database, data, lang))


@key_app.command("revoke")
def key_revoke(
    prefix: Annotated[str, typer.Argument(help="The 12 characters after `viva_`.")],
    database: Database = None,
    data: Data = None,
    lang: Language = "auto",
) -> None:
    """Make a key worthless at once."""
    require_service()
    from grader.cli.operate import Access, revoke_key

    revoke_key(Access.of(database, data, lang), prefix)


@signing_app.command("list")
def signing_list(database: Database = None, data: Data = None, lang: Language = "auto") -> None:
    """List signing keys: those in use, those given up, those revoked."""
    require_service()
    from grader.cli.operate import Access
    from grader.cli.signing_key import list_signing_keys

    list_signing_keys(Access.of(database, data, lang))


@signing_app.command("rotate")
def signing_rotate(database: Database = None, data: Data = None, lang: Language = "auto") -> None:
    """Sign with another key from now on; what the old one signed can still be checked."""
    require_service()
    from grader.cli.operate import Access
    from grader.cli.signing_key import rotate

    rotate(Access.of(database, data, lang))


@signing_app.command("revoke")
def signing_revoke(
    key: Annotated[str, typer.Argument(metavar="KEY", help="Its id, as `viva key signing list` shows it.")],
    database: Database = None,
    data: Data = None,
    lang: Language = "auto",
) -> None:
    """Have a key that leaked vouch for nothing: no verdict that it signed holds any more."""
    require_service()
    from grader.cli.operate import Access
    from grader.cli.signing_key import revoke_signing_key

    revoke_signing_key(Access.of(database, data, lang), key)


def require_service() -> None:
    """Raise UsageError where the packages of the grading backend are not installed."""
    from importlib.util import find_spec

    if all(find_spec(name) for name in ("fastapi", "uvicorn", "psycopg", "procrastinate", "httpx", "cryptography")):
        return
    from grader.errors import UsageError

    raise UsageError(
        "the grading backend needs more packages; run `pip install 'vivavoce[service]'`",
        "判题后端还需要一些软件包；请执行 `pip install 'vivavoce[service]'`",
    )
