"""Who made a mail, a person or a machine, and whom a delivery report tells of, from all that was read of it.

Gathers the signs for automatic.py, which decides, and lets bounces.py read what is a report.
"""

from dataclasses import replace

from domain.mail import Automatic, Message, RawMail
from ingest.automatic import recognise
from ingest.automatic_signs import Signs
from ingest.bounces import report_of
from ingest.contents import Contents
from ingest.fields import Header
from ingest.mime import Part, Structure

_HAS_ENVELOPE = frozenset({"smtp", "lmtp"})
# How the null reverse-path (RFC 5321 section 4.5.5) stands in a stored mail's Return-Path.
_NULL = ("<>", "<mailer-daemon>", "<mailer-daemon@")


def with_origin(
    message: Message, raw: RawMail, structure: Structure, contents: Contents, header: Header
) -> Message:
    """The message with what kind of automatic mail it is (RFC 3834) and what a report says (RFC 3464)."""
    kind = recognise(header, _signs(message, raw, structure, contents, header))
    if kind not in (Automatic.BOUNCE, Automatic.REPORT):
        return message if kind is message.automatic else replace(message, automatic=kind)
    people = (message.sender, *message.to, *message.cc)
    report = report_of(structure, contents, header, message.parts, people)
    if report.arrived or kind is Automatic.REPORT:
        return replace(message, automatic=Automatic.REPORT, returned_id=report.returned_id)
    return replace(message, automatic=kind, bounced=report.recipients, returned_id=report.returned_id)


def _signs(message: Message, raw: RawMail, structure: Structure, contents: Contents, header: Header) -> Signs:
    root = structure.root
    return Signs(
        sender=message.sender,
        recipients=frozenset(address.email for address in (*message.to, *message.cc)),
        subject=message.subject,
        content_type=root.content_type,
        report_type=root.type.parameter("report-type").strip().lower(),
        null_sender=_is_null(raw, header),
        part_types=frozenset(contents.means).union(
            part.content_type for part in contents.parts if not _is_sent_calendar(part)
        ),
        is_reply=message.is_reply,
        parts=message.parts,
    )


def _is_null(raw: RawMail, header: Header) -> bool:
    if raw.source in _HAS_ENVELOPE and not raw.mail_from:
        return True
    return header.first("return-path").replace(" ", "").lower().startswith(_NULL)


def _is_sent_calendar(part: Part) -> bool:
    """Whether it is a calendar file that somebody attached, not the invitation that the mail itself is."""
    return part.content_type == "text/calendar" and (
        part.disposition.value == "attachment" or not part.type.raw_parameter("method")
    )
