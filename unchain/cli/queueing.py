"""`unchain queue`: what is stuck, tried now, held or given up; works with the service up or down."""

import sys
from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from unchain.cli import queue_views as views
from unchain.cli.options import CONFIG, AsJson, ConfigPath
from unchain.cli.output import complain, emit, results

if TYPE_CHECKING:  # reading mails off the command line must not load the database first
    from sqlmodel import Session

    from store.database import Database
    from unchain.stuck import Answer, Ticket

FIRST_ONES = 100  # mails shown to people unless they ask for more
DROPPED_AT_ONCE = 100  # mails: each may have its sender told

queue_app = typer.Typer(
    name="queue",
    no_args_is_help=True,
    rich_markup_mode="rich",
    help="""Show what waits and what is stuck; try it now, hold it, give it up.

    [bold]unchain queue list[/bold]

    A mail is named by its number, as in our Received line; any other job as `list` names it.

    Exit code 1 where something named is not there or cannot be done.
    """,
)

One = Annotated[str, typer.Argument(help="A mail's number, or a job as `list` names it.", metavar="ID")]
Ids = Annotated[
    list[str] | None, typer.Argument(help="Mails by number, jobs as `list` names them.", metavar="ID")
]
Needed = Annotated[
    list[str], typer.Argument(help="Mails by number, failed jobs as `list` names them.", metavar="ID")
]
All = Annotated[bool, typer.Option("--all", help="All there are.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    for command in (list_, show, retry, hold, release, drop):
        queue_app.command(command.__name__.rstrip("_"))(command)
    app.add_typer(queue_app)


def list_(
    *,
    sender: Annotated[str, typer.Option(help="Only mails whose sender holds this.")] = "",
    recipient: Annotated[str, typer.Option(help="Only mails for a recipient who holds this.")] = "",
    older: Annotated[str, typer.Option(help="Only mails so old, for example 30m, 2h or 3d.")] = "",
    held: Annotated[bool, typer.Option("--held", help="Only mails that are held.")] = False,
    limit: Annotated[
        int | None, typer.Option(min=0, help="Most mails to show; 0: all. Default: 100, with --json all.")
    ] = None,
    config: ConfigPath = CONFIG,
    as_json: AsJson = False,
) -> None:
    """List the mails that wait, oldest first, and the jobs that failed.

    [bold]unchain queue list --recipient @example.com --older 2h[/bold]

    With a filter only mails are listed. `--json` prints a line for each mail and job.
    """
    from store import backlog
    from unchain.wiring import clock, open_installation

    now = clock()
    before = now - _age(older) if older else None
    wanted = backlog.Wanted(sender=sender, recipient=recipient, before=before, only_held=held)
    most = limit if limit is not None else 0 if as_json else FIRST_ONES
    with open_installation(config).database.read() as session:
        found = backlog.waiting(session, wanted, now)
        jobs = [] if wanted != backlog.Wanted() else backlog.stuck(session)
        if as_json:
            for mail in islice(found, most or None):
                emit(views.mail_record(mail, now))
            for job in jobs:
                emit(views.job_record(job))
        else:
            views.print_list(list(islice(found, most + 1 if most else None)), jobs, now, most=most)


def show(
    name: One,
    content: Annotated[bool, typer.Option("--content", help="Print the raw mail, byte for byte.")] = False,
    config: ConfigPath = CONFIG,
    as_json: AsJson = False,
) -> None:
    """Show a mail: its header, each recipient's state and what the next hop said; or a job and its reason.

    [bold]unchain queue show 4711[/bold]

    Mails that have long been delivered are shown too, as far as they are kept.
    """
    from domain.job import JobKind
    from store import backlog, mails
    from unchain.wiring import clock, open_installation

    (asked,) = _tickets([name])
    with open_installation(config).database.read() as session:
        if asked.kind is not JobKind.FORWARD:
            found = (job for job in backlog.stuck(session) if job.subject == asked.subject)
            job = next((job for job in found if job.kind is asked.kind), None)
            record = None if job is None else views.job_record(job)
        else:
            raw = mails.load(session, int(asked.subject))
            if raw is not None and content:
                sys.stdout.buffer.write(raw.content)
                return
            record = None if raw is None else views.sheet(session, int(asked.subject), raw, clock())
    if record is None:
        complain(f"{name}: there is no such mail or stuck job")
        raise typer.Exit(1)
    emit(record) if as_json else views.print_record(record)


def retry(
    ids: Ids = None,
    every: All = False,
    not_there: Annotated[
        bool, typer.Option("--not-there", help="I have looked: what may have been posted is not there.")
    ] = False,
    config: ConfigPath = CONFIG,
    as_json: AsJson = False,
) -> None:
    """Try mails and jobs now; held mails are released, mails set aside are read again.

    [bold]unchain queue retry --all[/bold]

    [bold]unchain queue retry 4711 publish/1f0c9a7d2b3e4f55:wiki[/bold]

    A posting with an unknown outcome is never repeated unless you say --not-there.
    """
    from store import backlog
    from unchain import stuck
    from unchain.slices import in_slices
    from unchain.wiring import clock

    def all_(database: "Database") -> list["Answer"]:
        with database.read() as session:
            names, others = backlog.names(session), stuck.others(session)
        waiting = in_slices(database, names, lambda s, some: stuck.retry_waiting(s, some, clock()))
        jobs = in_slices(database, others, lambda s, some: stuck.retry_others(s, some, clock()))
        return [*waiting, *jobs]

    def some(session: "Session", tickets: Sequence["Ticket"]) -> list["Answer"]:
        if not_there:
            stuck.confirm_not_there(session, tickets)
        return stuck.retry(session, tickets, clock())

    _do(ids, every, config, as_json, some=some, all_=all_)


def hold(ids: Ids = None, every: All = False, config: ConfigPath = CONFIG, as_json: AsJson = False) -> None:
    """Keep mails and deliver them no more until `retry` or `release`; they count as queued.

    [bold]unchain queue hold 4711[/bold]

    `--all` holds what waits now; mail that is accepted later is delivered.
    """
    from store import backlog
    from unchain import stuck
    from unchain.slices import in_slices

    def all_(database: "Database") -> list["Answer"]:
        with database.read() as session:
            names = backlog.names(session)
        return list(in_slices(database, names, stuck.hold_waiting))

    _do(ids, every, config, as_json, some=stuck.hold, all_=all_)


def release(
    ids: Ids = None, every: All = False, config: ConfigPath = CONFIG, as_json: AsJson = False
) -> None:
    """Let mails that are held go on, and try them now.

    [bold]unchain queue release --all[/bold]
    """
    from store import backlog
    from unchain import stuck
    from unchain.slices import in_slices
    from unchain.wiring import clock

    def all_(database: "Database") -> list["Answer"]:
        with database.read() as session:
            names = backlog.names_held(session)
        return list(in_slices(database, names, lambda s, some: stuck.release_held(s, some, clock())))

    def some(session: "Session", tickets: Sequence["Ticket"]) -> list["Answer"]:
        return stuck.release(session, tickets, clock())

    _do(ids, every, config, as_json, some=some, all_=all_)


def drop(
    ids: Needed,
    silently: Annotated[bool, typer.Option("--silently", help="Do not tell the senders.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    config: ConfigPath = CONFIG,
    as_json: AsJson = False,
) -> None:
    """Give mails up: they are delivered no more, and their senders are told so (RFC 3464); or failed jobs.

    [bold]unchain queue drop 4711[/bold]

    Their recipients count as bounced. Asks before it does it.
    """
    from unchain import stuck
    from unchain.slices import in_slices
    from unchain.wiring import clock, open_installation, reporter_of

    tickets = _tickets(ids)
    installation = open_installation(config)
    what = f"{len(tickets)} of them" if len(tickets) > 1 else tickets[0].name
    telling = "nobody is told" if silently else "senders are told"
    if not yes and not typer.confirm(f"Give up {what} for good ({telling})?", err=True):
        raise typer.Exit(1)
    reporter = None if silently else reporter_of(installation.config)

    def give_up(session: "Session", some: Sequence["Ticket"]) -> list["Answer"]:
        return [stuck.drop(session, each, reporter, clock()) for each in some]

    answers = in_slices(installation.database, tickets, give_up, at_once=DROPPED_AT_ONCE)
    _tell(list(answers), as_json=as_json)


def _do(
    ids: Sequence[str] | None,
    every: bool,
    config: Path,
    as_json: bool,
    *,
    some: Callable[["Session", Sequence["Ticket"]], list["Answer"]],
    all_: Callable[["Database"], list["Answer"]],
) -> None:
    from unchain.slices import in_slices
    from unchain.wiring import open_installation

    if bool(ids) is every:
        raise typer.BadParameter("name what you mean, or say --all")
    tickets = _tickets(ids or [])
    database = open_installation(config).database
    answers = all_(database) if every else list(in_slices(database, tickets, some))
    _tell(answers, as_json=as_json)


def _tickets(names: Sequence[str]) -> list["Ticket"]:
    """What the names mean, each once."""
    from unchain.stuck import ticket

    tickets = {name: ticket(name) for name in names}
    wrong = [name for name, found in tickets.items() if found is None]
    if wrong:
        raise typer.BadParameter(f"{wrong[0]!r} is neither a mail's number nor a job as `list` names it")
    return list(dict.fromkeys(found for found in tickets.values() if found is not None))


def _tell(answers: Sequence["Answer"], *, as_json: bool) -> None:
    """Say what became of each wish; ends with 1 where one could not be done."""
    done = [answer for answer in answers if answer.done]
    for answer in answers if as_json else ():
        emit({"id": answer.name, "done": answer.done, "said": answer.sentence})
    if not as_json:
        for answer in done[:FIRST_ONES]:
            results.print(f"{answer.name} {answer.sentence}", markup=False)
        if len(done) > FIRST_ONES:
            results.print(f"… and {len(done) - FIRST_ONES:,} more")
        if not answers:
            results.print("There is nothing to do.")
    refused = [answer for answer in answers if not answer.done]
    for answer in () if as_json else refused:
        complain(f"{answer.name}: {answer.sentence}")
    if refused:
        raise typer.Exit(1)


def _age(text: str) -> timedelta:
    from pydantic import TypeAdapter, ValidationError

    from router.conditions.values import Duration

    try:
        return TypeAdapter(Duration).validate_python(text)
    except ValidationError:
        raise typer.BadParameter("write --older as a number and s, m, h, d or w, for example 2h") from None
