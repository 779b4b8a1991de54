"""`unchain status`, `why` and `recall`: operations; they work with the service down."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from domain.delivery import Balance
from domain.job import JobKind
from unchain.cli.options import CONFIG, AsJson, ConfigPath
from unchain.cli.output import complain, emit, in_utc, operator, results

if TYPE_CHECKING:  # reading mails off the command line must not load the database first
    from sqlmodel import Session

    from store.publications import Planned
    from store.reachability import Unreachable


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(status)
    app.command()(why)
    app.command()(recall)


@dataclass(frozen=True, kw_only=True)
class Situation:
    """All that an admin should know."""

    balance: Balance
    waiting: Mapping[tuple[JobKind, str], int]  # jobs by kind and state
    failures: Sequence[tuple[JobKind, str, str]]  # kind, subject and reason
    aside: Sequence[tuple[int, str]]  # mails set aside
    lost: Sequence["Unreachable"]
    silence: tuple[datetime, str] | None
    in_doubt: Sequence["Planned"]  # publications that may have landed
    troubled: Mapping[tuple[JobKind, str], int]  # jobs that are tried again, by kind and reason


def status(config: ConfigPath = CONFIG, as_json: AsJson = False) -> None:
    """Show the balance of accepted mail, what waits and what was set aside.

    [bold]unchain status[/bold]

    Says, too, which postings may have landed or wait for their service, and while Unchain sends no mail of
    its own because too many went out. Exit code 1 where the balance does not hold.
    """
    from unchain.wiring import open_installation

    with open_installation(config).database.read() as session:
        found = _situation(session)
    if as_json:
        emit(_record(found))
    else:
        _show_balance(found.balance)
        for (kind, state), number in found.waiting.items():
            results.print(f"{number:,} {kind} jobs {state}")
        for what, which, reason in _troubles(found):
            results.print(f"{what} {escape(which)}: {escape(reason)}")
    if not found.balance.holds:
        raise typer.Exit(1)


def _situation(session: "Session") -> Situation:
    from store import backlog, mails, notices, queue, reachability, uncertain

    return Situation(
        balance=mails.balance(session),
        waiting=queue.counts(session),
        failures=queue.failures(session),
        aside=mails.aside(session),
        lost=reachability.everybody(session),
        silence=notices.silence(session, datetime.now(UTC)),
        in_doubt=uncertain.everything(session),
        troubled=Counter((job.kind, job.reason) for job in backlog.stuck(session) if not job.given_up),
    )


def _record(found: Situation) -> dict[str, object]:
    silence = found.silence
    return {
        **asdict(found.balance),
        "holds": found.balance.holds,
        "set_aside": [{"mail": raw_id, "reason": reason} for raw_id, reason in found.aside],
        "jobs": {f"{kind}/{state}": number for (kind, state), number in found.waiting.items()},
        "failed": [{"job": kind, "subject": s, "reason": r} for kind, s, r in found.failures],
        "uncertain": [{"publication": each.key, "reason": each.error} for each in found.in_doubt],
        "tried_again": [{"job": k, "reason": r, "count": n} for (k, r), n in found.troubled.items()],
        "unreachable": [_unreachable(each) for each in found.lost],
        "silent": None if silence is None else {"until": in_utc(silence[0]), "reason": silence[1]},
    }


def _troubles(found: Situation) -> list[tuple[str, str, str]]:
    """What an admin should know: sort, which, and the reason."""
    silence = found.silence
    alarms = [] if silence is None else [("[red]silent[/red]", f"until {in_utc(silence[0])}", silence[1])]
    return [
        *alarms,
        *(("[red]may have landed[/red]", each.key, each.error or "") for each in found.in_doubt),
        *(("[red]failed[/red]", f"{kind} {subject}", reason) for kind, subject, reason in found.failures),
        *(("[yellow]tried again[/yellow]", f"{n:,} {k} jobs", r) for (k, r), n in found.troubled.items()),
        *(("[yellow]set aside[/yellow]", f"mail {raw_id}", reason) for raw_id, reason in found.aside),
        *(("[yellow]no notices[/yellow]", f"to {each.email}", each.why) for each in found.lost),
    ]


def _unreachable(person: "Unreachable") -> dict[str, str | None]:
    return {"address": person.email, "since": in_utc(person.since), "reason": person.why}


def _show_balance(balance: Balance) -> None:
    table = Table("recipients", "", title=f"{balance.mails:,} mails", title_justify="left")
    for name in ("accepted", "delivered", "queued", "bounced", "ours"):
        table.add_row(name, f"{getattr(balance, name):,}")
    results.print(table)
    results.print("[green]The balance holds.[/green]" if balance.holds else "[red]Mails are missing.[/red]")


def why(
    message_id: Annotated[str, typer.Argument(help="The mail's Message-ID.")],
    config: ConfigPath = CONFIG,
    as_json: AsJson = False,
) -> None:
    """Tell what was decided about a mail's thread, when, and by which rule.

    [bold]unchain why 20260311.4711@example.com[/bold]
    """
    from store import decisions, publications, thread_keys
    from unchain.wiring import open_installation

    with open_installation(config).database.read() as session:
        thread_id = thread_keys.of_message(session, message_id.strip("<> "))
        decision = None if thread_id is None else decisions.latest(session, thread_id)
        planned = [] if thread_id is None else publications.of_thread(session, thread_id)
    if thread_id is None:
        complain(f"{message_id}: no mail with this Message-ID is stored")
        raise typer.Exit(1)
    said = "not judged yet: the thread has not settled" if decision is None else decision.reason
    places = [
        {"space": p.space, "state": p.state, "url": p.receipt.url if p.receipt else None} for p in planned
    ]
    if as_json:
        outcome = None if decision is None else decision.outcome
        emit({"thread": thread_id, "outcome": outcome, "reason": said, "publications": places})
        return
    results.print(said, markup=False)
    for place in places:
        results.print(f"{place['space']}: {place['state']} {place['url'] or ''}", markup=False)


def recall(
    thread: Annotated[str, typer.Argument(help="The thread's id, as in its address, or a Message-ID of it.")],
    config: ConfigPath = CONFIG,
) -> None:
    """Take a thread back out of the spaces and keep it in the mail; the running service does it.

    [bold]unchain recall 1f0c9a7d2b3e4f55[/bold]
    """
    from store import lessons, queue, thread_keys, threads
    from unchain.wiring import open_installation

    with open_installation(config).database.write() as session:
        living = thread_keys.of_message(session, thread.strip("<> ")) or threads.current(session, thread)
        if living is not None:
            lessons.veto(session, living, operator(), datetime.now(UTC))
            queue.add(session, JobKind.RECALL, living, datetime.now(UTC))
    if living is None:
        complain(f"{thread}: there is no such thread")
        raise typer.Exit(1)
    results.print(f"Thread {living} is being recalled; `unchain why` shows when it is done.")
