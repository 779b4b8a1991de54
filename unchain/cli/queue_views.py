"""How `unchain queue` shows mails and jobs: JSON records, a table, a sheet."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from domain.mail import RawMail
from unchain.cli.output import in_utc, results

if TYPE_CHECKING:  # reading mails off the command line must not load the database first
    from sqlmodel import Session

    from store.backlog import StuckJob, WaitingMail

_HEADER_LIMIT = 64 * 1024  # bytes of a mail's header that are shown at most


def mail_record(mail: "WaitingMail", now: datetime) -> dict[str, object]:
    """The JSON shape of a waiting mail."""
    return {
        "id": str(mail.raw_id),
        "kind": "forward",
        "state": _state(mail),
        "received_at": in_utc(mail.received_at),
        "age": int((now - mail.received_at).total_seconds()),
        "size": mail.size,
        "sender": mail.mail_from,
        "recipients": list(mail.recipients),
        "next_try": None if mail.held else in_utc(mail.next_try),
        "attempts": mail.attempts,
        "answer": mail.answer,
    }


def job_record(job: "StuckJob") -> dict[str, object]:
    """The JSON shape of a job that failed, or is tried again."""
    return {
        "id": f"{job.kind}/{job.subject}",
        "kind": str(job.kind),
        "state": _job_state(job),
        "attempts": job.attempts,
        "next_try": None if job.given_up else in_utc(job.next_try),
        "reason": job.reason,
    }


def sheet(session: "Session", raw_id: int, raw: RawMail, now: datetime) -> dict[str, object]:
    """All that is known of one mail, as JSON."""
    from store import backlog

    waiting = next(backlog.waiting(session, backlog.Wanted(raw_id=raw_id), now), None)
    marks = backlog.marks(session, raw_id)
    told = None if marks is None or marks.delay_told_at is None else in_utc(marks.delay_told_at)
    return {
        "id": str(raw_id),
        "state": "done" if waiting is None else _state(waiting),
        "received_at": in_utc(raw.received_at),
        "source": raw.source,
        "peer": raw.peer,
        "protocol": raw.protocol,
        "size": len(raw.content),
        "sender": raw.mail_from,
        "next_try": None if waiting is None or waiting.held else in_utc(waiting.next_try),
        "attempts": 0 if waiting is None else waiting.attempts,
        "answer": "" if waiting is None else waiting.answer,
        "delay_told_at": told,
        "set_aside": None if marks is None else marks.set_aside,
        "recipients": [
            {
                "address": each.address,
                "state": str(each.state),
                "code": each.code,
                "text": each.text,
                "changed_at": in_utc(each.changed_at),
            }
            for each in backlog.recipients(session, raw_id)
        ],
        "header": _header_of(raw.content),
    }


def print_list(
    mails: Sequence["WaitingMail"], jobs: Sequence["StuckJob"], now: datetime, *, most: int
) -> None:
    """The table of what waits; of more than `most` mails (0: no limit) only that there are more."""
    if not mails and not jobs:
        results.print("Nothing waits.")
    if mails:
        table = Table("mail", "age", "size", "sender", "recipients left", "next try", "tries", "last answer")
        for mail in mails[: most or None]:
            table.add_row(*map(escape, _row(mail, now)))
        results.print(table)
    if most and len(mails) > most:
        results.print("… and more; --limit 0 shows all, --json each in a line.", markup=False)
    for job in jobs:
        mark = "[red]failed[/red]" if job.given_up else "[yellow]tried again[/yellow]"
        results.print(f"{mark} {escape(f'{job.kind}/{job.subject}')}: {escape(job.reason)}")


def _row(mail: "WaitingMail", now: datetime) -> tuple[str, ...]:
    next_try = _state(mail) if mail.held or mail.under_way else _span(mail.next_try - now)
    more = f" +{len(mail.recipients) - 1}" if len(mail.recipients) > 1 else ""
    return (
        str(mail.raw_id),
        _span(now - mail.received_at),
        f"{mail.size:,}",
        mail.mail_from or "<>",
        f"{next(iter(mail.recipients), '')}{more}",
        next_try,
        str(mail.attempts),
        mail.answer,
    )


def print_record(record: Mapping[str, object]) -> None:
    """A record for people: one thing a line, recipients and header below."""
    for name, value in record.items():
        if value not in (None, "") and name not in ("recipients", "header"):
            results.print(f"{name.replace('_', ' ')}: {value}", markup=False, soft_wrap=True)
    recipients = record.get("recipients")
    for each in recipients if isinstance(recipients, list) else ():
        said = f"{each['code']} {each['text']}" if each["code"] else each["text"]
        line = f"{each['address']}: {each['state']} {each['changed_at']} {said}"
        results.print(line, markup=False, soft_wrap=True)
    if record.get("header"):
        results.print(f"\n{record['header']}", markup=False, soft_wrap=True)


def _state(mail: "WaitingMail") -> str:
    if mail.held:
        return "held"
    return "under way" if mail.under_way else "waiting"


def _job_state(job: "StuckJob") -> str:
    return "failed" if job.given_up else "waiting"


def _header_of(content: bytes) -> str:
    header = content[:_HEADER_LIMIT].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    text = header.decode("utf-8", "replace")
    # A terminal obeys what is written to it, and a mail's header is anybody's writing.
    return "".join(character if character.isprintable() or character == "\n" else "?" for character in text)


def _span(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    if seconds <= 0:
        return "now"
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
