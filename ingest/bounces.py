"""What a delivery report says: whom a mail did not reach, why, and whether it may yet (RFC 3464, RFC 3463).

Reads the fields of `message/delivery-status`; where there are none, bounce_texts.py reads the words. Not for
telling reports from other mail: that is automatic.py.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from domain.mail import Address, BouncedRecipient, TextPart
from ingest.addresses import read_leniently
from ingest.automatic_signs import RETURNED
from ingest.bounce_texts import Told, named_in
from ingest.bounce_verdicts import enhanced, is_permanent, status_of
from ingest.contents import Contents
from ingest.encoded_words import decode_value
from ingest.fields import Header
from ingest.identifiers import message_id
from ingest.mime import Structure, take_apart
from ingest.part_text import part_bytes

_ID = re.compile(
    rb"^(?:> ?)?(?:x-)?(?:original-)?message-id[ \t]*:\s*(<[^<>\n]{1,900}>)", re.IGNORECASE | re.MULTILINE
)
_STATUSES = frozenset({"message/delivery-status", "message/global-delivery-status"})
_DISPOSITIONS = frozenset({"message/disposition-notification", "message/global-disposition-notification"})
_ARRIVED = frozenset({"delivered", "relayed", "expanded"})
_MOST = 100
_LONGEST = 200_000


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a delivery or disposition report tells."""

    recipients: tuple[BouncedRecipient, ...] = ()
    returned_id: str | None = None  # of the mail that it is about
    arrived: bool = False  # it tells of nobody whom the mail did not reach


def report_of(
    structure: Structure,
    contents: Contents,
    header: Header,
    parts: Iterable[TextPart],
    people: Iterable[Address],
) -> Report:
    """What a mail that is a report says; `people` are those of its own From and To. Linear; never raises."""
    text = "\n".join(part.text for part in parts)[:_LONGEST]
    held = [(part.content_type, part_bytes(structure, part)[:_LONGEST]) for part in contents.parts[:_MOST]]
    returned = [content for content_type, content in held if content_type in RETURNED]
    statuses = [content for content_type, content in held if content_type in _STATUSES]
    told = [content for content_type, content in held if content_type in _DISPOSITIONS]
    sources = (*returned, *told, *statuses, text.encode("utf-8", "replace"))
    found = next((each for each in map(_id_in, sources) if each is not None), None)
    groups = [group for content in statuses for group in _groups(content)]
    # Gateways wrap a whole report into another mail, or write its fields into the text.
    groups = groups or [group for content in (text.encode(), *returned) for group in _fields_within(content)]
    if groups and all(action in _ARRIVED for action, _ in groups):
        return Report(returned_id=found, arrived=True)
    reached = [recipient for action, recipient in groups if action not in _ARRIVED]
    recipients = reached or [_bounced(each) for each in named_in(text, _failed(header), people)]
    first = {recipient.email: recipient for recipient in reversed(recipients)}
    return Report(recipients=tuple(reversed(first.values()))[:_MOST], returned_id=found)


def _groups(content: bytes) -> Iterator[tuple[str, BouncedRecipient]]:
    """One group of fields for each recipient, separated by blank lines; the first is about the mail."""
    for block in content.replace(b"\r\n", b"\n").split(b"\n\n")[: _MOST + 1]:
        recipient = _recipient_of(Header(take_apart(block.strip() + b"\n\n").root.fields))
        if recipient is not None:
            yield recipient.action, recipient


def _fields_within(content: bytes) -> Iterator[tuple[str, BouncedRecipient]]:
    if b"inal-recipient:" in content.lower()[:_LONGEST]:
        yield from _groups(content)


def _recipient_of(fields: Header) -> BouncedRecipient | None:
    email = _typed(fields.first("final-recipient")) or _typed(fields.first("original-recipient"))
    if not email:
        return None
    diagnostic = fields.first("diagnostic-code")
    diagnostic = (diagnostic.partition(";")[2] or diagnostic).strip()[:500]
    status = status_of(fields.first("status"), diagnostic)
    action = fields.first("action").partition(" ")[0].strip().lower()
    permanent = action not in (*_ARRIVED, "delayed") and is_permanent(status, diagnostic)
    return BouncedRecipient(
        email=email, status=status, permanent=permanent, action=action, diagnostic=diagnostic
    )


def _bounced(told: Told) -> BouncedRecipient:
    status = enhanced(told.reason)
    return BouncedRecipient(
        email=told.email,
        status=status,
        permanent=is_permanent(status, told.reason),
        diagnostic=" ".join(told.reason.split())[:500],
    )


def _failed(header: Header) -> tuple[str, ...]:
    """Exim's and Google's field with those whom the mail did not reach."""
    return tuple(
        address.email for value in header.all("x-failed-recipients") for address in read_leniently(value)
    )


def _typed(value: str) -> str:
    """The address in `rfc822; bob@example.com`, also with comments and brackets around."""
    address = next(iter(read_leniently(value.rpartition(";")[2][:500])), None)
    return address.email if address is not None and "@" in address.email else ""


def _id_in(content: bytes) -> str | None:
    match = _ID.search(content)
    return message_id(decode_value(match.group(1))) if match else None
