"""`unchain inspect` and `unchain thread`: how mails are read and joined."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from domain.errors import SourceError
from domain.mail import Address, Automatic, BouncedRecipient, Forwarded, Message, RawMail, TextPart
from unchain.cli.options import AsJson
from unchain.cli.output import emit, in_utc, results

if TYPE_CHECKING:
    from ingest.splits import Split

Files = Annotated[list[Path], typer.Argument(help="Mails, one a file (.eml).", metavar="FILE.eml…")]
Archive = Annotated[Path, typer.Argument(help="An mbox (.gz too), a Maildir or a folder of .eml.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("inspect")(inspect_mails)
    app.command("thread")(thread_archive)


def inspect_mails(files: Files, as_json: AsJson = False) -> None:
    """Show how a mail is read: own words, what was cut and why, and defects.

    [bold]unchain inspect mail.eml[/bold]
    """
    for path in files:
        message = read_file(path)
        if as_json:
            emit(as_record(message, path))
        else:
            _show(message, path)


def read_file(path: Path) -> Message:
    """The mail in a file; raises SourceError."""
    from ingest.parse import read

    try:
        content, changed = path.read_bytes(), path.stat().st_mtime
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}") from None
    received = datetime.fromtimestamp(changed, UTC)
    return read(RawMail(content=content, mail_from="", rcpt_to=(), source="eml", received_at=received))


def as_record(message: Message, path: Path) -> dict[str, object]:
    """The JSON shape of `unchain inspect`."""
    return {
        "file": str(path),
        "subject": message.subject,
        "from": written(message.sender),
        "to": [written(address) for address in message.to],
        "cc": [written(address) for address in message.cc],
        "message_id": message.message_id,
        "in_reply_to": list(message.in_reply_to),
        "references": list(message.references),
        "date": in_utc(message.date) if message.header("date") else None,
        "own_words": message.own_words,
        "trimmed": message.trimmed,
        "attachments": [attachment.name for attachment in message.attachments],
        "automatic": message.automatic,
        "auto_generated": message.automatic is not Automatic.NO,
        "bounce": message.automatic is Automatic.BOUNCE,
        "bounced": [
            {"recipient": each.email, "status": each.status, "permanent": each.permanent}
            for each in message.bounced
        ],
        "returned_message_id": message.returned_id,
        "sensitivity": list(message.sensitivity),
        "encrypted": message.encrypted,
        "signed": message.signed,
        "forwarded": [_passed_on(mail) for mail in message.forwarded],
        "defects": list(message.defects),
    }


def written(address: Address) -> str:
    """An address as people write it: `Name <mailbox>`, or what there is of it."""
    return (
        f"{address.name} <{address.email}>"
        if address.name and address.email
        else address.name or address.email
    )


def _passed_on(mail: Forwarded) -> dict[str, str | None]:
    """The JSON shape of a mail that a mail passes on."""
    return {
        "from": written(mail.sender),
        "date": in_utc(mail.date) if mail.date else None,
        "subject": mail.subject,
    }


def _told_of(mail: Forwarded) -> str:
    """Who wrote a mail that is passed on, when and about what, on one line."""
    when = in_utc(mail.date) if mail.date else ""
    return ", ".join(filter(None, (written(mail.sender), when, mail.subject)))


def _missed(recipient: BouncedRecipient) -> str:
    """Whom a mail did not reach, with the code and what it means."""
    fate = "never" if recipient.permanent else "perhaps later"
    return f"{recipient.email} ({' '.join(filter(None, (recipient.status, fate)))})"


def _show(message: Message, path: Path) -> None:
    results.print(Text(str(path), style="bold"))
    facts = [
        ("Subject", message.subject),
        ("From", written(message.sender)),
        ("To", ", ".join(map(written, message.to))),
        ("Cc", ", ".join(map(written, message.cc))),
        ("Date", in_utc(message.date)),
        ("Message-ID", message.message_id or "none"),
        ("Automatic", message.automatic),
        ("Bounced", ", ".join(map(_missed, message.bounced))),
        ("Returned", message.returned_id or ""),
        ("Attachments", ", ".join(attachment.name for attachment in message.attachments)),
        ("Sensitivity", ", ".join(message.sensitivity)),
        ("Protection", _protection(message)),
        *(("Forwarded", _told_of(mail)) for mail in message.forwarded),
        ("Defects", "; ".join(message.defects)),
    ]
    for name, value in facts:
        if value:
            results.print(Text.assemble((f"{name:>12}  ", "cyan"), value))
    for part in message.parts:
        results.print(_coloured(part))
    results.print()


def _protection(message: Message) -> str:
    """How a mail is sealed, and what became of it."""
    if message.encrypted:
        return "encrypted: not analysed, its thread stays in the mail"
    return "signed: the signature is not checked" if message.signed else ""


def _coloured(part: TextPart) -> Text:
    if part.trim is None:
        return Text(part.text, style="bold green")
    text = Text()
    for line in part.text.splitlines():
        text.append(f"{part.trim:>12} │ ", style="yellow").append(line + "\n", style="dim")
    text.rstrip()
    return text


def split_record(split: "Split") -> dict[str, object]:
    """The JSON shape of a proposed split."""
    return {"message_id": split.message.message_id, "mails": split.mails, "sentence": split.sentence}


def thread_archive(path: Archive, as_json: AsJson = False) -> None:
    """Join the mails of an archive into threads.

    [bold]unchain thread team.mbox[/bold]
    """
    from ingest.splits import proposed_splits
    from ingest.subjects import clean_subject
    from unchain.archive_threads import threads_of

    for thread, names in threads_of(path):
        subject = clean_subject(thread.subject)
        messages = [entry.message for entry in thread.messages]
        splits = proposed_splits(messages)
        if not as_json:
            results.print(Text.assemble((f"{len(messages):5}  ", "cyan"), subject or "(no subject)"))
            for split in splits:
                results.print(Text(f"       perhaps two threads: {split.sentence}", style="yellow"))
            continue
        record: dict[str, object] = {
            "subject": subject,
            "message_ids": [message.message_id for message in messages],
            "proposed_splits": [split_record(split) for split in splits],
        }
        if names is not None:
            record["files"] = names
        emit(record)
