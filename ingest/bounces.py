"""What a delivery report says: whom a mail did not reach, why, and whether it may yet (RFC 3464, RFC 3463).

Also reads the free-text reports of old mail systems, as far as they name an address and a code.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from domain.mail import RawMail
from ingest.addresses import read_leniently
from ingest.bodies import gather
from ingest.encoded_words import decode_value
from ingest.fields import Header
from ingest.identifiers import message_id
from ingest.mime import take_apart
from ingest.part_text import part_bytes

_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_CODE = re.compile(r"(?<![\d.])([45])\d\d(?![\d.])")
_BRACKETED = re.compile(r"^\s*<([^<>\s@]{1,64}@[^<>\s]{1,255})>:?", re.MULTILINE)
_ID = re.compile(rb"^message-id[ \t]*:\s*(<[^<>\n]{1,900}>)", re.IGNORECASE | re.MULTILINE)
# A code that says permanent though the mailbox may take mail again: full, too busy, greylisted.
_MAY_PASS = frozenset({"5.2.2", "5.4.5", "5.7.25"})
_RETURNED = frozenset({"message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"})
_MOST = 100
_LONGEST = 200_000


@dataclass(frozen=True, kw_only=True)
class Bounce:
    """One recipient whom a mail did not reach."""

    recipient: str  # final recipient, lower case
    status: str  # enhanced status code such as 5.1.1, "" where none is given
    hard: bool  # it never will reach them; otherwise it was delayed, or may pass another time
    action: str  # failed, delayed, relayed, expanded or delivered; "" where not given
    diagnostic: str  # what the other mail system said
    original_id: str | None  # of the mail that bounced


def bounces_of(raw: RawMail) -> tuple[Bounce, ...]:
    """The recipients that a delivery report names; none where it names nobody. Never raises."""
    structure = take_apart(raw.content)
    parts = gather(structure).parts
    returned = [part_bytes(structure, part) for part in parts if part.content_type in _RETURNED]
    ids = (_id_in(content) for content in (*returned, structure.body(structure.root)))
    original = next((found for found in ids if found is not None), None)
    statuses = [part for part in parts if part.content_type == "message/delivery-status"]
    reported = [bounce for part in statuses for bounce in _reported(part_bytes(structure, part), original)]
    if reported:
        return tuple(reported[:_MOST])
    text = structure.body(structure.root)[:_LONGEST].decode("utf-8", "replace")
    return tuple(_told(Header(structure.root.fields), text, original))[:_MOST]


def _reported(content: bytes, original: str | None) -> Iterator[Bounce]:
    """One group of fields for each recipient, separated by blank lines; the first is about the mail."""
    for block in content[:_LONGEST].replace(b"\r\n", b"\n").split(b"\n\n")[:_MOST]:
        fields = Header(take_apart(block.strip() + b"\n\n").root.fields)
        recipient = _typed(fields.first("final-recipient")) or _typed(fields.first("original-recipient"))
        if not recipient:
            continue
        diagnostic = fields.first("diagnostic-code").partition(";")[2].strip()
        action = fields.first("action").lower()
        status = _status(fields.first("status")) or _status(diagnostic)
        yield Bounce(
            recipient=recipient,
            status=status,
            hard=action not in ("delayed", "relayed", "expanded", "delivered")
            and _is_hard(status, diagnostic),
            action=action,
            diagnostic=diagnostic[:500],
            original_id=original,
        )


def _told(header: Header, text: str, original: str | None) -> Iterator[Bounce]:
    """Recipients that a report in plain words names, in a field or in brackets at the beginning of a line."""
    named = [address.email for address in read_leniently(header.first("x-failed-recipients"))]
    for recipient in dict.fromkeys(named or [match.lower() for match in _BRACKETED.findall(text)]):
        around = text[max(text.lower().find(recipient), 0) :][:1_000]
        yield Bounce(
            recipient=recipient,
            status=_status(around),
            hard=_is_hard(_status(around), around),
            action="",
            diagnostic=" ".join(around.split())[:500],
            original_id=original,
        )


def _is_hard(status: str, diagnostic: str) -> bool:
    if status:
        return status.startswith("5") and status not in _MAY_PASS
    code = _CODE.search(diagnostic)
    return code is not None and code[1] == "5"


def _status(text: str) -> str:
    match = _STATUS.search(text)
    return match.group() if match else ""


def _typed(value: str) -> str:
    """The address in `rfc822; bob@example.com`."""
    address = value.rpartition(";")[2].strip().strip("<>").lower()
    return address if "@" in address else ""


def _id_in(content: bytes) -> str | None:
    match = _ID.search(content[:_LONGEST])
    return message_id(decode_value(match.group(1))) if match else None
