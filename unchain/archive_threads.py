"""Reading a whole archive into threads, without a database."""

from collections.abc import Iterator
from pathlib import Path

from domain.mail import Message, Thread, ThreadMessage
from ingest.conversation import conversation_order, how_joined
from ingest.parse import read
from ingest.sources.registry import open_archive
from ingest.threading import join


def threads_of(path: Path) -> Iterator[tuple[Thread, list[str] | None]]:
    """The threads of an archive by their first mail, each with its file names where mails are files.

    Ids are made up: the first message's id, or its digest. Raises SourceError.
    """
    archive = open_archive(path)
    messages: list[Message] = []
    names: dict[str, str] = {}
    for mail in archive:
        message = read(mail.raw)
        if message.digest not in names:
            names[message.digest] = mail.name
            messages.append(message)
    in_files = archive.form != "mbox"
    for group in join(messages):
        ordered = conversation_order(group)
        files = [names[message.digest] for message in ordered] if in_files else None
        yield as_thread(ordered), files


def as_thread(ordered: list[Message]) -> Thread:
    """A thread made of messages that are known to belong together."""
    first = ordered[0]
    entries = tuple(
        ThreadMessage(message=message, joined=joined)
        for message, joined in zip(ordered, how_joined(ordered), strict=True)
    )
    return Thread(id=first.message_id or first.digest[:16], subject=first.subject, messages=entries)
