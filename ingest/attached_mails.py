"""Reads who wrote the mails that are attached to a mail as message/rfc822 (RFC 2046 section 5.2.1), and when.

Only their header fields: their text is theirs. Not for reports, which enclose the mail that they report on.
"""

from collections.abc import Iterator

from domain.mail import Forwarded
from ingest import dates
from ingest.addresses import read_people
from ingest.authors import author
from ingest.fields import Header
from ingest.filenames import declared_name
from ingest.mime import Part, Structure, take_apart
from ingest.part_text import part_bytes

MOST = 50
DEEPEST = 5  # attached mails within attached mails
MOST_PARTS = 5_000
_MESSAGES = frozenset({"message/rfc822", "message/global", "message/news"})
# What some programs call a file of a mail.
_FILES = frozenset({"application/octet-stream", "application/eml", "application/x-eml", "text/plain"})


def attached_mails(structure: Structure) -> tuple[Forwarded, ...]:
    """The mails attached to a mail, each before those that are attached to it."""
    if structure.root.content_type == "multipart/report":
        return ()
    return tuple(_within(structure, 0))[:MOST]


def _within(structure: Structure, depth: int) -> Iterator[Forwarded]:
    messages = [part for part in _parts(structure.root) if _is_mail(part)]
    for part in messages[:MOST]:
        inside = take_apart(part_bytes(structure, part))
        header = Header(inside.root.fields)
        people = read_people(inside.root)
        sender, subject = author(people, header), header.filled("subject")
        if sender.email or (subject and header.filled("date")):
            yield Forwarded(
                sender=sender, date=dates.read(header.filled("date")) or people.date, subject=subject
            )
        if depth + 1 < DEEPEST:
            yield from _within(inside, depth + 1)


def _is_mail(part: Part) -> bool:
    if part.content_type in _MESSAGES:
        return True
    return part.content_type in _FILES and declared_name(part).lower().endswith(".eml")


def _parts(root: Part) -> Iterator[Part]:
    waiting = [root]
    for _ in range(MOST_PARTS):
        if not waiting:
            return
        part = waiting.pop()
        yield part
        waiting.extend(reversed(part.children))
