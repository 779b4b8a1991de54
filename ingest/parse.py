"""Reading a mail: `read` turns RawMail into a Message and never raises, whatever the bytes.

The steps, one module each: `mime` takes the bytes apart, `fields` decodes the header, `addresses` lets
mail-parser read people and date, `bodies` finds text and attachments, `own_words` splits the text,
`forwarded` finds what it passes on, `origin` tells machines from people. What was wrong is listed in
`Message.defects`. Not for threading.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from domain.mail import Address, Automatic, Message, RawMail, TextPart
from ingest import dates, identifiers
from ingest.addresses import People, read_people
from ingest.attached_mails import attached_mails
from ingest.authors import answers_to, author, bystanders
from ingest.bodies import gather
from ingest.contents import Contents
from ingest.fields import Header
from ingest.forwarded import find_forwarded
from ingest.mime import Part, Structure, take_apart
from ingest.origin import with_origin
from ingest.own_words import own_words, split_html, split_plain
from ingest.part_text import Body
from ingest.sensitivity import labels

_RETURNS = (Automatic.BOUNCE, Automatic.REPORT)
_REAL_CLOCK = frozenset({"smtp", "lmtp", "journal", "imap", "unchain"})


def read(raw: RawMail) -> Message:
    """Read a mail; whatever cannot be read is left out and listed in its defects."""
    structure = take_apart(raw.content)
    likely = _likely_charset(structure.root)
    header = Header(structure.root.fields, likely)
    people = read_people(structure.root, likely)
    contents = gather(structure)
    sender = author(people, header)
    date, subject = _date(raw, people, header), header.filled("subject")
    parts = () if contents.encrypted else _split(contents.bodies, sender.name)
    passed = find_forwarded(parts, subject=subject, date=date, date_field=header.filled("date"))
    to, cc = people.of("to"), people.of("cc")
    message = Message(
        message_id=identifiers.message_id(header.filled("message-id")),
        digest=hashlib.sha256(raw.content).hexdigest(),
        subject=subject,
        sender=sender,
        to=to,
        cc=cc,
        bcc=_hidden((*raw.rcpt_to, *(each.email for each in people.of("bcc"))), (*to, *cc)),
        bystanders=bystanders(people, sender),
        answers_to=answers_to(people, sender),
        date=date,
        in_reply_to=_answered(people, header),
        references=identifiers.references(" ".join(header.all("references"))),
        own_words=own_words(passed.parts),
        parts=passed.parts,
        attachments=tuple(contents.attachments),
        list_id=_list_id(header),
        headers=header.pairs,
        sensitivity=tuple(dict.fromkeys((*labels(header), *contents.labels))),
        encrypted=contents.encrypted,
        signed=contents.signed,
        forwarded=(*passed.mails, *attached_mails(structure)),
        stray_people=people.strays,
        defects=_defects(structure, people, header, contents, sender),
    )
    whole = with_origin(message, raw, structure, contents, header)
    # A bounce encloses the mail that it returns, and passes nothing on.
    return whole if whole.automatic not in _RETURNS else replace(whole, forwarded=())


def _answered(people: People, header: Header) -> tuple[str, ...]:
    named = (each for field in ("from", "to", "cc", "reply-to") for each in people.of(field))
    return identifiers.in_reply_to(" ".join(header.all("in-reply-to")), {each.email for each in named})


def _likely_charset(root: Part) -> str | None:
    """The charset of the first text, which raw 8-bit fields mostly share; None where there are none."""
    if all(found.raw.isascii() for found in root.fields):
        return None
    part = root
    while part.children:
        part = part.children[0]
    return part.type.parameter("charset") or None


def _split(bodies: Iterable[Body], author: str) -> tuple[TextPart, ...]:
    """Neighbouring plain texts are split as one: a list's footer is often a part of its own."""
    parts: list[TextPart] = []
    plain: list[str] = []
    for body in bodies:
        if body.html:
            parts.extend(_split_plain(plain, author))
            plain = []
            parts.extend(split_html(body.text, author=author))
        else:
            plain.append(body.text)
    parts.extend(_split_plain(plain, author))
    return tuple(parts)


def _split_plain(texts: list[str], author: str) -> tuple[TextPart, ...]:
    return split_plain("\n".join(text.rstrip("\n") for text in texts), author=author) if texts else ()


def _hidden(recipients: Iterable[str], shown: Iterable[Address]) -> tuple[Address, ...]:
    """Recipients in neither To nor Cc: Bcc, or members of a list that only the router knows."""
    named = {address.email for address in shown}
    hidden = dict.fromkeys(recipient.strip().lower() for recipient in recipients)
    return tuple(Address(email=recipient) for recipient in hidden if recipient and recipient not in named)


def _date(raw: RawMail, people: People, header: Header) -> datetime:
    # The time of receipt is a clock only where the mail came in live; a file's time may be anything.
    now = raw.received_at if raw.source in _REAL_CLOCK else dates.LATEST
    return dates.choose((people.date,), header.all("received"), at=raw.received_at, now=now)


def _list_id(header: Header) -> str | None:
    """RFC 2919: the identifier in angle brackets, lower case."""
    value = header.first("list-id")
    if not value:
        return None
    inside = value.rpartition("<")[2].partition(">")[0] if "<" in value else value
    return inside.strip().lower()[:255] or None


def _defects(
    structure: Structure, people: People, header: Header, contents: Contents, sender: Address
) -> tuple[str, ...]:
    found = [*structure.defects, *people.defects, *contents.defects]
    if not sender.email:
        found.append("it names no sender")
    if not header.filled("message-id"):
        found.append("it has no Message-ID")
    if not header.filled("date"):
        found.append("it has no date")
    elif people.date is None:
        found.append("its date cannot be read")
    if header.cut:
        found.append(f"{header.cut} header fields were left out")
    return tuple(dict.fromkeys(found))
